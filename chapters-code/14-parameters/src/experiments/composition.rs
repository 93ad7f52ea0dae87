//! Where the parameters sit.

use notebook::{Recorder, Table};

use crate::architectures::{Architecture as _, MobileNetV3, Model};
use crate::composition::{Composition, Part};
use crate::count::Count;
use crate::registry::{Entry, MODELS, counted, find};
use crate::tree::Folding;

/// The networks whose parts the chapter compares.
const COMPOSED: [&str; 10] = [
    "mobilenet_v3_large",
    "resnet18",
    "resnet152",
    "vit_b_16",
    "vit_l_32",
    "gpt2",
    "gpt2-xl",
    "gpt3-175b",
    "llama3-8b",
    "llama3-405b",
];

/// Where the parameters sit in each network.
pub fn composition(recorder: &mut Recorder) -> anyhow::Result<()> {
    let heads = Part::ALL.map(|p| format!("{} | percent 1", p.name()));
    let mut table = Table::new(std::iter::once("Network").chain(heads.iter().map(String::as_str)));
    for name in COMPOSED {
        let entry = find(name)?;
        let parts = Composition::of(&entry.model);
        table.row(
            std::iter::once(entry.title.into()).chain(Part::ALL.map(|p| parts.share(p).into())),
        );
    }
    recorder.table("shares", table);
    record_block_parts(recorder)?;
    record_embedding_share(recorder);
    record_stages(recorder)?;
    let share = |name: &str, part| anyhow::Ok(Composition::of(&find(name)?.model).share(part));
    let count = |name: &str, part| anyhow::Ok(Composition::of(&find(name)?.model).parameters(part));
    recorder.value("mobilenet/head", share("mobilenet_v3_large", Part::Head)?);
    recorder.value("mobilenet/head-parameters", count("mobilenet_v3_large", Part::Head)?);
    let ten = adapted_to_ten_classes()?;
    recorder.value(
        "mobilenet/saved-by-ten-classes",
        1.0 - ten as f64 / counted("mobilenet_v3_large")?.1.parameters as f64,
    );
    recorder.value("resnet152/wide", share("resnet152", Part::WideConvolution)?);
    recorder.value("resnet152/point", share("resnet152", Part::PointConvolution)?);
    recorder.value("gpt2/embedding", share("gpt2", Part::Embedding)?);
    recorder.value("gpt3/embedding", share("gpt3-175b", Part::Embedding)?);
    recorder.value(
        "llama3-8b/embedding-and-head",
        share("llama3-8b", Part::Embedding)? + share("llama3-8b", Part::Head)?,
    );
    let ratio = |name: &str| {
        anyhow::Ok(count(name, Part::FeedForward)? as f64 / count(name, Part::Attention)? as f64)
    };
    recorder.value("gpt3/feed-forward-to-attention", ratio("gpt3-175b")?);
    recorder.value("llama3-8b/feed-forward-to-attention", ratio("llama3-8b")?);
    let largest = MODELS
        .iter()
        .map(|e| Composition::of(&e.model).share(Part::Normalisation))
        .fold(0.0, f64::max);
    recorder.value("largest-normalisation", largest);
    recorder
        .claim(
            "mobilenet-head",
            "MobileNetV3-Large keeps over two fifths of its parameters in its classifier.",
        )
        .greater(share("mobilenet_v3_large", Part::Head)?, 0.4);
    recorder
        .claim(
            "feed-forward-twice",
            "In GPT-3 the feed-forward layers have twice the parameters of attention.",
        )
        .close(ratio("gpt3-175b")?, 2.0, 0.001);
    recorder
        .claim(
            "norms-are-small",
            "In no network of the book does normalisation hold more than one parameter in a hundred.",
        )
        .less(largest, 0.01);
    Ok(())
}

/// Parameters of MobileNetV3-Large with a classifier for ten classes.
fn adapted_to_ten_classes() -> anyhow::Result<u64> {
    let Model::MobileNetV3(network) = find("mobilenet_v3_large")?.model.clone() else {
        anyhow::bail!("MobileNetV3-Large is a MobileNetV3")
    };
    Ok(Model::MobileNetV3(MobileNetV3 { classes: 10, ..network }).closed_form(1).parameters)
}

/// The parameters of one bottleneck block of ResNet-152's third stage, tensor by tensor.
fn record_block_parts(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new(["Layer", "Shape", "Parameters | int"]);
    let network = find("resnet152")?.model.tree(1, Folding::Folded);
    let stage = network.children.iter().find(|m| m.label() == "layer3");
    let block = stage
        .and_then(|s| s.children.get(1))
        .ok_or_else(|| anyhow::anyhow!("ResNet-152 has a layer3"))?;
    for layer in &block.children {
        for tensor in layer.tensors.iter().filter(|t| t.role.trained()) {
            let shape: Vec<_> = tensor.shape.iter().map(u64::to_string).collect();
            let name = format!("{}.{}", layer.label(), tensor.name);
            let parameters = Count::of_tensor(tensor.role, &tensor.shape).parameters;
            table.row([name.into(), format!("({})", shape.join(", ")).into(), parameters.into()]);
        }
    }
    let totals = block.totals().count;
    recorder.value("bottleneck/parameters", totals.parameters);
    recorder.value("bottleneck/buffers", totals.buffers);
    recorder.value("bottleneck/times", block.times);
    recorder.table("bottleneck", table);
    Ok(())
}

/// The embedding's share in the eight sizes of GPT-3, which share vocabulary and positions.
fn record_embedding_share(recorder: &mut Recorder) {
    let sizes = || MODELS.iter().filter(|e| e.name.starts_with("gpt3"));
    let parameters = |e: &Entry| e.model.closed_form(1).parameters as f64;
    let mut points: Vec<_> = sizes()
        .map(|e| (parameters(e), Composition::of(&e.model).share(Part::Embedding)))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    recorder
        .series("embedding-share", "Parameters", points.iter().map(|p| p.0))
        .curve("share of the embeddings", points.iter().map(|p| p.1));
    let falls = points.windows(2).filter(|w| w[1].1 < w[0].1).count();
    recorder
        .claim(
            "embedding-falls",
            "From the smallest GPT-3 to the largest, the embedding's share falls at every step.",
        )
        .all(falls, points.len() - 1, "steps go down");
}

/// Parameters and operations of ResNet-152, stage by stage.
fn record_stages(recorder: &mut Recorder) -> anyhow::Result<()> {
    let network = find("resnet152")?.model.tree(1, Folding::Folded);
    let whole = network.totals().count;
    let share = |part: u64, whole: u64| part as f64 / whole as f64;
    let mut table = Table::new(["Stage", "Parameters | percent 1", "Operations | percent 1"]);
    let mut shares = Vec::new();
    for module in &network.children {
        let part = module.totals().count;
        let both = [
            share(part.parameters, whole.parameters),
            share(part.multiply_adds, whole.multiply_adds),
        ];
        if module.kind == "stage" {
            shares.push(both);
        }
        table.row([module.label().into(), both[0].into(), both[1].into()]);
    }
    recorder.table("stages", table);
    let [first, .., last] = &shares[..] else { anyhow::bail!("ResNet-152 has four stages") };
    recorder.value("first-stage/parameters", first[0]);
    recorder.value("first-stage/operations", first[1]);
    recorder.value("last-stage/parameters", last[0]);
    recorder.value("last-stage/operations", last[1]);
    recorder
        .claim("early-work-late-weights", "ResNet-152's first stage has more of the operations than of the parameters, and its last stage fewer.")
        .record(
            first[1] > first[0] && last[1] < last[0],
            format!(
                "first: {:.3} of operations, {:.3} of parameters; last: {:.3} and {:.3}",
                first[1], first[0], last[1], last[0]
            ),
        );
    Ok(())
}
