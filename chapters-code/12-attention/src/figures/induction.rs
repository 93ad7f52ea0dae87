//! A head that copies: how it works, when it forms, where it looks.

use notebook::figure::schematic::{Edge, Frame, Meaning, Node, Schematic, Words};
use notebook::figure::{Axis, BarChart, HeatMap, LineChart};
use notebook::{Chapter, Figure, Format, Recorded};

use super::recorded::{amount, number};
use crate::experiments::induction::CHANGES;
use crate::experiments::induction::hand::SEQUENCE;
use crate::experiments::induction::training::SEEDS;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("copier", copier)
        .figure("copier-loss", loss)
        .figure("copier-scores", scores)
        .figure("copier-first", first)
        .figure("copier-second", second)
        .figure("copier-changed", changed)
}

/// Two layers that copy a word, on five tokens.
fn copier(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("induction")?;
    let figure = Schematic::new("Two layers copy a word", (17.0, 9.2)).narrow((9.4, 11.0));
    let figure = figure.draw(|sheet| {
        let x = |i: usize| sheet.pick(1.9, 1.0) + sheet.pick(3.3, 1.85) * i as f64;
        let (low, middle) = (sheet.pick(8.2, 10.0), sheet.pick(4.6, 5.4));
        let size = sheet.pick((2.3, 1.4), (1.65, 1.6));
        let words: Vec<Node> = SEQUENCE
            .iter()
            .enumerate()
            .map(|(i, word)| Node::new((x(i), low), *word).square())
            .collect();
        let held: Vec<Frame> = SEQUENCE
            .iter()
            .enumerate()
            .map(|(i, word)| {
                let at = (x(i) - size.0 / 2.0, middle - size.1 / 2.0);
                let before = SEQUENCE[i.saturating_sub(1)];
                Frame::new(at, size, *word).note(format!("after {before}"))
            })
            .collect();
        let said = sheet.pick((13.2, 0.5), (6.7, 0.6));
        let said = Frame::new(said, sheet.pick((3.5, 1.5), (2.6, 1.7)), SEQUENCE[2])
            .note(format!("came after {}", SEQUENCE[4]))
            .meaning(Meaning::Focus);
        for i in 0..SEQUENCE.len() {
            sheet.add(Edge::new(&words[i], &held[i]).meaning(Meaning::Quiet));
            if i > 0 {
                sheet.add(Edge::new(&words[i - 1], &held[i]).meaning(Meaning::Value));
            }
        }
        sheet.add(Edge::new(&held[2], &said).meaning(Meaning::Focus));
        sheet.add(Edge::new(&held[4], &said).meaning(Meaning::Quiet));
        sheet.all(words);
        sheet.all(held);
        sheet.add(said);
        let title = |y: f64, text: &str| Words::new((sheet.pick(0.3, 0.2), y), text).small();
        let titles = [
            title(sheet.pick(1.2, 1.2), "second layer: who comes after A?"),
            title(middle - sheet.pick(1.3, 1.4), "first layer: the word before"),
        ];
        sheet.all(titles);
    })?;
    let percent = |key: &str| number(&results, key, Format::Percent(0));
    Ok(figure
        .caption(format!(
            "At the foot the five tokens. In the first layer each looks at the one before, and holds its word beside its own. In the second the last token looks for a place that holds \"after A\", finds B, and says B. With the heads made by hand, the first gives B's place a weight of {} on A, and the second gives B's place {}.",
            percent("hand/first/3/2")?,
            percent("hand/second/5/3")?,
        ))
        .description("Five squares in a row for S, A, B, C and A. Above each stands a box with its letter and the letter before, with arrows from the square below and from the one to its left. From the boxes of B and of the last A arrows lead to a box at the top that says B."))
}

fn loss(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("induction")?;
    let fixed = |key: &str| number(&results, key, Format::Fixed(2));
    let guess = results.number("guess")?;
    Ok(LineChart::new(
        "Loss where the next word can be known",
        Axis::linear("Steps").format(Format::Int),
        Axis::linear("Loss").format(Format::Fixed(1)).from_zero(),
    )
    .series(results.series("loss")?)
    .markers(false)
    .reference(guess, "guessing")
    .draw()?
    .caption(format!(
        "Two layers with {} parameters, each seed by itself, and one layer with {}, as a band over {} seeds. At the end two layers are at {}, one layer is at {}; a guess among all words has {}.",
        number(&results, "two/parameters", Format::Int)?,
        number(&results, "one/parameters", Format::Int)?,
        number(&results, "seeds", Format::Int)?,
        fixed("two/answered")?,
        fixed("one/answered")?,
        fixed("guess")?,
    ))
    .description(format!(
        "Curves over {} steps. Those of two layers are level at first, then fall steeply, by up to {}, {} and {} within {} steps. The one of one layer stays high.",
        number(&results, "steps", Format::Int)?,
        fixed(&format!("cliff/{}/fall", SEEDS[0]))?,
        fixed(&format!("cliff/{}/fall", SEEDS[1]))?,
        fixed(&format!("cliff/{}/fall", SEEDS[2]))?,
        Format::Int.number(5.0 * results.number("every")?),
    )))
}

fn scores(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("induction")?;
    let step = |key: &str| number(&results, &format!("cliff/{}/{key}", SEEDS[0]), Format::Int);
    let (prefix, found) = (step("prefix")?, step("found")?);
    let end = |key: &str| number(&results, &format!("end/{}/{key}", SEEDS[0]), Format::Percent(0));
    Ok(LineChart::new(
        "Where two layers look, and what they find",
        Axis::linear("Steps").format(Format::Int),
        Axis::share("Weight, or share of words").range(0.0, 1.0),
    )
    .series(results.series("scores")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "One seed. The weight of the second layer on the word after an earlier occurrence passes a half at step {prefix}, the share of words found at {found}. At the end the first layer gives {} to the word before and {} to the same word, where it stood before.",
        end("previous")?,
        end("same")?,
    ))
    .description(format!(
        "Four curves over {} steps. Two of them rise steeply and pass a half at steps {prefix} and {found}; those of the first layer end at {} and {}.",
        number(&results, "steps", Format::Int)?,
        end("previous")?,
        end("same")?,
    )))
}

/// The map of one layer, with a letter for each word.
fn map(recorded: &Recorded<'_>, layer: &str, title: &str) -> anyhow::Result<HeatMap> {
    let results = recorded.experiment("induction")?;
    let table = results.table(&format!("shown/{layer}"))?;
    let period = results.number("shown/period")? as usize;
    let letter = |t: usize| char::from(b'A' + (t % period.max(1)) as u8).to_string();
    let columns = table.columns.iter().map(|column| table.numbers(&column.name));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let tokens = columns.len();
    let mut map = HeatMap::new(title, "Weight", Format::Fixed(1)).columns((0..tokens).map(letter));
    for i in 0..tokens {
        let cell = |(j, column): (usize, &Vec<f64>)| (j <= i).then(|| column[i]);
        map = map.row(letter(i), columns.iter().enumerate().map(cell));
    }
    Ok(map.range(0.0, 1.0))
}

fn first(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("induction")?;
    Ok(map(recorded, "first", "The first layer looks at the same word")?
        .draw()?
        .caption(format!(
            "Weights of the first layer on a sequence of {} words that comes twice. Each word has a letter; a row looks at its columns. While the words are new, each looks at itself. When they come again, most of the weight goes to where the same word stood. Over all sequences these places have {} of the weight.",
            number(&results, "shown/period", Format::Int)?,
            number(&results, "two/same", Format::Percent(0))?,
        ))
        .description("A table below whose diagonal weights stand. In the upper half the diagonal has nearly all the weight. In the lower half a line parallel to it has the largest weights, at the same letters of the first half."))
}

fn second(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("induction")?;
    Ok(map(recorded, "second", "The second layer looks at the word after")?
        .draw()?
        .caption(format!(
            "Weights of the second layer on the same sequence. When the words come again, each looks at the word that followed it the first time: A at B, B at C. Over all sequences, such words have {} of the weight.",
            number(&results, "two/prefix", Format::Percent(0))?,
        ))
        .description("A table below whose diagonal weights stand. In the upper half most rows look at the first word. In the lower half the large weights form a line parallel to the diagonal, one place to the right of where the same word stood before."))
}

fn changed(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("induction")?;
    let fixed = |key: &str| number(&results, &format!("changed/{key}/answered"), Format::Fixed(2));
    let mut chart = BarChart::new(
        "Two layers with other maps",
        Axis::linear("Loss where the next word can be known").format(Format::Fixed(1)).from_zero(),
    )
    .values(Format::Fixed(2))
    .reference(results.number("guess")?, "guessing");
    for (key, name) in CHANGES {
        chart = chart.bar(name, amount(&results, &format!("changed/{key}/answered"))?);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Trained networks, asked with one map replaced and all else as it was; {} seeds. As trained they have a loss of {}; with even weights in the first layer {}; with one that only looks at the word before {}; with one that only looks at the same word {}.",
            number(&results, "seeds", Format::Int)?,
            fixed("whole")?,
            fixed("first-uniform")?,
            fixed("first-previous")?,
            fixed("first-same")?,
        ))
        .description(format!(
            "Five bars with whiskers: {}, {}, {}, {} and {}. An upright line marks guessing.",
            fixed("whole")?,
            fixed("first-uniform")?,
            fixed("second-uniform")?,
            fixed("first-previous")?,
            fixed("first-same")?,
        )))
}
