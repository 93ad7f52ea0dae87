//! Figures of the pages on convergence, curvature, mini-batches, matrices and faults.

use notebook::figure::{Axis, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results};

/// Adds them.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("steps", steps)
        .figure("above", above)
        .figure("floors", floors)
        .figure("edge", edge)
        .figure("edge-loss", edge_loss)
        .figure("critical", critical)
        .figure("muon", muon)
        .figure("faults", faults)
}

fn step() -> Axis {
    Axis::linear("Step").format(Format::Int)
}

/// A recorded number as a caption has it.
fn words(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

fn steps(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("adaptive")?;
    let of = |key: &str| words(&results, key, Format::Fixed(2));
    Ok(LineChart::new(
        "How long a step is, in units of the rate",
        Axis::log("Step").format(Format::Int),
        Axis::log("Length of a step, root mean square over η").format(Format::Plain),
    )
    .series(results.series("steps")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "The first seed, each rule at its best rate. From around step {} to the last steps of the epoch the length goes from {} \
         to {} for AdaGrad, from {} to {} for RMSProp, and from {} to {} for Adam.",
        words(&results, "step/early-at", Format::Int)?,
        of("step/adagrad/early")?,
        of("step/adagrad/last")?,
        of("step/rmsprop/early")?,
        of("step/rmsprop/last")?,
        of("step/adam/early")?,
        of("step/adam/last")?,
    ))
    .description(format!(
        "Three curves on logarithmic axes. The first step has {} rates of AdaGrad, {} of RMSProp and {} of Adam; the last ones \
         {}, {} and {}.",
        of("step/adagrad/first")?,
        of("step/rmsprop/first")?,
        of("step/adam/first")?,
        of("step/adagrad/last")?,
        of("step/rmsprop/last")?,
        of("step/adam/last")?,
    )))
}

fn above(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("noise")?;
    let of = |key: &str| words(&results, key, Format::Scientific(1));
    Ok(LineChart::new(
        "The loss above the lowest, step by step",
        step(),
        Axis::log("Loss above the lowest").format(Format::Scientific(0)),
    )
    .series(results.series("above")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "Means over {} seeds. A constant rate ends at a floor: {} at the highest rate that is drawn and {} at the lowest. The falling rate ends at {}.",
        words(&results, "seeds", Format::Int)?,
        of("floor/0.16/16")?,
        of("floor/0.02/16")?,
        of("falling")?,
    ))
    .description(format!(
        "Five curves on a logarithmic axis. Four fall to levels that are higher the higher the rate, from {} to {}; the fifth \
         goes on falling, to {}.",
        of("floor/0.02/16")?,
        of("floor/0.16/16")?,
        of("falling")?,
    )))
}

fn floors(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("noise")?;
    let of = |key: &str| words(&results, key, Format::Fixed(2));
    let series = results.series("floors")?;
    let theory = &series.get("theory")?.values;
    let mut measured = series.clone();
    measured.y.retain(|curve| curve.name == "measured");
    Ok(LineChart::new(
        "The floor against the rate",
        Axis::log("Learning rate").format(Format::Plain),
        Axis::log("Loss above the lowest").format(Format::Scientific(0)),
    )
    .series(&measured)
    .guide("theory", series.x.iter().copied().zip(theory.iter().copied()))
    .draw()?
    .caption(format!(
        "Mean and Student's interval over {} seeds, beside a theory without a number to fit. Measured over theory is {} at the \
         lowest rate and {} at the highest.",
        words(&results, "seeds", Format::Int)?,
        of("ratio/0.01/16")?,
        of("ratio/0.16/16")?,
    ))
    .description(format!(
        "A rising curve on logarithmic axes beside a straight dashed line. They lie together at low rates, and at the highest \
         the measured floor is {} times the theory.",
        of("ratio/0.16/16")?,
    )))
}

fn edge(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("edge")?;
    let of = |key: &str| words(&results, key, Format::Fixed(1));
    Ok(LineChart::new(
        "The largest curvature on the way, times the rate",
        step(),
        Axis::linear("Largest curvature times η").format(Format::Fixed(1)).from_zero(),
    )
    .series(results.series("curvature")?)
    .reference(2.0, "the edge")
    .markers(false)
    .draw()?
    .caption(format!(
        "Gradient descent on all garments at once. While the loss lies between {} and {} the mean is {} at the lowest rate, {} at the middle one and {} at the highest. It begins at {}, {} and {}.",
        words(&results, "busy/above", Format::Fixed(2))?,
        of("busy/below")?,
        of("0.1/busy")?,
        of("0.15/busy")?,
        of("0.2/busy")?,
        of("0.1/first")?,
        of("0.15/first")?,
        of("0.2/first")?,
    ))
    .description(format!(
        "Three curves that rise to a level line, the edge, and above it, and at the end fall to {}, {} and {}.",
        of("0.1/last")?,
        of("0.15/last")?,
        of("0.2/last")?,
    )))
}

fn edge_loss(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("edge")?;
    let share = |key: &str| words(&results, key, Format::Percent(0));
    let loss = |key: &str| words(&results, key, Format::Fixed(3));
    Ok(LineChart::new(
        "The loss on the same way",
        step(),
        Axis::log("Training loss").format(Format::Plain),
    )
    .series(results.series("loss")?)
    .markers(false)
    .draw()?
    .caption(format!(
        "The loss rises in {} of the steps at the lowest rate, in {} at the middle one and in {} at the highest. It ends at {}, {} and {} all the same.",
        share("0.1/rises")?,
        share("0.15/rises")?,
        share("0.2/rises")?,
        loss("0.1/loss/last")?,
        loss("0.15/loss/last")?,
        loss("0.2/loss/last")?,
    ))
    .description(format!(
        "Three falling curves on a logarithmic axis, from {} to {}, {} and {}.",
        loss("0.1/loss/first")?,
        loss("0.1/loss/last")?,
        loss("0.15/loss/last")?,
        loss("0.2/loss/last")?,
    )))
}

fn critical(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("critical")?;
    let int = |key: &str| words(&results, key, Format::Int);
    let series = results.series("steps")?;
    let fitted = &series.get("fitted hyperbola")?.values;
    let mut measured = series.clone();
    measured.y.retain(|curve| curve.name != "fitted hyperbola");
    Ok(LineChart::new(
        "Steps to the same loss, by mini-batch",
        Axis::log("Samples of a mini-batch").format(Format::Int),
        Axis::log("Steps").format(Format::Int),
    )
    .series(&measured)
    .guide("fitted hyperbola", series.x.iter().copied().zip(fitted.iter().copied()))
    .draw()?
    .caption(format!(
        "Each size at the best of {} rates, means of {} seeds. From the smallest mini-batch to the largest the steps fall from {} to {}, and after a \
         warm-up from {} to {}.",
        int("rates")?,
        int("seeds")?,
        int("plain/16/steps")?,
        int("plain/4096/steps")?,
        int("warm/16/steps")?,
        int("warm/4096/steps")?,
    ))
    .description(format!(
        "Falling curves on logarithmic axes that become flat: {} steps at the smallest mini-batch, {} at the middle one and {} at the largest.",
        int("plain/16/steps")?,
        int("plain/256/steps")?,
        int("plain/4096/steps")?,
    )))
}

fn muon(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("muon")?;
    let loss = |key: &str| words(&results, key, Format::Fixed(3));
    let mut chart = LineChart::new(
        "Momentum, Adam and Muon by learning rate",
        Axis::log("Learning rate").format(Format::Plain),
        Axis::linear("Training loss").format(Format::Fixed(1)).from_zero(),
    );
    for rule in ["momentum", "adam", "muon"] {
        chart = chart.series(results.series(&format!("loss/{rule}"))?);
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Mean loss of the last {} of {} steps; bands are the lowest and the highest of {} seeds. At their best rates: momentum \
             {}, Adam {}, Muon {}.",
            words(&results, "last", Format::Int)?,
            words(&results, "steps", Format::Int)?,
            words(&results, "seeds", Format::Int)?,
            loss("best/momentum/loss")?,
            loss("best/adam/loss")?,
            loss("best/muon/loss")?,
        ))
        .description(format!(
            "Three valleys over rates on a logarithmic axis, whose lowest points are {} for momentum, {} for Adam and {} for Muon.",
            loss("best/momentum/loss")?,
            loss("best/adam/loss")?,
            loss("best/muon/loss")?,
        )))
}

fn faults(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("faults")?;
    let loss = |key: &str| words(&results, key, Format::Fixed(2));
    let most = 2.0 * results.number("uniform")?;
    Ok(LineChart::new(
        "Six faults and none, in the loss alone",
        step(),
        Axis::linear("Training loss").format(Format::Fixed(1)).range(0.0, most),
    )
    .series(results.series("losses")?)
    .reference(results.number("uniform")?, "a uniform guess")
    .markers(false)
    .draw()?
    .caption(format!(
        "Means of twenty steps over {} seeds. What is higher than twice a uniform guess, or not finite, is drawn at the top. At the end \
         of the epoch the loss without a fault is {}, with a softmax twice {}, and with labels that slipped {}.",
        words(&results, "seeds", Format::Int)?,
        loss("sound/last")?,
        loss("twice/last")?,
        loss("slipped/last")?,
    ))
    .description(format!(
        "Seven curves of loss over an epoch. They end at {} without a fault, at {} with a softmax twice, and at {} with slipped labels.",
        loss("sound/last")?,
        loss("twice/last")?,
        loss("slipped/last")?,
    )))
}
