//! What more data buy: the nearest neighbour and the nearest mean with 100 to 60,000 garments.

use ndarray::{Array2, Axis};
use notebook::{Recorder, Rng};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use crate::bootstrap::quantile;
use crate::{FashionMnist, NearestMean, NearestNeighbour, correct};

/// Sizes of the training set: doublings of 100, and everything.
const SIZES: [usize; 11] = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000];
/// Orders in which the training garments are drawn.
const ORDERS: usize = 10;

/// For each order and size, which test garments are right: `[order][size][case]`.
type Right = Vec<Vec<Vec<f64>>>;

/// The nearest neighbour so far, in each order and at each size: squared distance and class.
type Nearest = [[(f32, u8); SIZES.len()]; ORDERS];

/// Accuracy against the number of training garments, in ten orders at once.
pub fn curve(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let orders: Vec<Vec<usize>> =
        (0..ORDERS).map(|_| shuffled(data.train.len(), &mut rng)).collect();
    let (x, new) = (data.train.x(), data.test.x());
    let neighbour = neighbours(&x, data.train.y(), &new, data.test.y(), &orders);
    let mean = means(recorder, &x, data.train.y(), &new, data.test.y(), &orders);

    let bands = [&neighbour, &mean]
        .map(|right| (0..SIZES.len()).map(|s| band(right, s, &mut rng)).collect::<Vec<_>>());
    let [neighbour, mean] = &bands;
    recorder
        .series("accuracy", "Training garments", SIZES.map(|n| n as f64))
        .banded("nearest neighbour", neighbour.iter().copied())
        .banded("nearest mean", mean.iter().copied());
    let last = SIZES.len() - 1;
    let at = |bands: &[[f64; 3]], size: usize| bands[size];
    for (rule, bands) in [("neighbour", neighbour), ("mean", mean)] {
        for (place, size) in [(0, "100"), (4, "1600"), (9, "51200"), (last, "60000")] {
            let [low, middle, high] = at(bands, place);
            recorder.value(&format!("{rule}/{size}"), middle).interval(low, high);
        }
        let error = |place: usize| 1.0 - bands[place][1];
        recorder.value(&format!("{rule}/first-doubling"), error(0) - error(1));
        recorder.value(&format!("{rule}/last-doubling"), error(8) - error(9));
    }
    let rises = neighbour.windows(2).filter(|pair| pair[1][1] > pair[0][1]).count();
    recorder
        .claim(
            "more-is-better",
            "Every step up in data raises the nearest neighbour's mean accuracy.",
        )
        .all(rises, last, "steps up");
    let gained = |bands: &[[f64; 3]]| bands[9][1] - bands[4][1];
    recorder.value("neighbour/late-gain", gained(neighbour));
    recorder.value("mean/late-gain", gained(mean));
    recorder
        .claim("mean-saturates", "From 1,600 to 51,200 garments the nearest neighbour gains more than ten times what the nearest mean gains.")
        .greater(gained(neighbour), 10.0 * gained(mean));
    Ok(())
}

fn shuffled(n: usize, rng: &mut Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(rng);
    order
}

/// One pass over all distances serves every order and size: a training garment counts from the
/// smallest size that contains it, and the nearest of a size is the nearest of all sizes up to it.
fn neighbours(
    x: &Array2<f32>,
    y: &[u8],
    new: &Array2<f32>,
    truth: &[u8],
    orders: &[Vec<usize>],
) -> Right {
    let mut enters = vec![[0_u8; ORDERS]; y.len()];
    for (o, order) in orders.iter().enumerate() {
        for (place, &row) in order.iter().enumerate() {
            enters[row][o] = SIZES.partition_point(|&size| size <= place) as u8;
        }
    }
    // ANCHOR: one_pass
    let none: Nearest = [[(f32::INFINITY, 0); SIZES.len()]; ORDERS];
    let rule = NearestNeighbour::fit(x.view(), y);
    let nearest = rule.fold(new.view(), none, |nearest, first, distances| {
        for (row, &distance) in (first..).zip(distances) {
            for (sizes, &enters) in nearest.iter_mut().zip(&enters[row]) {
                let best = &mut sizes[usize::from(enters)];
                if distance < best.0 {
                    *best = (distance, y[row]);
                }
            }
        }
    });
    // ANCHOR_END: one_pass
    let answer = |nearest: &Nearest, o: usize, size: usize| {
        let all = nearest[o][..=size].iter();
        all.fold((f32::INFINITY, 0), |best, &next| if next.0 < best.0 { next } else { best }).1
    };
    let right = |o, size| -> Vec<f64> {
        let answers: Vec<u8> = nearest.iter().map(|nearest| answer(nearest, o, size)).collect();
        correct(truth, &answers)
    };
    (0..ORDERS).map(|o| (0..SIZES.len()).map(|size| right(o, size)).collect()).collect()
}

fn means(
    recorder: &Recorder,
    x: &Array2<f32>,
    y: &[u8],
    new: &Array2<f32>,
    truth: &[u8],
    orders: &[Vec<usize>],
) -> Right {
    let progress = recorder.progress(ORDERS as u64, "orders");
    let right = |order: &Vec<usize>, size: usize| {
        let rows = &order[..size];
        let labels: Vec<u8> = rows.iter().map(|&row| y[row]).collect();
        let rule = NearestMean::fit(x.select(Axis(0), rows).view(), &labels);
        correct(truth, &rule.predict(new.view()))
    };
    progress
        .over(orders)
        .map(|order| SIZES.iter().map(|&size| right(order, size)).collect())
        .collect()
}

/// Mean over the orders, and an interval that draws an order and the test garments together.
fn band(right: &Right, size: usize, rng: &mut Rng) -> [f64; 3] {
    let accuracy = |cases: &[f64]| cases.iter().sum::<f64>() / cases.len() as f64;
    let mean = right.iter().map(|order| accuracy(&order[size])).sum::<f64>() / right.len() as f64;
    let mut drawn: Vec<f64> = (0..1000)
        .map(|_| {
            let cases = &right[rng.random_range(0..right.len())][size];
            let sum: f64 = (0..cases.len()).map(|_| cases[rng.random_range(0..cases.len())]).sum();
            sum / cases.len() as f64
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    [quantile(&drawn, 0.025), mean, quantile(&drawn, 0.975)]
}
