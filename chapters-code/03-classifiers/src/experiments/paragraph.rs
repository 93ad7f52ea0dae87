//! Who wrote this paragraph? The same classifiers on prose, with and without passages of the tested works.

use std::collections::BTreeMap;

use learning::{Bootstrap, NearestMean, accuracy, correct};
use ndarray::Array2;
use notebook::{Recorder, Rng, Table};
use rand::seq::SliceRandom as _;

use super::CONTENDERS;
use crate::text::{self, FILE, Passage, Trigrams, Work, library, passages, tested_from};
use crate::trees::{FittedForest, GradientBoosting, RandomForest};
use crate::{Classifier as _, Fit as _, Inputs};

/// Letters of a passage, at least.
const LETTERS: usize = 600;
/// Letters of the passages in the curve.
const LENGTHS: [usize; 5] = [75, 150, 300, 600, 1200];
/// Trigrams that are counted.
const TRIGRAMS: usize = 1_000;
/// Passages of a class to learn from and to be tested on, at most.
const MOST: [usize; 2] = [600, 300];

/// The rules that are asked, the forest last.
const RULES: [&str; 3] = ["nearest-mean", "boosting", "forest"];

/// What a passage is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Question {
    Author,
    Era,
}

/// The classes of a question.
fn classes(question: Question) -> &'static [&'static str] {
    match question {
        Question::Author => &text::AUTHORS,
        Question::Era => &["to 1860", "1861 to 1913", "1914 to 1960", "from 1961"],
    }
}

/// The class of a work, where the question can be asked about it.
fn class(question: Question, work: &Work) -> Option<u8> {
    let author = text::author(work);
    match question {
        Question::Author => Some(author),
        Question::Era if author < 2 => None,
        Question::Era => {
            Some([1861, 1914, 1961].iter().filter(|year| work.year >= **year).count() as u8)
        }
    }
}

/// Passages to learn from and to be tested on, with their classes.
#[derive(Default)]
struct Split<'a> {
    texts: [Vec<&'a str>; 2],
    labels: [Vec<u8>; 2],
}

/// Accuracy on the same passages, once learned from other works and once from these works too.
pub fn paragraph(recorder: &mut Recorder) -> anyhow::Result<()> {
    let works = library(&recorder.data(FILE))?;
    let mut rng = recorder.rng();
    count(recorder, &works);
    let cut = passages(&works, LETTERS);
    samples(recorder, &works, &cut);
    let mut columns = Vec::new();
    for (name, question) in [("author", Question::Author), ("era", Question::Era)] {
        let splits = splits(&works, &cut, question, &mut rng);
        let mut rights = Vec::new();
        for (kind, split) in ["others", "same"].into_iter().zip(&splits) {
            let key = format!("{name}/{kind}");
            let (right, forest, trigrams) = judge(recorder, &key, split, &mut rng)?;
            columns.push(contenders(split, &forest, &trigrams)?);
            rights.push(right);
            if (name, kind) == ("author", "others") {
                telling(recorder, split, &forest, &trigrams);
            }
        }
        for (place, rule) in RULES.iter().enumerate() {
            let [others, same] = [&rights[0][place], &rights[1][place]];
            let leak = Bootstrap::default().paired(same, others, &mut rng);
            recorder.estimate(&format!("{name}/leak/{rule}"), leak);
            if (name, *rule) == ("era", "boosting") {
                recorder
                    .claim("leak", "Boosting dates passages right more often once it has learned from other passages of the same presidents.")
                    .above(leak, 0.0);
            }
        }
    }
    let mut table = Table::new([
        "Model",
        "Author, other works | percent 1",
        "Author, the same works too | percent 1",
        "Era, other presidents | percent 1",
        "Era, the same presidents too | percent 1",
    ]);
    for (row, model) in CONTENDERS.iter().enumerate() {
        let cells = columns.iter().map(|column| column[row].into());
        table.row(std::iter::once(model.name.into()).chain(cells));
    }
    recorder.table("models", table);
    lengths(recorder, &works, &mut rng)
}

/// The accuracy of each model of the ladder, with its settings there; the forest is the one that was fitted.
fn contenders(
    split: &Split<'_>,
    forest: &FittedForest,
    trigrams: &Trigrams,
) -> anyhow::Result<Vec<f64>> {
    let [x, new] = [0, 1].map(|side| trigrams.frequencies(&split.texts[side]));
    let (x, new, [y, truth]) = (Inputs::Reals(x.view()), Inputs::Reals(new.view()), &split.labels);
    let one = |model: &super::Contender| -> anyhow::Result<f64> {
        let answers = match model.key {
            "forest" => forest.predict(new)?,
            _ => (model.fit)(x, y)?.predict(new)?,
        };
        Ok(accuracy(truth, &answers))
    };
    CONTENDERS.iter().map(one).collect()
}

/// What is in the file.
fn count(recorder: &mut Recorder, works: &[Work]) {
    let mut table = Table::new(["Author", "Works | int", "Characters | int"]);
    for (label, author) in classes(Question::Author).iter().enumerate() {
        let theirs = works.iter().filter(|work| class(Question::Author, work) == Some(label as u8));
        let characters: usize = theirs.clone().map(|work| work.text.chars().count()).sum();
        table.row([(*author).into(), theirs.count().into(), characters.into()]);
    }
    recorder.table("works", table);
    recorder.value("works", works.len());
    recorder.value("letters", LETTERS);
    recorder.value("trigrams", TRIGRAMS);
}

/// Two training sets of one size, with the same test passages: of two novels, of the last third of Moby-Dick,
/// which is one work, and of every third president.
///
/// The first has passages of other works only. The second is drawn from all passages that are not tested, as
/// a split by passage does it. Each class has as many passages as the smallest.
fn splits<'a>(
    works: &[Work],
    cut: &'a [Passage],
    question: Question,
    rng: &mut Rng,
) -> [Split<'a>; 2] {
    let from = tested_from(works, cut);
    let mut pools: BTreeMap<u8, [Vec<&'a str>; 2]> = BTreeMap::new();
    let mut shuffled: Vec<&Passage> = cut.iter().collect();
    shuffled.shuffle(rng);
    for passage in shuffled {
        if let Some(class) = class(question, &works[passage.work]) {
            let tested = usize::from(passage.place >= from[passage.work]);
            pools.entry(class).or_default()[tested].push(&passage.text);
        }
    }
    let fewest = |of: fn(&[Vec<&str>; 2]) -> usize| pools.values().map(of).min().unwrap_or(0);
    let train = fewest(|pools| pools[0].len()).min(MOST[0]);
    let test = fewest(|pools| pools[1].len() / 2).min(MOST[1]);
    let mut splits = [Split::default(), Split::default()];
    for (class, [others, mut same]) in pools {
        let tested: Vec<&str> = same.drain(..test).collect();
        same.extend(&others);
        same.shuffle(rng);
        for (split, pool) in splits.iter_mut().zip([&others, &same]) {
            split.texts[0].extend(&pool[..train]);
            split.texts[1].extend(&tested);
            split.labels[0].resize(split.texts[0].len(), class);
            split.labels[1].resize(split.texts[1].len(), class);
        }
    }
    splits
}

/// The rules on a split: which test passages each has right, the forest, and what it counts.
fn judge(
    recorder: &mut Recorder,
    name: &str,
    split: &Split<'_>,
    rng: &mut Rng,
) -> anyhow::Result<(Vec<Vec<f64>>, FittedForest, Trigrams)> {
    let trigrams = Trigrams::most_frequent(split.texts[0].iter().copied(), TRIGRAMS);
    let [x, new] = [0, 1].map(|side| trigrams.frequencies(&split.texts[side]));
    let [y, truth] = &split.labels;
    recorder.value(&format!("{name}/train"), y.len());
    recorder.value(&format!("{name}/test"), truth.len());
    let forest =
        RandomForest { seed: 1, ..RandomForest::default() }.fit(Inputs::Reals(x.view()), y)?;
    let boosting = GradientBoosting { rounds: 50, ..GradientBoosting::default() };
    let boosting = boosting.fit(Inputs::Reals(x.view()), y)?;
    let answers = [
        NearestMean::fit(x.view(), y).predict(new.view()),
        boosting.predict(Inputs::Reals(new.view()))?,
        forest.predict(Inputs::Reals(new.view()))?,
    ];
    let rights = answers.map(|answer| correct(truth, &answer));
    for (rule, right) in RULES.iter().zip(&rights) {
        let accuracy = Bootstrap::default().mean(right, rng);
        recorder.estimate(&format!("{name}/{rule}"), accuracy);
    }
    Ok((rights.to_vec(), forest, trigrams))
}

/// The beginning of a tested passage of each class: the third that is tested, of the first work.
fn samples(recorder: &mut Recorder, works: &[Work], cut: &[Passage]) {
    let from = tested_from(works, cut);
    for (label, name) in ["austen", "melville", "president"].iter().enumerate() {
        let third = cut.iter().find(|passage| {
            class(Question::Author, &works[passage.work]) == Some(label as u8)
                && passage.place >= from[passage.work].saturating_add(2)
        });
        let text = third.map_or("", |passage| passage.text.as_str());
        let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= 160);
        let cut = end.last().and_then(|end| text[..end].rfind(' ')).unwrap_or(0);
        recorder.value(&format!("sample/{name}"), &text[..cut]);
    }
}

/// The trigrams that the forest's questions gained most by, and how often each class has them.
fn telling(recorder: &mut Recorder, split: &Split<'_>, forest: &FittedForest, trigrams: &Trigrams) {
    let x = trigrams.frequencies(&split.texts[0]);
    let importance = forest.importance();
    let mut order: Vec<usize> = (0..importance.len()).collect();
    order.sort_by(|a, b| importance[*b].total_cmp(&importance[*a]));
    let names = classes(Question::Author);
    let heads = names.iter().map(|name| format!("{name} | fixed 2"));
    let mut table =
        Table::new(["Trigram".to_owned(), "Share | percent 1".to_owned()].into_iter().chain(heads));
    for &column in order.iter().take(8) {
        let mean = |class: usize| frequency(&x, &split.labels[0], class as u8, column);
        let means = (0..names.len()).map(|class| mean(class).into());
        let head = [trigrams.name(column).into(), importance[column].into()];
        table.row(head.into_iter().chain(means));
    }
    recorder.table("telling", table);
}

/// The mean frequency of a trigram in the passages of a class.
fn frequency(x: &Array2<f32>, labels: &[u8], class: u8, column: usize) -> f64 {
    let theirs = labels.iter().zip(x.column(column)).filter(|(label, _)| **label == class);
    let (n, sum) = theirs.fold((0.0, 0.0), |(n, sum), (_, x)| (n + 1.0, sum + f64::from(*x)));
    sum / f64::max(n, 1.0)
}

/// How many letters does an answer take? The forest, learned from other works.
fn lengths(recorder: &mut Recorder, works: &[Work], rng: &mut Rng) -> anyhow::Result<()> {
    let mut found = Vec::new();
    for letters in LENGTHS {
        let cut = passages(works, letters);
        let [split, _] = splits(works, &cut, Question::Author, rng);
        let trigrams = Trigrams::most_frequent(split.texts[0].iter().copied(), TRIGRAMS);
        let [x, new] = [0, 1].map(|side| trigrams.frequencies(&split.texts[side]));
        let forest = RandomForest { seed: 1, ..RandomForest::default() };
        let forest = forest.fit(Inputs::Reals(x.view()), &split.labels[0])?;
        let right = correct(&split.labels[1], &forest.predict(Inputs::Reals(new.view()))?);
        found.push(Bootstrap::default().mean(&right, rng));
    }
    recorder
        .series("lengths", "Letters of a passage", LENGTHS.map(|letters| letters as f64))
        .banded("forest, other works", found.iter().map(|found| found.band()));
    recorder.estimate("lengths/shortest", found[0]);
    recorder.estimate("lengths/longest", found[LENGTHS.len() - 1]);
    recorder
        .claim("longer-is-surer", "Longer passages are told apart more often, at each step.")
        .all(
            found.windows(2).filter(|pair| pair[0].estimate < pair[1].estimate).count(),
            LENGTHS.len() - 1,
            "steps",
        );
    Ok(())
}
