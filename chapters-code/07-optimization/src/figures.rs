//! What the chapter draws, from recorded results.

mod course;
mod sketches;

use notebook::figure::{Axis, LineChart, Point, ScatterPlot};
use notebook::{Chapter, Figure, Format, Recorded, Results, Series};

/// Steps of the paths that are drawn.
const DRAWN: usize = 25;
/// Losses whose contours are drawn.
const LEVELS: [f64; 2] = [0.2, 0.5];

/// Adds every figure of the chapter.
pub fn add(chapter: Chapter) -> Chapter {
    sketches::add(course::add(chapter))
        .figure("depth", depth)
        .figure("depth-tanh", depth_tanh)
        .figure("depth-gradients", gradients)
        .figure("deep-start", deep_start)
        .figure("paths", paths)
        .figure("race", race)
        .figure("turned", turned)
        .figure("curves", curves)
        .figure("rates", rates)
        .figure("valleys", valleys)
        .figure("dead", dead)
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

/// A recorded number in powers of ten, or as it is where it is near one.
fn factor(results: &Results, key: &str) -> anyhow::Result<String> {
    let number = results.number(key)?;
    let near = (0.01..100.0).contains(&number);
    Ok(if near { Format::Fixed(2) } else { Format::Scientific(0) }.number(number))
}

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

/// What the curves of mean squares show, in words.
fn through_words(ends: &impl Fn(&str) -> anyhow::Result<String>) -> anyhow::Result<String> {
    Ok(format!(
        "Three curves of powers of ten over twenty layers. From the first layer to the last the mean square is multiplied by {} \
         with He's weights, by {} with Glorot's, and by {} with small normal ones.",
        ends("he")?,
        ends("glorot")?,
        ends("normal")?,
    ))
}

fn depth(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("variance")?;
    let title = "Mean squares of activations through twenty layers of ReLU";
    let ends = |way: &str| factor(&results, &format!("activations/relu/{way}/ends"));
    let layer = |way: &str| -> anyhow::Result<String> {
        let number = results.number(&format!("activations/relu/{way}/a-layer"))?;
        Ok(Format::Fixed(2).number(number))
    };
    Ok(through_layers(title, "Mean square of the activations", &results, "activations/relu")?
        .draw()?
        .caption(format!(
            "Before the first step. A layer multiplies the mean square by a factor, and twenty layers take that factor to a \
             high power. With He's weights the factor is {}, with Glorot's {}.",
            layer("he")?,
            layer("glorot")?,
        ))
        .description(through_words(&ends)?))
}

fn depth_tanh(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("variance")?;
    let title = "Mean squares of activations through twenty layers of tanh";
    let ends = |way: &str| factor(&results, &format!("activations/tanh/{way}/ends"));
    let last = Format::Fixed(2).number(results.number("activations/tanh/he/last")?);
    Ok(through_layers(title, "Mean square of the activations", &results, "activations/tanh")?
        .draw()?
        .caption(format!(
            "The same with tanh, which is nearly the identity near zero. From the first layer to the last the mean square is \
             multiplied by {} with Glorot's weights. With He's it ends at {last}.",
            ends("glorot")?,
        ))
        .description(through_words(&ends)?))
}

fn gradients(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("variance")?;
    let title = "Mean squares of the weights' gradients, layer by layer";
    let first = |way: &str| factor(&results, &format!("gradients/relu/{way}/first"));
    Ok(through_layers(title, "Mean square of the gradient", &results, "gradients/relu")?
        .draw()?
        .caption("The gradient of each layer's weights under ReLU. With small normal weights every layer is told next to nothing: either its inputs have vanished, or what comes back to it has.")
        .description(format!(
            "Three curves over twenty layers, far apart on an axis of powers of ten. In the first layer the mean square is {} \
             for He's weights, {} for Glorot's and {} for small normal ones.",
            first("he")?,
            first("glorot")?,
            first("normal")?,
        )))
}

fn deep_start(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("variance")?;
    let step = Axis::linear("Step").format(Format::Int);
    let mut chart =
        LineChart::new("The first steps of a deep network", step, loss_axis().from_zero());
    let series = results.series("trained")?;
    let end = |way: &str| -> anyhow::Result<String> {
        Ok(Format::Fixed(2).number(results.number(&format!("trained/{way}"))?))
    };
    for (name, words) in WAYS {
        let values = &series.get(name)?.values;
        chart = chart.curve(words, series.x.iter().copied().zip(values.iter().copied()));
    }
    Ok(chart
        .markers(false)
        .draw()?
        .caption(format!(
            "Twenty layers of ReLU, momentum, the same rate, one seed: only the first weights differ. Over the last fifty steps \
             the mean loss is {} from He's, {} from Glorot's and {} from small normal ones.",
            end("he")?,
            end("glorot")?,
            end("normal")?,
        ))
        .description(format!(
            "Three curves of loss over {} steps. They end at {}, {} and {}.",
            Format::Int.number(results.number("steps")?),
            end("he")?,
            end("glorot")?,
            end("normal")?,
        )))
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
        .joined()
        .draw()?
        .caption(format!(
            "The first {DRAWN} steps from the same start, upper left; marks become smaller from step to step. SGD leaps from wall to wall and hardly moves along the floor. Momentum and Nesterov's rule gather speed along it."
        ))
        .description(
            "Contours of a valley that is seven times as long as wide, and four paths, each of points joined by lines. SGD's points alternate \
             above and below the floor of the valley; the others go along it, Adam's along a diagonal.",
        ))
}

fn race(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("ravine")?;
    let mut chart = LineChart::new(
        "Steps by condition number",
        Axis::log("Condition number").format(Format::Int),
        Axis::log("Steps until a millionth of the distance is left").format(Format::Int),
    );
    let series = results.series("race")?;
    for curve in &series.y {
        let points = series.x.iter().copied().zip(curve.values.iter().copied());
        let is_theory = curve.name.starts_with("theory");
        let name = curve.name.as_str();
        chart = if is_theory { chart.guide(name, points) } else { chart.curve(name, points) };
    }
    let slope = |rule: &str| -> anyhow::Result<String> {
        Ok(Format::Fixed(2).number(results.number(&format!("slope/{rule}"))?))
    };
    let (sgd, momentum) = (to_theory(series, "SGD")?, to_theory(series, "momentum")?);
    let off = (sgd.1 - 1.0).max(1.0 - sgd.0);
    let [least, most] = [momentum.0, momentum.1].map(|ratio| Format::Fixed(2).number(ratio));
    Ok(chart
        .draw()?
        .caption(format!(
            "On logarithmic axes SGD's steps rise with slope {} and momentum's with slope {}. SGD's are within {} of its theory; momentum's are {least} to {most} times those of its own.",
            slope("sgd")?,
            slope("momentum")?,
            Format::Percent(1).number(off),
        ))
        .description(format!(
            "Rising lines on logarithmic axes. SGD's is the steepest, and its theory lies on it; momentum's and \
             Nesterov's rise about half as steeply, momentum's {least} to {most} times as high as its theory and Nesterov's above it.",
        )))
}

/// The smallest and the largest ratio of the steps of a rule to those of its theory.
fn to_theory(series: &Series, rule: &str) -> anyhow::Result<(f64, f64)> {
    let theory = &series.get(&format!("theory for {rule}"))?.values;
    let ratios = series.get(rule)?.values.iter().zip(theory).map(|(steps, theory)| steps / theory);
    Ok(ratios.fold((f64::INFINITY, 0.0), |(low, high), x| (low.min(x), high.max(x))))
}

/// Condition numbers of a round valley and of a narrow one, which a caption names.
const ROUND: u32 = 10;
const NARROW: u32 = 10_000;

fn turned(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let kappa = |kappa: u32| Format::Int.number(f64::from(kappa));
    let results = recorded.experiment("ravine")?;
    let steps = |kappa: u32, way: &str| -> anyhow::Result<String> {
        Ok(Format::Int.number(results.number(&format!("adam/{kappa}/{way}"))?))
    };
    Ok(LineChart::new(
        "Steps of Adam in a valley and in the same valley, turned",
        Axis::log("Condition number").format(Format::Int),
        Axis::log("Steps until a millionth of the distance is left").format(Format::Int),
    )
    .series(results.series("turned")?)
    .draw()?
    .caption(format!(
        "Each point has the best of {} rates. At a condition number of {} Adam takes {} steps where the valley lies along \
         the axes and {} where it is turned by an eighth of a circle.",
        results.number("adam/rates")?,
        kappa(NARROW),
        steps(NARROW, "straight")?,
        steps(NARROW, "turned")?,
    ))
    .description(format!(
        "Three rising curves on logarithmic axes. From a condition number of {} to one of {}, Adam's goes from {} to {} \
         steps along the axes and from {} to {} turned; momentum's is the same either way.",
        kappa(ROUND),
        kappa(NARROW),
        steps(ROUND, "straight")?,
        steps(NARROW, "straight")?,
        steps(ROUND, "turned")?,
        steps(NARROW, "turned")?,
    )))
}

fn curves(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("rates")?;
    let [low, high] =
        ends(of_rules(&results, "best", "loss")?).map(|loss| Format::Fixed(2).number(loss));
    let chart = LineChart::new(
        "One epoch, each rule at its best rate, against SGD",
        Axis::linear("Step").format(Format::Int),
        Axis::linear("Training loss above SGD's").format(Format::Fixed(2)),
    );
    Ok(chart
        .series(&against(results.series("curves")?, "SGD")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "Means of twenty steps over three seeds, as differences to SGD's, without the first eighth of the steps: the five curves lie too \
             close to be told apart otherwise. Over the last {} steps the five mean losses lie between {low} and {high}.",
            Format::Int.number(results.number("last")?),
        ))
        .description(format!(
            "Four curves around zero over one epoch: the loss of each rule above that of SGD. The losses end between {low} and {high}.",
        )))
}

/// Curves that lie close, as what lies between them and the one by this name.
fn against(series: &Series, name: &str) -> anyhow::Result<Series> {
    let baseline = series.get(name)?.values.clone();
    let mut apart = series.clone();
    apart.y.retain(|curve| curve.name != name);
    // In the first steps rules differ by so much that nothing else would be seen.
    let first = series.x.len() / 8;
    apart.x.drain(..first);
    for curve in &mut apart.y {
        let differences = curve.values.iter().zip(&baseline).map(|(value, base)| value - base);
        curve.values = differences.skip(first).collect();
        (curve.low, curve.high) = Default::default();
    }
    Ok(apart)
}

const RULES: [&str; 5] = ["sgd", "momentum", "nesterov", "adam", "adamw"];

/// What was recorded of each rule at its best, lowest or highest rate.
fn of_rules(results: &Results, rate: &str, what: &str) -> anyhow::Result<Vec<f64>> {
    let of = |rule: &&str| Ok(results.number(&format!("{rate}/{rule}/{what}"))?);
    RULES.iter().map(of).collect()
}

/// The smallest and the largest.
fn ends(values: impl IntoIterator<Item = f64>) -> [f64; 2] {
    let wider = |[low, high]: [f64; 2], x: f64| [low.min(x), high.max(x)];
    values.into_iter().fold([f64::INFINITY, f64::NEG_INFINITY], wider)
}

/// A chart with a curve for each rule over its rates.
fn by_rate(results: &Results, mut chart: LineChart, what: &str) -> anyhow::Result<LineChart> {
    for rule in RULES {
        chart = chart.series(results.series(&format!("{what}/{rule}"))?);
    }
    Ok(chart)
}

fn rates(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("rates")?;
    let chart = LineChart::new(
        "Accuracy by learning rate",
        Axis::log("Learning rate").format(Format::Plain),
        share("Share of validation garments right").range(0.0, 1.0),
    );
    let percent = |x: f64| Format::Percent(0).number(x);
    let [least, _] = ends(of_rules(&results, "best", "accuracy")?).map(percent);
    let [_, most] = ends(of_rules(&results, "highest", "accuracy")?).map(percent);
    Ok(by_rate(&results, chart, "accuracy")?
        .draw()?
        .caption(format!(
            "After one epoch; bands are the lowest and the highest of three seeds. At its best rate each rule is right for {least} \
             or more, at its highest for {most} or less, each at rates of its own."
        ))
        .description(format!(
            "Five curves over rates on a logarithmic axis. Each rises to {least} or more, and falls to {most} or less at its \
             highest rate; Adam's is highest at a rate of {}, that of SGD at {}.",
            Format::Scientific(0).number(results.number("best/adam/rate")?),
            Format::Scientific(0).number(results.number("best/sgd/rate")?),
        )))
}

fn valleys(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("rates")?;
    let chart = LineChart::new(
        "Training loss by learning rate",
        Axis::log("Learning rate").format(Format::Plain),
        loss_axis().from_zero(),
    )
    .reference(results.number("uniform")?, "a uniform guess");
    let loss = |x: f64| Format::Fixed(2).number(x);
    let lowest = ends(of_rules(&results, "lowest", "loss")?).map(loss);
    let best = ends(of_rules(&results, "best", "loss")?).map(loss);
    let highest = ends(of_rules(&results, "highest", "loss")?).map(loss);
    Ok(by_rate(&results, chart, "loss")?
        .draw()?
        .caption(format!(
            "Mean loss of the last {} steps of one epoch. What was not finite, or ended worse than a uniform guess, is drawn as \
             a uniform guess: the ceiling is ours.",
            Format::Int.number(results.number("last")?),
        ))
        .description(format!(
            "Five valleys over rates on a logarithmic axis. At the rules' lowest rates the loss is {} to {}, at their best {} to \
             {}, at their highest {} to {}.",
            lowest[0], lowest[1], best[0], best[1], highest[0], highest[1],
        )))
}

fn dead(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("rates")?;
    let chart = LineChart::new(
        "Hidden units that answer nothing",
        Axis::log("Learning rate").format(Format::Plain),
        share("Share of hidden units that are zero for all garments").range(0.0, 1.0),
    );
    let percent = |x: f64| Format::Percent(0).number(x);
    let best = ends(of_rules(&results, "best", "dead")?).map(percent);
    let highest = ends(of_rules(&results, "highest", "dead")?).map(percent);
    Ok(by_rate(&results, chart, "dead")?
        .draw()?
        .caption(format!(
            "After one epoch, on the validation garments; bands are the lowest and the highest of three seeds. At the rules' best \
             rates {} to {} of the units are dead, at their highest {} to {}.",
            best[0], best[1], highest[0], highest[1],
        ))
        .description(format!(
            "Five curves over rates on a logarithmic axis, which rise to the right: from {} to {} at the best rates to {} to {} \
             at the highest.",
            best[0], best[1], highest[0], highest[1],
        )))
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
        "Training loss under three schedules, against the constant rate",
        Axis::linear("Step").format(Format::Int),
        Axis::linear("Training loss above the constant rate's").format(Format::Fixed(2)),
    );
    let loss = |way: &str| -> anyhow::Result<String> {
        Ok(Format::Fixed(3).number(results.number(&format!("loss/{way}"))?))
    };
    Ok(chart
        .series(&against(results.series("loss")?, "constant")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "Means of forty steps over {} seeds, as differences to the constant rate, without the first eighth of the steps. Over the last hundred steps the mean loss is \
             {} at the constant rate and {} after a cosine.",
            Format::Int.number(results.number("seeds")?),
            loss("constant")?,
            loss("cosine")?,
        ))
        .description(format!(
            "Three curves, each the loss under a schedule above that at the constant rate. The losses end at {} for the constant rate, {} for steps, {} for a cosine and {} for a \
             cosine after a warm-up.",
            loss("constant")?,
            loss("step")?,
            loss("cosine")?,
            loss("warm-up")?,
        )))
}

fn clipping(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("clipping")?;
    let mut chart = LineChart::new(
        "With and without clipping",
        Axis::log("Learning rate").format(Format::Plain),
        loss_axis().from_zero(),
    );
    let series = results.series("ends")?;
    let words = |way: &str| -> anyhow::Result<Vec<String>> {
        let losses = &series.get(way)?.values;
        Ok(losses.iter().map(|&loss| Format::Fixed(2).number(loss)).collect())
    };
    let (free, clipped) = (words("free")?, words("clipped")?);
    for (name, words) in [("free", "as the gradient is"), ("clipped", "clipped to length 1")] {
        let values = &series.get(name)?.values;
        chart = chart.curve(words, series.x.iter().copied().zip(values.iter().copied()));
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "Mean loss of the last {} of {} steps with momentum, over three seeds; at most that of a uniform guess. At the lowest \
             rate clipping takes it from {} to {}, at the third from {} to {}.",
            Format::Int.number(results.number("last")?),
            Format::Int.number(results.number("steps")?),
            free[0], clipped[0], free[2], clipped[2],
        ))
        .description(format!(
            "Two curves over {} rates. Without clipping the loss goes from {} at the lowest to {} at the highest, with clipping \
             from {} to {}.",
            free.len(), free[0], free[free.len() - 1], clipped[0], clipped[clipped.len() - 1],
        )))
}

fn lengths(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("clipping")?;
    let mut chart = LineChart::new(
        "The gradient's length, step by step",
        Axis::linear("Step").format(Format::Int),
        Axis::log("Length of the gradient").format(Format::Plain),
    );
    let number = |key: &str, format: Format| -> anyhow::Result<String> {
        Ok(format.number(results.number(&format!("drawn/{key}"))?))
    };
    let last = Format::Int.number(results.number("last")?);
    for (name, words) in [("free", "as it is"), ("clipped", "where it is clipped")] {
        let series = results.series(&format!("drawn/{name}"))?;
        let values = &series.get("length")?.values;
        let positive = series.x.iter().copied().zip(values.iter().map(|v| v.max(1e-6)));
        chart = chart.curve(words, positive);
    }
    Ok(chart
        .markers(false)
        .draw()?
        .caption(format!(
            "Seed {}, whose gradient without clipping was the longest of all at this rate: {} at step {}. Over the last {last} steps \
             its mean length is {} and the mean loss {}. The same seed with clipping, measured before the cut: {} and {}.",
            results.number("drawn/seed")?,
            number("free/longest", Format::Fixed(1))?,
            number("free/longest-at", Format::Int)?,
            number("free/last-lengths", Format::Fixed(2))?,
            number("free/last-losses", Format::Fixed(2))?,
            number("clipped/last-lengths", Format::Fixed(2))?,
            number("clipped/last-losses", Format::Fixed(2))?,
        ))
        .description(format!(
            "Two jagged curves on a logarithmic axis. The one without clipping is highest at step {}, at {}; the clipped one at \
             step {}, at {}.",
            number("free/longest-at", Format::Int)?,
            number("free/longest", Format::Fixed(1))?,
            number("clipped/longest-at", Format::Int)?,
            number("clipped/longest", Format::Fixed(1))?,
        )))
}

fn batch(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("batch")?;
    let sizes = &results.series("accuracy")?.x;
    let right = |key: &str| -> anyhow::Result<String> {
        Ok(Format::Percent(1).number(results.number(key)?))
    };
    let chart = LineChart::new(
        "Accuracy after one epoch, by mini-batch",
        Axis::log("Samples of a mini-batch").format(Format::Int),
        share("Share of validation garments right"),
    );
    Ok(chart
        .series(results.series("accuracy")?)
        .draw()?
        .caption(format!(
            "One epoch, in fewer steps the larger the mini-batch; bands are the lowest and the highest of three seeds. At {} a \
             rate in proportion gives {} where the same rate gives {}; at {} it gives {}, and {} after a warm-up.",
            Format::Int.number(sizes[sizes.len() - 2]),
            right("scaled/512")?,
            right("same/512")?,
            Format::Int.number(sizes[sizes.len() - 1]),
            right("scaled/2048")?,
            right("warm/2048")?,
        ))
        .description(format!(
            "Three curves with bands over mini-batches of {}. From the smallest to the largest, the one for the same rate goes \
             from {} to {}, that for a rate in proportion to {}, and that after a warm-up to {}.",
            results.series("accuracy")?.span(Format::Int),
            right("same/32")?,
            right("same/2048")?,
            right("scaled/2048")?,
            right("warm/2048")?,
        )))
}

fn candidates(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("mlp")?;
    let chart = LineChart::new(
        "Four candidates in training, against SGD",
        Axis::linear("Step").format(Format::Int),
        Axis::linear("Training loss above SGD's").format(Format::Fixed(2)),
    );
    let last = results.series("losses")?.y.iter().filter_map(|curve| curve.values.last().copied());
    let [low, high] = ends(last).map(|loss| Format::Fixed(2).number(loss));
    Ok(chart
        .series(&against(results.series("losses")?, "SGD")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "Means of sixty steps, with one seed each, as differences to SGD, without the first eighth of the steps. The rates fall to zero, and the losses to {low} to \
             {high}.",
        ))
        .description(format!("Four curves around zero: the loss of each candidate above that of SGD. The losses end between {low} and {high}.")))
}
