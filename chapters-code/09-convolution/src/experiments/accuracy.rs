//! How good is the network, and where is it wrong? A recipe is chosen on garments kept aside from the training set; then the chosen
//! one is trained on all of it, with three seeds, and each is tested once. An MLP is chosen, trained and tested in the same way.

use std::time::Instant;

use backprop::Engine;
use backprop::operations::cross_entropy::softmax;
use learning::bootstrap::{mean, paired_runs};
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
pub const EPOCHS: u64 = 15;
/// Seeds of the chosen ones.
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

/// What the MLP could be: all that the CNN could, and garments as they are with batch normalisation besides, because a network
/// to which a moved garment is another has more to learn from moved ones.
const RIVALS: [Candidate; 4] = [
    Candidate {
        key: "plain",
        name: "garments as they are",
        network: networks::mlp,
        augmented: false,
    },
    Candidate {
        key: "augmented",
        name: "mirrored and shifted",
        network: networks::mlp,
        augmented: true,
    },
    Candidate {
        key: "plain-normalised",
        name: "garments as they are, with batch normalisation",
        network: networks::mlp_normalised,
        augmented: false,
    },
    Candidate {
        key: "normalised",
        name: "mirrored and shifted, with batch normalisation",
        network: networks::mlp_normalised,
        augmented: true,
    },
];

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
    let parts = split::stratified(data.train.y(), &[1.0 - ASIDE, ASIDE], &mut rng);
    let halves = [0, 1].map(|part: usize| data.train.select(&parts[part]));
    recorder.value("choice/train", halves[0].len());
    recorder.value("choice/aside", halves[1].len());
    recorder.value("choice/epochs", SHORT);
    let chosen = choose(recorder, "", &CANDIDATES, &halves, &mut rng)?;
    let tested = train_and_test(recorder, "", chosen, &data)?;
    let rival = choose(recorder, "mlp/", &RIVALS, &halves, &mut rng)?;
    let mlp = train_and_test(recorder, "mlp/", rival, &data)?;
    recorder
        .claim("half-a-million", "The network has at most half a million parameters.")
        .less((chosen.network)()?.parameters(), 500_001);
    record_accuracy(recorder, &tested, &mlp, &data, &mut rng);
    record_errors(recorder, &tested, &data.test);
    record_filters(recorder, &tested[0].filters, &mut rng);
    Ok(())
}

/// The candidate that is best on garments that none of them has learned from. What is recorded begins with `of`.
fn choose<'a>(
    recorder: &mut Recorder,
    of: &str,
    candidates: &'a [Candidate],
    [train, aside]: &[Labelled; 2],
    rng: &mut Rng,
) -> anyhow::Result<&'a Candidate> {
    let progress = recorder.progress(candidates.len() as u64 * SHORT, "epochs of candidates");
    let bootstrap = Bootstrap::default();
    let (mut curves, mut losses) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let (mut shares, mut right) = (Vec::new(), Vec::new());
        let mut watch = |step: &Step, engine: &mut Engine<f32>| {
            if step.epoch_ends {
                right = answers::right(engine, &Garments::new(aside))?;
                shares.push(mean(&right));
                progress.advance(1);
            }
            Ok(())
        };
        let recipe = candidate.recipe(train, SHORT, 1);
        let run = recipe.train(recorder.threads(), &mut watch)?.whole()?;
        let key = format!("{of}choice/{}", candidate.key);
        recorder.estimate(&key, bootstrap.mean(&right, rng));
        curves.push(shares);
        losses.push(run.epochs());
    }
    let last = |i: usize| curves[i].last().copied().unwrap_or_default();
    let best = (1..candidates.len()).fold(0, |best, i| if last(i) > last(best) { i } else { best });
    recorder.value(&format!("{of}choice/best"), candidates[best].name);
    for (what, found) in [("curves", curves), ("losses", losses)] {
        let epochs = (1..=SHORT).map(|epoch| epoch as f64);
        let series = recorder.series(&format!("{of}choice/{what}"), "Epochs", epochs);
        for (candidate, curve) in candidates.iter().zip(found) {
            series.curve(candidate.name, curve);
        }
    }
    Ok(&candidates[best])
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
    of: &str,
    chosen: &Candidate,
    data: &FashionMnist,
) -> anyhow::Result<Vec<Tested>> {
    let progress = recorder.progress(SEEDS.len() as u64 * EPOCHS, "epochs of the chosen one");
    let (mut tested, mut losses) = (Vec::new(), Vec::new());
    let bootstrap = Bootstrap::default();
    for seed in SEEDS {
        let began = Instant::now();
        let mut run = follow(recorder, &chosen.recipe(&data.train, EPOCHS, seed), &progress)?;
        recorder.timing(&format!("{of}train/{seed}"), began.elapsed().as_secs_f64());
        let one = test(&mut run.engine, &data.test)?;
        let alone = bootstrap.mean(&one.right, &mut recorder.rng());
        recorder.estimate(&format!("{of}seed/{seed}"), alone);
        tested.push(one);
        losses.push(run.epochs());
    }
    let epochs = (1..=EPOCHS).map(|epoch| epoch as f64);
    let series = recorder.series(&format!("{of}loss"), "Epochs", epochs);
    for (seed, loss) in SEEDS.iter().zip(losses) {
        series.curve(&format!("seed {seed}"), loss);
    }
    recorder.value(&format!("{of}parameters"), (chosen.network)()?.parameters());
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

/// Which test garments each of some networks has right.
fn right(tested: &[Tested]) -> Vec<&[f64]> {
    tested.iter().map(|one| one.right.as_slice()).collect()
}

/// How good the networks are, and by how much they are ahead of an MLP and of chapter 1's nearest neighbour.
fn record_accuracy(
    recorder: &mut Recorder,
    tested: &[Tested],
    mlp: &[Tested],
    data: &FashionMnist,
    rng: &mut Rng,
) {
    let (truth, bootstrap) = (data.test.y(), Bootstrap::default());
    recorder.value("epochs", EPOCHS);
    recorder.value("train", data.train.len());
    recorder.value("cases", truth.len());
    let ours = right(tested);
    let overall = Estimate::over_runs_and_cases(&ours);
    recorder.estimate("mean", overall);
    recorder
        .claim("reaches-93", "The mean accuracy of three seeds is at least 93 in a hundred.")
        .record(overall.value >= AIM, overall.in_words(Format::Percent(2)));
    record_seeds(recorder, &ours);
    let train = data.train.x();
    let neighbour = NearestNeighbour::fit(train.view(), data.train.y());
    let neighbour = correct(truth, &neighbour.predict(data.test.x().view()));
    recorder.estimate("neighbour", bootstrap.mean(&neighbour, rng));
    recorder.estimate("mlp", Estimate::over_runs_and_cases(&right(mlp)));
    let neighbours = vec![neighbour.as_slice(); ours.len()];
    for (key, name, theirs) in
        [("neighbour", "nearest neighbour", neighbours), ("mlp", "MLP", right(mlp))]
    {
        let gap = Estimate::over_runs_and_cases(&paired_runs(&ours, &theirs));
        recorder.estimate(&format!("{key}/gap"), gap);
        recorder
            .claim(&format!("beats-{key}"), &format!("The CNN is better than the {name}."))
            .above(gap, 0.0);
    }
    let together = correct(truth, &answers_together(tested));
    recorder.estimate("together", bootstrap.mean(&together, rng));
}

/// How far the seeds lie apart, beside what the choice of test garments does to one of them.
fn record_seeds(recorder: &mut Recorder, right: &[&[f64]]) {
    let accuracies: Vec<f64> = right.iter().map(|right| mean(right)).collect();
    let middle = mean(&accuracies);
    let squares = accuracies.iter().map(|accuracy| (accuracy - middle).powi(2)).sum::<f64>();
    recorder.value("seeds/deviation", (squares / (accuracies.len() - 1) as f64).sqrt());
    let n = right[0].len() as f64;
    recorder.value("seeds/sampling", (middle * (1.0 - middle) / n).sqrt());
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
    let missed = |times: usize| {
        let by = |i: usize| tested.iter().filter(|one| one.right[i] == 0.0).count();
        (0..test.len()).filter(|&i| by(i) == times).count()
    };
    let [one, two] = [1, 2].map(missed);
    recorder.value("wrong/one", one);
    recorder.value("wrong/two", two);
    recorder.value("wrong/any", one + two + wrong.len());
    // Where each of three networks misses a garment with probability p, garments that are missed once, twice and three times are
    // as 3 p (1 − p)² to 3 p² (1 − p) to p³: from the first two follows the third.
    recorder.value("wrong/by-chance", (two * two) as f64 / (3 * one).max(1) as f64);
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
