//! How good is the network, and where is it wrong? A recipe is chosen on garments kept aside from the training set; then the chosen
//! one is trained on all of it, with three seeds, and each is tested once.

use std::time::Instant;

use backprop::Engine;
use backprop::operations::cross_entropy::softmax;
use learning::bootstrap::{mean, over_seeds};
use learning::fashion::CLASSES;
use learning::{
    Bootstrap, Confusion, FashionMnist, Labelled, NearestNeighbour, correct, normal, split,
};
use notebook::{Estimate, Format, Recorder, Rng, Table};
use optimization::answers::largest;
use optimization::recipe::Make;
use optimization::{Garments, Recipe, Step, answers};

use super::follow;
use crate::filters::{self, Filter, KINDS};
use crate::networks;
use crate::recipe::{plain, recipe};

/// How often the candidates see their garments.
const SHORT: u64 = 5;
/// How often the chosen one sees all.
const EPOCHS: u64 = 15;
/// Seeds of the chosen one.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Share of the training set that is kept aside to choose.
const ASIDE: f64 = 0.1;
/// What the chapter promises.
const AIM: f64 = 0.93;

/// What could be chosen.
struct Candidate {
    key: &'static str,
    name: &'static str,
    network: Make,
    augmented: bool,
}

// ANCHOR: candidates
const CANDIDATES: [Candidate; 3] = [
    Candidate {
        key: "plain",
        name: "garments as they are",
        network: networks::sequential,
        augmented: false,
    },
    Candidate {
        key: "augmented",
        name: "mirrored and shifted",
        network: networks::sequential,
        augmented: true,
    },
    Candidate {
        key: "normalised",
        name: "mirrored and shifted, with batch normalisation",
        network: networks::normalised,
        augmented: true,
    },
];
// ANCHOR_END: candidates

impl Candidate {
    fn recipe<'a>(&self, data: &'a Labelled, epochs: u64, seed: u64) -> Recipe<Garments<'a>> {
        let way = if self.augmented { recipe } else { plain };
        way(self.network, data, epochs, seed)
    }
}

/// Chooses, trains, tests, and looks at what is wrong and at what was learned.
pub fn accuracy(recorder: &mut Recorder) -> anyhow::Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let chosen = choose(recorder, &data, &mut rng)?;
    let tested = train_and_test(recorder, chosen, &data)?;
    let rivals = rivals(recorder, chosen, &data)?;
    record_accuracy(recorder, &tested, &rivals, &data.test, &mut rng);
    record_errors(recorder, &tested, &data.test);
    record_filters(recorder, &tested[0].filters, &mut rng);
    Ok(())
}

/// The candidate that is best on garments that none of them has learned from.
fn choose<'a>(
    recorder: &mut Recorder,
    data: &FashionMnist,
    rng: &mut Rng,
) -> anyhow::Result<&'a Candidate> {
    let parts = split::stratified(data.train.y(), &[1.0 - ASIDE, ASIDE], rng);
    let [train, aside] = [0, 1].map(|part: usize| data.train.select(&parts[part]));
    recorder.value("choice/train", train.len());
    recorder.value("choice/aside", aside.len());
    recorder.value("choice/epochs", SHORT);
    let progress = recorder.progress(3 * SHORT, "epochs of candidates");
    let bootstrap = Bootstrap::default();
    let (mut curves, mut losses) = (Vec::new(), Vec::new());
    for candidate in &CANDIDATES {
        let (mut shares, mut right) = (Vec::new(), Vec::new());
        let mut watch = |step: &Step, engine: &mut Engine<f32>| {
            if step.epoch_ends {
                right = answers::right(engine, &Garments::new(&aside))?;
                shares.push(mean(&right));
                progress.advance(1);
            }
            Ok(())
        };
        let recipe = candidate.recipe(&train, SHORT, 1);
        let run = recipe.train(recorder.threads(), &mut watch)?.whole()?;
        let key = format!("choice/{}", candidate.key);
        recorder.estimate(&key, bootstrap.mean(&right, rng));
        curves.push(shares);
        losses.push(run.epochs());
    }
    let epochs = || (1..=SHORT).map(|epoch| epoch as f64);
    let series = recorder.series("choice/curves", "Epochs", epochs());
    for (candidate, curve) in CANDIDATES.iter().zip(&curves) {
        series.curve(candidate.name, curve.iter().copied());
    }
    let series = recorder.series("choice/losses", "Epochs", epochs());
    for (candidate, loss) in CANDIDATES.iter().zip(losses) {
        series.curve(candidate.name, loss);
    }
    let last = |i: usize| curves[i].last().copied().unwrap_or_default();
    let best = (1..CANDIDATES.len()).fold(0, |best, i| if last(i) > last(best) { i } else { best });
    recorder.value("choice/best", CANDIDATES[best].name);
    Ok(&CANDIDATES[best])
}

/// A trained network on the test garments.
struct Tested {
    /// Probabilities, `(n, k)`.
    probabilities: Vec<f32>,
    answers: Vec<u8>,
    right: Vec<f64>,
    /// Of the first layer, 9 numbers each.
    filters: Vec<Filter>,
}

/// Trains on all garments, with each seed, and tests each network once.
fn train_and_test(
    recorder: &mut Recorder,
    chosen: &Candidate,
    data: &FashionMnist,
) -> anyhow::Result<Vec<Tested>> {
    let progress = recorder.progress(SEEDS.len() as u64 * EPOCHS, "epochs of the chosen one");
    let (mut tested, mut losses) = (Vec::new(), Vec::new());
    for seed in SEEDS {
        let began = Instant::now();
        let mut run = follow(recorder, &chosen.recipe(&data.train, EPOCHS, seed), &progress)?;
        recorder.timing(&format!("train/{seed}"), began.elapsed().as_secs_f64());
        tested.push(test(&mut run.engine, &data.test)?);
        losses.push(run.epochs());
    }
    let series = recorder.series("loss", "Epochs", (1..=EPOCHS).map(|epoch| epoch as f64));
    for (seed, loss) in SEEDS.iter().zip(losses) {
        series.curve(&format!("seed {seed}"), loss);
    }
    recorder.value("epochs", EPOCHS);
    recorder.value("train", data.train.len());
    let parameters = (chosen.network)()?.parameters();
    recorder.value("parameters", parameters);
    recorder
        .claim("half-a-million", "The network has at most half a million parameters.")
        .record(parameters <= 500_000, format!("{parameters} parameters"));
    Ok(tested)
}

fn test(engine: &mut Engine<f32>, data: &Labelled) -> anyhow::Result<Tested> {
    let logits = answers::outputs(engine, &Garments::new(data))?;
    let mut probabilities = vec![0.0; logits.len()];
    let k = CLASSES.len();
    for (z, p) in logits.chunks_exact(k).zip(probabilities.chunks_exact_mut(k)) {
        softmax(z, p);
    }
    let answers: Vec<u8> = largest(&logits, k).map(|class| class as u8).collect();
    let right = correct(data.y(), &answers);
    let weights = engine.weights();
    let first = weights.iter().find(|tensor| tensor.name == "0.weight");
    let filter = |w: &[f32]| std::array::from_fn(|i| f64::from(w[i]));
    let filters = first.map_or(Vec::new(), |t| t.data.chunks_exact(9).map(filter).collect());
    Ok(Tested { probabilities, answers, right, filters })
}

/// What others answer: chapter 1's nearest neighbour, and an MLP with the same recipe. Key, name, which are right.
type Rival = (&'static str, &'static str, Vec<f64>);

fn rivals(
    recorder: &Recorder,
    chosen: &Candidate,
    data: &FashionMnist,
) -> anyhow::Result<Vec<Rival>> {
    let (train, test) = (data.train.x(), data.test.x());
    let neighbour = NearestNeighbour::fit(train.view(), data.train.y()).predict(test.view());
    let recipe = chosen.recipe(&data.train, EPOCHS, SEEDS[0]);
    let progress = recorder.progress(EPOCHS, "epochs of the MLP");
    let recipe = Recipe { network: networks::mlp as Make, ..recipe };
    let mut run = follow(recorder, &recipe, &progress)?;
    Ok(vec![
        ("neighbour", "nearest neighbour", correct(data.test.y(), &neighbour)),
        ("mlp", "MLP", answers::right(&mut run.engine, &Garments::new(&data.test))?),
    ])
}

fn record_accuracy(
    recorder: &mut Recorder,
    tested: &[Tested],
    rivals: &[Rival],
    test: &Labelled,
    rng: &mut Rng,
) {
    let bootstrap = Bootstrap::default();
    recorder.value("cases", test.len());
    for (seed, one) in SEEDS.iter().zip(tested) {
        recorder.estimate(&format!("seed/{seed}"), bootstrap.mean(&one.right, rng));
    }
    let right: Vec<&[f64]> = tested.iter().map(|one| one.right.as_slice()).collect();
    let overall = over_seeds(&right, rng);
    recorder.estimate("mean", overall);
    recorder
        .claim("reaches-93", "The mean accuracy of three seeds is at least 93 in a hundred.")
        .record(overall.estimate >= AIM, Estimate::from(overall).in_words(Format::Percent(2)));
    // Each garment's share of seeds that are right, to be paired with what others answer.
    let shares: Vec<f64> =
        (0..test.len()).map(|i| right.iter().map(|r| r[i]).sum::<f64>() / 3.0).collect();
    for (key, name, their) in rivals {
        recorder.estimate(key, bootstrap.mean(their, rng));
        let gap = bootstrap.paired(&shares, their, rng);
        recorder.estimate(&format!("{key}/gap"), gap);
        recorder
            .claim(&format!("beats-{key}"), &format!("The CNN is better than the {name}."))
            .above(gap, 0.0);
    }
    let together = answers_together(tested);
    recorder.estimate("together", bootstrap.mean(&correct(test.y(), &together), rng));
}

/// Mean probabilities of all networks, `(n, k)`.
fn mean_probabilities(tested: &[Tested]) -> Vec<f64> {
    let of = |i: usize| tested.iter().map(|t| f64::from(t.probabilities[i])).sum::<f64>();
    (0..tested[0].probabilities.len()).map(|i| of(i) / tested.len() as f64).collect()
}

/// The class that all networks together find most probable.
fn answers_together(tested: &[Tested]) -> Vec<u8> {
    largest(&mean_probabilities(tested), CLASSES.len()).map(|class| class as u8).collect()
}

/// Confusion and single classes over all networks, and the garments that all of them get wrong.
fn record_errors(recorder: &mut Recorder, tested: &[Tested], test: &Labelled) {
    let truth: Vec<u8> = tested.iter().flat_map(|_| test.y().iter().copied()).collect();
    let found: Vec<u8> = tested.iter().flat_map(|one| one.answers.iter().copied()).collect();
    let confusion = Confusion::of(&truth, &found);
    record_classes(recorder, &confusion);
    let (probabilities, together) = (mean_probabilities(tested), answers_together(tested));
    let confidence = |i: usize| probabilities[i * CLASSES.len() + usize::from(together[i])];
    let mut wrong: Vec<usize> =
        (0..test.len()).filter(|&i| tested.iter().all(|one| one.right[i] == 0.0)).collect();
    recorder.value("wrong/all", wrong.len());
    recorder.value("wrong/share", wrong.len() as f64 / test.len() as f64);
    let once = (0..test.len()).filter(|&i| tested.iter().any(|one| one.right[i] == 0.0)).count();
    recorder.value("wrong/any", once);
    let sure = wrong.iter().filter(|&&i| confidence(i) > 0.9).count();
    recorder.value("wrong/sure", sure);
    wrong.sort_by(|&a, &b| confidence(b).total_cmp(&confidence(a)));
    let mut table =
        Table::new(["Test garment | int", "Label", "Answer", "Mean probability | percent 0"]);
    for i in wrong {
        let name = |label: u8| CLASSES[usize::from(label)].into();
        table.row([i.into(), name(test.labels[i]), name(together[i]), confidence(i).into()]);
    }
    recorder.table("wrong", table);
}

fn record_classes(recorder: &mut Recorder, confusion: &Confusion) {
    let k = CLASSES.len();
    let mut heads = vec!["Class".to_owned()];
    heads.extend(CLASSES.iter().map(|class| format!("{class} | percent 1")));
    let mut table = Table::new(heads.iter().map(String::as_str));
    for (class, row) in CLASSES.iter().zip(&confusion.counts) {
        let all = row.iter().sum::<usize>().max(1) as f64;
        let shares = row.iter().map(|&count| (count as f64 / all).into());
        table.row(std::iter::once((*class).into()).chain(shares));
    }
    recorder.table("confusion", table);
    recorder.table("by-class", confusion.by_class(&CLASSES));
    let order = confusion.worst_first();
    for (key, class) in [("worst", order[0]), ("best", order[k - 1])] {
        recorder.value(&format!("{key}/class"), CLASSES[class]);
        recorder.value(&format!("{key}/recall"), confusion.recall(class));
    }
    // The clothes for the upper body: T-shirt, pullover, coat, shirt, and the dress.
    let upper = [0, 2, 3, 4, 6];
    let off = |within: bool| -> usize {
        let pairs = (0..k).flat_map(|t| (0..k).map(move |p| (t, p))).filter(|(t, p)| t != p);
        let counted = pairs.filter(|(t, p)| !within || (upper.contains(t) && upper.contains(p)));
        counted.map(|(t, p)| confusion.counts[t][p]).sum()
    };
    recorder.value("upper/share", off(true) as f64 / off(false).max(1) as f64);
    recorder
        .claim(
            "upper-body",
            "More than half of all mistakes take one garment of the upper body for another.",
        )
        .greater(2 * off(true), off(false));
}

/// The filters of the first layer, what they are made of, and the same of random ones.
fn record_filters(recorder: &mut Recorder, learned: &[Filter], rng: &mut Rng) {
    let random: Vec<Filter> = (0..10_000).map(|_| std::array::from_fn(|_| normal(rng))).collect();
    let bank = filters::bank(3);
    for (key, all) in [("learned", learned), ("random", &random)] {
        for (kind, name) in KINDS.iter().enumerate() {
            let shares: Vec<f64> = all.iter().map(|f| filters::shares(f)[kind]).collect();
            recorder.value(&format!("filters/{key}/{}", name.replace(' ', "-")), mean(&shares));
        }
        let likeness: Vec<f64> = all.iter().map(|f| filters::likeness(f, &bank)).collect();
        recorder.value(&format!("filters/{key}/gabor"), mean(&likeness));
    }
    let gradient =
        |all: &[Filter]| -> Vec<f64> { all.iter().map(|f| filters::shares(f)[1]).collect() };
    let bootstrap = Bootstrap::default();
    let found = bootstrap.mean(&gradient(learned), rng);
    recorder.estimate("filters/gradient", found);
    let most = gradient(learned).iter().filter(|share| **share > 0.5).count();
    recorder.value("filters/mostly-gradient", most);
    recorder.value("filters/count", learned.len());
    let names: Vec<String> = (0..learned.len()).map(|i| format!("filter {i}")).collect();
    let series = recorder.series("filters", "Place", (0..9).map(f64::from));
    for (name, filter) in names.iter().zip(learned) {
        series.curve(name, filter.iter().copied());
    }
}
