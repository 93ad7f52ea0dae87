//! How two blocks are wired, with the shapes that the count has of them.

use anyhow::Context as _;
use notebook::figure::schematic::{Edge, Frame, Meaning, Node, Place, Schematic, Sketch, Words};
use notebook::{Figure, Format, Recorded};

use crate::architectures::{DEFAULT_CONTEXT, Model};
use crate::registry;
use crate::tree::Folding;

/// The shape of a tensor of a network, by its full name.
struct Shapes(Vec<(String, Vec<u64>)>);

impl Shapes {
    fn of(network: &str) -> anyhow::Result<Self> {
        let tree = registry::find(network)?.model.tree(DEFAULT_CONTEXT, Folding::Unfolded);
        let named = tree.named_tensors().into_iter();
        Ok(Shapes(named.map(|(name, tensor)| (name, tensor.shape.clone())).collect()))
    }

    /// The shape of the tensor whose name ends so.
    fn get(&self, name: &str) -> anyhow::Result<&[u64]> {
        let found = self.0.iter().find(|(full, _)| full.ends_with(name));
        Ok(&found.with_context(|| format!("there is no tensor {name}"))?.1)
    }

    /// As people write it: `768 × 2,304`.
    fn written(&self, name: &str) -> anyhow::Result<String> {
        Ok(self
            .get(name)?
            .iter()
            .map(|&n| Format::Int.number(n as f64))
            .collect::<Vec<_>>()
            .join(" × "))
    }
}

/// A bottleneck block of ResNet-152 and the addition around it.
pub fn residual(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let shapes = Shapes::of("resnet152")?;
    let block = "layer3.1.";
    let layers = ["conv1", "conv2", "conv3"];
    let written = |layer: &str| -> anyhow::Result<String> {
        let shape = shapes.get(&format!("{block}{layer}.weight"))?;
        let [to, from] = [0, 1].map(|i| Format::Int.number(shape[i] as f64));
        Ok(format!("{from} → {to}"))
    };
    let written = layers.map(written).into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let wide = *shapes.get(&format!("{block}conv3.weight"))?.first().context("a shape")?;
    let channels = Format::Int.number(wide as f64);
    let figure = Schematic::new("A residual block", (16.0, 4.6)).narrow((9.0, 9.6));
    let figure = figure.draw(|sheet| {
        let size = sheet.pick((3.1, 1.9), (4.2, 1.3));
        let at = |i: usize| -> Place {
            let i = i as f64;
            sheet.pick((1.9 + 3.75 * i, 1.9), (3.9, 1.5 + 2.1 * i))
        };
        let frames: Vec<Frame> = (0..3)
            .map(|i| {
                Frame::new(at(i), size, format!("{}×{}", [1, 3, 1][i], [1, 3, 1][i]))
                    .note(written[i].clone())
                    .meaning(Meaning::Weight)
            })
            .collect();
        let plus = Node::new(sheet.pick((14.1, 2.85), (6.0, 8.2)), "+").meaning(Meaning::Focus);
        let (begin, branch) = sheet.pick(((0.1, 2.85), (1.0, 2.85)), ((6.0, 0.2), (6.0, 0.7)));
        let corners = sheet.pick([(1.0, 0.9), (14.1, 0.9)], [(2.4, 0.7), (2.4, 8.2)]);
        sheet.add(Edge::new(begin, &frames[0]));
        sheet.add(Edge::new(&frames[0], &frames[1]));
        sheet.add(Edge::new(&frames[1], &frames[2]));
        sheet.add(Edge::new(&frames[2], &plus));
        let skip = Edge::new(branch, &plus).through(corners).meaning(Meaning::Focus);
        sheet.add(
            sheet.pick(skip.clone().above(format!("x, {channels} channels")), skip.above("x")),
        );
        sheet.add(Edge::new(&plus, sheet.pick((15.9, 2.85), (6.0, 9.5))));
        sheet.all(frames);
        sheet.add(plus);
    })?;
    Ok(figure
        .caption(format!(
            "A bottleneck block. The input x, of {channels} channels, goes through three convolutions and is added to what comes out. In the boxes stand the sides of the windows and the channels before and after. Normalisation and ReLU stand behind each convolution and are not drawn.",
        ))
        .description(format!(
            "Three boxes in a row with the channels {}. A thick line leads from before the first box around all three to a node with a plus, where it meets what leaves the last box.",
            written.join(", "),
        )))
}

/// One block of GPT-2 with its tensors.
pub fn decoder(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let shapes = Shapes::of("gpt2")?;
    let weight = |name: &str| shapes.written(&format!("h.0.{name}.weight"));
    let out = |name: &str| -> anyhow::Result<String> {
        let shape = shapes.get(&format!("h.0.{name}.weight"))?;
        Ok(format!("(T, {})", Format::Int.number(*shape.last().context("a shape")? as f64)))
    };
    let width = out("ln_1")?;
    let attention = match &registry::find("gpt2")?.model {
        Model::Gpt(gpt) => format!("attention, {} heads", gpt.heads),
        _ => anyhow::bail!("GPT-2 is no GPT"),
    };
    let halves = [
        [
            ("layer norm", weight("ln_1")?, width.clone()),
            ("queries, keys, values", weight("attn.c_attn")?, out("attn.c_attn")?),
            (attention.as_str(), String::new(), width.clone()),
            ("projection", weight("attn.c_proj")?, width.clone()),
        ],
        [
            ("layer norm", weight("ln_2")?, width.clone()),
            ("widen", weight("mlp.c_fc")?, out("mlp.c_fc")?),
            ("GELU", String::new(), out("mlp.c_fc")?),
            ("narrow", weight("mlp.c_proj")?, width.clone()),
        ],
    ];
    let figure = Schematic::new("A decoder block", (16.0, 12.2)).narrow((9.0, 24.0));
    let figure = figure.draw(|sheet| {
        let tops = sheet.pick([(1.6, 1.3), (9.6, 1.3)], [(2.0, 1.3), (2.0, 12.6)]);
        let pluses: Vec<Node> =
            halves.iter().zip(tops).map(|(half, at)| half_block(sheet, at, half)).collect();
        let x = tops[0].0 + 2.4;
        sheet.add(Words::middle((x, 0.25), format!("x {width}")));
        sheet.add(Edge::new((x, 0.55), (x, tops[0].1)));
        let next = (tops[1].0 + 2.4, tops[1].1);
        let bridge = Edge::new(&pluses[0], next);
        sheet.add(sheet.pick(
            bridge.clone().through([(x, 11.7), (8.1, 11.7), (8.1, 0.5), (next.0, 0.5)]),
            bridge,
        ));
        let last = &pluses[1];
        sheet.add(Edge::new(last, (next.0, sheet.size().1 - 0.15)));
    })?;
    let said = halves.iter().flatten().filter(|(_, weight, _)| !weight.is_empty());
    let said: Vec<String> = said.map(|(name, weight, _)| format!("{name} {weight}")).collect();
    Ok(figure
        .caption("One block of GPT-2, for a text of T tokens. Thick boxes have weights, of the shapes given; biases are not drawn. Beside each arrow is the shape of what passes. Both halves add what they computed to what they were given.")
        .description(format!(
            "Two columns of four boxes, attention and feed-forward, each with a line around its boxes to a plus at its end. The boxes with weights are {}.",
            said.join(", "),
        )))
}

/// Four boxes one below another, a way around them, and the sum at their end.
fn half_block(sheet: &mut Sketch, (left, top): Place, half: &[(&str, String, String)]) -> Node {
    let (size, step) = ((4.8, 1.4), 2.3);
    let x = left + size.0 / 2.0;
    let plus = Node::new((x, top + step * half.len() as f64 + 0.35), "+").meaning(Meaning::Focus);
    let frames: Vec<Frame> = half
        .iter()
        .enumerate()
        .map(|(i, (name, weight, _))| {
            let frame = Frame::new((left, top + step * i as f64), size, *name).note(weight.clone());
            if weight.is_empty() { frame } else { frame.meaning(Meaning::Weight) }
        })
        .collect();
    for (i, (_, _, shape)) in half.iter().enumerate() {
        let edge = match frames.get(i + 1) {
            Some(next) => Edge::new(&frames[i], next),
            None => Edge::new(&frames[i], &plus),
        };
        sheet.add(edge.above(shape.clone()));
    }
    let branch = (x, top - 0.35);
    let around = left - 0.7;
    sheet.add(
        Edge::new(branch, &plus)
            .through([(around, branch.1), (around, top + step * half.len() as f64 + 0.35)])
            .meaning(Meaning::Focus),
    );
    sheet.all(&frames);
    sheet.add(&plus);
    plus
}
