//! Schematics of the chapter: the network by hand as a graph, in each of the ways to its gradient, the slots of the arena
//! over a step, and shards against blocks.

use notebook::figure::schematic::{
    Edge, Grid, Meaning, Node, Place, Schematic, Sketch, Span, Strips, Words,
};
use notebook::{Chapter, Figure, Format, Recorded};

use crate::experiments::example::{WEIGHTS, X};

/// Adds them.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("network", network)
        .figure("moved", moved)
        .figure("forward", forward)
        .figure("reverse", reverse)
        .figure("small", small)
        .figure("slots", slots)
        .figure("shards", shards)
}

/// A node of the network by hand: its key in the results, its name, and its column and row.
const NODES: [(&str, &str, usize, usize); 9] = [
    ("x1", "x₁", 0, 0),
    ("x2", "x₂", 0, 1),
    ("s1", "s₁", 1, 0),
    ("s2", "s₂", 1, 1),
    ("a1", "a₁", 2, 0),
    ("a2", "a₂", 2, 1),
    ("z1", "z₁", 3, 0),
    ("z2", "z₂", 3, 1),
    ("loss", "ℓ", 4, 2),
];

/// From, to, and the weight between, if there is one.
const EDGES: [(usize, usize, Option<usize>); 12] = [
    (0, 2, Some(0)),
    (1, 2, Some(1)),
    (0, 3, Some(3)),
    (1, 3, Some(4)),
    (2, 4, None),
    (3, 5, None),
    (4, 6, Some(6)),
    (5, 6, Some(7)),
    (4, 7, Some(9)),
    (5, 7, Some(10)),
    (6, 8, None),
    (7, 8, None),
];

/// What stands at a node: below it and above.
struct Labels {
    below: Vec<String>,
    above: Vec<String>,
    /// Nodes that the drawing is about.
    focus: Vec<bool>,
}

/// Four decimals at most, and none where they are zero.
fn short(x: f64) -> String {
    let text = Format::Fixed(4).number(x);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// The values of all nodes.
fn values(recorded: &Recorded<'_>, prefix: &str) -> anyhow::Result<Vec<f64>> {
    let results = recorded.experiment("example")?;
    let stage = |key: &str| results.number(&format!("{prefix}{key}"));
    let mut values = X.to_vec();
    for (key, ..) in &NODES[2..] {
        values.push(stage(key)?);
    }
    Ok(values)
}

/// The place of a node: columns from left to right on a page, from top to bottom on a phone.
fn place(sheet: &Sketch, column: usize, row: usize) -> Place {
    let along = column as f64;
    let (wide, narrow) = ([1.2, 3.8, 2.5][row], [1.7, 4.7, 3.2][row]);
    sheet.pick((1.0 + 3.0 * along, wide), (narrow, 0.8 + 1.9 * along))
}

/// A node with its labels. On a phone they stand beside it, since arrows come from above and go below.
fn node(sheet: &mut Sketch, i: usize, labels: &Labels) -> Node {
    let (_, name, column, row) = NODES[i];
    let at = place(sheet, column, row);
    let mut node = Node::new(at, name);
    if labels.focus[i] {
        node = node.meaning(Meaning::Focus);
    }
    let (value, gradient) = (labels.below[i].as_str(), labels.above[i].as_str());
    if !sheet.is_narrow() {
        let node = if value.is_empty() { node } else { node.value(value) };
        return if gradient.is_empty() { node } else { node.gradient(gradient) };
    }
    for (text, down, meaning) in
        [(value, 0.16, Meaning::Value), (gradient, -0.16, Meaning::Gradient)]
    {
        let words = match row {
            _ if text.is_empty() => continue,
            0 => Words::end((at.0 - 0.4, at.1 + down), text),
            _ => Words::new((at.0 + 0.4, at.1 + down), text),
        };
        sheet.add(words.meaning(meaning));
    }
    node
}

fn graph(title: &str, labels: &Labels) -> anyhow::Result<Figure> {
    let figure = Schematic::new(title, (14.0, 5.0)).narrow((6.4, 9.2)).draw(|sheet| {
        let nodes: Vec<Node> = (0..NODES.len()).map(|i| node(sheet, i, labels)).collect();
        for &(from, to, weight) in &EDGES {
            let mut edge = Edge::new(&nodes[from], &nodes[to]);
            if let Some(weight) = weight {
                edge = edge.weight(short(WEIGHTS[weight])).share(sheet.pick(0.3, 0.27));
            }
            sheet.add(edge);
        }
        sheet.all(nodes);
    })?;
    Ok(figure)
}

fn strings(numbers: &[f64]) -> Vec<String> {
    numbers.iter().copied().map(short).collect()
}

fn network(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let values = values(recorded, "")?;
    let [p2, loss] = [recorded.experiment("example")?.number("p2")?, values[8]];
    let labels =
        Labels { below: strings(&values), above: vec![String::new(); 9], focus: vec![false; 9] };
    Ok(graph("One network by hand", &labels)?
        .caption(format!(
            "Two inputs, two sums s with their activations a, two outputs z and the loss. Values stand below or beside, weights on the arrows; biases are added to the sums and not drawn. The true class gets {}, and the loss is {}.",
            Format::Percent(0).number(p2),
            Format::Fixed(4).number(loss),
        ))
        .description(format!(
            "A graph in five columns. Two inputs have arrows with weights to two sums, each sum has an arrow to its activation, both activations have arrows with weights to both outputs, and both outputs to the loss. The values are {}.",
            listed(&strings(&values)),
        )))
}

/// Names and words, as a sentence reads them.
fn listed(words: &[String]) -> String {
    let each = NODES.iter().zip(words).filter(|(_, w)| !w.is_empty());
    each.map(|((_, name, ..), word)| format!("{name} {word}")).collect::<Vec<_>>().join(", ")
}

fn moved(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (below, above) = (values(recorded, "")?, values(recorded, "above/")?);
    let changed: Vec<bool> = below.iter().zip(&above).map(|(a, b)| a != b).collect();
    let above: Vec<String> = strings(&above)
        .into_iter()
        .zip(&changed)
        .map(|(text, &changed)| if changed { text } else { String::new() })
        .collect();
    let results = recorded.experiment("example")?;
    let count = changed.iter().filter(|c| **c).count();
    let labels = Labels { below: strings(&below), above, focus: changed };
    Ok(graph("Differences: one weight is moved", &labels)?
        .caption(format!(
            "The lower number of each node is its value as it was, the upper one that after the weight from x₁ to s₁ was moved up by {}. Of the numbers behind the inputs {count} change; all are computed anew. The change of the loss over the step is {}.",
            short(results.number("difference/step")?),
            Format::Fixed(4).number(results.number("difference/one-sided")?),
        ))
        .description(format!(
            "The graph of the network by hand. The first sum, its activation, both outputs and the loss are drawn thick and have two values: {} after the move.",
            listed(&labels.above),
        )))
}

fn forward(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let below = strings(&values(recorded, "")?);
    let slopes = values(recorded, "dual/")?;
    let mut above = strings(&slopes);
    (above[0], above[1]) = ("0".into(), "0".into());
    let focus = slopes.iter().enumerate().map(|(i, slope)| i > 1 && *slope != 0.0).collect();
    let labels = Labels { below, above, focus };
    Ok(graph("Forward mode: one run for one weight", &labels)?
        .caption(format!(
            "The lower number of each node is its value, the upper one its slope in the weight from x₁ to s₁. Slopes travel from left to right with the values. The last one is {}; another weight needs another run.",
            labels.above[8],
        ))
        .description(format!(
            "The graph of the network by hand. Above each node stands its slope in one weight: {}. Nodes with a slope other than zero are drawn thick.",
            listed(&labels.above),
        )))
}

fn reverse(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("example")?;
    let below = strings(&values(recorded, "")?);
    let mut slopes = values(recorded, "g/")?;
    (slopes[0], slopes[1]) = (results.number("g/x1")?, results.number("g/x2")?);
    let labels = Labels { below, above: strings(&slopes), focus: vec![false; 9] };
    Ok(graph("Reverse mode: one run for all weights", &labels)?
        .caption(format!(
            "The lower number of each node is its value, the upper one the slope of the loss in it. Slopes travel against the arrows, from the loss to the left. The gradient of a weight is the slope at the head of its arrow times the value at its tail: {} times {} for the one from x₁ to s₁.",
            labels.above[2], labels.below[0],
        ))
        .description(format!(
            "The graph of the network by hand. Above each node stands the slope of the loss in it: {}.",
            listed(&labels.above),
        )))
}

/// The hand example of the tape, `y = a · b + a` at 3 and 4, computed on a tape.
fn small(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let tape = crate::tape::Tape::new();
    let (a, b) = (tape.var(3.0), tape.var(4.0));
    let product = a * b;
    let y = product + a;
    let g = y.backward();
    let words = |x: crate::tape::Var<'_>| [short(x.value), short(g.of(x))];
    let shown = [("a", words(a)), ("b", words(b)), ("·", words(product)), ("+", words(y))];
    // What each arrow hands down: the gradient of its head times the derivative.
    let handed = [b.value, a.value, 1.0, 1.0].map(short);
    let figure =
        Schematic::new("The tape as a graph", (10.0, 5.0)).narrow((7.0, 5.0)).draw(|sheet| {
            let at = |i: usize| {
                sheet.pick(
                    [(1.0, 1.2), (1.0, 3.8), (4.8, 3.0), (8.6, 1.6)][i],
                    [(0.8, 1.2), (0.8, 3.8), (3.4, 3.0), (6.1, 1.6)][i],
                )
            };
            let node = |i: usize| {
                let (name, [value, gradient]) = &shown[i];
                Node::new(at(i), *name).value(value.as_str()).gradient(gradient.as_str())
            };
            let [a, b, product, y] = [0, 1, 2, 3].map(node);
            sheet.add(Edge::new(&a, &product).gradient(handed[0].as_str()));
            sheet.add(Edge::new(&b, &product).gradient(handed[1].as_str()));
            sheet.add(Edge::new(&a, &y).gradient(handed[2].as_str()));
            sheet.add(Edge::new(&product, &y).gradient(handed[3].as_str()));
            sheet.all([a, b, product, y]);
        })?;
    Ok(figure
        .caption(format!(
            "Values stand below, gradients above; on each arrow stands what it hands back. Two arrows leave a, and {} and {} are added to {}.",
            handed[0], handed[2], shown[0].1[1],
        ))
        .description(format!(
            "A graph of four nodes. a and b have arrows to a product, a and the product have arrows to a sum. The values are {}, {}, {} and {}, the gradients {}, {}, {} and {}.",
            shown[0].1[0], shown[1].1[0], shown[2].1[0], shown[3].1[0], shown[0].1[1], shown[1].1[1], shown[2].1[1], shown[3].1[1],
        )))
}

fn slots(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("slots")?;
    let table = results.table("slots")?;
    let column = |name: &str| -> anyhow::Result<Vec<usize>> {
        Ok(table.numbers(name)?.into_iter().map(|x| x as usize).collect())
    };
    let (slot, from, to) = (column("Slot")?, column("From action")?, column("To action")?);
    let names = table.texts("Holds")?;
    let done = results.table("actions")?.texts("What is done")?;
    let count = slot.iter().copied().max().unwrap_or(0);
    let figure = Schematic::new("What lies in the arena during a step", (13.0, 7.4))
        .narrow((7.0, 8.0))
        .draw(|sheet| {
            let (at, size) = sheet.pick(((1.6, 1.0), (11.2, 6.2)), ((1.1, 0.9), (5.8, 6.9)));
            let heads = (1..=done.len()).map(|i| i.to_string());
            let strips =
                (1..=count).fold(Strips::new(at, size, done.len()).heads(heads), |strips, row| {
                    let spans = (0..slot.len()).filter(|&i| slot[i] == row).map(|i| {
                        let meaning = if names[i].starts_with('d') {
                            Meaning::Gradient
                        } else {
                            Meaning::Value
                        };
                        Span::new(
                            from[i] - 1,
                            to[i],
                            names[i].split(',').next().unwrap_or_default(),
                        )
                        .meaning(meaning)
                    });
                    strips.row(format!("slot {row}"), spans)
                });
            sheet.add(strips);
        })?;
    let steps = done.iter().enumerate().map(|(i, words)| format!("{} {words}", i + 1));
    let steps = steps.collect::<Vec<_>>().join(", ");
    Ok(figure
        .caption(format!(
            "Columns are the actions of a step: {steps}. {} values and gradients lie in {} slots. The second gradient of a takes the slot in which that of s had its place, until it is added to the first.",
            names.len(),
            count,
        ))
        .description(format!(
            "Strips over {} actions, one for each of {count} slots. Values fill their slots from the forward pass to the end, gradients from the backward pass on; one slot holds two gradients, one after the other.",
            done.len(),
        )))
}

/// Shards, blocks and threads of the drawing.
const CUTS: (usize, usize) = (4, 5);

fn shards(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (shards, blocks) = CUTS;
    let figure = Schematic::new("Shards first, blocks second", (14.0, 6.2))
        .narrow((7.2, 12.0))
        .draw(|sheet| {
            let grid = |at: Place, title: &str| {
                Grid::empty(at, 0.9, shards, blocks)
                    .title(title)
                    .heads((1..=blocks).map(|b| format!("b{b}")))
                    .sides((1..=shards).map(|s| format!("shard {s}")))
            };
            let (first, second) = sheet.pick(((1.9, 1.5), (9.0, 1.5)), ((1.9, 1.5), (1.9, 7.4)));
            let mut rows = grid(first, "forward and backward");
            let mut columns = grid(second, "weights");
            rows = rows.window((0, 0), (1, blocks), Meaning::Value).window(
                (2, 0),
                (1, blocks),
                Meaning::Gradient,
            );
            columns = columns.window((0, 1), (shards, 1), Meaning::Value).window(
                (0, 3),
                (shards, 1),
                Meaning::Gradient,
            );
            sheet.add(rows);
            sheet.add(columns);
            let below = |at: Place| (at.0 + 2.25, at.1 + 4.2);
            sheet.add(Words::middle(below(first), "a thread takes a row"));
            sheet.add(Words::middle(below(second), "a thread takes a column"));
        })?;
    Ok(figure
        .caption("In the first half of a step each thread takes one shard, all layers of it. In the second half each thread takes one block of weights and adds up over all shards, from the first to the last. Solid and dashed frames are two threads.")
        .description(format!(
            "Two grids of {shards} shards by {blocks} blocks of weights, b1 to b{blocks}. In the left one two rows are framed, in the right one two columns.",
        )))
}
