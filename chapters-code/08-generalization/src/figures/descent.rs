//! Figures of double descent: what interpolation looks like, the curve in closed form, its norm, its formula, its ridges,
//! and the same in trained networks.

use std::f64::consts::TAU;

use ndarray::Array2;
use notebook::figure::schematic::{Meaning, Plane, Schematic, Side, Words};
use notebook::figure::{Axis, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results, Rng, Series};
use rand::SeedableRng as _;

use crate::mnist1d::{Draws, LENGTH, LONG, steps, templates};
use crate::ridge::LeastSquares;

/// Adds them.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("interpolation", interpolation)
        .figure("descent", descent)
        .figure("norm", norm)
        .figure("smallest", smallest)
        .figure("noise", noise)
        .figure("ridge", ridge)
        .figure("signal", signal)
        .figure("trained", trained)
        .figure("trained-clean", trained_clean)
}

/// A recorded number as a caption has it.
fn words(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

/// A whole number as a caption has it.
fn whole(number: usize) -> String {
    Format::Int.number(number as f64)
}

/// Numbers of features that captions single out: half as many as garments, as many, and the most.
const SHOWN: [usize; 3] = [500, 1000, 10_000];

/// Numbers of features below and above the samples of noise, and far above.
const NOISY: [usize; 3] = [34, 46, 240];

/// Ridges that are drawn.
const RIDGES: [&str; 4] = ["0.001", "0.01", "0.1", "1"];

/// Widths that captions single out.
const WIDTHS: [usize; 5] = [5, 16, 47, 61, 177];

/// Six points that are drawn through.
const POINTS: [(f64, f64); 6] =
    [(0.05, 0.25), (0.2, 0.75), (0.42, 0.55), (0.55, 0.2), (0.78, 0.45), (0.95, 0.8)];
/// Numbers of features: fewer than points, as many, many more.
const FEATURES: [usize; 3] = [3, 6, 200];

/// The curve of least norm through the points, or as near as it gets, with so many waves.
fn curve(features: usize) -> anyhow::Result<Vec<(f64, f64)>> {
    // Frequencies and phases spread evenly, so that the drawing needs no dice.
    let wave = |j: f64| (20.0 * (j * 3_f64.sqrt()).fract(), TAU * (j * 2_f64.sqrt()).fract());
    let waves: Vec<(f64, f64)> = (1..=features).map(|j| wave(j as f64)).collect();
    let high = (2.0 / features as f64).sqrt();
    let row = |t: f64| waves.iter().map(move |(w, b)| high * (w * t + b).cos());
    let x: Vec<f64> = POINTS.iter().flat_map(|(t, _)| row(*t)).collect();
    let x = Array2::from_shape_vec((POINTS.len(), features), x)?;
    let y = Array2::from_shape_fn((POINTS.len(), 1), |(i, _)| POINTS[i].1);
    let weights = LeastSquares::new(x.view(), y.view())?.fit(0.0)?;
    let at = |t: f64| (t, row(t).zip(&weights).map(|(x, w)| x * w).sum());
    Ok((0..=200).map(|i| at(f64::from(i) / 200.0)).collect())
}

fn interpolation(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let curves: anyhow::Result<Vec<_>> = FEATURES.into_iter().map(curve).collect();
    let curves = curves?;
    let ends = curves.iter().map(|curve| {
        let most = curve.iter().map(|(_, y)| y.abs()).fold(0.0, f64::max);
        Format::Fixed(1).number(most)
    });
    let ends: Vec<String> = ends.collect();
    let titles = ["too few", "as many", "many more"];
    let figure = Schematic::new("Three ways through six points", (12.0, 4.3))
        .narrow((6.4, 12.6))
        .draw(|sheet| {
        for (i, (title, curve)) in titles.iter().zip(&curves).enumerate() {
            let at = sheet.pick((0.5 + 3.9 * i as f64, 0.8), (0.5, 0.8 + 4.2 * i as f64));
            let size = sheet.pick((3.4, 2.7), (5.4, 2.9));
            let mut plane = Plane::new(at, size, (0.0, 1.0), (-0.6, 2.4))
                .curve(curve.iter().copied(), Meaning::Value);
            for point in POINTS {
                plane = plane.point(point, 1, "", Side::Above);
            }
            sheet.add(plane);
            let n = FEATURES[i];
            sheet.add(Words::new((at.0, at.1 - 0.35), format!("N = {n}, {title}")));
        }
    })?;
    Ok(figure
        .caption(format!(
            "Least squares through six points with {}, {} and {} waves of different frequencies, each time the solution with the shortest weights. With three the curve misses points. With six it must meet all of them, \
             and between them goes as far as {} from nought. With {} it meets them, too, and has a choice.",
            FEATURES[0], FEATURES[1], FEATURES[2], ends[1], FEATURES[2],
        ))
        .description(format!(
            "Three planes with the same six points. Left a slow curve that misses them; in the middle one that meets all and swings out between, to {}; right a curve that meets all and stays within {}.",
            ends[1], ends[2],
        )))
}

fn of_features() -> Axis {
    Axis::log("Features N").format(Format::Int)
}

fn chart(title: &str, y: Axis) -> LineChart {
    LineChart::new(title, of_features(), y)
}

/// One curve of a series, under another name.
fn one(series: &Series, curve: &str, name: &str) -> anyhow::Result<Series> {
    let mut curve = series.get(curve)?.clone();
    curve.name = name.to_owned();
    Ok(Series { x_name: series.x_name.clone(), x: series.x.clone(), y: vec![curve] })
}

/// The means of a curve, without their band.
fn means(series: &Series, curve: &str) -> anyhow::Result<Vec<(f64, f64)>> {
    let values = &series.get(curve)?.values;
    Ok(series.x.iter().copied().zip(values.iter().copied()).collect())
}

fn descent(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("descent")?;
    let percent = |key: &str| words(&results, key, Format::Percent(1));
    let [clean, noisy] = ["true/error", "noisy/error"].map(|key| results.series(key));
    let noise = Format::Percent(0).number(results.number("noise")?);
    Ok(chart("Test error by the number of random features", Axis::share("Error").range(0.0, 1.0))
        .series(&one(noisy?, "no ridge", &format!("test, {noise} of labels by lot"))?)
        .series(&one(clean?, "no ridge", "test, true labels")?)
    .curve("training, true labels", means(results.series("true/training")?, "training garments")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "Least squares of least norm on {} garments, {} seeds, bands of Student's t. With true labels the test error falls to {} at {} features, rises to {} at {}, and falls again to {} at {}.",
            words(&results, "garments", Format::Int)?,
            words(&results, "seeds", Format::Int)?,
            percent("true/valley/error")?,
            words(&results, "true/valley", Format::Int)?,
            percent("true/error/1000")?,
            words(&results, "garments", Format::Int)?,
            percent("true/error/10000")?,
            words(&results, "most", Format::Int)?,
        ))
        .description(format!(
            "Two curves with a sharp peak at {} features. The training error is nought there and behind. With wrong labels the peak is at {}; at {} features the error is {}.",
            words(&results, "garments", Format::Int)?,
            percent("noisy/error/1000")?,
            words(&results, "most", Format::Int)?,
            percent("noisy/error/10000")?,
        )))
}

fn norm(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("descent")?;
    let length = |key: &str| words(&results, key, Format::Fixed(1));
    let [clean, noisy] = ["true/norm", "noisy/norm"].map(|key| results.series(key));
    Ok(chart("The length of the weights", Axis::log("Length of the weights").format(Format::Plain))
        .series(&one(noisy?, "length of the weights", "wrong labels among them")?)
        .series(&one(clean?, "length of the weights", "true labels")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "The same fits. With true labels the weights are {} long at {} features, {} at {}, and {} at {}.",
            length("true/norm/500")?,
            whole(SHOWN[0]),
            length("true/norm/1000")?,
            whole(SHOWN[1]),
            length("true/norm/10000")?,
            whole(SHOWN[2]),
        ))
        .description(format!(
            "Two curves on logarithmic axes that rise to a peak at {} features, {} with true labels and {} with wrong ones, and fall behind it.",
            whole(SHOWN[1]),
            length("true/norm/1000")?,
            length("noisy/norm/1000")?,
        )))
}

fn smallest(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("descent")?;
    let value = |key: &str| words(&results, key, Format::Scientific(1));
    Ok(chart("The smallest singular value of the features", Axis::log("Smallest singular value").format(Format::Plain))
        .series(results.series("smallest")?)
        .markers(false)
        .draw()?
        .caption(format!(
            "At {} features for as many garments the smallest singular value is {}; at {} it is {}, and at {} it is {}.",
            whole(SHOWN[1]),
            value("smallest/1000")?,
            whole(SHOWN[0]),
            value("smallest/500")?,
            whole(SHOWN[2]),
            value("smallest/10000")?,
        ))
        .description(format!(
            "A curve on logarithmic axes that falls to a narrow pit of {} at {} features and rises again to {}.",
            value("smallest/1000")?,
            whole(SHOWN[1]),
            value("smallest/10000")?,
        )))
}

fn noise(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("peak")?;
    let series = results.series("noise")?;
    let n = results.number("samples")? as usize;
    let formula = |features: usize| (features as f64, crate::formulas::noise(n, features));
    let (left, right) = ((4..n - 1).map(formula), (n + 2..=240).map(formula));
    let points = means(series, "measured")?;
    let measured = |side: &dyn Fn(f64) -> bool| -> Vec<(f64, f64)> {
        points.iter().copied().filter(|(x, _)| side(*x)).collect()
    };
    let value = |key: &str| words(&results, key, Format::Fixed(2));
    Ok(chart("Weights that fit noise", Axis::log("Mean square of the length").format(Format::Plain))
        .curve("measured, N below n", measured(&|x| x < n as f64))
        .curve("measured, N above n", measured(&|x| x > n as f64))
        .guide("formula", left)
        .guide("formula", right)
        .draw()?
        .caption(format!(
            "{} samples of pure noise on random features, the mean of {} problems for each point, beside the formula, which has nothing to fit. Its value is {} at {} features, {} at {} and {} at {}.",
            words(&results, "samples", Format::Int)?,
            words(&results, "problems", Format::Int)?,
            value("formula/34")?,
            whole(NOISY[0]),
            value("formula/46")?,
            whole(NOISY[1]),
            value("formula/240")?,
            whole(NOISY[2]),
        ))
        .description(format!(
            "Points along two branches that rise towards {} features from both sides, as two dashed curves do.",
            words(&results, "samples", Format::Int)?,
        )))
}

fn ridge(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("descent")?;
    let percent = |key: &str| words(&results, key, Format::Percent(1));
    let series = results.series("noisy/error")?;
    let mut drawn = Series { x_name: series.x_name.clone(), x: series.x.clone(), y: Vec::new() };
    drawn.y.push(series.get("no ridge")?.clone());
    for name in RIDGES {
        drawn.y.push(series.get(&format!("ridge {name}"))?.clone());
    }
    let with = RIDGES
        .map(|ridge| Ok(format!("{} with {ridge}", percent(&format!("noisy/peak/{ridge}"))?)));
    let with = with.into_iter().collect::<anyhow::Result<Vec<String>>>()?.join(", ");
    Ok(chart("A ridge takes the peak away", Axis::share("Test error").range(0.0, 1.0))
        .series(&drawn)
        .markers(false)
        .draw()?
        .caption(format!(
            "Labels with noise. At {} features the test error is {} without a ridge; by ridge it is {with}.",
            whole(SHOWN[1]),
            percent("noisy/peak/none")?,
        ))
        .description(format!(
            "{} curves. That without a ridge has a sharp peak at {} features; the larger the ridge, the lower the peak. At {} features the error is {} without a ridge and {} with the largest.",
            whole(drawn.y.len()),
            whole(SHOWN[1]),
            whole(SHOWN[2]),
            percent("noisy/end/none")?,
            percent("noisy/end/1")?,
        )))
}

/// A sample on its way from template to signal.
fn signal(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let label = 3;
    let draws = Draws::new(&mut Rng::seed_from_u64(4));
    let steps = steps(&templates()[label], &draws);
    let on = |x: &[f64]| -> Vec<(f64, f64)> {
        let last = (x.len() - 1) as f64;
        x.iter().enumerate().map(|(i, x)| (i as f64 / last, *x)).collect()
    };
    let moved = steps.moved.iter().filter(|x| **x != 0.0).count();
    Ok(LineChart::new(
        "From a template to a signal",
        Axis::linear("Place, from end to end").format(Format::Fixed(1)),
        Axis::linear("Signal").format(Format::Fixed(1)),
    )
    .curve("moved", on(&steps.moved))
    .curve("with noise", on(&steps.noisy))
    .curve("sheared and thinned", on(&steps.thinned))
    .markers(false)
    .draw()?
    .caption(format!(
        "A signal of class {label}. Its template was stretched and moved by {} of {LONG} places. Then noise was added, a line taken away, and {LENGTH} numbers were kept.",
        draws.shift,
    ))
    .description(format!(
        "Three curves. The first is level at nought but for {moved} places; the second has noise everywhere; the third is the second with a slope.",
    )))
}

fn of_width() -> Axis {
    Axis::log("Hidden units of a layer").format(Format::Int)
}

fn widths(title: &str, results: &Results, key: &str) -> anyhow::Result<LineChart> {
    let series = results.series(key)?;
    let published = series.get("published")?.values.clone();
    let chart = LineChart::new(title, of_width(), Axis::share("Error").range(0.0, 0.65));
    Ok(chart
        .height(440)
        .series(&one(series, "test", "test")?)
        .curve("training", means(series, "training")?)
        .guide("published test error", series.x.iter().copied().zip(published)))
}

fn trained(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("descent-trained")?;
    let percent = |key: &str| words(&results, key, Format::Percent(1));
    let int = |key: &str| words(&results, key, Format::Int);
    let (valley, peak) = (int("noisy/valley")?, int("noisy/peak")?);
    let widest = whole(WIDTHS[4]);
    Ok(widths("Trained networks, labels with noise", &results, "noisy")?
        .draw()?
        .caption(format!(
            "{} seeds of {} epochs, bands of Student's t. The test error is {} at {valley} hidden units, {} at {peak} and {} at {widest}. The dashed curve is what the authors of MNIST-1D published, of one seed.",
            int("seeds")?,
            int("epochs")?,
            percent(&format!("noisy/test/{valley}"))?,
            percent(&format!("noisy/test/{peak}"))?,
            percent("noisy/test/177")?,
        ))
        .description(format!(
            "The test error falls to {} at {valley} hidden units, rises to {} at {peak} and falls to {} at {widest}, beside a dashed curve of the same form. The training error is {} at {peak} and {} at {widest}.",
            percent(&format!("noisy/test/{valley}"))?,
            percent(&format!("noisy/test/{peak}"))?,
            percent("noisy/test/177")?,
            percent(&format!("noisy/training/{peak}"))?,
            percent("noisy/training/177")?,
        )))
}

fn trained_clean(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("descent-trained")?;
    let percent = |key: &str| words(&results, key, Format::Percent(1));
    Ok(widths("Trained networks, true labels", &results, "clean")?
        .draw()?
        .caption(format!(
            "The same without noise: {} at {} hidden units, {} at {} and {} at {}.",
            percent("clean/test/16")?,
            whole(WIDTHS[1]),
            percent("clean/test/47")?,
            whole(WIDTHS[2]),
            percent("clean/test/177")?,
            whole(WIDTHS[4]),
        ))
        .description(format!(
            "The test error falls from {} at {} hidden units to {} at {}; the training error reaches {} at {}.",
            percent("clean/test/5")?,
            whole(WIDTHS[0]),
            percent("clean/test/177")?,
            whole(WIDTHS[4]),
            percent("clean/training/61")?,
            whole(WIDTHS[3]),
        )))
}
