//! What the sections on trees and on prose draw, from recorded results only.

use notebook::figure::schematic::{Edge, Frame, Meaning, Plane, Schematic, Side};
use notebook::figure::{Axis, Bar, BarChart, ImageGrid, LineChart, Tile};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use learning::fashion::{PIXELS, SIDE};

/// What stays free above and below the curve of the impurity.
const MARGIN: f64 = 0.02;

/// Adds them, and what is timed.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("six", six)
        .figure("first-questions", first_questions)
        .figure("impurity", impurity)
        .figure("depth", depth)
        .figure("forest", forest)
        .figure("bias", bias)
        .figure("importance", importance)
        .figure("boosting", boosting)
        .figure("paragraph", paragraph)
        .figure("lengths", lengths)
        .bench("trees")
}

fn percent(results: &Results, key: &str) -> anyhow::Result<String> {
    Ok(Format::Percent(1).number(results.number(key)?))
}

/// What a curve begins and ends with.
fn ends(
    results: &Results,
    series: &str,
    curve: &str,
    format: Format,
) -> anyhow::Result<[String; 2]> {
    let values = &results.series(series)?.get(curve)?.values;
    let at = |value: Option<&f64>| value.map_or_else(String::new, |value| format.number(*value));
    Ok([at(values.first()), at(values.last())])
}

/// Six samples in the plane, and the two cuts of their tree.
fn six(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("tree")?;
    let numbers =
        |name: &str| results.table("six/samples")?.numbers(name).map_err(anyhow::Error::from);
    let (x, y, class) = (numbers("x₁")?, numbers("x₂")?, numbers("Class")?);
    let cuts = [results.number("six/first")?, results.number("six/second")?];
    let figure =
        Schematic::new("Six samples and the cuts of their tree", (9.0, 6.2)).draw(|sheet| {
            let wide = sheet.size().0 - 2.0;
            let mut plane = Plane::new((1.2, 0.4), (wide, 4.8), (0.5, 6.5), (0.5, 6.5))
                .axes("x₁", "x₂")
                .ticks((1..=6).map(f64::from), (1..=6).map(f64::from));
            for i in 0..x.len() {
                let group = class[i] as usize;
                plane = plane.point((x[i], y[i]), group, ["A", "B"][group.min(1)], Side::Right);
            }
            plane = plane.curve([(cuts[0], 0.5), (cuts[0], 6.5)], Meaning::Weight);
            plane = plane.curve([(cuts[0], cuts[1]), (6.5, cuts[1])], Meaning::Gradient);
            sheet.add(plane);
        })?;
    let [first, second] = cuts.map(|cut| Format::Fixed(1).number(cut));
    Ok(figure
        .caption(format!(
            "The first question, x₁ ≤ {first}, leaves one sample of class A among those of class B. The second, x₂ ≤ {second}, is asked on the right side only."
        ))
        .description(format!(
            "{} points in a plane, marked A or B. A vertical line at {first} has three of class A on its left. On its right a horizontal line at {second} parts the remaining A from two of class B.",
            x.len()
        )))
}

/// The first three questions about a garment.
fn first_questions(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("tree")?;
    let asked = results.table("first/questions")?;
    let column = |name: &str| asked.numbers(name);
    let (node, row, place) = (column("Node")?, column("Row")?, column("Column")?);
    let (threshold, garments) = (column("Threshold")?, column("Garments")?);
    let leaves = results.table("first/answers")?;
    let (names, shares) = (leaves.texts("Likeliest")?, leaves.numbers("Share")?);
    let question = |i: usize| {
        let number = Format::Plain.number(threshold[i]);
        format!("pixel ({}, {}) ≤ {number}", row[i], place[i])
    };
    let figure = Schematic::new("The first questions about a garment", (12.0, 6.4))
        .narrow((7.6, 7.4))
        .draw(|sheet| {
            let width = sheet.size().0;
            let (box_wide, leaf_wide) = sheet.pick((3.6, 2.6), (3.5, 1.75));
            let note = |i: usize| format!("{} garments", Format::Int.number(garments[i]));
            let at = |share: f64, wide: f64, y: f64| (share * width - wide / 2.0, y);
            let root =
                Frame::new(at(0.5, box_wide, 0.2), (box_wide, 1.2), question(0)).note(note(0));
            let sides: Vec<Frame> = (1..node.len().min(3))
                .map(|i| {
                    let share = [0.25, 0.75][i - 1];
                    Frame::new(at(share, box_wide, 2.6), (box_wide, 1.2), question(i)).note(note(i))
                })
                .collect();
            for (side, word) in sides.iter().zip(["yes", "no"]) {
                sheet.add(Edge::new(&root, side).above(word));
            }
            for (leaf, name) in names.iter().enumerate().take(2 * sides.len()) {
                let share = Format::Percent(0).number(shares[leaf]);
                let to = at(0.125 + 0.25 * leaf as f64, leaf_wide, 5.0);
                let leaf_box = Frame::new(to, (leaf_wide, 1.2), name.clone())
                    .note(share)
                    .meaning(Meaning::Value);
                sheet.add(Edge::new(&sides[leaf / 2], &leaf_box));
                sheet.add(leaf_box);
            }
            sheet.add(root);
            sheet.all(sides);
        })?;
    Ok(figure
        .caption(format!(
            "Two questions. Each box of the last row names the likeliest class there and its share; an arrow to the left is yes. The first question is about the pixel in row {}, column {}.",
            row[0], place[0]
        ))
        .description(format!(
            "A box with the question {} leads to two boxes with further questions, and these to four boxes with the classes {}.",
            question(0),
            names.join(", ")
        )))
}

/// The impurity of both sides against the threshold, for the root's pixel.
fn impurity(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("tree")?;
    let [before, after, threshold] =
        ["before", "after", "threshold"].map(|key| results.number(&format!("first/{key}")));
    let (before, after, threshold) = (before?, after?, threshold?);
    Ok(LineChart::new(
        "What a cut leaves of the impurity",
        Axis::linear("Threshold of the pixel").format(Format::Int),
        Axis::linear("Gini impurity of both sides").range(after - MARGIN, before + MARGIN),
    )
    .series(results.series("first/impurity")?)
    .reference(before, "before the cut")
    .markers(false)
    .draw()?
    .caption(format!(
        "Every cut of the root's pixel lowers the impurity, most of all the one at {}: from {} to {}.",
        Format::Plain.number(threshold),
        Format::Fixed(3).number(before),
        Format::Fixed(3).number(after)
    ))
    .description(format!(
        "A curve over all thresholds of a pixel, below a level line at {}. Its lowest point, {}, is at the threshold {}.",
        Format::Fixed(3).number(before),
        Format::Fixed(3).number(after),
        Format::Plain.number(threshold)
    )))
}

/// Training and test accuracy against depth.
fn depth(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("tree")?;
    let best = Format::Int.number(results.number("best/depth")?);
    let end = |curve: &str| ends(&results, "depth", curve, Format::Percent(1)).map(|[_, end]| end);
    Ok(LineChart::new(
        "A tree's accuracy by its depth",
        Axis::log("Most questions above a leaf").format(Format::Int),
        Axis::share("Share of garments right"),
    )
    .series(results.series("depth")?)
    .draw()?
    .caption(format!(
        "On garments that it learned from, a deeper tree is right more often. On test garments the tree of depth {best} is the best of these, at {}.",
        percent(&results, "best/test")?
    ))
    .description(format!(
        "Two curves over the depth. That of the training garments ends at {}; that of the test garments is highest at {best}, and ends at {}.",
        end("training garments")?,
        end("test garments")?,
    )))
}

/// Error against the number of trees.
fn forest(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("forest")?;
    let [test, bag] = ["test garments", "out of the bag"]
        .map(|curve| ends(&results, "error", curve, Format::Percent(1)));
    let (test, bag) = (test?, bag?);
    Ok(LineChart::new(
        "A forest's error by its trees",
        Axis::log("Trees").format(Format::Int),
        Axis::share("Share of garments wrong"),
    )
    .series(results.series("error")?)
    .draw()?
    .caption(format!(
        "On test garments one tree is wrong for {}, ten for {}, a hundred for {}. Out of the bag, on training garments, a hundred are wrong for {}.",
        percent(&results, "one/test")?,
        percent(&results, "ten/test")?,
        percent(&results, "hundred/test")?,
        percent(&results, "hundred/out-of-bag")?
    ))
    .description(format!(
        "Two curves with bands over the number of trees, on a logarithmic axis: on test garments from {} to {}, out of the bag from {} to {}.",
        test[0], test[1], bag[0], bag[1],
    )))
}

/// The parts of the squared error of a tree and of a forest.
fn bias(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("bias")?;
    let number = |key: &str| -> anyhow::Result<f64> { Ok(results.number(key)?) };
    let mut chart = BarChart::new("Bias and variance", Axis::linear("Squared error").from_zero())
        .groups(["squared bias", "variance"])
        .values(Format::Fixed(3));
    for (name, key) in [("one tree", "tree"), ("forest of a hundred", "forest")] {
        let bar = |part: &str| -> anyhow::Result<Bar> {
            let value = results.value(&format!("{key}/{part}"))?;
            let (low, high) = value.interval.unwrap_or((f64::NAN, f64::NAN));
            Ok(Bar::new(number(&format!("{key}/{part}"))?).interval(low, high))
        };
        chart = chart.row(name, [bar("bias")?, bar("variance")?]);
    }
    let part = |key: &str| -> anyhow::Result<String> { Ok(Format::Fixed(3).number(number(key)?)) };
    Ok(chart
        .draw()?
        .caption(format!(
            "Means over the test garments, from {} training sets of {} garments each. From a tree to a forest the variance goes from {} to {}, the squared bias from {} to {}.",
            Format::Int.number(number("sets")?),
            Format::Int.number(number("garments")?),
            part("tree/variance")?,
            part("forest/variance")?,
            part("tree/bias")?,
            part("forest/bias")?,
        ))
        .description(format!(
            "Two pairs of bars: of a tree, squared bias {} and variance {}; of a forest, {} and {}.",
            part("tree/bias")?,
            part("tree/variance")?,
            part("forest/bias")?,
            part("forest/variance")?,
        )))
}

/// What each pixel gained in the forest's questions.
fn importance(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("forest")?;
    let levels = results.text("importance")?;
    let tile = Tile::from_hex(SIDE, &levels)?;
    let half = Format::Int.number(results.number("importance/half")?);
    let levels: Vec<f64> = (0..PIXELS)
        .map(|i| u8::from_str_radix(&levels[2 * i..2 * i + 2], 16).map(f64::from))
        .collect::<Result<_, _>>()?;
    let brightest = (0..PIXELS).fold(0, |best, i| if levels[i] > levels[best] { i } else { best });
    let most = levels[brightest];
    let corners = [0, SIDE - 1, PIXELS - SIDE, PIXELS - 1].map(|i| levels[i]);
    let corners = corners.into_iter().fold(0.0, f64::max);
    Ok(ImageGrid::new("What pixels are worth to a forest")
        .row("", [tile.caption("share of the gain")])
        .draw()?
        .caption(format!(
            "The brighter a pixel, the more its questions gained, averaged over the trees. {half} of {PIXELS} pixels have half of all gain.",
        ))
        .description(format!(
            "A picture of the size of a garment. Its brightest pixel stands in row {}, column {}, counted from zero; the corner pixels have {} of its brightness or less.",
            brightest / SIDE,
            brightest % SIDE,
            Format::Percent(0).number(corners / most),
        )))
}

/// Loss of boosting against rounds.
fn boosting(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("boosting")?;
    let [train, test] = ["training garments", "test garments"]
        .map(|curve| ends(&results, "loss", curve, Format::Fixed(3)));
    let (train, test) = (train?, test?);
    Ok(LineChart::new(
        "The loss of boosted trees",
        Axis::log("Rounds").format(Format::Int),
        Axis::linear("Mean loss in nats").from_zero(),
    )
    .series(results.series("loss")?)
    .draw()?
    .caption(format!(
        "Each round lowers the loss of the garments that it learns from, to {} in the end; on test garments it is lowest after {} rounds, {}, and ends at {}.",
        Format::Fixed(3).number(results.number("loss/train")?),
        Format::Int.number(results.number("lowest/rounds")?),
        Format::Fixed(3).number(results.number("lowest/loss")?),
        Format::Fixed(3).number(results.number("loss/test")?)
    ))
    .description(format!(
        "Two curves over the rounds: of the training garments from {} to {}, of the test garments from {} to {}.",
        train[0], train[1], test[0], test[1],
    )))
}

/// Accuracy on prose, split in two ways.
fn paragraph(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("paragraph")?;
    let bar = |key: String| -> anyhow::Result<Bar> {
        let (low, high) = results.value(&key)?.interval.unwrap_or((f64::NAN, f64::NAN));
        Ok(Bar::new(results.number(&key)?).interval(low, high))
    };
    let axis = Axis::share("Share of test passages right");
    let mut told = Vec::new();
    let mut chart = BarChart::new("Two rules on prose", axis)
        .groups(["learned from other works", "from the same works too"])
        .values(Format::Percent(0));
    for (name, key, rule) in [
        ("Author, forest", "author", "forest"),
        ("Author, boosting", "author", "boosting"),
        ("Era, forest", "era", "forest"),
        ("Era, boosting", "era", "boosting"),
    ] {
        let [others, same] = ["others", "same"].map(|kind| bar(format!("{key}/{kind}/{rule}")));
        chart = chart.row(name, [others?, same?]);
        for kind in ["others", "same"] {
            told.push(percent(&results, &format!("{key}/{kind}/{rule}"))?);
        }
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "The passages that are tested are the same within a pair. Boosting dates {} of them after other presidents' addresses, and {} after those of the same presidents too.",
            percent(&results, "era/others/boosting")?,
            percent(&results, "era/same/boosting")?
        ))
        .description(format!(
            "Four pairs of bars with whiskers: the author by a forest, {} and {}, and by boosting, {} and {}; the era by a forest, {} and {}, and by boosting, {} and {}.",
            told[0], told[1], told[2], told[3], told[4], told[5], told[6], told[7],
        )))
}

/// Accuracy against the length of a passage.
fn lengths(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("paragraph")?;
    Ok(LineChart::new(
        "How many letters does an answer take?",
        Axis::log("Letters of a passage").format(Format::Int),
        Axis::share("Share of test passages right"),
    )
    .series(results.series("lengths")?)
    .draw()?
    .caption(format!(
        "With the shortest passages the forest is right for {}, with the longest for {}.",
        percent(&results, "lengths/shortest")?,
        percent(&results, "lengths/longest")?
    ))
    .description(format!(
        "A curve with a band over the length of the passages, on a logarithmic axis, from {} to {}.",
        percent(&results, "lengths/shortest")?,
        percent(&results, "lengths/longest")?,
    )))
}
