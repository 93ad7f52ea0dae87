//! How units, layers, lines and folds look. Their numbers come from the networks that are drawn.

use ndarray::{Array1, array};
use notebook::figure::schematic::{
    Edge, Frame, Meaning, Node, Place, Plane, Schematic, Side, Sketch, Words,
};
use notebook::{Figure, Format, Recorded};

use crate::sawtooth::sawtooth;
use crate::{Activation, Layer, Mlp, bumps};

/// The input of the network.
const INPUT: [f64; 2] = [1.0, 2.0];

/// The numbers of units and inputs.
const SUBSCRIPTS: [char; 2] = ['₁', '₂'];

fn number(x: f64) -> String {
    Format::Plain.number(x).replace('-', "−")
}

/// Several numbers as a list of words.
fn list(numbers: impl IntoIterator<Item = f64>) -> String {
    numbers.into_iter().map(number).collect::<Vec<_>>().join(", ")
}

/// One unit with two inputs, from the inputs to its activation.
pub fn unit(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (input_of, w, b) = ([2.0, 1.0], array![2.0, -2.0], -1.0);
    let z = w.dot(&Array1::from(input_of.to_vec())) + b;
    let a = Activation::Step.of(z);
    let figure = Schematic::new("A unit", (12.0, 3.6)).narrow((7.4, 3.6)).draw(|sheet| {
        let (left, sum, out) = sheet.pick((0.7, 5.2, 8.6), (0.5, 3.4, 5.3));
        let last = sheet.size().0 - 0.1;
        let x = [(left, 1.1), (left, 2.9)];
        let bias = Node::new((sum, 0.4), "b").square();
        let sum = Node::new((sum, 2.0), "Σ");
        let f = Node::new((out, 2.0), "f");
        for (i, at) in x.into_iter().enumerate() {
            let input = Node::new(at, format!("x{}", SUBSCRIPTS[i])).square();
            let input = input.value(number(input_of[i]));
            let weight = format!("w{} = {}", SUBSCRIPTS[i], number(w[i]));
            sheet.add(Edge::new(&input, &sum).weight(weight));
            sheet.add(input);
        }
        sheet.add(Edge::new(&bias, &sum).weight(number(b)));
        sheet.add(Edge::new(&sum, &f).above("z").value(number(z)));
        sheet.add(Edge::new(&f, (last, 2.0)).above("a").value(number(a)));
        sheet.all([bias, sum, f]);
    })?;
    Ok(figure
        .caption(format!(
            "A unit with two inputs. Each input is multiplied by its weight, the products and the bias are added to z = {}, and f, here the step, makes a = {} of it.",
            number(z), number(a),
        ))
        .description(format!(
            "Two inputs, {}, have arrows to a circle with the sign of a sum; the arrows carry the weights {}. The bias, {}, \
             has an arrow to the same circle. From there an arrow z, {}, leads to a circle f and an arrow a, {}, leads out.",
            list(input_of), list(w.iter().copied()), number(b), number(z), number(a),
        )))
}

/// The network that is drawn: two inputs, two hidden units, two outputs, no biases.
fn example() -> Mlp {
    let layer = |weights, activation| Layer { weights, bias: Array1::zeros(2), activation };
    Mlp {
        layers: vec![
            layer(array![[1.0, -1.0], [0.5, 1.0]], Activation::Relu),
            layer(array![[1.0, 2.0], [-1.0, 1.0]], Activation::Identity),
        ],
    }
}

/// A network of two layers with its weights and values.
pub fn network(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let network = example();
    let x = Array1::from(INPUT.to_vec());
    let hidden = network.layers[0].forward(x.view());
    let output = network.forward(x.view());
    let columns = [("x", &x), ("a", &hidden), ("y", &output)];
    let figure = Schematic::new("A network of two layers", (12.0, 4.9)).narrow((7.4, 5.0)).draw(
        |sheet| {
            let at = sheet.pick([0.8, 5.6, 10.4], [0.6, 3.5, 6.3]);
            let wide = sheet.pick(2.6, 2.1);
            for (c, name) in [(1, "hidden layer"), (2, "output layer")] {
                sheet.add(Frame::around((at[c] - wide / 2.0, 0.1), (wide, 4.7), name));
            }
            let node = |c: usize, i: usize| {
                let (name, values) = columns[c];
                let node = Node::new((at[c], [1.4, 3.7][i]), format!("{name}{}", SUBSCRIPTS[i]));
                let node = node.value(number(values[i]));
                if c == 0 { node.square() } else { node }
            };
            for c in 0..2 {
                for i in 0..2 {
                    for j in 0..2 {
                        let weight = number(network.layers[c].weights[[j, i]]);
                        let edge = Edge::new(&node(c, i), &node(c + 1, j));
                        let edge = edge.share(if i == j { 0.5 } else { 0.26 });
                        // Above the upper edges and below the lower ones, where nothing crosses.
                        sheet.add(if i == 0 {
                            edge.weight(weight)
                        } else {
                            edge.below_as(weight, Meaning::Weight)
                        });
                    }
                }
            }
            sheet.all((0..3).flat_map(|c| (0..2).map(move |i| (c, i))).map(|(c, i)| node(c, i)));
        },
    )?;
    let weights = |c: usize| {
        let rows = network.layers[c].weights.rows();
        rows.into_iter().map(|row| list(row.iter().copied())).collect::<Vec<_>>().join(" and ")
    };
    Ok(figure
        .caption(format!(
            "Two layers. Each unit of a layer reads everything that the layer before passes on. The hidden units are rectifiers, the outputs have no f, and all biases are zero. For x = ({}) the hidden units give ({}) and the outputs ({}).",
            list(INPUT), list(hidden.iter().copied()), list(output.iter().copied()),
        ))
        .description(format!(
            "Three columns of two: inputs with the values {}, a hidden layer with {}, an output layer with {}. Every node of a \
             column has an arrow to every node of the next. The weights into the hidden units are {}, those into the outputs {}.",
            list(INPUT), list(hidden.iter().copied()), list(output.iter().copied()), weights(0), weights(1),
        )))
}

/// A line in a plane, as a unit has it: its weights as an arrow, and its margin.
pub fn line(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (w, b) = ([0.6, 0.8], -3.0);
    let yes = [(2.6, 3.0), (4.4, 1.5), (5.2, 2.6), (4.0, 2.9)];
    let no = [(1.0, 1.2), (3.0, 0.5), (0.7, 2.3), (2.2, 1.1)];
    let score = |(x, y): Place| w[0] * x + w[1] * y + b;
    let all = || yes.iter().map(|&p| (p, 1.0)).chain(no.iter().map(|&p| (p, -1.0)));
    let (nearest, sign, margin) = all().map(|(p, y)| (p, y, y * score(p))).fold(
        ((0.0, 0.0), 0.0, f64::INFINITY),
        |best, next| if next.2 < best.2 { next } else { best },
    );
    let foot = (nearest.0 - sign * margin * w[0], nearest.1 - sign * margin * w[1]);
    let root = (2.2, (-b - w[0] * 2.2) / w[1]);
    let tip = (root.0 + 1.2 * w[0], root.1 + 1.2 * w[1]);
    let figure = Schematic::new("A unit's line", (12.0, 8.0)).narrow((7.2, 5.4)).draw(|sheet| {
        let (at, size) = sheet.pick(((1.2, 0.6), (9.9, 6.6)), ((0.5, 0.5), (6.3, 4.2)));
        let mut plane = Plane::new(at, size, (0.0, 6.0), (0.0, 4.0))
            .axes("x₁", "x₂")
            .ticks([0.0, 2.0, 4.0, 6.0], [0.0, 2.0, 4.0])
            .half([w[0], w[1], b], Meaning::Value)
            .line([w[0], w[1], b - margin], Meaning::Quiet)
            .line([w[0], w[1], b + margin], Meaning::Quiet)
            .line([w[0], w[1], b], Meaning::Value)
            .curve([foot, nearest], Meaning::Focus)
            .words(
                ((foot.0 + nearest.0) / 2.0, (foot.1 + nearest.1) / 2.0),
                "γ",
                Side::Left,
                Meaning::Focus,
            )
            .arrow(root, tip, Meaning::Weight)
            .words(tip, "w", Side::Right, Meaning::Weight)
            .words((4.9, 3.35), "w·x + b > 0", Side::Above, Meaning::Plain)
            .words((1.1, 0.35), "w·x + b < 0", Side::Above, Meaning::Plain);
        for (points, n) in [(&no, 0), (&yes, 1)] {
            plane = points.iter().fold(plane, |plane, &p| plane.point(p, n, "", Side::Right));
        }
        sheet.add(plane);
    })?;
    Ok(figure
        .caption(format!(
            "A unit with two inputs in their plane. On the line w·x + b is zero and the unit is undecided. The arrow w stands upright on it and points to the side where the unit says yes. The margin γ is the distance of the nearest point, here {}.",
            Format::Fixed(2).number(margin),
        ))
        .description(
            "A plane with a falling straight line. Squares lie above it to the right, in a tinted half, discs below it to the left. \
             An arrow w leaves the line at a right angle into the tinted half. A short segment, γ, leads from the line to the nearest \
             point, and two dotted lines run beside the line at this distance.",
        ))
}

/// The four cases of XOR among the inputs and among the hidden units.
pub fn xor_planes(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let network = Mlp::xor();
    let (hidden, output) = (&network.layers[0], &network.layers[1]);
    let cases = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];
    let moved = |(x, y): Place| {
        let h = hidden.forward(array![x, y].view());
        (h[0], h[1])
    };
    let lit = |(x, y): Place| usize::from(network.forward(array![x, y].view())[0] > 0.5);
    let form =
        |layer: &Layer, i: usize| [layer.weights[[i, 0]], layer.weights[[i, 1]], layer.bias[i]];
    let figure =
        Schematic::new("XOR in two planes", (13.0, 6.8)).narrow((7.2, 12.2)).draw(|sheet| {
            let side = sheet.pick(4.8, 4.5);
            let (first, second) = sheet.pick(((1.0, 0.7), (7.7, 0.7)), ((1.3, 0.6), (1.3, 6.7)));
            let plane = |at: Place| {
                let plane = Plane::new(at, (side, side), (-0.5, 1.6), (-0.5, 1.6));
                plane.ticks([0.0, 1.0], [0.0, 1.0])
            };
            let mut inputs = plane(first).axes("x₁", "x₂");
            let mut hiddens = plane(second).axes("a₁: at least one is on", "a₂: both are on");
            for i in 0..2 {
                let [a, b, c] = form(hidden, i);
                inputs = inputs.line([a, b, c], Meaning::Weight);
                // Beside the line, near its lower end.
                let x = [0.75, 1.3][i];
                let at = (x, (-c - x * a) / b);
                inputs = inputs.words(at, format!("unit {}", i + 1), Side::Right, Meaning::Weight);
            }
            hiddens =
                hiddens.half(form(output, 0), Meaning::Value).line(form(output, 0), Meaning::Value);
            for case in cases {
                inputs = inputs.point(case, lit(case), "", Side::Right);
                hiddens = hiddens.point(moved(case), lit(case), "", Side::Right);
            }
            sheet.all([inputs, hiddens]);
        })?;
    let places: std::collections::BTreeSet<String> = cases
        .iter()
        .map(|&case| moved(case))
        .map(|(a, b)| format!("({}, {})", number(a), number(b)))
        .collect();
    Ok(figure
        .caption(format!(
            "Left or above, the four cases in the plane of the inputs: squares are lit, discs are not, and each hidden unit draws one line. Right or below, the same cases in the plane of the hidden units. The two lit cases lie on one point, {} places are left, and one line suffices.",
            places.len(),
        ))
        .description(format!(
            "Two planes. In the first, the corners of a square: discs at two opposite corners, squares at the other two, and two parallel \
             falling lines that keep the squares between them. In the second, points at {} only: a disc, a square and a disc, with one rising line that \
             has the square on its tinted side.",
            places.into_iter().collect::<Vec<_>>().join(", "),
        )))
}

/// Four rectified units, and their sum: a bump.
pub fn bump(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let network = bumps::approximate(|_| 1.0, [0.5, 2.5], 1, 0.5);
    let heights = network.layers[1].weights.row(0).to_owned();
    let inputs: Vec<f64> = (0..=100).map(|i| -1.0 + f64::from(i) / 20.0).collect();
    let terms = |x: f64| network.layers[0].forward(array![x].view()) * &heights;
    // The order in which they begin to rise.
    let mut order: Vec<usize> = (0..heights.len()).collect();
    let corner = |unit: usize| -network.layers[0].bias[unit];
    order.sort_by(|a, b| corner(*a).total_cmp(&corner(*b)));
    let figure =
        Schematic::new("Four units make a bump", (13.0, 6.4)).narrow((7.2, 9.6)).draw(|sheet| {
            let size = sheet.pick((5.2, 4.4), (5.9, 3.2));
            let (first, second) = sheet.pick(((0.9, 1.0), (7.5, 1.0)), ((0.9, 0.7), (0.9, 5.5)));
            let mut each = Plane::new(first, size, (-1.0, 4.0), (-2.0, 2.0))
                .axes("input", "each unit, weighted")
                .ticks([0.0, 1.0, 2.0, 3.0], [-2.0, 0.0, 2.0]);
            for (place, &unit) in order.iter().enumerate() {
                each = each.curve(inputs.iter().map(|&x| (x, terms(x)[unit])), Meaning::Value);
                let up = heights[unit] > 0.0;
                // Beside the line, below the top of the plane.
                let at = (corner(unit) + 0.8 / heights[unit].abs(), if up { 0.8 } else { -0.8 });
                let side = if place < 2 { Side::Left } else { Side::Right };
                each = each.words(at, (place + 1).to_string(), side, Meaning::Plain);
            }
            sheet.add(each);
            sheet.add(
                Plane::new(second, size, (-1.0, 4.0), (-2.0, 2.0))
                    .axes("input", "their sum")
                    .ticks([0.0, 1.0, 2.0, 3.0], [-2.0, 0.0, 2.0])
                    .curve(inputs.iter().map(|&x| (x, terms(x).sum())), Meaning::Focus),
            );
        })?;
    let corners = list(order.iter().map(|&unit| corner(unit)));
    Ok(figure
        .caption("Four rectified units, numbered from the left, and what they add up to. The first begins to rise, the second stops the rise, the third begins to fall, the fourth stops the fall.")
        .description(format!(
            "Two planes. In the first, four lines that are zero up to {corners} and straight from there: the first and the last go up, the two \
             between go down. In the second, their sum: zero, a slope up, level, a slope down to zero, and zero.",
        )))
}

/// A tooth folds the interval: two inputs come to lie on one another.
pub fn fold(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let tooth = sawtooth(1);
    let of = |x: f64| tooth.forward(array![x].view())[0];
    let pair = [0.3, 0.7];
    let figure = Schematic::new("A fold", (13.6, 5.6)).narrow((7.2, 8.4)).draw(|sheet| {
        let (at, size) = sheet.pick(((0.9, 0.7), (5.6, 3.6)), ((0.8, 0.6), (6.0, 3.6)));
        let mut plane = Plane::new(at, size, (0.0, 1.0), (0.0, 1.1))
            .axes("input", "output")
            .ticks([0.0, 0.5, 1.0], [0.0, 1.0])
            .curve([0.0, 0.5, 1.0].map(|x| (x, of(x))), Meaning::Value);
        plane = plane.curve([(0.0, of(pair[0])), (pair[1], of(pair[1]))], Meaning::Quiet);
        for x in pair {
            plane = plane
                .curve([(x, 0.0), (x, of(x))], Meaning::Quiet)
                .point((x, of(x)), 1, "", Side::Right)
                .words((x, 0.0), number(x), Side::Above, Meaning::Plain);
        }
        sheet.add(plane);
        strip(sheet, sheet.pick((8.0, 1.4), (1.2, 6.0)), 4.2, pair, of);
    })?;
    Ok(figure
        .caption(format!(
            "A tooth takes every output twice: {} and {} both become {}. Seen from its output, the interval is a strip that is folded at one half, and the two points lie upon each other.",
            number(pair[0]), number(pair[1]), Format::Fixed(1).number(of(pair[0])),
        ))
        .description(
            "A plane with a tooth that rises from zero to one and falls back. A level dotted line meets it at two points. Beside it a strip that runs \
             from left to right, turns and runs back; the two points lie one above the other.",
        ))
}

/// The interval as a folded strip of the given length: each input stands where the output of the tooth is.
fn strip(
    sheet: &mut Sketch,
    (left, top): Place,
    long: f64,
    pair: [f64; 2],
    of: impl Fn(f64) -> f64,
) {
    let gap = 1.0;
    let right = left + long;
    sheet.add(
        Edge::new((left, top + gap), (left, top))
            .through([(right, top + gap), (right + 0.25, top + gap / 2.0), (right, top)])
            .meaning(Meaning::Value)
            .plain(),
    );
    for (x, y, away) in [(pair[0], top + gap, 0.45), (pair[1], top, -0.45)] {
        let at = left + of(x) * long;
        sheet.add(Edge::new((at, y - 0.16), (at, y + 0.16)).meaning(Meaning::Focus).plain());
        sheet.add(Words::middle((at, y + away), number(x)));
    }
    let at = left + of(pair[0]) * long;
    sheet.add(Edge::new((at, top + 0.3), (at, top + gap - 0.3)).meaning(Meaning::Quiet).plain());
    sheet.add(Words::end((left - 0.1, top + gap), "0"));
    sheet.add(Words::end((left - 0.1, top), "1"));
    sheet.add(Words::middle((right + sheet.pick(0.75, 0.7), top + gap / 2.0), "½"));
    sheet.add(Words::middle((left + long / 2.0, top + gap + 1.2), "input, folded"));
}
