//! What can be read off each layer? Linear probes on the blocks of EfficientNet-Lite0 and on the layers of Chapter 9's network, each
//! beside a network that has learned nothing, raw pixels, and labels that mean nothing.

use convolution::networks::{self, CLASSES};
use convolution::recipe::plain;
use learning::{Bootstrap, FashionMnist, Labelled, correct};
use ndarray::{Array2, Array3, concatenate};
use notebook::{Chapter, Estimate, Experiment, Format, Recorder, Rng, Table};
use optimization::{Recipe, unwatched};
use rand::seq::SliceRandom as _;

use crate::features::{self, HEAD, Tap};
use crate::inner::{self, LAYERS};
use crate::lite0::weights::FILE;
use crate::lite0::{BLOCKS, Weights};
use crate::probe::{self, Choice, Map, largest_of};
use crate::untrained;

/// Garments that the book's network learns from: the first of the training set.
pub const LEARNED: usize = 10_000;
/// How often it sees them.
pub const EPOCHS: u64 = 4;
/// Garments behind those that probes learn from.
pub const PROBED: usize = 2_000;
/// Test garments, the first of them.
pub const TESTED: usize = 2_000;
/// Side of the enlarged garments.
pub const SIDE: usize = 96;
/// Enlarged garments on which an untrained network is scaled.
pub const SCALED: usize = 64;
/// Seeds of untrained networks.
const SEEDS: [u64; 3] = [1, 2, 3];
/// How often labels are shuffled.
const SHUFFLES: usize = 5;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let reads = FashionMnist::paths().into_iter().chain([FILE.to_owned()]);
    let title = "What can be read off each layer?";
    chapter.experiment(Experiment::new("probes", title, probes).seed(105).reads(reads))
}

/// What the experiments of these pages read: garments that no network of theirs has learned from.
pub struct Parts {
    /// What a network learns from.
    pub learned: Labelled,
    /// What a probe learns from.
    pub probed: Labelled,
    /// What both are tested on.
    pub tested: Labelled,
}

impl Parts {
    /// The parts of the garments.
    pub fn of(data: &FashionMnist) -> Parts {
        let rows = |from: usize, n: usize| (from..from + n).collect::<Vec<_>>();
        Parts {
            learned: data.train.select(&rows(0, LEARNED)),
            probed: data.train.select(&rows(LEARNED, PROBED)),
            tested: data.test.select(&rows(0, TESTED)),
        }
    }
}

/// Garments as Lite0 sees them.
pub fn enlarged(data: &Labelled) -> Vec<Array3<f32>> {
    data.images.outer_iter().map(|image| features::garment(image, SIDE)).collect()
}

/// Places in Lite0: behind the stem, behind each block, and behind the last convolution, which keeps no places.
pub fn taps(grid: usize) -> Vec<Tap> {
    (0..=HEAD).map(|after| Tap { after, grid: if after == HEAD { 1 } else { grid } }).collect()
}

/// The labels that a probe learns: the true ones, and the same shuffled several times.
struct Labels {
    probed: Vec<u8>,
    tested: Vec<u8>,
    shuffled: Vec<Vec<u8>>,
    /// All of them as columns, ten for each.
    targets: Array2<f64>,
}

impl Labels {
    fn new(parts: &Parts, rng: &mut Rng) -> anyhow::Result<Labels> {
        let probed = parts.probed.y().to_vec();
        let mut shuffled = vec![probed.clone(); SHUFFLES];
        shuffled.iter_mut().for_each(|labels| labels.shuffle(rng));
        let all: Vec<Array2<f64>> = std::iter::once(&probed)
            .chain(&shuffled)
            .map(|labels| probe::one_hot(labels, CLASSES))
            .collect();
        let views: Vec<_> = all.iter().map(|labels| labels.view()).collect();
        let targets = concatenate(ndarray::Axis(1), &views)?;
        Ok(Labels { probed, tested: parts.tested.y().to_vec(), shuffled, targets })
    }
}

/// What a probe finds.
struct Read {
    features: usize,
    choice: Choice,
    /// 1 for each test garment that it names, else 0.
    right: Vec<f64>,
    /// The share of the test garments that it names when it has learned shuffled labels.
    lot: Vec<f64>,
    /// The share of those labels that it has learned by heart.
    by_heart: f64,
}

/// A probe for the true labels, and with the same ridge one for each shuffle.
fn read(probed: &Array2<f32>, tested: &Array2<f32>, labels: &Labels) -> anyhow::Result<Read> {
    let choice = probe::choose(probed.view(), &labels.probed, CLASSES)?;
    let (n, features) = probed.dim();
    let ridge = choice.ridge * n as f64;
    let map = Map::fit(probed.view(), labels.targets.view(), ridge)?;
    let [probed, said] = [probed, tested].map(|x| map.apply(x.view()));
    let named = |said: &Array2<f64>, i: usize| largest_of(said.view(), i * CLASSES, CLASSES);
    let right = correct(&labels.tested, &named(&said, 0));
    let found = |i: usize| learning::accuracy(&labels.tested, &named(&said, i + 1));
    let lot = (0..SHUFFLES).map(found);
    let heart = |i: usize| learning::accuracy(&labels.shuffled[i], &named(&probed, i + 1));
    let by_heart = (0..SHUFFLES).map(heart).sum::<f64>() / SHUFFLES as f64;
    Ok(Read { features, choice, right, lot: lot.collect(), by_heart })
}

/// What was read off each place of a network.
type Reads = Vec<Read>;

fn read_each(
    probed: &[Array2<f32>],
    tested: &[Array2<f32>],
    labels: &Labels,
) -> anyhow::Result<Reads> {
    probed.iter().zip(tested).map(|(probed, tested)| read(probed, tested, labels)).collect()
}

/// Reads every layer of every network.
pub fn probes(recorder: &mut Recorder) -> anyhow::Result<()> {
    let parts = Parts::of(&FashionMnist::of(recorder)?);
    let mut rng = recorder.rng();
    let labels = Labels::new(&parts, &mut rng)?;
    let sizes = [("learned", LEARNED), ("probed", PROBED), ("tested", TESTED), ("side", SIDE)];
    for (key, n) in sizes {
        recorder.value(key, n);
    }
    recorder.value("epochs", EPOCHS);
    recorder.value("shuffles", SHUFFLES);
    recorder.value("scaled", SCALED);
    recorder.value("seeds", SEEDS.len());
    let cnn = book_network(recorder, &parts, &labels)?;
    let pictures = [enlarged(&parts.probed), enlarged(&parts.tested)];
    let progress = recorder.progress(1 + SEEDS.len() as u64, "networks");
    let weights = Weights::of(recorder)?;
    let all = [taps(2), taps(1)].concat();
    let of = |weights: &Weights, taps: &[Tap]| {
        let [probed, tested] = pictures.each_ref().map(|x| features::of(weights, x, taps));
        progress.advance(1);
        read_each(&probed, &tested, &labels)
    };
    let mut places = of(&weights, &all)?;
    let means = places.split_off(HEAD + 1);
    let fresh = |seed| of(&untrained::draw(&pictures[0][..SCALED], seed), &taps(2));
    let fresh: Vec<Reads> = SEEDS.into_iter().map(fresh).collect::<anyhow::Result<_>>()?;
    let pixels = &cnn[0][0];
    record_lite0(recorder, [&places, &means], &fresh, &mut rng);
    best_place(recorder, [&places, &means], &mut rng);
    against_untrained(recorder, &places, &fresh, pixels, &mut rng);
    record_cnn(recorder, &cnn, &mut rng);
    let all = places.iter().chain(&means).chain(cnn.iter().flatten());
    shuffled(recorder, &all.chain(fresh.iter().flatten()).collect::<Vec<_>>());
    Ok(())
}

/// Chapter 9's network, trained and untrained, layer by layer.
fn book_network(recorder: &Recorder, parts: &Parts, labels: &Labels) -> anyhow::Result<[Reads; 2]> {
    let recipe = plain(networks::sequential, &parts.learned, EPOCHS, 1);
    let untrained = recipe.begin(recorder.threads())?.weights();
    let trained = trained(recorder, &recipe)?;
    let pixels = [parts.probed.x(), parts.tested.x()];
    let of = |weights: &[backprop::Tensor<f32>]| {
        let read = |x: &Array2<f32>| inner::read(weights, x.view(), recorder.threads());
        read_each(&read(&pixels[0])?, &read(&pixels[1])?, labels)
    };
    Ok([of(&trained)?, of(&untrained)?])
}

/// The weights that a recipe comes to.
pub fn trained(
    recorder: &Recorder,
    recipe: &Recipe<optimization::Garments<'_>>,
) -> anyhow::Result<Vec<backprop::Tensor<f32>>> {
    Ok(recipe.train(recorder.threads(), &mut unwatched)?.whole()?.engine.weights())
}

/// How a place is called.
pub fn place(after: usize) -> String {
    match after {
        0 => "stem".to_owned(),
        HEAD => "head".to_owned(),
        block => format!("block {block}"),
    }
}

/// Shares of one network on the test garments.
fn shares(reads: &[Read], rng: &mut Rng) -> Vec<[f64; 3]> {
    reads.iter().map(|read| Bootstrap::default().mean(&read.right, rng).band()).collect()
}

/// What several networks find at a place, less what another does there.
fn runs(fresh: &[Reads], place: usize, less: Option<&Read>) -> Vec<Vec<f64>> {
    let of = |reads: &Reads| match less {
        Some(from) => from.right.iter().zip(&reads[place].right).map(|(a, b)| a - b).collect(),
        None => reads[place].right.clone(),
    };
    fresh.iter().map(of).collect()
}

fn band(found: Estimate) -> [f64; 3] {
    [found.low, found.value, found.high]
}

fn record_lite0(
    recorder: &mut Recorder,
    [places, means]: [&Reads; 2],
    fresh: &[Reads],
    rng: &mut Rng,
) {
    let bands = [places, means].map(|reads| shares(reads, rng));
    let untrained: Vec<Estimate> =
        (0..=HEAD).map(|i| Estimate::over_runs_and_cases(&runs(fresh, i, None))).collect();
    let lot: Vec<Estimate> = places.iter().map(|read| Estimate::over_runs(&read.lot)).collect();
    let x = || (0..=HEAD).map(|i| i as f64);
    let series = recorder.series("lite0", "Block", x());
    series.banded("trained", bands[0].clone());
    series.banded("untrained", untrained.iter().copied().map(band));
    series.banded("labels shuffled", lot.into_iter().map(band));
    let series = recorder.series("grids", "Block", x());
    series.banded("means of two by two parts", bands[0].clone());
    series.banded("one mean per channel", bands[1].clone());
    let mut table = Table::new([
        "Read off",
        "Features | int",
        "Trained | percent 1",
        "One mean per channel | percent 1",
        "Untrained | percent 1",
        "Labels by heart | percent 1",
    ]);
    for i in 0..=HEAD {
        let (place, read) = (place(i).replace(' ', "-"), &places[i]);
        recorder.estimate(&format!("trained/{place}"), bands[0][i]);
        recorder.estimate(&format!("means/{place}"), bands[1][i]);
        recorder.estimate(&format!("untrained/{place}"), untrained[i]);
        recorder.value(&format!("by-heart/{place}"), read.by_heart);
        recorder.value(&format!("features/{place}"), read.features);
        table.row([
            self::place(i).into(),
            read.features.into(),
            bands[0][i][1].into(),
            bands[1][i][1].into(),
            untrained[i].value.into(),
            read.by_heart.into(),
        ]);
    }
    recorder.table("layers", table);
}

/// The place at which most of the garments kept aside are found.
fn best(reads: &[Read]) -> usize {
    let aside = |i: usize| reads[i].choice.aside;
    (0..reads.len()).fold(0, |best, i| if aside(i) > aside(best) { i } else { best })
}

/// The best place, chosen on garments kept aside, against each of the others.
fn best_place(recorder: &mut Recorder, [places, means]: [&Reads; 2], rng: &mut Rng) {
    let bootstrap = Bootstrap::default();
    let mut bands = Vec::new();
    for (key, reads) in [("best", places), ("best-means", means)] {
        let best = best(reads);
        recorder.value(&format!("{key}/place"), place(best));
        recorder.value(&format!("{key}/number"), best);
        recorder.estimate(&format!("{key}/found"), bootstrap.mean(&reads[best].right, rng));
        let mut differ = |i: usize| bootstrap.paired(&reads[i].right, &reads[best].right, rng);
        let all: Vec<_> = (0..reads.len()).map(&mut differ).collect();
        let over = bootstrap.paired(&reads[best].right, &reads[HEAD].right, rng);
        recorder.estimate(&format!("{key}/over-head"), over);
        let last = bootstrap.paired(&reads[best].right, &reads[BLOCKS].right, rng);
        recorder.estimate(&format!("{key}/over-last-block"), last);
        let as_good: Vec<usize> = (0..all.len()).filter(|&i| all[i].contains(0.0)).collect();
        recorder.value(&format!("{key}/undecided"), as_good.len() - 1);
        recorder.value(&format!("{key}/first"), place(as_good[0]));
        recorder.value(&format!("{key}/last"), place(as_good[as_good.len() - 1]));
        bands.push(all);
        let (id, how) = match key {
            "best" => ("middle-beats-head", "two by two means of each channel"),
            _ => ("middle-beats-head-without-places", "one mean of each channel"),
        };
        let words = format!("Of {how}, the block chosen tells more garments than the head does.");
        recorder.claim(id, &words).above(over, 0.0);
    }
    let series = recorder.series("to-best", "Block", (0..=HEAD).map(|i| i as f64));
    for (name, all) in ["means of two by two parts", "one mean per channel"].iter().zip(bands) {
        series.banded(name, all.into_iter().map(|found| found.band()));
    }
}

/// What training is worth at each place, and what an untrained network is worth.
fn against_untrained(
    recorder: &mut Recorder,
    places: &Reads,
    fresh: &[Reads],
    pixels: &Read,
    rng: &mut Rng,
) {
    let gain = |i: usize| Estimate::over_runs_and_cases(&runs(fresh, i, Some(&places[i])));
    let gains: Vec<Estimate> = (0..=HEAD).map(gain).collect();
    for (i, gain) in gains.iter().enumerate() {
        recorder.estimate(&format!("gain/{}", place(i).replace(' ', "-")), *gain);
    }
    let series = recorder.series("gain", "Block", (0..=HEAD).map(|i| i as f64));
    series.banded("trained less untrained", gains.iter().copied().map(band));
    let above = gains.iter().filter(|gain| gain.low > 0.0).count();
    recorder.value("gain/decided", above);
    let text = "Training is worth something at every place behind the first block.";
    let behind = gains.iter().skip(2).filter(|gain| gain.low > 0.0).count();
    recorder.claim("training-helps", text).all(behind, gains.len() - 2, "places");
    recorder.estimate("pixels", Bootstrap::default().mean(&pixels.right, rng));
    // The best place of the untrained networks is chosen on garments kept aside, as a mean over them.
    let aside = |i: usize| fresh.iter().map(|reads| reads[i].choice.aside).sum::<f64>();
    let best = (0..=HEAD).fold(0, |best, i| if aside(i) > aside(best) { i } else { best });
    recorder.value("untrained/best/place", place(best));
    recorder
        .estimate("untrained/best/found", Estimate::over_runs_and_cases(&runs(fresh, best, None)));
    let over: Vec<Vec<f64>> = runs(fresh, best, Some(pixels))
        .into_iter()
        .map(|run| run.into_iter().map(|d| -d).collect())
        .collect();
    let over = Estimate::over_runs_and_cases(&over);
    recorder.estimate("untrained/best/over-pixels", over);
    let text =
        "The best place of networks without training gains less than a point over raw pixels.";
    recorder.claim("untrained-gains-nothing", text).below(over, 0.01);
}

fn record_cnn(recorder: &mut Recorder, [trained, fresh]: &[Reads; 2], rng: &mut Rng) {
    let bootstrap = Bootstrap::default();
    let bands = [trained, fresh].map(|reads| shares(reads, rng));
    let series = recorder.series("cnn", "Layer", (0..LAYERS.len()).map(|i| i as f64));
    for (name, bands) in ["trained", "untrained"].into_iter().zip(&bands) {
        series.banded(name, bands.clone());
    }
    let mut table = Table::new([
        "Read off",
        "Features | int",
        "Trained | percent 1",
        "Untrained | percent 1",
        "Labels by heart | percent 1",
    ]);
    let mut gains = Vec::new();
    for (i, layer) in LAYERS.into_iter().enumerate() {
        let key = layer.replace(' ', "-");
        recorder.estimate(&format!("cnn/trained/{key}"), bands[0][i]);
        recorder.estimate(&format!("cnn/untrained/{key}"), bands[1][i]);
        let gain = bootstrap.paired(&trained[i].right, &fresh[i].right, rng);
        recorder.estimate(&format!("cnn/gain/{key}"), gain);
        gains.push(gain);
        let (features, heart) = (trained[i].features, trained[i].by_heart);
        let [a, b] = [bands[0][i][1], bands[1][i][1]];
        table.row([layer.into(), features.into(), a.into(), b.into(), heart.into()]);
    }
    recorder.table("cnn", table);
    let hidden = bootstrap.paired(&trained[3].right, &trained[0].right, rng);
    recorder.estimate("cnn/hidden-over-pixels", hidden);
    let text =
        "The last hidden layer of the trained network tells more garments than its input does.";
    recorder.claim("cnn-hidden-beats-pixels", text).above(hidden, 0.0);
    let depth = bootstrap.paired(&fresh[3].right, &fresh[1].right, rng);
    recorder.estimate("cnn/untrained-depth", depth);
    let text = "Without training, the last hidden layer tells fewer garments than the first pool.";
    recorder.claim("cnn-untrained-depth-costs", text).below(depth, 0.0);
}

/// What shuffled labels come to, at all places of all networks.
fn shuffled(recorder: &mut Recorder, all: &[&Read]) {
    let of = |i: usize| all.iter().map(|read| read.lot[i]).sum::<f64>() / all.len() as f64;
    let found = Estimate::over_runs(&(0..SHUFFLES).map(of).collect::<Vec<_>>());
    recorder.estimate("shuffled/found", found);
    recorder.value("shuffled/probes", all.len() * SHUFFLES);
    let most = all.iter().flat_map(|read| &read.lot).copied().fold(0.0, f64::max);
    recorder.value("shuffled/most", most);
    let chance = 1.0 / CLASSES as f64;
    let text = "Probes that learned shuffled labels name as many test garments as chance does.";
    let evidence = Estimate::in_words(found, Format::Percent(1));
    recorder
        .claim("shuffled-is-chance", text)
        .record(found.low <= chance && chance <= found.high, evidence);
    let least = all.iter().map(|read| read.by_heart).fold(f64::INFINITY, f64::min);
    let heart = all.iter().map(|read| read.by_heart).fold(0.0, f64::max);
    recorder.value("by-heart/least", least);
    recorder.value("by-heart/most", heart);
}
