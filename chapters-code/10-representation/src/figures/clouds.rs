//! Principal components and t-SNE, and what they make of noise. The drawings of it.

use learning::fashion::CLASSES;
use notebook::figure::schematic::{Meaning, Plane, Schematic, Side, Words};
use notebook::figure::{Axis, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results, Table};

use super::panels::{self, Panel};
use crate::experiments::clouds::{NOISY, PERPLEXITIES, USUAL};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("plane-by-hand", by_hand)
        .figure("explained", explained)
        .figure("planes", planes)
        .figure("perplexity", perplexity)
        .figure("perplexities", perplexities)
        .figure("starts", starts)
        .figure("views", views)
        .figure("noise", noise)
        .figure("apart", apart)
}

fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

/// The places recorded under a key, with the kinds of the garments or without.
fn points(results: &Results, key: &str, kinds: bool) -> anyhow::Result<Vec<(f64, f64, usize)>> {
    let series = results.series(key)?;
    let up = &series.get("up")?.values;
    let labels =
        if kinds { results.series("labels")?.get("label")?.values.clone() } else { Vec::new() };
    let kind = |i: usize| labels.get(i).map_or(0, |&label| label as usize);
    let places = series.x.iter().zip(up).enumerate();
    Ok(places.map(|(i, (&x, &y))| (x, y, kind(i))).collect())
}

fn panel(results: &Results, title: String, key: &str, kinds: bool) -> anyhow::Result<Panel> {
    Ok(Panel { title, points: points(results, &format!("{key}/places"), kinds)? })
}

/// Four points, the two directions, and the shadows of the points on the first.
fn by_hand(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("plane")?;
    let series = results.series("hand/points")?;
    let points: Vec<(f64, f64)> =
        series.x.iter().copied().zip(series.get("y")?.values.iter().copied()).collect();
    let n = points.len() as f64;
    let sum = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
    let middle = (sum.0 / n, sum.1 / n);
    let direction = |i: usize| -> anyhow::Result<(f64, f64)> {
        let of = |axis: &str| results.number(&format!("hand/direction/{i}/{axis}"));
        Ok((of("x")?, of("y")?))
    };
    let (first, second) = (direction(1)?, direction(2)?);
    let deviations = [results.number("hand/variance/1")?, results.number("hand/variance/2")?];
    let figure = Schematic::new("Two directions of four points", (12.0, 9.4)).narrow((9.0, 8.2));
    let figure = figure.draw(|sheet| {
        let size = sheet.pick((10.0, 8.0), (7.6, 6.8));
        let mut plane = Plane::new((1.2, 0.4), size, (-1.0, 6.0), (-0.8, 4.8))
            .axes("x", "y")
            .ticks([0.0, 2.0, 4.0], [0.0, 2.0, 4.0]);
        for &(x, y) in &points {
            let along = (x - middle.0) * first.0 + (y - middle.1) * first.1;
            let foot = (middle.0 + along * first.0, middle.1 + along * first.1);
            plane = plane.curve([(x, y), foot], Meaning::Quiet);
        }
        for (way, variance, words, side) in [
            (first, deviations[0], "first direction", Side::Right),
            (second, deviations[1], "second", Side::Right),
        ] {
            let length = variance.sqrt();
            let end = (middle.0 + way.0 * length, middle.1 + way.1 * length);
            plane =
                plane.arrow(middle, end, Meaning::Focus).words(end, words, side, Meaning::Focus);
        }
        for &at in &points {
            plane = plane.point(at, 0, "", Side::Above);
        }
        sheet.add(plane);
    })?;
    let mut data = Table::new(["Direction", "x | fixed 3", "y | fixed 3", "Variance | fixed 3"]);
    for (name, way, variance) in
        [("first", first, deviations[0]), ("second", second, deviations[1])]
    {
        data.row([name.into(), way.0.into(), way.1.into(), variance.into()]);
    }
    let share = number(&results, "hand/share/1", Format::Percent(0))?;
    Ok(figure
        .data(data)
        .caption(format!(
            "Each arrow is as long as the deviation in its direction. The dotted lines lead from the points to their shadows on the first direction, which keep {share} of the variance.",
        ))
        .description(
            "Four points in two pairs, one pair at the lower left and one at the upper right. From their middle a long arrow points to the upper right and a short one at right angles to it.",
        ))
}

fn explained(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("plane")?;
    let of = |key: &str| number(&results, key, Format::Percent(0));
    let x = Axis::linear("Components").format(Format::Int);
    let y = Axis::share("Share of the variance").range(0.0, 1.0);
    let last = number(&results, "components", Format::Int)?;
    Ok(LineChart::new("What the first components hold", x, y)
        .series(results.series("explained")?)
        .draw()?
        .caption(format!(
            "Two components hold {} of the variance of the pixels and {} of that of the features; {last} hold {} and {}.",
            of("pixels/explained/2")?,
            of("features/explained/2")?,
            of("pixels/explained/50")?,
            of("features/explained/50")?,
        ))
        .description(format!(
            "Two rising curves over the number of components, steep at first and then flat. The one of the pixels begins at {} and the one of the features at {}.",
            of("pixels/explained/1")?,
            of("features/explained/1")?,
        )))
}

fn planes(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("plane")?;
    let of = |key: &str| number(&results, key, Format::Percent(0));
    let panels = [
        panel(&results, "Pixels".into(), "pixels", true)?,
        panel(&results, "Features of block 10".into(), "features", true)?,
    ];
    Ok(panels::figure("Garments in the plane of two components", &panels, &CLASSES)
        .caption(format!(
            "Neighbours in the plane tell the kind of {} of the garments for pixels, and of {} for features. A letter stands in the middle of its kind.",
            of("pixels/vote/plane")?,
            of("features/vote/plane")?,
        ))
        .description(
            "Two clouds of marks in ten forms. In both, garments for the feet lie apart from those for the body, and the kinds for the body lie upon each other.",
        ))
}

/// How squared distances become probabilities, at two perplexities.
fn perplexity(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("tsne")?;
    let places = &results.series("hand/places")?.x;
    let asked = [2_u32, 3];
    let mut curves = Vec::new();
    let mut data =
        Table::new(["Perplexity | int", "σ | fixed 2", "Distance | int", "Probability | fixed 3"]);
    for perplexity in asked {
        let sigma = results.number(&format!("hand/{perplexity}/sigma"))?;
        let p = places.iter().map(|place| results.number(&format!("hand/{perplexity}/p/{place}")));
        let p: Vec<f64> = p.collect::<Result<_, _>>()?;
        for (place, p) in places.iter().zip(&p) {
            data.row([perplexity.into(), sigma.into(), (*place).into(), (*p).into()]);
        }
        curves.push((perplexity, sigma, p));
    }
    let figure = Schematic::new("From a bell to probabilities", (16.0, 7.4)).narrow((9.0, 13.4));
    let figure = figure.draw(|sheet| {
        let corners = sheet.pick([(1.3, 1.3), (9.3, 1.3)], [(1.3, 1.3), (1.3, 7.9)]);
        let size = sheet.pick((6.4, 4.8), (7.4, 4.3));
        for ((perplexity, sigma, p), at) in curves.iter().zip(corners) {
            let top = p[0] * ((places[0] / sigma).powi(2) / 2.0).exp();
            let bell = |x: f64| top * (-(x / sigma).powi(2) / 2.0).exp();
            let curve = (0..=140).map(|i| f64::from(i) * 0.05).map(|x| (x, bell(x)));
            let mut plane = Plane::new(at, size, (0.0, 7.0), (0.0, 1.0))
                .axes("distance", "")
                .ticks([0.0, 1.0, 2.0, 3.0, 6.0], [0.0, 0.5, 1.0])
                .curve(curve, Meaning::Value);
            for (&x, &p) in places.iter().zip(p) {
                let words = Format::Fixed(2).number(p);
                plane = plane.curve([(x, 0.0), (x, p)], Meaning::Quiet);
                plane = plane.point((x, p), 0, words, Side::Above);
            }
            sheet.add(plane);
            let words = format!("perplexity {perplexity}, σ = {}", Format::Fixed(2).number(*sigma));
            sheet.add(Words::new((at.0, at.1 - 0.75), words));
        }
    })?;
    Ok(figure
        .data(data)
        .caption(format!(
            "Four points at distances of {} from a fifth. The bell is made as wide as the perplexity asks, and the heights at the four points, which sum to one, are the probabilities.",
            places.iter().map(|&x| Format::Int.number(x)).collect::<Vec<_>>().join(", "),
        ))
        .description(format!(
            "Two falling bell curves with four points each. At the smaller perplexity the nearest point has {} of the probability, at the larger {}.",
            Format::Percent(0).number(curves[0].2[0]),
            Format::Percent(0).number(curves[1].2[0]),
        )))
}

fn perplexities(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("tsne")?;
    let key = |perplexity: u32| format!("pixels/{perplexity}/components");
    let of = |perplexity: u32| {
        panel(&results, format!("perplexity {perplexity}"), &key(perplexity), true)
    };
    let panels = [of(PERPLEXITIES[0])?, of(PERPLEXITIES[1])?, of(PERPLEXITIES[2])?];
    let trust = PERPLEXITIES
        .map(|p| number(&results, &format!("{}/trustworthiness", key(p)), Format::Fixed(3)));
    let [a, b, c] = trust;
    Ok(panels::figure("The same garments at three perplexities", &panels, &CLASSES)
        .caption(format!(
            "Pixels of garments, each picture from the plane of two components. From the left the trustworthiness is {}, {} and {}.",
            a?, b?, c?,
        ))
        .description(
            "Three clouds of marks in ten forms. In the first the kinds are scattered in many small pieces, in the last they form a few connected areas. Trousers and bags stand alone in all.",
        ))
}

fn starts(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("tsne")?;
    let of = |title: &str, start: &str| {
        panel(&results, title.into(), &format!("pixels/{USUAL}/{start}"), true)
    };
    let panels = [
        of("from the components", "components")?,
        of("at random, first", "seed-1")?,
        of("at random, second", "seed-2")?,
    ];
    Ok(panels::figure("The same garments from three starts", &panels, &CLASSES)
        .caption(format!(
            "All at perplexity {}. Of the nearest neighbours of a garment in one random picture {} are its neighbours in the other.",
            Format::Int.number(USUAL.into()),
            number(&results, &format!("pixels/{USUAL}/agreement"), Format::Percent(0))?,
        ))
        .description(
            "Three clouds with the same groups of marks. The groups are turned, mirrored and arranged otherwise from picture to picture.",
        ))
}

fn views(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("tsne")?;
    let of = |title: &str, cloud: &str| {
        panel(&results, title.into(), &format!("{cloud}/{USUAL}/components"), true)
    };
    let panels = [of("Pixels", "pixels")?, of("Features of block 10", "features")?];
    let vote = |cloud: &str| number(&results, &format!("{cloud}/vote"), Format::Percent(1));
    Ok(panels::figure("Two views of the same garments", &panels, &CLASSES)
        .caption(format!(
            "At perplexity {}. Neighbours in the picture tell the kind of {} of the garments for pixels, and of {} for features.",
            Format::Int.number(USUAL.into()),
            vote("pixels")?,
            vote("features")?,
        ))
        .description("Two clouds of marks in ten forms, in which most kinds form areas of their own."))
}

fn noise(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("noise")?;
    let of = |perplexity: u32| {
        panel(&results, format!("perplexity {perplexity}"), &format!("blob/{perplexity}"), false)
    };
    let plane = panel(&results, "drawn in the plane".into(), "plane", false)?;
    let panels = [of(NOISY[0])?, of(NOISY[2])?, plane];
    let near = |key: &str| number(&results, &format!("{key}/nearest"), Format::Fixed(2));
    Ok(panels::figure("Noise", &panels, &[])
        .caption(format!(
            "{} points of normal noise: in {} dimensions, shown at two perplexities, and in two dimensions as they are. Relative to shaken copies the nearest point is at {}, {} and {}.",
            number(&results, "points", Format::Int)?,
            number(&results, "dimensions", Format::Int)?,
            near("blob/2")?,
            near("blob/30")?,
            near("plane")?,
        ))
        .description(
            "Three clouds of discs. The first falls into many short strings and clumps with gaps between them. The second fills a round area evenly. The third is dense in the middle and thin outside.",
        ))
}

fn apart(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("noise")?;
    let series = results.series("apart")?;
    let (first, last) = (
        series.x.iter().copied().fold(f64::INFINITY, f64::min),
        series.x.iter().copied().fold(0.0, f64::max),
    );
    let picture = series.get("in the picture")?;
    let ends = |values: &[f64]| (values[0], values[values.len() - 1]);
    let (near, far) = ends(&picture.values);
    let format = |x: f64| Format::Fixed(1).number(x);
    Ok(LineChart::new(
        "Two clusters that go apart",
        Axis::linear("Distance in truth, in radii of a cluster").format(Format::Int),
        Axis::linear("Distance, in radii").from_zero().format(Format::Int),
    )
    .series(series)
    .guide("as it is", [(first, first), (last, last)])
    .draw()?
    .caption(format!(
        "In truth the clusters go from {} to {} radii apart, in the picture from {} to {}. The band is the interval over three draws.",
        format(first),
        format(last),
        format(near),
        format(far),
    ))
    .description(
        "A level curve with a band, and a dashed line that rises from below it to above it.",
    ))
}
