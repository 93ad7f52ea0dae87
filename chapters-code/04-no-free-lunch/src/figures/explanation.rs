//! What explanations say: importance of copies and of noise, a dependence, ten errors.

use learning::fashion::SIDE;
use notebook::figure::{Axis, Bar, BarChart, ImageGrid, LineChart, Tile};
use notebook::{Chapter, Figure, Format, Recorded};

use crate::experiments::WORST;

/// Tiles in a line of the picture of errors.
const LINE: usize = 5;

/// Adds the figures.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("copies", copies)
        .figure("noise", noise)
        .figure("dependence", dependence)
        .figure("worst", worst)
}

/// What a feature is worth when it stands there several times.
fn copies(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("letters")?;
    let points = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Points(1).apply_interval(&results.value(key)?)?)
    };
    Ok(LineChart::new(
        "One feature, and copies of it",
        Axis::count("Copies of the feature"),
        Axis::linear("Accuracy lost when it is shuffled").format(Format::Points(0)),
    )
    .series(results.series("copies")?)
    .draw()?
    .caption(format!(
        "Permutation importance of {} beside copies of itself. Shuffling it alone costs the forest {} without a copy and {} beside one; shuffling both together \
         costs {}. Nothing about the authors has changed.",
        results.text("top")?,
        points("forest/alone")?,
        points("forest/copied")?,
        points("forest/together")?,
    ))
    .description(format!(
        "Four curves over no to four copies. For one of them shuffled the forest falls from {} to {} and softmax regression from {} to {}. For all shuffled together both stay above that.",
        points("forest/alone")?,
        points("forest/most-copied")?,
        points("softmax/alone")?,
        points("softmax/most-copied")?,
    )))
}

/// The gains of noise.
fn noise(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("letters")?;
    let rows = [
        ("a coin", "coin"),
        ("a die", "die"),
        ("a number", "number"),
        ("the first feature, shuffled", "shuffled"),
    ];
    let axis = Axis::share("Share of what all questions gained").from_zero();
    let mut chart =
        BarChart::new("What noise is worth by its gains", axis).values(Format::Percent(2));
    let mut said = Vec::new();
    for (name, key) in rows {
        let key = format!("noise/{key}/gain");
        let (low, high) = results.value(&key)?.interval.unwrap_or_default();
        let gain = results.number(&key)?;
        said.push(format!("{name} {}", Format::Percent(2).number(gain)));
        chart = chart.bar(name, Bar::new(gain).interval(low, high));
    }
    let shuffled = Format::Points(2).apply_interval(&results.value("noise/number/shuffled")?)?;
    Ok(chart
        .draw()?
        .caption(format!(
            "Columns drawn by lot beside {} features of letters. To the forest's gains a number is worth more than a coin, and more than {} of the letters. \
             Shuffled among test passages it costs {shuffled}.",
            Format::Int.number(results.number("features")?),
            Format::Int.number(results.number("noise/outranked")?),
        ))
        .description(format!("Four bars with intervals: {}.", said.join(", "))))
}

/// Probabilities by the first feature.
fn dependence(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("letters")?;
    let points = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Points(0).number(results.number(key)?))
    };
    let series = results.series("dependence")?;
    let ends = series.y.iter().map(|curve| {
        let at = |value: Option<&f64>| Format::Percent(0).number(value.copied().unwrap_or(0.0));
        format!("{} from {} to {}", curve.name, at(curve.values.first()), at(curve.values.last()))
    });
    let ends = ends.collect::<Vec<_>>().join(", ");
    Ok(LineChart::new(
        "Partial dependence on one feature",
        Axis::linear("The feature, in deviations from its mean"),
        Axis::share("Mean probability"),
    )
    .series(series)
    .markers(false)
    .draw()?
    .caption(format!(
        "Every test passage is given the same value of {}, and the forest's probabilities are averaged. The one that follows the feature most moves by {}; \
         beside a copy of the feature, by {}.",
        results.text("top")?,
        points("dependence/alone")?,
        points("dependence/copied")?,
    ))
    .description(format!("Three curves over the range of the feature: {ends}.")))
}

/// Ten errors, and what spoke for them.
fn worst(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("why")?;
    let tile =
        |key: String| -> anyhow::Result<Tile> { Ok(Tile::from_hex(SIDE, &results.text(&key)?)?) };
    let class = |place: usize, what: &str| -> anyhow::Result<String> {
        Ok(results.text(&format!("worst/{place}/{what}"))?.to_lowercase())
    };
    let mut grid = ImageGrid::new("Ten errors, and why");
    let mut said = Vec::new();
    for first in (0..WORST).step_by(LINE) {
        let (mut asked, mut why) = (Vec::new(), Vec::new());
        for place in first..(first + LINE).min(WORST) {
            let (truth, answer) = (class(place, "truth")?, class(place, "answer")?);
            said.push(format!("{truth} taken for {answer}"));
            asked.push(tile(format!("worst/{place}"))?.caption(truth));
            why.push(tile(format!("worst/{place}/why"))?.caption(answer));
        }
        grid = grid.row("is", asked).row("taken for", why);
    }
    Ok(grid
        .draw()?
        .caption(format!(
            "The errors of softmax regression on pixels of which it was surest, each with more than {}. Below each garment: white pixels spoke for the answer against the truth, black \
             ones for the truth against the answer, grey ones for neither. A random forest says the same of {} of the {WORST}.",
            Format::Percent(0).number((100.0 * results.number("worst/least")?).floor() / 100.0),
            Format::Int.number(results.number("worst/forest-says-so")?),
        ))
        .description(format!(
            "Ten small pictures of garments, and below each a grey picture with white and black patches where pixels spoke for the answer or against it. In order: {}.",
            said.join(", "),
        )))
}
