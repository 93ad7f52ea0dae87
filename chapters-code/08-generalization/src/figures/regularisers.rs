//! What regularisers do, in curves and bars.

use notebook::figure::{Axis, Bar, BarChart, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results};

/// Adds the figures.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("by-heart", by_heart)
        .figure("seen-through", seen_through)
        .figure("two-decays", two_decays)
        .figure("smoothed", smoothed)
        .figure("turns", turns)
        .figure("errors", errors)
        .figure("gains", gains)
        .figure("log-losses", log_losses)
        .figure("together", together)
}

/// The arms of the experiment on memorising: key and name.
const DATA: [(&str, &str); 6] = [
    ("true", "true labels"),
    ("fifth", "20 % by lot"),
    ("half", "50 % by lot"),
    ("lot", "all by lot"),
    ("shuffled", "pixels shuffled alike"),
    ("each", "each shuffled its own way"),
];

/// The arms of the comparison: key and name.
const ARMS: [(&str, &str); 10] = [
    ("decay", "weight decay"),
    ("dropout", "dropout"),
    ("smoothing", "label smoothing"),
    ("shift", "augmentation"),
    ("mixing", "mixup"),
    ("stop-loss", "stopped by loss"),
    ("stop-error", "stopped by error"),
    ("average", "average of weights"),
    ("falling", "falling rate"),
    ("together", "all together"),
];

fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

fn percent(results: &Results, key: &str) -> anyhow::Result<String> {
    number(results, key, Format::Percent(1))
}

fn loss_axis(name: &str) -> Axis {
    Axis::linear(name).format(Format::Fixed(1)).from_zero()
}

fn epochs() -> Axis {
    Axis::linear("Epoch").format(Format::Int)
}

fn by_heart(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("memorising")?;
    let mut chart =
        LineChart::new("Learning what cannot be learned", epochs(), loss_axis("Training loss"));
    let mut ends = Vec::new();
    for (key, name) in DATA {
        let series = results.series(&format!("loss/{key}"))?;
        let values = &series.get(name)?.values;
        chart = chart.curve(name, series.x.iter().copied().zip(values.iter().copied()));
        let epochs = number(&results, &format!("epochs/{key}"), Format::Fixed(0))?;
        ends.push(format!("{name} {epochs}"));
    }
    Ok(chart
        .markers(false)
        .height(420)
        .draw()?
        .caption(format!(
            "Training losses, means of {} trainings, drawn as long as all of them last. A training ends when every garment is given its label: with true labels after {} epochs on average, with labels by lot after {}.",
            number(&results, "seeds", Format::Int)?,
            number(&results, "epochs/true", Format::Fixed(0))?,
            number(&results, "epochs/lot", Format::Fixed(0))?,
        ))
        .description(format!("Six falling curves over epochs. Epochs until all labels are found: {}.", ends.join(", "))))
}

fn seen_through(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("memorising")?;
    Ok(LineChart::new(
        "Garments whose label was drawn by lot",
        epochs(),
        Axis::share("Share of garments").range(0.0, 1.0),
    )
    .series(results.series("course/half")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "Half of the labels were drawn by lot. After epoch {} on average, {} of the garments with a wrong label are given their true class, which no label told, and {} of the test garments are found. When all labels are known, it is {} of the test garments.",
        number(&results, "through/epoch", Format::Fixed(0))?,
        percent(&results, "through/most")?,
        percent(&results, "half/then")?,
        percent(&results, "half/last")?,
    ))
    .description(format!(
        "Three curves over epochs, two of them of garments with a wrong label. The share that is given the true class rises to {} and falls again, while the share that is given the wrong label rises. The share of test garments that is found ends at {}.",
        percent(&results, "through/most")?,
        percent(&results, "half/last")?,
    )))
}

fn two_decays(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("decay")?;
    let mut chart = BarChart::new(
        "What is left of a weight",
        Axis::linear("Left of a weight that began at 1").format(Format::Fixed(1)).from_zero(),
    )
    .groups(["large gradients", "small gradients"])
    .values(Format::Fixed(2));
    let mut words = Vec::new();
    for (rule, of_rule) in [("sgd", "SGD"), ("adam", "Adam")] {
        for (form, of_form) in [("penalty", "penalty"), ("decoupled", "decoupled")] {
            let left = |size: &str| results.number(&format!("left/{rule}/{form}/{size}"));
            let both = [left("large")?, left("small")?];
            chart = chart.row(format!("{of_rule}, {of_form}"), both);
            let [large, small] = both.map(|x| Format::Fixed(2).number(x));
            words.push(format!("{of_rule}, {of_form}: {large} and {small}"));
        }
    }
    let left = |key: &str| number(&results, key, Format::Fixed(2));
    Ok(chart
        .reference(results.number("shrunk")?, "decay alone")
        .draw()?
        .caption(format!(
            "After {} steps with gradients of noise, mean of {} walks. Under Adam a penalty leaves {} of the weight with large gradients and {} of the one with small ones; decay beside the rule leaves {} and {}.",
            number(&results, "steps", Format::Int)?,
            number(&results, "walks", Format::Int)?,
            left("left/adam/penalty/large")?,
            left("left/adam/penalty/small")?,
            left("left/adam/decoupled/large")?,
            left("left/adam/decoupled/small")?,
        ))
        .description(format!("Four rows of two bars, for a weight with large gradients and one with small ones. {}.", words.join("; "))))
}

/// The loss of ten logits of which the true one is `gap` above the others, which
/// are equal, under a share of smoothing.
fn loss_of_gap(gap: f64, share: f64) -> f64 {
    (9.0 * (-gap).exp()).ln_1p() + share * 0.9 * gap
}

fn smoothed(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let gaps: Vec<f64> = (0..=60).map(|i| f64::from(i) / 5.0).collect();
    let mut chart = LineChart::new(
        "What it costs to be sure",
        Axis::linear("How far the true logit is above the others").format(Format::Int),
        loss_axis("Loss"),
    );
    for share in [0.0, 0.1, 0.2] {
        let name = if share == 0.0 { "plain".to_owned() } else { format!("ε = {share}") };
        chart = chart.curve(name, gaps.iter().map(|&gap| (gap, loss_of_gap(gap, share))));
    }
    // Where the softmax is the target: 0.91 against 0.01.
    let lowest = (0.91_f64 / 0.01).ln();
    Ok(chart
        .markers(false)
        .draw()?
        .caption(format!(
            "Ten classes, the nine wrong ones with equal logits. The plain loss falls for ever. With a share of a tenth it is lowest at {}, where the loss is {}, and rises behind.",
            Format::Fixed(1).number(lowest),
            Format::Fixed(2).number(loss_of_gap(lowest, 0.1)),
        ))
        .description("Three curves over the distance of the true logit from the others. The plain one falls towards nought. The two others fall, have a lowest point and rise along a straight line, the one with the larger share sooner and steeper."))
}

fn turns(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("stopping")?;
    Ok(LineChart::new("Two losses", epochs(), loss_axis("Log-loss"))
        .series(results.series("losses")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "Means of {} trainings on {} garments. The training loss goes on falling, but for small wavers. On test garments the mean is lowest after epoch {}, at {}, and after epoch {} it is {}.",
            number(&results, "seeds", Format::Int)?,
            number(&results, "learned", Format::Int)?,
            number(&results, "lowest/loss/epoch", Format::Int)?,
            number(&results, "lowest/loss", Format::Fixed(2))?,
            number(&results, "epochs", Format::Int)?,
            number(&results, "last/loss", Format::Fixed(2))?,
        ))
        .description(format!(
            "Two curves over {} epochs. One falls towards nought; the other falls until epoch {} and then rises to {}.",
            number(&results, "epochs", Format::Int)?,
            number(&results, "lowest/loss/epoch", Format::Int)?,
            number(&results, "last/loss", Format::Fixed(2))?,
        )))
}

fn errors(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("stopping")?;
    Ok(LineChart::new(
        "The error of the same trainings",
        epochs(),
        Axis::linear("Test garments not found").format(Format::Percent(0)),
    )
    .series(results.series("errors")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "The share of test garments that is not found, mean of the same trainings. It is lowest after epoch {}, at {}, and at the end it is {}.",
        number(&results, "lowest/error/epoch", Format::Int)?,
        percent(&results, "lowest/error")?,
        percent(&results, "last/error")?,
    ))
    .description(format!(
        "One curve over {} epochs, which falls steeply at first and ends at {}.",
        number(&results, "epochs", Format::Int)?,
        percent(&results, "last/error")?,
    )))
}

/// Bars with intervals for each arm, on few garments and on all.
fn bars(
    results: &Results,
    chart: BarChart,
    what: &str,
    format: Format,
) -> anyhow::Result<(BarChart, String)> {
    let (mut chart, mut words) = (chart, Vec::new());
    for (key, name) in ARMS {
        let mut both = Vec::new();
        for size in ["few", "all"] {
            let value = results.value(&format!("{size}/{key}/{what}"))?;
            let number = results.number(&format!("{size}/{key}/{what}"))?;
            let bar = Bar::new(number);
            both.push(value.interval.map_or(bar, |(low, high)| bar.interval(low, high)));
            if size == "few" {
                words.push(format!("{name} {}", format.number(number)));
            }
        }
        chart = chart.row(name, both);
    }
    let sizes = [("few", "few"), ("all", "all")].map(|(key, _)| {
        number(results, &format!("{key}/garments"), Format::Int).map(|n| format!("{n} garments"))
    });
    let [few, all] = sizes;
    Ok((chart.groups([few?, all?]), words.join(", ")))
}

fn gains(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("regularisers")?;
    let axis = Axis::linear("Gain in test accuracy").format(Format::Points(1));
    let chart = BarChart::new("What each buys", axis).values(Format::Points(1));
    let (chart, words) = bars(&results, chart, "gain", Format::Points(1))?;
    let above = |size: &str| -> anyhow::Result<usize> {
        let lows = ARMS.map(|(key, _)| results.value(&format!("{size}/{key}/gain")));
        let lows = lows.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(lows.iter().filter(|value| value.interval.is_some_and(|(low, _)| low > 0.0)).count())
    };
    Ok(chart
        .draw()?
        .caption(format!(
            "Test accuracy minus that of the same network without regulariser, paired by seed, with intervals over seeds and test garments. The whole interval lies above nought for {} of {} on few garments and for {} on all.",
            above("few")?,
            ARMS.len(),
            above("all")?,
        ))
        .description(format!("Ten rows of two bars with whiskers. On few garments: {words}.")))
}

fn log_losses(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("regularisers")?;
    let axis = Axis::linear("Test log-loss").format(Format::Fixed(1)).from_zero();
    let chart = BarChart::new("The same by log-loss", axis).values(Format::Fixed(2));
    let (chart, words) = bars(&results, chart, "loss", Format::Fixed(2))?;
    let none = number(&results, "few/none/loss", Format::Fixed(2))?;
    Ok(chart
        .draw()?
        .caption(format!(
            "What an answer to a test garment costs. Without regulariser it is {none} on few garments and {} on all.",
            number(&results, "all/none/loss", Format::Fixed(2))?,
        ))
        .description(format!("Ten rows of two bars with whiskers. On few garments: {words}.")))
}

fn together(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("ensembles")?;
    let large = results.number("test/large")?;
    Ok(LineChart::new(
        "Asked together",
        Axis::linear("Networks").format(Format::Int),
        Axis::linear("Test garments found").format(Format::Percent(1)),
    )
    .series(results.series("test")?)
    .reference(large, "one large network")
    .draw()?
    .caption(format!(
        "Mean over {} sets of garments, with intervals. One network finds {}, {} together find {}, and one large network that costs as much as these finds {}.",
        number(&results, "seeds", Format::Int)?,
        percent(&results, "test/one")?,
        number(&results, "members", Format::Int)?,
        percent(&results, "test/all")?,
        percent(&results, "test/large")?,
    ))
    .description(format!(
        "A curve with a band over one to {} networks, from {} to {}, and a level line at {}.",
        number(&results, "members", Format::Int)?,
        percent(&results, "test/one")?,
        percent(&results, "test/all")?,
        percent(&results, "test/large")?,
    )))
}
