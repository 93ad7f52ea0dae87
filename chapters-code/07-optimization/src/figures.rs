//! What the chapter draws, from recorded results.

use notebook::figure::{Axis, LineChart, Point, ScatterPlot};
use notebook::{Chapter, Figure, Format, Recorded, Results};

/// Steps of the paths that are drawn.
const DRAWN: usize = 25;
/// Losses whose contours are drawn.
const LEVELS: [f64; 2] = [0.2, 0.5];

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("depth", depth)
        .figure("depth-tanh", depth_tanh)
        .figure("depth-gradients", gradients)
        .figure("deep-start", deep_start)
        .figure("paths", paths)
        .figure("race", race)
        .figure("curves", curves)
        .figure("rates", rates)
        .figure("valleys", valleys)
        .figure("shapes", shapes)
        .figure("schedules", schedules)
        .figure("clipping", clipping)
        .figure("lengths", lengths)
        .figure("sizes", batch)
        .figure("candidates", candidates)
}

/// The names of the first weights in a chart.
const WAYS: [(&str, &str); 3] =
    [("normal", "normal, deviation 0.01"), ("glorot", "Glorot"), ("he", "He")];

/// One curve for each kind of first weights, on a logarithmic axis.
fn through_layers(
    title: &str,
    axis: &str,
    results: &Results,
    key: &str,
) -> anyhow::Result<LineChart> {
    let layer = Axis::linear("Hidden layer").format(Format::Int);
    // The values span too many powers of ten for the ticks of a logarithmic axis.
    let powers = Axis::linear(format!("{axis}, as a power of ten")).format(Format::Int);
    let mut chart = LineChart::new(title, layer, powers);
    let series = results.series(key)?;
    for (name, words) in WAYS {
        let values = &series.get(name)?.values;
        let powers = values.iter().map(|value| value.log10());
        chart = chart.curve(words, series.x.iter().copied().zip(powers));
    }
    Ok(chart.markers(false))
}

fn depth(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("variance")?;
    let title = "Activations through twenty layers of ReLU";
    Ok(through_layers(title, "Mean square of the activations", &results, "activations/relu")?
        .draw()?
        .caption("Before the first step. A layer multiplies the mean square by a factor, and twenty layers take that factor to a high power. He's weights make the factor one.")
        .description(
            "Three curves of powers of ten over twenty layers. The one for He's weights stays level, the one for \
             Glorot's falls by half a layer, and the one for small normal weights falls by some forty powers of ten.",
        ))
}

fn depth_tanh(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("variance")?;
    let title = "Activations through twenty layers of tanh";
    Ok(through_layers(title, "Mean square of the activations", &results, "activations/tanh")?
        .draw()?
        .caption("The same with tanh, which is nearly the identity near zero: Glorot's weights let the activations shrink slowly, He's keep them large, where tanh is flat.")
        .description(
            "Three curves of powers of ten over twenty layers. He's and Glorot's stay near the top, Glorot's a \
             little lower; the one for small normal weights falls by tens of powers of ten.",
        ))
}

fn gradients(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("variance")?;
    let title = "Gradients of the weights, layer by layer";
    Ok(through_layers(title, "Mean square of the gradient", &results, "gradients/relu")?
        .draw()?
        .caption("The gradient of each layer's weights under ReLU. With small normal weights every layer is told next to nothing: either its inputs have vanished, or what comes back to it has.")
        .description(
            "Three nearly level curves over twenty layers, far apart on an axis of powers of ten: He's highest, Glorot's some \
             powers of ten below, small normal weights tens of powers of ten below both.",
        ))
}

fn deep_start(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("variance")?;
    let step = Axis::linear("Step").format(Format::Int);
    let mut chart =
        LineChart::new("The first steps of a deep network", step, loss_axis().from_zero());
    let series = results.series("trained")?;
    for (name, words) in WAYS {
        let values = &series.get(name)?.values;
        chart = chart.curve(words, series.x.iter().copied().zip(values.iter().copied()));
    }
    Ok(chart
        .markers(false)
        .draw()?
        .caption("Twenty layers of ReLU, momentum, the same rate: only the first weights differ. From small normal weights the loss does not move.")
        .description(
            "Three curves of loss over three hundred steps. One stays at the top, level; the other two fall, He's first.",
        ))
}

fn loss_axis() -> Axis {
    Axis::linear("Training loss").format(Format::Fixed(1))
}

fn share(name: &str) -> Axis {
    Axis::linear(name).format(Format::Percent(0))
}

/// The contour of a level in a valley of this condition number, all around.
fn contour(level: f64, kappa: f64) -> Vec<(f64, f64)> {
    let [a, b] = [(2.0 * level).sqrt(), (2.0 * level / kappa).sqrt()];
    let angles = (0..=80).map(|i| f64::from(i) / 40.0 * std::f64::consts::PI);
    angles.map(|t| (a * t.cos(), b * t.sin())).collect()
}

fn paths(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("ravine")?;
    let axis = |name: &str| Axis::linear(name).format(Format::Fixed(1));
    let mut plot = ScatterPlot::new(
        "Four rules in a narrow valley",
        axis("First weight"),
        axis("Second weight"),
    );
    for name in ["SGD", "momentum", "Nesterov", "Adam"] {
        let series = results.series(&format!("path/{}", name.to_lowercase()))?;
        let points = series.get("x")?.values.iter().zip(&series.get("y")?.values);
        plot = plot.group(name, points.take(DRAWN + 1).map(|(x, y)| Point::new("", *x, *y)));
    }
    let kappa = results.number("kappa")?;
    for level in LEVELS {
        plot = plot.line(format!("loss {level}"), contour(level, kappa));
    }
    Ok(plot
        .draw()?
        .caption(format!(
            "The first {DRAWN} steps from the same start, upper left. SGD leaps from wall to wall and hardly moves along the floor. Momentum and Nesterov's rule gather speed along it."
        ))
        .description(
            "Contours of a valley that is seven times as long as wide, and four paths of points. SGD's points alternate \
             above and below the floor of the valley; the others go along it, Adam's along a diagonal.",
        ))
}

fn race(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("ravine")?;
    let chart = LineChart::new(
        "Steps by condition number",
        Axis::log("Condition number").format(Format::Int),
        Axis::log("Steps until a millionth of the distance is left").format(Format::Int),
    );
    Ok(chart
        .series(results.series("race")?)
        .draw()?
        .caption("On logarithmic axes SGD's steps rise with slope one and momentum's with slope one half. The lines of theory lie upon the measured ones.")
        .description(
            "Rising straight lines on logarithmic axes. SGD's is the steepest, and its theory lies on it; momentum's and \
             Nesterov's rise half as steeply, a little above the theory for momentum.",
        ))
}

fn curves(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("rates")?;
    let chart = LineChart::new(
        "One epoch, each rule at its best rate",
        Axis::linear("Step").format(Format::Int),
        Axis::log("Training loss").format(Format::Fixed(1)),
    );
    Ok(chart
        .series(results.series("curves")?)
        .markers(false)
        .draw()?
        .caption("Means of twenty steps; bands are the lowest and the highest of three seeds. At their best rates the rules are close together.")
        .description("Five falling curves of loss over one epoch, nearly upon each other.",
        ))
}

const RULES: [&str; 5] = ["sgd", "momentum", "nesterov", "adam", "adamw"];

fn rates(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("rates")?;
    let mut chart = LineChart::new(
        "Accuracy by learning rate",
        Axis::log("Learning rate").format(Format::Plain),
        share("Share of validation garments right").range(0.0, 1.0),
    );
    for rule in RULES {
        chart = chart.series(results.series(&format!("accuracy/{rule}"))?);
    }
    Ok(chart
        .draw()?
        .caption("After one epoch; bands are the lowest and the highest of three seeds. Every rule has a plateau and a cliff, each at rates of its own.")
        .description(
            "Five curves over rates on a logarithmic axis. Each rises to a plateau above four fifths and falls to one tenth at \
             its highest rates; Adam's plateau lies at far lower rates than that of SGD.",
        ))
}

fn valleys(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("rates")?;
    let mut chart = LineChart::new(
        "Training loss by learning rate",
        Axis::log("Learning rate").format(Format::Plain),
        loss_axis().from_zero(),
    )
    .reference(results.number("uniform")?, "a uniform guess");
    for rule in RULES {
        chart = chart.series(results.series(&format!("loss/{rule}"))?);
    }
    Ok(chart
        .draw()?
        .caption("Mean loss of the last fifty steps of one epoch. What diverged, or ended worse than a uniform guess, is drawn as a uniform guess.")
        .description(
            "Five valleys over rates on a logarithmic axis, each with a gentle side at low rates and a steep wall at high ones.",
        ))
}

fn shapes(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("schedules")?;
    let chart = LineChart::new(
        "Four schedules",
        Axis::linear("Step").format(Format::Int),
        Axis::linear("Learning rate").format(Format::Fixed(4)).from_zero(),
    );
    Ok(chart
        .series(results.series("shapes")?)
        .markers(false)
        .draw()?
        .caption("The learning rate through training. All four have the same highest rate.")
        .description(
            "A level line, a staircase that falls, half a cosine that falls to zero, and the same after a short steep rise.",
        ))
}

fn schedules(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("schedules")?;
    let chart = LineChart::new(
        "Training loss under four schedules",
        Axis::linear("Step").format(Format::Int),
        Axis::log("Training loss").format(Format::Fixed(1)),
    );
    Ok(chart
        .series(results.series("loss")?)
        .markers(false)
        .draw()?
        .caption("Means of forty steps, and the range of three seeds. The constant rate leads or keeps up for a while, and is left behind as the others' rates fall.")
        .description(
            "Four falling curves with thin bands. They are close at first; at the end the constant rate's is highest.",
        ))
}

fn clipping(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("clipping")?;
    let mut chart = LineChart::new(
        "With and without clipping",
        Axis::log("Learning rate").format(Format::Plain),
        loss_axis().from_zero(),
    );
    let series = results.series("ends")?;
    for (name, words) in [("free", "as the gradient is"), ("clipped", "clipped to length 1")] {
        let values = &series.get(name)?.values;
        chart = chart.curve(words, series.x.iter().copied().zip(values.iter().copied()));
    }
    Ok(chart
        .draw()?
        .caption("Mean loss of the last fifty of the first steps with momentum, over three seeds. Clipping does nothing where the rate is good, and extends the rates that can be survived.")
        .description(
            "Two curves over four rates. They are together at low rates; at high rates the one without clipping rises to \
             the loss of a uniform guess and the clipped one stays below.",
        ))
}

fn lengths(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("clipping")?;
    let mut chart = LineChart::new(
        "The gradient's length, step by step",
        Axis::linear("Step").format(Format::Int),
        Axis::log("Length of the gradient").format(Format::Plain),
    );
    for (name, words) in [("free", "as it is"), ("clipped", "where it is clipped")] {
        let series = results.series(&format!("drawn/{name}"))?;
        let values = &series.get("length")?.values;
        let positive = series.x.iter().copied().zip(values.iter().map(|v| v.max(1e-6)));
        chart = chart.curve(words, positive);
    }
    Ok(chart
        .markers(false)
        .draw()?
        .caption("One seed at the rate that clipping saves. Without it one long gradient throws the weights to where all gradients are long, or where there are none.")
        .description("Two jagged curves on a logarithmic axis; the one without clipping has a high peak early."))
}

fn batch(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("batch")?;
    let chart = LineChart::new(
        "Accuracy after one epoch, by mini-batch",
        Axis::log("Samples of a mini-batch").format(Format::Int),
        share("Share of validation garments right"),
    );
    Ok(chart
        .series(results.series("accuracy")?)
        .draw()?
        .caption("The same garments are seen, in fewer and fewer steps. A rate in proportion to the mini-batch makes up for that, up to a size.")
        .description(format!(
            "Two curves with bands over mini-batches of {}. The one for the same rate falls steadily; the one \
             for a rate in proportion stays level for longer, and then falls.",
            results.series("accuracy")?.span(Format::Int)
        )))
}

fn candidates(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("mlp")?;
    let chart = LineChart::new(
        "Five candidates in training",
        Axis::linear("Step").format(Format::Int),
        Axis::log("Training loss").format(Format::Fixed(1)),
    );
    Ok(chart
        .series(results.series("losses")?)
        .markers(false)
        .draw()?
        .caption(
            "Means of sixty steps, with one seed each. All fall to the end, as their rates do.",
        )
        .description(
            "Five falling curves of loss, close together, that end between a tenth and a third.",
        ))
}
