//! What a small vision transformer knows of place: trained without positions, asked with other positions, trained on shuffled
//! patches; what its positions are like, and how far its heads look.

use anyhow::Context as _;
use backprop::{Engine, Options, Rows};
use learning::bootstrap::{mean, paired_runs};
use learning::{FashionMnist, Labelled};
use ndarray::{Array3, ArrayView2, s};
use notebook::{Chapter, Estimate, Experiment, Format, Recorder};
use optimization::{Garments, answers};
use rand::seq::SliceRandom as _;
use residual::apart;

use super::training::{Kind, Setting, Trained, right, tested, train_all};
use crate::head::{Head, Mask};
use crate::networks::{SMALL, Transformer, cnn_width_near};

/// Garments that are learned from, the first of the training set.
const GARMENTS: usize = 5_000;
/// Steps of every training, about.
const STEPS: u64 = 468;
/// The highest rate of each network.
const RATES: [f64; 2] = [2e-3, 4e-3];
/// Seeds of each network.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Test garments whose attention is looked at.
const LOOKED: usize = 128;
/// Patches in a row of the image.
const ACROSS: usize = 28 / SMALL.patch;
/// The tensor of the positions.
const POSITIONS: &str = "encoder.pos_embedding";

/// What is trained: key and name.
pub const ARMS: [(&str, &str); 5] = [
    ("vit", "ViT"),
    ("without", "ViT without positions"),
    ("vit-shuffled", "ViT, patches shuffled"),
    ("cnn", "CNN"),
    ("cnn-shuffled", "CNN, patches shuffled"),
];
/// What is lost: key, name, and from which to which.
pub const LOSSES: [(&str, &str, [&str; 2]); 4] = [
    ("moved", "ViT, other positions at test", ["vit", "moved"]),
    ("without", "ViT trained without positions", ["vit", "without"]),
    ("vit-shuffled", "ViT trained on shuffled patches", ["vit", "vit-shuffled"]),
    ("cnn-shuffled", "CNN trained on shuffled patches", ["cnn", "cnn-shuffled"]),
];
/// The rows and columns whose positions are shown.
pub const SHOWN: [usize; 3] = [0, 3, 6];

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let experiment = Experiment::new("place", "What a vision transformer knows of place", run);
    chapter.experiment(experiment.seed(106).reads(FashionMnist::paths()))
}

fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let test = tested(&data.test);
    let train = data.train.select(&(0..GARMENTS).collect::<Vec<_>>());
    let mut order: Vec<usize> = (0..ACROSS * ACROSS).collect();
    order.shuffle(&mut recorder.rng());
    let (whole, cut) = ([&train, &test], [&train, &test].map(|d| shuffle(d, &order)));
    let cut = [&cut[0], &cut[1]];
    let vit = Kind::Vit(SMALL);
    let cnn = Kind::Cnn(cnn_width_near(vit.network()?.parameters())?);
    let without = Kind::Vit(Transformer { positions: false, ..SMALL });
    let arms = [(vit, whole), (without, whole), (vit, cut), (cnn, whole), (cnn, cut)];
    recorder.value("garments", GARMENTS);
    recorder.value("tested", test.len());
    recorder.value("seeds", SEEDS.len());
    let mut settings = Vec::new();
    for (kind, [train, _]) in arms {
        let rate = RATES[usize::from(matches!(kind, Kind::Cnn(_)))];
        settings.extend(SEEDS.map(|seed| Setting { kind, train, steps: STEPS, rate, seed }));
    }
    recorder.value("epochs", settings[0].epochs());
    let mut trained = train_all(recorder, &settings, settings.len())?;
    let mut found = Vec::new();
    for ((key, _), ((_, [_, test]), some)) in
        ARMS.iter().zip(arms.iter().zip(trained.chunks_mut(SEEDS.len())))
    {
        found.push((*key, right(some, test)?));
    }
    let seen = &mut trained[..SEEDS.len()];
    together(recorder, seen, &test, cut[1], &order)?;
    let mut moved =
        seen.iter_mut().map(|t| with_moved(t, &order)).collect::<Result<Vec<_>, _>>()?;
    found.push(("moved", right(&mut moved, &test)?));
    losses(recorder, &found);
    alike(recorder, &trained[..SEEDS.len()])?;
    distances(recorder, &trained[..SEEDS.len()], &test)
}

/// Every image with its patches in another order, the same for all.
// ANCHOR: shuffle
fn shuffle(data: &Labelled, order: &[usize]) -> Labelled {
    let patch = SMALL.patch;
    let mut images = Array3::zeros(data.images.dim());
    let at = |n: usize| {
        let (i, j) = (n / ACROSS * patch, n % ACROSS * patch);
        s![.., i..i + patch, j..j + patch]
    };
    for (to, &from) in order.iter().enumerate() {
        images.slice_mut(at(to)).assign(&data.images.slice(at(from)));
    }
    Labelled { images, labels: data.labels.clone() }
}
// ANCHOR_END: shuffle

/// The same network with the positions of its patches in another order.
fn with_moved(trained: &mut Trained, order: &[usize]) -> anyhow::Result<Trained> {
    let mut weights = trained.engine.weights();
    let tensor = weights.iter_mut().find(|tensor| tensor.name == POSITIONS);
    let tensor = tensor.context("a network without positions")?;
    let before = tensor.data.clone();
    let c = SMALL.width;
    for (to, from) in order.iter().enumerate() {
        // The first belongs to the class token.
        tensor.data[(to + 1) * c..][..c].copy_from_slice(&before[(from + 1) * c..][..c]);
    }
    let options = Options { training: false, threads: 1, ..trained.engine.options() };
    let mut engine = Engine::new(SMALL.network()?, options)?;
    engine.set_weights(&weights)?;
    Ok(Trained { engine, loss: trained.loss })
}

/// Patches and positions in the same other order: to the network nothing has changed.
fn together(
    recorder: &mut Recorder,
    trained: &mut [Trained],
    test: &Labelled,
    cut: &Labelled,
    order: &[usize],
) -> anyhow::Result<()> {
    let first = trained.first_mut().context("nothing was trained")?;
    let mut moved = with_moved(first, order)?;
    let before = answers::outputs(&mut first.engine, &Garments::new(test))?;
    let after = answers::outputs(&mut moved.engine, &Garments::new(cut))?;
    let off = apart(&after, &before);
    recorder.value("together", off);
    recorder
        .claim("together", "Where patches and positions are put into the same other order, no output moves by more than a ten-thousandth of the largest.")
        .less(off, 1e-4);
    Ok(())
}

/// What each change costs, garment by garment and seed by seed.
fn losses(recorder: &mut Recorder, found: &[(&str, Vec<Vec<f64>>)]) {
    for (key, right) in found {
        recorder.estimate(&format!("{key}/right"), Estimate::over_runs_and_cases(right));
    }
    let of = |key: &str| {
        let at = found.iter().position(|(other, _)| *other == key);
        &found[at.unwrap_or_default()].1
    };
    let lost = |[a, b]: [&str; 2]| paired_runs(of(a), of(b));
    let all = LOSSES.map(|(key, _, pair)| {
        let loss = Estimate::over_runs_and_cases(&lost(pair));
        recorder.estimate(&format!("lost/{key}"), loss);
        loss
    });
    let more = paired_runs(&lost(LOSSES[3].2), &lost(LOSSES[2].2));
    let more = Estimate::over_runs_and_cases(&more);
    recorder.estimate("lost/more", more);
    claims(recorder, all, more);
}

/// What is asserted of the losses: those of [`LOSSES`], and the last minus the one before.
fn claims(
    recorder: &mut Recorder,
    [moved, without, transformer, convolution]: [Estimate; 4],
    more: Estimate,
) {
    let above = [
        (
            "moved",
            "A trained transformer loses accuracy when the positions of its patches are shuffled.",
            moved,
        ),
        (
            "without",
            "Trained without positions, the transformer names fewer test garments right.",
            without,
        ),
        (
            "cnn-shuffled",
            "On shuffled patches the convolutional network loses accuracy.",
            convolution,
        ),
        (
            "cnn-loses-more",
            "The convolutional network loses more on shuffled patches than the transformer.",
            more,
        ),
    ];
    for (id, statement, loss) in above {
        recorder.claim(id, statement).above(loss, 0.0);
    }
    recorder
        .claim(
            "vit-shuffled",
            "On shuffled patches the transformer loses or gains less than two points.",
        )
        .record(
            transformer.low > -0.02 && transformer.high < 0.02,
            transformer.in_words(Format::Points(2)),
        );
}

/// The cosine of the angle between the positions of two patches, `[from][to]`.
fn cosines(trained: &Trained) -> anyhow::Result<Vec<Vec<f64>>> {
    let tensor = trained.engine.get(POSITIONS)?;
    let rows: Vec<&[f32]> = tensor.data.chunks_exact(SMALL.width).skip(1).collect();
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    let cosine = |a: &&[f32], b: &&[f32]| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    Ok(rows.iter().map(|a| rows.iter().map(|b| cosine(a, b)).collect()).collect())
}

/// How far apart two patches lie, in pixels, from middle to middle.
fn pixels_apart(a: usize, b: usize) -> f64 {
    let across = |a: usize, b: usize| (SMALL.patch * a.abs_diff(b)) as f64;
    across(a / ACROSS, b / ACROSS).hypot(across(a % ACROSS, b % ACROSS))
}

/// Maps of a few positions, and how alike positions are by distance.
fn alike(recorder: &mut Recorder, trained: &[Trained]) -> anyhow::Result<()> {
    let all = trained.iter().map(cosines).collect::<anyhow::Result<Vec<_>>>()?;
    let n = ACROSS * ACROSS;
    let series = recorder.series("maps", "Patch", (0..n).map(|i| i as f64));
    for (row, column) in SHOWN.iter().flat_map(|r| SHOWN.map(|c| (*r, c))) {
        let from = row * ACROSS + column;
        let of = |to: usize| mean(&all.iter().map(|cosines| cosines[from][to]).collect::<Vec<_>>());
        series.curve(&format!("{row}/{column}"), (0..n).map(of));
    }
    // Patches so many columns or rows apart, whichever is more.
    let steps = |a: usize, b: usize| {
        (a / ACROSS).abs_diff(b / ACROSS).max((a % ACROSS).abs_diff(b % ACROSS))
    };
    let pairs = || (0..n).flat_map(|a| (0..a).map(move |b| (a, b)));
    let at = |cosines: &[Vec<f64>], holds: &dyn Fn(usize) -> bool| {
        let some = pairs().filter(|&(a, b)| holds(steps(a, b))).map(|(a, b)| cosines[a][b]);
        mean(&some.collect::<Vec<_>>())
    };
    let series = recorder.series(
        "alike",
        "Distance of two patches, in patches",
        (1..ACROSS).map(|d| d as f64),
    );
    series.banded(
        "positions",
        (1..ACROSS).map(|d| {
            let of: Vec<f64> = all.iter().map(|cosines| at(cosines, &|steps| steps == d)).collect();
            let [low, high] = [f64::min, f64::max].map(|pick| of.iter().copied().fold(of[0], pick));
            [low, mean(&of), high]
        }),
    );
    let near: Vec<f64> = all.iter().map(|cosines| at(cosines, &|steps| steps == 1)).collect();
    let far: Vec<f64> = all.iter().map(|cosines| at(cosines, &|steps| steps > 3)).collect();
    recorder.estimate("alike/near", Estimate::over_runs(&near));
    recorder.estimate("alike/far", Estimate::over_runs(&far));
    let difference: Vec<f64> = near.iter().zip(&far).map(|(near, far)| near - far).collect();
    let difference = Estimate::over_runs(&difference);
    recorder.estimate("alike/difference", difference);
    recorder
        .claim("neighbours-alike", "The positions of neighbouring patches are more alike than those of patches more than three apart.")
        .record(
            difference.low > 0.0,
            format!("{:.3} ({:.3} to {:.3})", difference.value, difference.low, difference.high),
        );
    Ok(())
}

/// How far heads look: distances in pixels, weighed by attention, from patch to patch.
fn distances(recorder: &mut Recorder, trained: &[Trained], test: &Labelled) -> anyhow::Result<()> {
    let n = ACROSS * ACROSS;
    let all = |a: usize| (0..n).map(move |b| pixels_apart(a, b));
    let uniform = mean(&(0..n).flat_map(all).collect::<Vec<_>>());
    recorder.value("distance/uniform", uniform);
    recorder.value("looked", LOOKED);
    let few = test.select(&(0..LOOKED).collect::<Vec<_>>());
    let (mut of_layer, mut most) = (vec![Vec::new(); SMALL.layers], 0_f64);
    for (seed, trained) in SEEDS.iter().zip(trained) {
        for (layer, heads) in looks(trained, &few)?.iter().enumerate() {
            for (h, distance) in heads.iter().enumerate() {
                recorder.value(&format!("distance/{seed}/{}/{}", layer + 1, h + 1), *distance);
                most = most.max((distance / uniform - 1.0).abs());
            }
            of_layer[layer].push(mean(heads));
        }
    }
    for (layer, runs) in of_layer.iter().enumerate() {
        recorder.estimate(&format!("distance/{}", layer + 1), Estimate::over_runs(runs));
        let short: Vec<f64> = runs.iter().map(|distance| uniform - distance).collect();
        recorder.estimate(&format!("shorter/{}", layer + 1), Estimate::over_runs(&short));
    }
    recorder.value("distance/most", most);
    recorder
        .claim(
            "nearly-uniform",
            "No head's attention distance differs by more than a tenth from that of equal weights.",
        )
        .less(most, 0.1);
    let last = SMALL.layers - 1;
    let longer: Vec<f64> = of_layer[last].iter().zip(&of_layer[0]).map(|(a, b)| a - b).collect();
    recorder.estimate("distance/longer", Estimate::over_runs(&longer));
    Ok(())
}

/// The mean distance of every head, `[layer][head]`, over garments.
fn looks(trained: &Trained, garments: &Labelled) -> anyhow::Result<Vec<Vec<f64>>> {
    let (mut network, packed) = SMALL.with_heads::<f32>()?;
    packed.iter().try_for_each(|&value| network.keep(value))?;
    let batch = garments.len();
    let options = Options { batch, shards: 1, threads: 1, training: false };
    let mut engine = Engine::new(network, options)?;
    engine.set_weights(&trained.engine.weights())?;
    let x: Vec<f32> = garments.x().iter().copied().collect();
    let labels = vec![0; batch];
    engine.predict(&Rows { x: &x, labels: &labels }, &mut vec![0.0; batch * engine.outputs()])?;
    let (tokens, c) = (SMALL.tokens(), SMALL.width);
    let mut kept = vec![0.0; batch * tokens * 3 * c];
    let mut layers = Vec::new();
    for value in packed {
        engine.read(value, &mut kept)?;
        let mut sums = vec![0.0; SMALL.heads];
        for sample in kept.chunks_exact(tokens * 3 * c) {
            let packed = ArrayView2::from_shape((tokens, 3 * c), sample)?;
            for (h, sum) in sums.iter_mut().enumerate() {
                *sum += distance(packed, h)? / batch as f64;
            }
        }
        layers.push(sums);
    }
    Ok(layers)
}

// ANCHOR: distance
/// How far a head looks in one garment, in pixels: from each patch to every
/// other, weighed by attention; the class token is left out on both sides.
fn distance(packed: ArrayView2<'_, f32>, h: usize) -> anyhow::Result<f64> {
    let d = SMALL.width / SMALL.heads;
    let [q, k, v] = [0, 1, 2].map(|part| {
        let from = part * SMALL.width + h * d;
        packed.slice(s![.., from..from + d])
    });
    let weights = Head::new(q, k, v, &Mask::None)?.weights();
    let of = |(i, row): (usize, ndarray::ArrayView1<'_, f32>)| {
        let (mut sum, mut share) = (0.0, 0.0);
        for (j, &p) in row.iter().enumerate().skip(1) {
            sum += f64::from(p) * pixels_apart(i - 1, j - 1);
            share += f64::from(p);
        }
        sum / share
    };
    let far: Vec<f64> = weights.outer_iter().enumerate().skip(1).map(of).collect();
    Ok(mean(&far))
}
// ANCHOR_END: distance
