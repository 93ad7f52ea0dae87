//! Random networks between two garments: how many pieces they really have, at equal units and at equal parameters.

use learning::FashionMnist;
use learning::fashion::PIXELS;
use ndarray::Array1;
use notebook::{Recorder, Rng, Table};
use rand::RngExt as _;

use crate::Mlp;
use crate::sawtooth::pieces as count;

/// Units of all hidden layers together, in the first comparison.
const UNITS: usize = 256;
/// Parameters of a network, at most, in the second.
const PARAMETERS: usize = 60_000;
/// Numbers of hidden layers.
const DEPTHS: [usize; 4] = [1, 2, 4, 8];
/// Networks of each shape, each with a pair of garments of its own.
const NETWORKS: usize = 60;

/// What the networks of one shape have.
struct Shape {
    depth: usize,
    width: usize,
    parameters: usize,
    /// Mean number of pieces, with an interval of 1.96 standard errors.
    pieces: [f64; 3],
    most: usize,
}

/// Pieces of networks with random weights.
pub fn pieces(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let x = data.train.x().mapv(f64::from);
    let line = |rng: &mut Rng| [(); 2].map(|()| x.row(rng.random_range(0..x.nrows())).to_owned());
    let mut measure = |depth: usize, width: usize| shape(recorder, [depth, width], &mut rng, &line);
    let units = DEPTHS.map(|depth| measure(depth, UNITS / depth));
    let parameters = DEPTHS.map(|depth| measure(depth, width_of(depth)));
    recorder.value("units", UNITS);
    recorder.value("parameters", PARAMETERS);
    recorder.value("networks", NETWORKS);
    for (key, shapes) in [("units", &units), ("parameters", &parameters)] {
        let mut table = Table::new([
            "Hidden layers | int",
            "Units per layer | int",
            "Units | int",
            "Parameters | int",
            "Pieces, mean | fixed 1",
            "Pieces, most | int",
            "Pieces per unit | fixed 2",
        ]);
        for s in shapes {
            let units = s.depth * s.width;
            let each = s.pieces[1] / units as f64;
            table.row([
                s.depth.into(),
                s.width.into(),
                units.into(),
                s.parameters.into(),
                s.pieces[1].into(),
                s.most.into(),
                each.into(),
            ]);
            recorder.estimate(&format!("{key}/{}", s.depth), s.pieces);
            recorder.value(&format!("{key}/{}/most", s.depth), s.most);
        }
        recorder.table(&format!("equal-{key}"), table);
    }
    let depths = DEPTHS.map(|depth| depth as f64);
    recorder
        .series("pieces", "Hidden layers", depths)
        .banded("random, equal units", units.iter().map(|s| s.pieces))
        .banded("random, equal parameters", parameters.iter().map(|s| s.pieces))
        .curve("one layer, at most", depths.map(|_| UNITS as f64 + 1.0));
    let below = units.iter().chain(&parameters).filter(|s| s.most <= s.depth * s.width);
    recorder
        .claim(
            "below-units",
            "No random network of any depth has more pieces on its line than units.",
        )
        .all(below.count(), 2 * DEPTHS.len(), "shapes");
    let means = units.each_ref().map(|s| s.pieces[1]);
    let (low, high) =
        means.iter().fold((f64::INFINITY, 0.0_f64), |(l, h), &m| (l.min(m), h.max(m)));
    recorder.value("units/ratio", high / low);
    recorder
        .claim(
            "depth-does-not-multiply",
            "At equal units, the mean number of pieces differs by less than a factor of two over all depths.",
        )
        .less(high / low, 2.0);
    let each = |s: &Shape| s.pieces[1] / (s.depth * s.width) as f64;
    let each = units.iter().chain(&parameters).map(each);
    let (low, high) = each.fold((f64::INFINITY, 0.0_f64), |(l, h), e| (l.min(e), h.max(e)));
    recorder.value("each/lowest", low);
    recorder.value("each/highest", high);
    recorder
        .claim(
            "each-unit",
            "The mean number of pieces per unit differs by less than a quarter over all depths and sizes.",
        )
        .less(high / low, 1.25);
    Ok(())
}

/// The widest layers with which `depth` of them stay within the parameters.
fn width_of(depth: usize) -> usize {
    let parameters =
        |width: usize| (PIXELS + 1) * width + (depth - 1) * (width + 1) * width + width + 1;
    (1..).take_while(|&width| parameters(width) <= PARAMETERS).last().unwrap_or(1)
}

/// Networks of one shape, each on a line between two garments of its own.
fn shape(
    recorder: &Recorder,
    [depth, width]: [usize; 2],
    rng: &mut Rng,
    line: &(impl Fn(&mut Rng) -> [Array1<f64>; 2] + Sync),
) -> Shape {
    let widths: Vec<usize> =
        std::iter::once(PIXELS).chain(std::iter::repeat_n(width, depth)).collect();
    let found = recorder.repeat(NETWORKS, rng, |rng| {
        let [a, b] = line(rng);
        count(&Mlp::random(&widths, rng), &a, &b)
    });
    let n = found.len() as f64;
    let mean = found.iter().sum::<usize>() as f64 / n;
    let variance = found.iter().map(|&f| (f as f64 - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let error = 1.96 * (variance / n).sqrt();
    let parameters = Mlp::random(&widths, rng).parameters();
    let most = found.into_iter().max().unwrap_or(0);
    Shape { depth, width, parameters, pieces: [mean - error, mean, mean + error], most }
}
