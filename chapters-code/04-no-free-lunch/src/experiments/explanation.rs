//! What explanations say, and what they cannot say, measured on passages: letters that tell three authors apart, a
//! letter copied, numbers drawn by lot beside the letters, a tree's own path.

use classifiers::text::AUTHORS;
use classifiers::trees::{DecisionTree, FittedForest, FittedTree, RandomForest, Stop};
use classifiers::{Classifier, Fit as _, Inputs};
use learning::bootstrap::mean;
use learning::{Bootstrap, FashionMnist, Interval, accuracy, correct};
use ndarray::{Array2, ArrayView1, Axis, concatenate};
use notebook::{Chapter, Experiment, Recorder, Rng, Table};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::why::why;
use crate::explain::{dependence, drops, permutation};
use crate::pipelines::{Cases, Described, Extractor, Raw, Settings, named};

/// Shuffles of a column.
const REPEATS: usize = 20;
/// Copies of the letter, at most.
const COPIES: usize = 4;
/// Forests with noise beside the letters.
const FORESTS: u64 = 10;
/// Values at which a dependence is asked.
const VALUES: usize = 25;

/// Adds the experiments.
pub fn add(chapter: Chapter) -> Chapter {
    let new = Experiment::new;
    chapter
        .experiment(
            new("letters", "What letters are worth, and their copies", letters)
                .seed(47)
                .reads([classifiers::text::FILE]),
        )
        .experiment(
            new("why", "Ten errors that are asked why", why).seed(49).reads(FashionMnist::paths()),
        )
}

/// Passages as rows of letters.
struct Passages {
    described: Described,
    x: Array2<f32>,
    y: Vec<u8>,
    new: Array2<f32>,
    truth: Vec<u8>,
}

impl Passages {
    fn of(train: &Cases, test: &Cases) -> anyhow::Result<Passages> {
        let described = Described::fit(Extractor::Letters, true, &train.raw)?;
        let rows = |raw: &Raw| anyhow::Ok(described.rows(raw)?.view().to_reals());
        let (x, new) = (rows(&train.raw)?, rows(&test.raw)?);
        Ok(Passages { described, x, y: train.labels.clone(), new, truth: test.labels.clone() })
    }

    fn forest(&self, seed: u64) -> anyhow::Result<FittedForest> {
        let forest = RandomForest { seed, ..RandomForest::default() };
        Ok(forest.fit(Inputs::Reals(self.x.view()), &self.y)?)
    }

    /// What is lost when `columns` are shuffled.
    fn worth(
        &self,
        model: &dyn Classifier,
        columns: &[usize],
        rng: &mut Rng,
    ) -> anyhow::Result<Interval> {
        let cases = (self.new.view(), &self.truth[..]);
        Ok(permutation(model, cases, columns, REPEATS, rng)?)
    }

    /// The same with so many copies of a column behind the others, or before them.
    fn copied(&self, j: usize, copies: usize, before: bool) -> Passages {
        let with = |x: &Array2<f32>| {
            let mut parts = vec![x.view()];
            let copy = x.column(j).insert_axis(Axis(1));
            for _ in 0..copies {
                parts.insert(if before { 0 } else { parts.len() }, copy);
            }
            concatenate(Axis(1), &parts).unwrap_or_else(|_| x.clone())
        };
        Passages {
            described: self.described.clone(),
            x: with(&self.x),
            y: self.y.clone(),
            new: with(&self.new),
            truth: self.truth.clone(),
        }
    }
}

/// Importance of letters, of copies and of noise; dependence; a path.
pub fn letters(recorder: &mut Recorder) -> anyhow::Result<()> {
    let problem = named(recorder, "authors")?;
    let passages = Passages::of(&problem.train, &problem.test)?;
    let mut rng = recorder.rng();
    let forest = passages.forest(0)?;
    recorder.value("train", passages.y.len());
    recorder.value("test", passages.truth.len());
    recorder.value("repeats", REPEATS);
    let top = record_ranks(recorder, &passages, &forest, &mut rng)?;
    record_copies(recorder, &passages, top, &mut rng)?;
    record_noise(recorder, &passages, top, &mut rng)?;
    record_dependence(recorder, &passages, top)?;
    record_path(recorder, &passages, &problem.test.raw, &mut rng)
}

/// The letters by what the forest's questions gained, with what shuffling each of them loses. Gives the first.
fn record_ranks(
    recorder: &mut Recorder,
    passages: &Passages,
    forest: &FittedForest,
    rng: &mut Rng,
) -> anyhow::Result<usize> {
    let right = correct(&passages.truth, &forest.predict(Inputs::Reals(passages.new.view()))?);
    recorder.estimate("forest", Bootstrap::default().mean(&right, rng));
    let gains = forest.importance();
    let mut order: Vec<usize> = (0..gains.len()).collect();
    order.sort_by(|a, b| gains[*b].total_cmp(&gains[*a]));
    let mut table = Table::new([
        "Feature",
        "Share of all gain | percent 1",
        "Lost when shuffled | points 1",
        "Low | points 1",
        "High | points 1",
    ]);
    for &j in order.iter().take(8) {
        let worth = passages.worth(forest, &[j], rng)?;
        table.row([
            passages.described.name(j, 0).into(),
            gains[j].into(),
            worth.estimate.into(),
            worth.low.into(),
            worth.high.into(),
        ]);
    }
    recorder.table("ranks", table);
    recorder.value("features", gains.len());
    recorder.value("top", passages.described.name(order[0], 0));
    Ok(order[0])
}

/// What the first letter is worth when it stands there several times.
fn record_copies(
    recorder: &mut Recorder,
    passages: &Passages,
    top: usize,
    rng: &mut Rng,
) -> anyhow::Result<()> {
    let d = passages.x.ncols();
    let models = [("forest", Settings::each()[6]), ("softmax", Settings::each()[2])];
    let x = (0..=COPIES).map(|copies| copies as f64);
    let mut curves = Vec::new();
    for (key, settings) in models {
        let (mut alone, mut together) = (Vec::new(), Vec::new());
        let (mut lost, mut right) = (Vec::new(), Vec::new());
        for copies in 0..=COPIES {
            let many = passages.copied(top, copies, false);
            let model = settings.fit(Inputs::Reals(many.x.view()), &many.y)?;
            let all: Vec<usize> = std::iter::once(top).chain(d..d + copies).collect();
            alone.push(many.worth(model.classifier(), &[top], rng)?);
            together.push(many.worth(model.classifier(), &all, rng)?);
            let (new, truth) = (many.new.view(), &many.truth);
            right.push(correct(truth, &model.classifier().predict(Inputs::Reals(new))?));
            lost.push(drops(model.classifier(), new, truth, &[top], REPEATS, rng)?);
        }
        let falls = Bootstrap::default().paired(&lost[0], &lost[1], rng);
        recorder.estimate(&format!("{key}/alone"), alone[0]);
        recorder.estimate(&format!("{key}/copied"), alone[1]);
        recorder.estimate(&format!("{key}/together"), together[1]);
        recorder.estimate(&format!("{key}/most-copied"), alone[COPIES]);
        recorder.estimate(&format!("{key}/falls"), falls);
        let better = Bootstrap::default().paired(&right[1], &right[0], rng);
        recorder.estimate(&format!("{key}/better-with-copy"), better);
        recorder
            .claim(&format!("{key}-shares"), &format!("In the {}, a copy of the most important feature lowers what shuffling the feature loses, by an interval above zero.", settings.name()))
            .above(falls, 0.0);
        curves.push((settings.name(), alone, together));
    }
    let series = recorder.series("copies", "Copies of the feature", x);
    for (name, alone, together) in curves {
        series.banded(&format!("{name}, one shuffled"), alone.iter().map(|i| i.band()));
        series.banded(&format!("{name}, all shuffled"), together.iter().map(|i| i.band()));
    }
    record_forgetting(recorder, passages, top)
}

/// A tree asks the first of two equal columns: the other is worth nothing to it.
fn record_forgetting(
    recorder: &mut Recorder,
    passages: &Passages,
    top: usize,
) -> anyhow::Result<()> {
    let before = passages.copied(top, 1, true);
    let tree = DecisionTree::default().fit(Inputs::Reals(before.x.view()), &before.y)?;
    let asked = |j: usize| {
        let nodes = tree.tree().nodes().iter();
        nodes.filter(|node| !node.is_leaf() && node.feature as usize == j).count()
    };
    recorder.value("tree/copy", asked(0));
    recorder.value("tree/original", asked(top + 1));
    recorder
        .claim("tree-forgets", "A tree that finds a copy of its most important feature before it never asks about the feature itself.")
        .record(
            asked(top + 1) == 0 && asked(0) > 0,
            format!("{} questions about the copy, {} about the feature", asked(0), asked(top + 1)),
        );
    Ok(())
}

/// The columns of noise: a coin, a die, a number, and the first letter shuffled.
const NOISE: [(&str, &str); 4] = [
    ("coin", "a coin, drawn by lot"),
    ("die", "a die, drawn by lot"),
    ("number", "a number, drawn by lot"),
    ("shuffled", "the first feature, shuffled"),
];

/// Columns of noise beside the letters: what do their gains say, and what do shuffles?
fn record_noise(
    recorder: &mut Recorder,
    passages: &Passages,
    top: usize,
    rng: &mut Rng,
) -> anyhow::Result<()> {
    let d = passages.x.ncols();
    let (mut gains, mut lost) = (Vec::new(), vec![vec![0.0; passages.truth.len()]; NOISE.len()]);
    for seed in 0..FORESTS {
        let mut with = |x: &Array2<f32>| {
            let noise = noise(x.column(top), rng);
            concatenate![Axis(1), x.view(), noise.view()]
        };
        let (x, new) = (with(&passages.x), with(&passages.new));
        let forest = RandomForest { seed, ..RandomForest::default() };
        let forest = forest.fit(Inputs::Reals(x.view()), &passages.y)?;
        for (i, lost) in lost.iter_mut().enumerate() {
            let more = drops(&forest, new.view(), &passages.truth, &[d + i], 4, rng)?;
            lost.iter_mut().zip(more).for_each(|(sum, drop)| *sum += drop / FORESTS as f64);
        }
        gains.push(forest.importance());
    }
    let share = |j: usize| gains.iter().map(|gains| gains[j]).collect::<Vec<f64>>();
    let mut table = Table::new([
        "Noise",
        "Share of all gain | percent 2",
        "Low | percent 2",
        "High | percent 2",
        "Lost when shuffled | points 2",
        "Low, shuffled | points 2",
        "High, shuffled | points 2",
    ]);
    let bootstrap = Bootstrap::default();
    for (i, (key, name)) in NOISE.into_iter().enumerate() {
        let gain = bootstrap.mean(&share(d + i), rng);
        let worth = bootstrap.mean(&lost[i], rng);
        recorder.estimate(&format!("noise/{key}/gain"), gain);
        recorder.estimate(&format!("noise/{key}/shuffled"), worth);
        let cells = [gain.estimate, gain.low, gain.high, worth.estimate, worth.low, worth.high];
        table.row(std::iter::once(name.into()).chain(cells.map(Into::into)));
    }
    recorder.table("noise", table);
    let number = mean(&share(d + 2));
    recorder.value("noise/outranked", (0..d).filter(|j| mean(&share(*j)) < number).count());
    recorder.value("noise/forests", FORESTS);
    let more = bootstrap.paired(&share(d + 2), &share(d), rng);
    recorder
        .claim("many-values-gain-more", "By its gains, a number drawn by lot is worth more to a forest than a coin drawn by lot, by an interval above zero over forests.")
        .above(more, 0.0);
    recorder
        .claim("shuffles-see-noise", "What shuffling the number drawn by lot loses is less than one point, with its whole interval.")
        .below(bootstrap.mean(&lost[2], rng), 0.01);
    Ok(())
}

/// The four columns for as many cases as `column` has.
fn noise(column: ArrayView1<'_, f32>, rng: &mut Rng) -> Array2<f32> {
    let mut shuffled = column.to_vec();
    shuffled.shuffle(rng);
    let mut noise = Array2::zeros((column.len(), NOISE.len()));
    for (mut row, value) in noise.rows_mut().into_iter().zip(shuffled) {
        row[0] = f32::from(u8::from(rng.random::<bool>()));
        row[1] = f32::from(rng.random_range(1..=6_u8));
        row[2] = rng.random::<f32>();
        row[3] = value;
    }
    noise
}

/// How the probabilities of the three authors follow the first letter, alone and with a copy.
fn record_dependence(
    recorder: &mut Recorder,
    passages: &Passages,
    top: usize,
) -> anyhow::Result<()> {
    let mut sorted = passages.new.column(top).to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = |share: f64| sorted[(share * (sorted.len() - 1) as f64).round() as usize];
    let (low, high) = (at(0.025), at(0.975));
    let step = (high - low) / (VALUES - 1) as f32;
    let values: Vec<f32> = (0..VALUES).map(|i| low + i as f32 * step).collect();
    let curve = |passages: &Passages| -> anyhow::Result<Vec<Vec<f64>>> {
        let forest = passages.forest(0)?;
        Ok(dependence(&forest, passages.new.view(), top, &values)?.unwrap_or_default())
    };
    let (alone, copied) = (curve(passages)?, curve(&passages.copied(top, 1, false))?);
    let series = recorder.series(
        "dependence",
        "The feature, in deviations",
        values.iter().map(|v| f64::from(*v)),
    );
    for (class, name) in AUTHORS.into_iter().enumerate() {
        series.curve(name, alone.iter().map(|p| p[class]));
    }
    let range = |curve: &[Vec<f64>], class: usize| {
        let of =
            |pick: fn(f64, f64) -> f64, start| curve.iter().map(|p| p[class]).fold(start, pick);
        of(f64::max, 0.0) - of(f64::min, 1.0)
    };
    let widest =
        (0..3).fold(
            0,
            |best, class| {
                if range(&alone, class) > range(&alone, best) { class } else { best }
            },
        );
    let (alone, copied) = (range(&alone, widest), range(&copied, widest));
    recorder.value("dependence/alone", alone);
    recorder.value("dependence/copied", copied);
    recorder
        .claim("dependence-shares", "Beside a copy of the feature, the probability that followed it most moves through a smaller range.")
        .less(copied, alone);
    Ok(())
}

/// The path of a passage that a small tree gets wrong, and how far the paths of two trees agree.
fn record_path(
    recorder: &mut Recorder,
    passages: &Passages,
    raw: &Raw,
    rng: &mut Rng,
) -> anyhow::Result<()> {
    let small = DecisionTree { stop: Stop { depth: Some(4), ..Stop::default() } };
    let mut rows: Vec<usize> = (0..passages.y.len()).collect();
    rows.shuffle(rng);
    let (first, second) = rows.split_at(rows.len() / 2);
    let fit = |rows: &[usize]| -> anyhow::Result<FittedTree> {
        let labels: Vec<u8> = rows.iter().map(|i| passages.y[*i]).collect();
        Ok(small.fit(Inputs::Reals(passages.x.select(Axis(0), rows).view()), &labels)?)
    };
    let whole = fit(&rows)?;
    let new = Inputs::Reals(passages.new.view());
    let answers = whole.predict(new)?;
    let found = accuracy(&passages.truth, &answers);
    recorder.value("path/accuracy", found);
    let wrong = (0..answers.len()).find(|i| answers[*i] != passages.truth[*i]).unwrap_or(0);
    if let Raw::Passages(texts) = raw {
        let text: String = texts[wrong].chars().take(150).collect();
        recorder.value("path/text", text);
    }
    recorder.value("path/truth", AUTHORS[usize::from(passages.truth[wrong])]);
    recorder.value("path/answer", AUTHORS[usize::from(answers[wrong])]);
    let mut table = Table::new([
        "Asked about",
        "It has | fixed 2",
        "Compared with | fixed 2",
        "Passages that came here | int",
        "Austen | percent 0",
        "Melville | percent 0",
        "a president | percent 0",
    ]);
    for step in whole.path(passages.new.row(wrong)) {
        let shares = step.values.iter().map(|p| (*p).into());
        let head = [
            passages.described.name(step.feature, 0).into(),
            step.value.into(),
            step.threshold.into(),
            (step.samples as usize).into(),
        ];
        table.row(head.into_iter().chain(shares));
    }
    recorder.table("path", table);
    record_two_paths(recorder, passages, [&fit(first)?, &fit(second)?])
}

/// Two trees of two halves of the passages: where they answer alike, do they ask alike?
fn record_two_paths(
    recorder: &mut Recorder,
    passages: &Passages,
    trees: [&FittedTree; 2],
) -> anyhow::Result<()> {
    let new = Inputs::Reals(passages.new.view());
    let [a, b] = [trees[0].predict(new)?, trees[1].predict(new)?];
    let alike: Vec<usize> = (0..a.len()).filter(|i| a[*i] == b[*i]).collect();
    let asked = |tree: &FittedTree, i: usize| {
        let steps = tree.path(passages.new.row(i));
        let mut features: Vec<usize> = steps.iter().map(|step| step.feature).collect();
        features.sort_unstable();
        features.dedup();
        features
    };
    let overlap = |i: &usize| {
        let [one, other] = trees.map(|tree| asked(tree, *i));
        let both = one.iter().filter(|j| other.contains(j)).count();
        both as f64 / (one.len() + other.len() - both).max(1) as f64
    };
    recorder.value("path/alike", alike.len() as f64 / a.len() as f64);
    recorder.value("path/overlap", mean(&alike.iter().map(overlap).collect::<Vec<_>>()));
    Ok(())
}
