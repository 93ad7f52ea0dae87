//! Figures of late generalisation, of the waves in weights, and of what ranks test errors.

use notebook::figure::{Axis, LineChart, Point, ScatterPlot};
use notebook::{Chapter, Figure, Format, Recorded, Results, Series};

/// Adds them.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("grokking", grokking)
        .figure("grokking-decays", decays)
        .figure("unit", unit)
        .figure("spectrum", spectrum)
        .figure("margins", margins)
}

fn words(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

fn steps() -> Axis {
    Axis::log("Step").format(Format::Int)
}

fn grokking(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("grokking")?;
    let int = |key: &str| words(&results, key, Format::Int);
    Ok(LineChart::new("Fit early, generalise late", steps(), Axis::share("Right answers").range(0.0, 1.0))
        .series(results.series("accuracy/1")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "Sums modulo {}, weight decay {}, {} seeds; bands from the lowest to the highest. {} of the pairs that were shown are known after {} steps, and {} of the others after {}, in the mean.",
            int("modulus")?,
            int("decay")?,
            int("seeds")?,
            words(&results, "enough", Format::Percent(0))?,
            int("fit/1")?,
            words(&results, "enough", Format::Percent(0))?,
            int("generalise/1")?,
        ))
        .description(format!(
            "Two curves over the steps, on a logarithmic axis. That of the pairs shown rises first and is near the top after {} steps; that of the unseen pairs rises later, to the top after {}.",
            int("fit/1")?,
            int("generalise/1")?,
        )))
}

fn decays(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("grokking")?;
    let end = |decay: &str| words(&results, &format!("end/{decay}"), Format::Percent(0));
    let names = ["0", "0.1", "1", "3"];
    let mut chart = LineChart::new(
        "Unseen pairs, by weight decay",
        steps(),
        Axis::share("Right answers").range(0.0, 1.0),
    );
    for decay in names {
        let series = results.series(&format!("accuracy/{decay}"))?;
        let mut curve = series.get("unseen pairs")?.clone();
        curve.name = if decay == "0" { "no decay".to_owned() } else { format!("decay {decay}") };
        chart =
            chart.series(&Series { x_name: String::new(), x: series.x.clone(), y: vec![curve] });
    }
    let with = names.map(|decay| Ok(format!("{} with {decay}", end(decay)?)));
    let told = with.into_iter().collect::<anyhow::Result<Vec<String>>>()?.join(", ");
    Ok(chart
        .markers(false)
        .draw()?
        .caption(format!(
            "The share of unseen pairs that are answered rightly, means of {} seeds with bands from the lowest to the highest. After {} steps: {told}.",
            words(&results, "seeds", Format::Int)?,
            words(&results, "steps", Format::Int)?,
        ))
        .description(format!("Four curves over the steps, on a logarithmic axis. They end at {told}.")))
}

fn unit(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("grokking")?;
    let share = words(&results, "unit/share", Format::Percent(0))?;
    let frequency = words(&results, "unit/frequency", Format::Int)?;
    let decay = words(&results, "decay", Format::Int)?;
    Ok(LineChart::new(
        "One unit's weights to the first number",
        Axis::count("a"),
        Axis::linear("Weight").format(Format::Fixed(1)),
    )
    .series(results.series("unit")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "Weights of one hidden unit to the inputs of a, before the first step and after the last, with weight decay {decay}: the unit with the longest weights of the first seed. Afterwards {share} of the power lie at the frequency {frequency}.",
    ))
    .description(format!(
        "A ragged curve before training, and a wave of {frequency} periods after it.",
    )))
}

fn spectrum(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("grokking")?;
    let percent = |key: &str| words(&results, key, Format::Percent(0));
    Ok(LineChart::new(
        "How much of a unit is one wave",
        Axis::count("Frequencies of a unit, the strongest first"),
        Axis::share("Share of the power").range(0.0, 1.0),
    )
    .series(results.series("spectrum")?)
    .draw()?
    .caption(format!(
        "The mean over all units and seeds, weight decay {}. The strongest frequency has {} of the power before training and {} after it.",
        words(&results, "decay", Format::Int)?,
        percent("top/before")?,
        percent("top/after")?,
    ))
    .description(format!(
        "Two falling curves. Before training the first point is at {}, after training at {}.",
        percent("top/before")?,
        percent("top/after")?,
    )))
}

fn margins(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("margins")?;
    let mut plot = ScatterPlot::new(
        "Margins and test errors",
        Axis::log("Margin over the product of largest stretches").format(Format::Scientific(0)),
        Axis::share("Test error"),
    );
    for width in [48, 96, 192] {
        let series = results.series(&format!("points/margin/{width}"))?;
        let errors = &series.get("test error")?.values;
        let points = series.x.iter().zip(errors).map(|(x, y)| Point::new("", *x, *y));
        plot = plot.group(format!("{width} hidden units"), points);
    }
    let tau = words(&results, "tau/margin", Format::Fixed(2))?;
    Ok(plot
        .draw()?
        .caption(format!(
            "{} networks that all fit, each by its normalised margin and its test error. Kendall's correlation, with the sign turned so that it is above nought where the measure ranks as its theory hopes, is {tau}.",
            words(&results, "networks", Format::Int)?,
        ))
        .description(format!(
            "A cloud of points in three groups by width; test errors from {} to {}.",
            words(&results, "error/least", Format::Percent(1))?,
            words(&results, "error/most", Format::Percent(1))?,
        )))
}
