//! A plain and a residual block with numbers: what flows forward, and what flows back.

use notebook::figure::schematic::{Edge, Frame, Meaning, Node, Place, Schematic, Sketch, Words};
use notebook::{Figure, Format, Recorded};

/// The branch of the example is `F(x) = A x`.
const A: [[f64; 2]; 2] = [[0.1, -0.4], [0.3, -0.1]];
/// Its input.
const X: [f64; 2] = [2.0, 1.0];
/// The gradient that comes back to its output.
const DY: [f64; 2] = [1.0, 1.0];

/// A pair as the page writes it.
fn pair(numbers: [f64; 2]) -> String {
    let one = |x: f64| Format::Plain.number((x * 1e6).round() / 1e6).replace('-', "−");
    format!("({}, {})", one(numbers[0]), one(numbers[1]))
}

/// Both blocks, computed: branch, output, and the gradients that come to the branch and to the input.
struct Flow {
    branch: [f64; 2],
    output: [f64; 2],
    dz: [f64; 2],
    dx: [f64; 2],
}

fn flow(skip: bool) -> Flow {
    let around = f64::from(u8::from(skip));
    let branch = [0, 1].map(|i| A[i][0] * X[0] + A[i][1] * X[1]);
    let z = [0, 1].map(|i| around * X[i] + branch[i]);
    let dz = [0, 1].map(|i| if z[i] > 0.0 { DY[i] } else { 0.0 });
    let dx = [0, 1].map(|j| around * dz[j] + A[0][j] * dz[0] + A[1][j] * dz[1]);
    Flow { branch, output: z.map(|z| z.max(0.0)), dz, dx }
}

/// The figure of both.
pub fn block(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (plain, residual) = (flow(false), flow(true));
    let figure =
        Schematic::new("What goes forward, and what comes back", (16.0, 6.8)).narrow((9.0, 23.0));
    let figure = figure.draw(|sheet| {
        let (upper, lower) = sheet.pick(((0.0, -1.1), (0.0, 2.7)), ((0.0, 0.0), (0.0, 11.3)));
        draw(sheet, upper, "plain", &plain, false);
        draw(sheet, lower, "residual", &residual, true);
    })?;
    Ok(figure
        .caption(format!(
            "The same branch on the same input {}; values below the arrows, gradients above. Where the gradient {} comes back to the output, the plain block hands {} on to its input, and the residual block {}.",
            pair(X), pair(DY), pair(plain.dx), pair(residual.dx),
        ))
        .description(format!(
            "Two rows of boxes. In the first, the input goes through a branch F, which gives {}, and ReLU, which gives {}. In the second, an arrow leads around the branch to a sum before ReLU, which gives {}. The gradients at the inputs are {} and {}.",
            pair(plain.branch), pair(plain.output), pair(residual.output), pair(plain.dx), pair(residual.dx),
        )))
}

/// One block from `from` on: along the sheet, or down it on a phone.
fn draw(sheet: &mut Sketch, from: Place, name: &str, flow: &Flow, skip: bool) {
    let narrow = sheet.is_narrow();
    let at = |along: f64, aside: f64| match narrow {
        false => (from.0 + along, from.1 + 2.3 + aside),
        true => (from.0 + 3.4 - aside * 1.9, from.1 + 0.9 + 0.62 * along),
    };
    let size = sheet.pick((1.5, 1.1), (1.7, 0.9));
    let frame = |along: f64, label: &str| {
        let middle = at(along, 0.0);
        Frame::new((middle.0 - size.0 / 2.0, middle.1 - size.1 / 2.0), size, label)
    };
    let x = Node::new(at(0.8, 0.0), "x").square();
    let branch = frame(4.5, "F").meaning(Meaning::Weight);
    let sum = Node::new(at(8.3, 0.0), "+");
    let relu = frame(11.6, "ReLU");
    let y = Node::new(at(15.1, 0.0), "y").square();
    let z = [0, 1].map(|i| flow.branch[i] + if skip { X[i] } else { 0.0 });
    let through = [0, 1].map(|j| A[0][j] * flow.dz[0] + A[1][j] * flow.dz[1]);
    let edge = |edge: Edge, value: [f64; 2], gradient: [f64; 2]| {
        edge.value(pair(value)).gradient(pair(gradient))
    };
    sheet.add(edge(Edge::new(&x, &branch), X, through));
    if skip {
        sheet.add(edge(Edge::new(&branch, &sum), flow.branch, flow.dz));
        sheet.add(edge(Edge::new(&sum, &relu), z, flow.dz));
        let around = Edge::new(&x, &sum).through([at(0.8, -1.6), at(8.3, -1.6)]);
        sheet.add(around.meaning(Meaning::Focus).gradient(pair(flow.dz)));
        sheet.add(sum);
    } else {
        sheet.add(edge(Edge::new(&branch, &relu), z, flow.dz));
    }
    sheet.add(edge(Edge::new(&relu, &y), flow.output, DY));
    sheet.all([x, y]);
    sheet.all([branch, relu]);
    let words = at(sheet.pick(0.2, -0.6), sheet.pick(1.3, 1.2));
    sheet.add(Words::new(words, format!("{name}: back at x {}", pair(flow.dx))).small());
}
