//! Single blocks taken out of trained stacks, several at once, and two exchanged. The drawings of it.

use notebook::figure::{Axis, BarChart, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results};

use super::depth::numbers::{interval, number};
use crate::experiments::lesions::WAYS;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("lesion-one", one)
        .figure("lesion-several", several)
        .figure("lesion-recounted", recounted)
        .figure("lesion-swapped", swapped)
}

/// Accuracies of both ways over the x of a series.
fn lines(results: &Results, key: &str, title: &str, x: &str) -> anyhow::Result<LineChart> {
    Ok(LineChart::new(
        title,
        Axis::linear(x).format(Format::Int),
        Axis::linear("Test garments found").format(Format::Percent(0)).range(0.0, 1.0),
    )
    .series(results.series(key)?)
    .reference(0.1, "guessing"))
}

fn percent(results: &Results, key: &str) -> anyhow::Result<String> {
    number(results, key, Format::Percent(1))
}

fn one(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("lesions")?;
    let (title, x) = ("One block taken out", "Block taken out, from the input");
    Ok(lines(&results, "without", title, x)?
        .draw()?
        .caption(format!(
            "Stacks of {} layers, trained as a whole and asked without one of their {} blocks. Whole, they find {} (plain) and {} (residual); with one block less, in the mean over blocks, {} and {}. The bands are intervals over seeds.",
            number(&results, "depth", Format::Int)?,
            number(&results, "blocks", Format::Int)?,
            percent(&results, "plain/whole")?,
            percent(&results, "residual/whole")?,
            percent(&results, "plain/one-less")?,
            percent(&results, "residual/one-less")?,
        ))
        .description(format!(
            "Two banded curves over the block that is taken out, and a level line for guessing. Means over blocks: {} for the plain stack, {} for the residual one.",
            percent(&results, "plain/one-less")?,
            percent(&results, "residual/one-less")?,
        )))
}

fn several(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("lesions")?;
    let (title, x) = ("Several blocks taken out", "Blocks taken out");
    Ok(lines(&results, "several", title, x)?
        .draw()?
        .caption(format!(
            "Blocks drawn by lot, {} times for each number. With three blocks less the residual stacks find {}, the plain ones {}.",
            number(&results, "draws", Format::Int)?,
            percent(&results, "residual/several/3")?,
            percent(&results, "plain/several/3")?,
        ))
        .description(format!(
            "Two banded curves over the number of blocks that are taken out. The residual one begins at {} with one block less, the plain one at {}.",
            percent(&results, "residual/several/1")?,
            percent(&results, "plain/several/1")?,
        )))
}

fn recounted(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("lesions")?;
    let mut chart = BarChart::new(
        "One block less, with old and with new statistics",
        Axis::linear("Test garments found").format(Format::Percent(0)).range(0.0, 1.0),
    )
    .groups(["whole", "one block less", "the same, statistics counted anew"])
    .values(Format::Percent(1));
    for (way, _) in WAYS {
        let bars = ["whole", "one-less", "one-less-recounted"]
            .map(|key| interval(&results, &format!("{way}/{key}")));
        chart = chart.row(way, bars.into_iter().collect::<anyhow::Result<Vec<_>>>()?);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Means over blocks. Means and variances of the normalisation are counted anew on {} mini-batches without moving a weight: the plain stacks then find {} in place of {}, the residual ones {} in place of {}.",
            number(&results, "counted", Format::Int)?,
            percent(&results, "plain/one-less-recounted")?,
            percent(&results, "plain/one-less")?,
            percent(&results, "residual/one-less-recounted")?,
            percent(&results, "residual/one-less")?,
        ))
        .description(format!(
            "Two rows of three bars with whiskers. Whole, the plain stacks stand at {}, the residual ones at {}.",
            percent(&results, "plain/whole")?,
            percent(&results, "residual/whole")?,
        )))
}

fn swapped(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("lesions")?;
    let (title, x) = ("Two neighbours exchanged", "First of the two blocks, from the input");
    Ok(lines(&results, "swapped", title, x)?
        .draw()?
        .caption(format!(
            "Each block in the place of the next, and the next in its place. In the mean the residual stacks find {}, the plain ones {}.",
            percent(&results, "residual/exchanged")?,
            percent(&results, "plain/exchanged")?,
        ))
        .description(format!(
            "Two banded curves over the first of the blocks that are exchanged, with means of {} for the residual stacks and {} for the plain ones.",
            percent(&results, "residual/exchanged")?,
            percent(&results, "plain/exchanged")?,
        )))
}
