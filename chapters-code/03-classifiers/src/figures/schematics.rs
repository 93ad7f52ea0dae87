//! How the models decide, on the six samples of [`crate::toy`], and how a panel lies in memory.

use ndarray::aview1;
use notebook::figure::schematic::{
    Edge, Grid, Meaning, Node, Place, Plane, Schematic, Side, Words,
};
use notebook::{Figure, Format, Recorded};

use crate::model::{Fit as _, Inputs};
use crate::{NaiveBayes, neighbours, toy};

/// The corners of the plane.
const X: (f64, f64) = (0.0, 6.0);
const Y: (f64, f64) = (0.0, 4.0);

fn number(x: f64) -> String {
    Format::Fixed(2).number(x).replace('-', "−")
}

/// The plane with the six samples.
fn plane((at, size): (Place, Place)) -> Plane {
    let mut plane =
        Plane::new(at, size, X, Y).axes("x₁", "x₂").ticks([0.0, 2.0, 4.0, 6.0], [0.0, 2.0, 4.0]);
    for (row, label) in toy::samples().rows().into_iter().zip(toy::LABELS) {
        let at = (f64::from(row[0]), f64::from(row[1]));
        plane = plane.point(at, usize::from(label), "", Side::Above);
    }
    plane
}

/// Where the plane lies on a wide sheet and on a narrow one.
const WIDE: (Place, Place) = ((1.2, 0.6), (9.9, 6.6));
const NARROW: (Place, Place) = ((0.5, 0.5), (6.3, 4.2));

fn new() -> Place {
    (f64::from(toy::NEW[0]), f64::from(toy::NEW[1]))
}

/// Three neighbours of a new sample, and their votes.
pub fn voting(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let x = toy::samples();
    let near = neighbours::nearest_plain(x.view(), aview1(&toy::NEW), 3);
    let votes = neighbours::votes(&near, &toy::LABELS, 2);
    let radius = near[2].squared_distance.sqrt();
    // The part of the circle that is in the plane.
    let below = ((new().1 - Y.0) / radius).min(1.0).asin();
    let circle: Vec<Place> = (0..=72)
        .map(|i| -below + f64::from(i) / 72.0 * (std::f64::consts::PI + 2.0 * below))
        .map(|turn| (new().0 + radius * turn.cos(), new().1 + radius * turn.sin()))
        .collect();
    let figure =
        Schematic::new("Three neighbours", (12.0, 8.0)).narrow((7.2, 5.4)).draw(|sheet| {
            let plane = plane(sheet.pick(WIDE, NARROW));
            let mut plane = plane.curve(circle.iter().copied(), Meaning::Quiet);
            for n in &near {
                let to = (f64::from(x[(n.row, 0)]), f64::from(x[(n.row, 1)]));
                plane = plane.curve([new(), to], Meaning::Value);
            }
            sheet.add(plane.point(new(), 2, "?", Side::Below));
        })?;
    let distances =
        near.iter().map(|n| number(n.squared_distance.sqrt())).collect::<Vec<_>>().join(", ");
    Ok(figure
        .caption(format!(
            "Six samples of two classes, and a new one at ({}, {}). Its three nearest are {distances} away; {} of them vote for the class on the right, {} for that on the left.",
            number(new().0), number(new().1), votes[1], votes[0],
        ))
        .description(format!(
            "A plane with three dots on the left, three on the right and a question mark between them, from which lines lead to the three nearest dots, at distances {distances}."
        )))
}

/// The bells of two classes, as ellipses.
pub fn bells(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let x = toy::samples();
    let model = NaiveBayes { floor: 0.0 }.fit(Inputs::Reals(x.view()), &toy::LABELS)?;
    let ellipse = |class: usize, deviations: f64| -> Vec<Place> {
        (0..=72)
            .map(|i| {
                let turn = f64::from(i) / 72.0 * std::f64::consts::TAU;
                let along = |j: usize, s: f64| {
                    model.means[(class, j)] + deviations * model.variances[(class, j)].sqrt() * s
                };
                (along(0, turn.cos()), along(1, turn.sin()))
            })
            .collect()
    };
    let figure = Schematic::new("Two bells", (12.0, 8.0)).narrow((7.2, 5.4)).draw(|sheet| {
        let mut plane = plane(sheet.pick(WIDE, NARROW));
        for (class, meaning) in [(0, Meaning::Value), (1, Meaning::Gradient)] {
            for deviations in [1.0, 2.0] {
                plane = plane.curve(ellipse(class, deviations), meaning);
            }
        }
        sheet.add(plane.point(new(), 2, "?", Side::Below));
    })?;
    let bell = |class: usize| {
        format!(
            "mean ({}, {}) and deviations {} and {}",
            number(model.means[(class, 0)]),
            number(model.means[(class, 1)]),
            number(model.variances[(class, 0)].sqrt()),
            number(model.variances[(class, 1)].sqrt())
        )
    };
    Ok(figure
        .caption(format!(
            "A bell for each class and feature. The class on the left has {}, the one on the right {}. The ellipses are one and two deviations wide, and lie along the axes, because the features are taken one by one.",
            bell(0), bell(1),
        ))
        .description(format!(
            "A plane with two upright ellipses around the dots of each class. The left class has {}, the right one {}.",
            bell(0), bell(1),
        )))
}

/// From two features to two probabilities.
pub fn scores(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let [w, v, b] = toy::LINE.map(f64::from);
    let z = [1.0, -1.0].map(|sign| -sign * (w * new().0 + v * new().1 + b));
    let sum = z[0].exp() + z[1].exp();
    let p = z.map(|z| z.exp() / sum);
    let names = ["₁", "₂"];
    let figure = Schematic::new("From features to probabilities", (12.0, 4.9))
        .narrow((7.4, 5.0))
        .draw(|sheet| {
        let at = sheet.pick([0.8, 5.2, 10.4], [0.6, 3.3, 6.5]);
        let y = [1.2, 3.6];
        let input = |i: usize| {
            let value = number([new().0, new().1][i]);
            Node::new((at[0], y[i]), format!("x{}", names[i])).square().value(value)
        };
        let score =
            |i: usize| Node::new((at[1], y[i]), format!("z{}", names[i])).value(number(z[i]));
        let probability =
            |i: usize| Node::new((at[2], y[i]), format!("p{}", names[i])).value(number(p[i]));
        for i in 0..2 {
            for j in 0..2 {
                let weight = [w, v][i] * if j == 0 { -1.0 } else { 1.0 };
                let edge = Edge::new(&input(i), &score(j)).share(if i == j { 0.5 } else { 0.26 });
                let text = number(weight);
                sheet.add(if i == 0 {
                    edge.weight(text)
                } else {
                    edge.below_as(text, Meaning::Weight)
                });
                sheet.add(Edge::new(&score(i), &probability(j)));
            }
        }
        sheet.all((0..2).map(input));
        sheet.all((0..2).map(score));
        sheet.all((0..2).map(probability));
    })?;
    Ok(figure
        .caption(format!(
            "Softmax regression on the new sample. Each score is a weighted sum with an intercept, {} for the first class and {} for the second; the scores {} and {} become probabilities {} and {}, which add up to one.",
            number(-b), number(b), number(z[0]), number(z[1]), number(p[0]), number(p[1]),
        ))
        .description(format!(
            "Three columns of two nodes: features {} and {}, scores {} and {}, probabilities {} and {}. Each node has arrows to both of the next column.",
            number(new().0), number(new().1), number(z[0]), number(z[1]), number(p[0]), number(p[1]),
        )))
}

/// The widest street between two classes.
pub fn street(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let [w, v, b] = toy::LINE.map(f64::from);
    let width = 2.0 / w.hypot(v);
    let figure =
        Schematic::new("The widest street", (12.0, 8.0)).narrow((7.2, 5.4)).draw(|sheet| {
            let plane = plane(sheet.pick(WIDE, NARROW))
                .half([w, v, b], Meaning::Gradient)
                .line([w, v, b - 1.0], Meaning::Quiet)
                .line([w, v, b + 1.0], Meaning::Quiet)
                .line([w, v, b], Meaning::Value)
                .arrow((3.0, 3.4), (4.0, 3.4), Meaning::Weight)
                .words((3.5, 3.5), "w", Side::Above, Meaning::Weight);
            sheet.add(plane.point(new(), 2, "?", Side::Below));
        })?;
    Ok(figure
        .caption(format!(
            "On the line in the middle the score is nought, on the kerbs it is one in size. The street is {} wide, two over the length of w. Only the two samples on the kerbs hold it; the others could move about behind them, and nothing would change.",
            number(width)
        ))
        .description(format!(
            "A plane with a vertical line between the classes and a dotted line on either side, {} apart, each through one dot. The right half is shaded.",
            number(width)
        )))
}

/// How remembered rows lie side by side.
pub fn panels(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let figure = Schematic::new("Sixteen rows in a panel", (12.0, 5.6)).narrow((7.4, 6.4)).draw(
        |sheet| {
            let cell = sheet.pick(0.5, 0.36);
            let (x, y) = sheet.pick((1.9, 1.4), (1.35, 1.5));
            let rows = Grid::empty((x, y), cell, 6, 16)
                .title("sixteen rows, four features of each")
                .sides((0..6).map(|i| format!("{}–{}", 4 * i, 4 * i + 3)))
                .window((0, 0), (1, 16), Meaning::Value);
            sheet.add(rows);
            let below = y + 6.0 * cell + 0.5;
            sheet.add(Words::new((x, below), "features"));
        },
    )?;
    Ok(figure
        .caption("A panel holds sixteen rows side by side, four features of each in turn. One line of the cache is what one instruction multiplies: sixteen rows times four features.")
        .description("A grid of sixteen columns, one for each remembered row, and a line for every four features; the first line is framed."))
}
