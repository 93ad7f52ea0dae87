//! The same bits for any number of threads; and what happens to a last bit that differs.

use learning::FashionMnist;
use notebook::{Recorder, Rng, Table};
use rand::seq::SliceRandom as _;

use super::common::random;
use crate::{Activation, Engine, Linear, Network, Options, Result, Rows, Sgd, Shape, Tensor};

/// Samples of a mini-batch.
const BATCH: usize = 128;
/// Steps of training in each comparison.
const STEPS: usize = 20;
/// Orders in which the gradients of the garments are summed.
const ORDERS: usize = 200;
/// Steps after which the effect of one changed bit is looked at.
const LOOKS: [usize; 6] = [1, 3, 10, 30, 100, 300];

/// Garments as an engine takes them, in mini-batches.
struct Garments {
    x: Vec<f32>,
    labels: Vec<usize>,
}

impl Garments {
    fn new(data: &FashionMnist) -> Garments {
        let x = data.train.x().iter().copied().collect();
        Garments { x, labels: data.train.y().iter().map(|&y| usize::from(y)).collect() }
    }

    fn rows(&self, first: usize, n: usize) -> Rows<'_, f32> {
        Rows { x: &self.x[first * 784..(first + n) * 784], labels: &self.labels[first..first + n] }
    }
}

/// The network 784 to 128 to 10 with random weights.
fn engine(start: &[Tensor<f32>], shards: usize, threads: usize) -> Result<Engine<f32>> {
    let network = Network::new(Shape::row(784))
        .then("0", Linear::new(784, 128).with(Activation::Relu))?
        .then("2", Linear::new(128, 10))?;
    let mut engine =
        Engine::new(network, Options { batch: BATCH, shards, threads, training: true })?;
    if !start.is_empty() {
        engine.set_weights(start)?;
    }
    Ok(engine)
}

fn start(rng: &mut Rng) -> Result<Vec<Tensor<f32>>> {
    let mut weights = engine(&[], 1, 1)?.weights();
    for tensor in weights.iter_mut().filter(|tensor| tensor.shape.len() == 2) {
        let scale = (6.0 / tensor.shape[1] as f64).sqrt();
        tensor.data = random(rng, tensor.data.len()).iter().map(|w| (w * scale) as f32).collect();
    }
    Ok(weights)
}

fn train(
    engine: &mut Engine<f32>,
    garments: &Garments,
    steps: std::ops::Range<usize>,
) -> Result<()> {
    for step in steps {
        engine.step(&garments.rows(step * BATCH, BATCH), &Sgd { rate: 0.1 })?;
    }
    Ok(())
}

/// How many weights have other bits.
fn different(a: &[Tensor<f32>], b: &[Tensor<f32>]) -> usize {
    let pairs = a.iter().zip(b).flat_map(|(a, b)| a.data.iter().zip(&b.data));
    pairs.filter(|(a, b)| a.to_bits() != b.to_bits()).count()
}

/// Threads, shards, orders of summing, and one bit.
pub fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let garments = Garments::new(&FashionMnist::of(recorder)?);
    let mut rng = recorder.rng();
    let start = start(&mut rng)?;
    let trained = |shards, threads| -> Result<Vec<Tensor<f32>>> {
        let mut engine = engine(&start, shards, threads)?;
        train(&mut engine, &garments, 0..STEPS)?;
        Ok(engine.weights())
    };
    let one = trained(8, 1)?;
    let all: usize = one.iter().map(|tensor| tensor.data.len()).sum();
    recorder.value("weights", all);
    recorder.value("steps", STEPS);
    recorder.value("changed", different(&one, &start));
    let mut same = 0;
    for threads in [2, 3, 8] {
        same += usize::from(different(&trained(8, threads)?, &one) == 0);
    }
    recorder
        .claim("threads-change-nothing", "After twenty steps with 2, 3 or 8 threads, every weight has the bits that it has with one.")
        .all(same, 3, "numbers of threads");
    let mut table =
        Table::new(["Shards | int", "Weights with other bits than with eight shards | int"]);
    let mut by_shards = 0;
    for shards in [1, 2, 5, 16, 64] {
        let found = different(&trained(shards, 2)?, &one);
        table.row([shards.into(), found.into()]);
        by_shards += found;
    }
    recorder.table("shards", table);
    recorder.value("by-shards", by_shards);
    recorder
        .claim("shards-change-nothing", "In a network of linear layers, 1, 2, 5, 16 or 64 shards give the bits that eight give.")
        .equal(by_shards, 0);
    orders(recorder, &garments, &start, &mut rng)?;
    one_bit(recorder, &garments, &start)
}

/// Sums the gradients of single garments in one order after another.
fn orders(
    recorder: &mut Recorder,
    garments: &Garments,
    start: &[Tensor<f32>],
    rng: &mut Rng,
) -> anyhow::Result<()> {
    let mut engine = engine(start, 1, 1)?;
    let mut single: Vec<Vec<f32>> = Vec::new();
    for i in 0..BATCH {
        engine.gradients(&garments.rows(i, 1))?;
        single
            .extend(engine.gradient().into_iter().filter(|t| t.name == "2.weight").map(|t| t.data));
    }
    let weights = single[0].len();
    // ANCHOR: sum
    let sum = |order: &[usize]| {
        let add = |w: usize| order.iter().fold(0.0_f32, |sum, &i| sum + single[i][w]);
        (0..weights).map(add).collect::<Vec<f32>>()
    };
    // ANCHOR_END: sum
    let mut order: Vec<usize> = (0..BATCH).collect();
    let mut sums = vec![sum(&order)];
    for _ in 1..ORDERS {
        order.shuffle(rng);
        sums.push(sum(&order));
    }
    let largest = (0..weights).max_by(|&a, &b| sums[0][a].abs().total_cmp(&sums[0][b].abs()));
    let largest = largest.unwrap_or(0);
    let mut bits: Vec<u32> = sums.iter().map(|sum| sum[largest].to_bits()).collect();
    bits.sort_unstable();
    bits.dedup();
    let moves = |w: usize| sums.iter().any(|sum| sum[w].to_bits() != sums[0][w].to_bits());
    let moved = (0..weights).filter(|&w| moves(w)).count();
    recorder.value("orders", ORDERS);
    recorder.value("orders/weights", weights);
    recorder.value("orders/moved", moved as f64 / weights as f64);
    recorder.value("orders/sums-of-largest", bits.len());
    recorder
        .claim("order-matters", "The sum of one weight's gradients over the mini-batch has more than one value, depending on the order.")
        .greater(bits.len(), 1);
    Ok(())
}

/// Changes the last bit of one weight, trains both, and counts the weights that differ.
fn one_bit(
    recorder: &mut Recorder,
    garments: &Garments,
    start: &[Tensor<f32>],
) -> anyhow::Result<()> {
    let mut changed = start.to_vec();
    let weight = &mut changed[0].data[784 * 64 + 400];
    *weight = f32::from_bits(weight.to_bits() ^ 1);
    let (mut a, mut b) = (engine(start, 8, 2)?, engine(&changed, 8, 2)?);
    let (mut shares, mut done) = (Vec::new(), 0);
    for look in LOOKS {
        train(&mut a, garments, done..look)?;
        train(&mut b, garments, done..look)?;
        done = look;
        let (a, b) = (a.weights(), b.weights());
        let all: usize = a.iter().map(|tensor| tensor.data.len()).sum();
        shares.push(different(&a, &b) as f64 / all as f64);
    }
    recorder.value("bit/steps", LOOKS[5]);
    recorder.value("bit/share", shares[5]);
    recorder
        .claim("one-bit-spreads", "One changed bit in one weight changes more than half of all weights within three hundred steps.")
        .greater(shares[5], 0.5);
    recorder
        .series("bit", "Steps", LOOKS.map(|step| step as f64))
        .curve("share of weights", shares);
    Ok(())
}
