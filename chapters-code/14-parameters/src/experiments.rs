//! What the chapter measures. All of it is arithmetic: no data, no chance, the same on every machine.

use notebook::{Recorder, Scalar, Table};

use crate::architectures::{Architecture, AttentionWidth, Llama, MobileNetV3, Model};
use crate::composition::{Composition, Part};
use crate::count::Count;
use crate::memory::{self, Load, Need, Precision, TrainingState};
use crate::registry::{Entry, MODELS, find};
use crate::tree::Folding;
use crate::units::thousands;

/// Bytes of a gibibyte.
const GIB: f64 = (1_u64 << 30) as f64;

/// The count of a model, by closed form.
fn counted(name: &str) -> anyhow::Result<(&'static Entry, Count)> {
    let entry = find(name)?;
    Ok((entry, entry.model.closed_form(entry.model.default_context())))
}

/// Every named model, counted in two ways, beside what was published.
pub fn counts(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Year | plain",
        "Tensors | int",
        "Parameters | int",
        "Published | int",
        "Operations | si 1",
    ]);
    let (mut agree, mut exact, mut exactly_right) = (0, 0, 0);
    for entry in MODELS {
        let context = entry.model.default_context();
        let by_algebra = entry.model.closed_form(context);
        let by_walk = entry.model.walk(context).count;
        agree += usize::from(by_algebra == by_walk);
        exact += usize::from(entry.published.exact);
        exactly_right +=
            usize::from(entry.published.exact && entry.published.parameters == by_walk.parameters);
        table.row([
            entry.title.into(),
            entry.year.into(),
            by_walk.tensors.into(),
            by_walk.parameters.into(),
            entry.published.parameters.into(),
            by_walk.operations().into(),
        ]);
    }
    recorder.value("models", MODELS.len());
    recorder.value("published-exactly", exact);
    recorder.table("models", table);
    recorder
        .claim(
            "two-derivations",
            "Algebra and the walk of the layers agree on every network of the book.",
        )
        .all(agree, MODELS.len(), "networks agree in parameters, tensors, buffers and operations");
    recorder
        .claim("as-published", "Every count that was published to the last digit is our count.")
        .all(exactly_right, exact, "published counts are ours");
    Ok(())
}

/// A row of the lecture's table, as it was printed.
struct Printed {
    name: &'static str,
    model: &'static str,
    /// Parameters in millions.
    millions: f64,
    /// Memory as float32, in what the table calls GB, and with how many decimals.
    memory: f64,
    decimals: u32,
}

impl Printed {
    /// A row: the network's name there and here, its parameters in millions, its memory with the
    /// number of decimals printed.
    const fn row(
        name: &'static str,
        model: &'static str,
        millions: f64,
        (memory, decimals): (f64, u32),
    ) -> Self {
        Printed { name, model, millions, memory, decimals }
    }
}

// ANCHOR: printed
/// The table of the lecture (Almeida, CC BY 4.0): network, parameters in millions, float32 "GB".
const PRINTED: [Printed; 6] = [
    Printed::row("MobileNetV3", "mobilenet_v3_large", 5.0, (0.02, 2)),
    Printed::row("ResNet152", "resnet152", 6.0, (0.22, 2)),
    Printed::row("ViT-L/32", "vit_l_32", 306.0, (1.14, 2)),
    Printed::row("Llama 3 8B", "llama3-8b", 8_000.0, (27.0, 0)),
    Printed::row("Llama 3 70B", "llama3-70b", 70_000.0, (261.0, 0)),
    Printed::row("GPT-3 175B", "gpt3-175b", 175_000.0, (651.0, 0)),
];
// ANCHOR_END: printed

/// How a printed figure relates to the true one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the true one, rounded.
    Rounded,
    /// It is the true one, cut off.
    Truncated,
    /// It is neither.
    Wrong,
}

impl Verdict {
    // ANCHOR: verdict
    /// Is `printed`, with so many decimals, `truth` rounded, or cut off, or neither?
    pub fn of(printed: f64, decimals: u32, truth: f64) -> Verdict {
        let unit = 10_f64.powi(decimals as i32);
        let printed = (printed * unit).round();
        if printed == (truth * unit).round() {
            Verdict::Rounded
        } else if printed == (truth * unit).floor() {
            Verdict::Truncated
        } else {
            Verdict::Wrong
        }
    }
    // ANCHOR_END: verdict

    fn name(self) -> &'static str {
        match self {
            Verdict::Rounded => "rounded",
            Verdict::Truncated => "cut off",
            Verdict::Wrong => "wrong",
        }
    }
}

/// One row of the lecture's table, recounted.
struct Recounted {
    printed: &'static Printed,
    parameters: u64,
    /// Memory of the counted parameters, in GiB.
    gibibytes: f64,
    /// Memory of the parameters in the network's name, where the name has them, in GiB.
    from_name: Option<f64>,
    /// None where what was printed is the network's own name.
    count_verdict: Option<Verdict>,
    memory_verdict: Verdict,
}

impl Recounted {
    fn of(printed: &'static Printed) -> anyhow::Result<Recounted> {
        let parameters = counted(printed.model)?.1.parameters;
        let gibibytes = 4.0 * parameters as f64 / GIB;
        let billions = printed.millions >= 1_000.0;
        let from_name = billions.then(|| 4.0 * printed.millions * 1e6 / GIB);
        let in_millions = parameters as f64 / 1e6;
        let count_verdict = (!billions).then(|| Verdict::of(printed.millions, 0, in_millions));
        let best = from_name.unwrap_or(gibibytes);
        let memory_verdict = Verdict::of(printed.memory, printed.decimals, best);
        Ok(Recounted { printed, parameters, gibibytes, from_name, count_verdict, memory_verdict })
    }
}

/// The lecture's table, row by row.
pub fn lecture(recorder: &mut Recorder) -> anyhow::Result<()> {
    let rows = PRINTED.iter().map(Recounted::of).collect::<anyhow::Result<Vec<_>>>()?;
    record_rows(recorder, &rows);
    record_unit(recorder, &rows);
    for row in &rows {
        let key = row.printed.model;
        recorder.value(&format!("{key}/parameters"), row.parameters);
        recorder.value(&format!("{key}/gib"), row.gibibytes).unit("GiB");
        if let Some(gib) = row.from_name {
            recorder.value(&format!("{key}/gib-from-name"), gib).unit("GiB");
        }
    }
    let [_, resnet, vit, llama, _, gpt] = &rows[..] else {
        anyhow::bail!("the table has six rows")
    };
    recorder.value(
        "resnet152/missing-factor",
        resnet.parameters as f64 / (resnet.printed.millions * 1e6),
    );
    recorder.value("resnet152/gb", 4.0 * resnet.parameters as f64 / 1e9).unit("GB");
    let [_, _, _, _, _, last] = &PRINTED;
    recorder.value("growth", last.millions / PRINTED[0].millions);
    // One file, two units: the weights of Llama 3 8B as they are distributed, in bf16.
    let file = Precision::Bf16.bytes(llama.parameters);
    recorder.value("llama3-8b/file-gb", file.gigabytes()).unit("GB");
    recorder.value("llama3-8b/file-gib", file.gibibytes()).unit("GiB");
    // What would need as much memory as the printed figure says?
    let implied = llama.printed.memory * GIB / 4.0;
    recorder.value("llama3-8b/implied-parameters", implied);
    // Mistral 7B (Jiang et al., 2023): Llama 3 8B's blocks with 32,000 words.
    let mistral = Llama { vocabulary: 32_000, ..Llama::llama3(32, 4096, 32, 14_336, 32_768) };
    let mistral = mistral.closed_form(1).parameters;
    recorder.value("mistral-7b/parameters", mistral);
    recorder.value("mistral-7b/gib", 4.0 * mistral as f64 / GIB);
    recorder
        .claim("resnet152-count", "The lecture's count for ResNet-152 is wrong by a factor of ten.")
        .close(resnet.parameters as f64 / (resnet.printed.millions * 1e6), 10.0, 0.1);
    recorder
        .claim(
            "resnet152-memory",
            "The lecture's memory for ResNet-152 belongs to the right count.",
        )
        .record(resnet.memory_verdict == Verdict::Rounded, evidence(resnet));
    recorder
        .claim(
            "llama3-8b-memory",
            "The lecture's memory for Llama 3 8B fits neither the name nor the count.",
        )
        .record(
            [Some(llama.gibibytes), llama.from_name].iter().flatten().all(|&truth| {
                Verdict::of(llama.printed.memory, llama.printed.decimals, truth) == Verdict::Wrong
            }),
            evidence(llama),
        );
    recorder
        .claim("gpt3-truncated", "The lecture's memory for GPT-3 is cut off rather than rounded.")
        .record(gpt.memory_verdict == Verdict::Truncated, evidence(gpt));
    recorder
        .claim("vit-truncated", "The lecture's count for ViT-L/32 is cut off rather than rounded.")
        .record(
            vit.count_verdict == Some(Verdict::Truncated),
            format!(
                "printed {} M, counted {:.2} M",
                vit.printed.millions,
                vit.parameters as f64 / 1e6
            ),
        );
    Ok(())
}

fn evidence(row: &Recounted) -> String {
    let name =
        row.from_name.map_or_else(String::new, |gib| format!(", {gib:.3} GiB from the name"));
    format!("printed {}, {:.3} GiB from the count{name}", row.printed.memory, row.gibibytes)
}

fn record_rows(recorder: &mut Recorder, rows: &[Recounted]) {
    let mut table = Table::new([
        "Network",
        "Printed, M | int",
        "Counted, M | fixed 1",
        "The count is",
        "Printed, GB | plain",
        "Counted, GiB | fixed 2",
        "From the name, GiB | fixed 2",
        "The memory is",
    ]);
    for row in rows {
        table.row([
            row.printed.name.into(),
            row.printed.millions.into(),
            (row.parameters as f64 / 1e6).into(),
            row.count_verdict.map_or("as named", Verdict::name).into(),
            row.printed.memory.into(),
            row.gibibytes.into(),
            Scalar::from(row.from_name),
            row.memory_verdict.name().into(),
        ]);
    }
    recorder.table("rows", table);
    let verdicts = rows.iter().flat_map(|r| [r.count_verdict, Some(r.memory_verdict)]).flatten();
    let of = |verdict| verdicts.clone().filter(|v| *v == verdict).count();
    recorder.value("figures", verdicts.clone().count());
    recorder.value("wrong", of(Verdict::Wrong));
    recorder.value("cut-off", of(Verdict::Truncated));
    recorder.value("rounded", of(Verdict::Rounded));
}

/// Is the unit GB or GiB? Each memory figure is tried against both.
fn record_unit(recorder: &mut Recorder, rows: &[Recounted]) {
    let fits = |row: &&Recounted, unit: f64| {
        let bytes = 4.0
            * if row.from_name.is_some() {
                row.printed.millions * 1e6
            } else {
                row.parameters as f64
            };
        Verdict::of(row.printed.memory, row.printed.decimals, bytes / unit) != Verdict::Wrong
    };
    let binary = rows.iter().filter(|r| fits(r, GIB)).count();
    let decimal = rows.iter().filter(|r| fits(r, 1e9)).count();
    recorder.value("fit-gib", binary);
    recorder.value("fit-gb", decimal);
    recorder
        .claim("unit-is-gib", "More of the lecture's memory figures fit GiB than fit GB.")
        .greater(binary, decimal);
}

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
        for tensor in layer.tensors.iter().filter(|t| t.role == crate::Role::Parameter) {
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

/// Sizes against each other, and the rows of GPT-3's table that contradict themselves.
pub fn sizes(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Family",
        "Year | plain",
        "Parameters | count 1",
        "Operations | si 1",
        "Per parameter | fixed 1",
    ]);
    for entry in MODELS {
        let count = entry.model.closed_form(entry.model.default_context());
        let reuse = count.operations() as f64 / count.parameters as f64;
        table.row([
            entry.title.into(),
            entry.model.family().into(),
            entry.year.into(),
            count.parameters.into(),
            count.operations().into(),
            reuse.into(),
        ]);
    }
    recorder.table("models", table);
    record_gpt3(recorder)?;
    let [(_, b16), (_, b32)] = [counted("vit_b_16")?, counted("vit_b_32")?];
    recorder.value("vit-b/operations-ratio", b16.operations() as f64 / b32.operations() as f64);
    recorder
        .claim("patches", "ViT-B/32 has more parameters than ViT-B/16 and fewer operations.")
        .record(
            b32.parameters > b16.parameters && b32.operations() < b16.operations(),
            format!(
                "{} > {} parameters, {} < {} operations",
                b32.parameters,
                b16.parameters,
                b32.operations(),
                b16.operations()
            ),
        );
    let reuse =
        |name: &str| counted(name).map(|(_, c)| c.operations() as f64 / c.parameters as f64);
    for name in ["resnet152", "mobilenet_v3_large", "gpt3-175b", "llama3-405b"] {
        recorder.value(&format!("{name}/per-parameter"), reuse(name)?);
    }
    let language = MODELS.iter().filter(|e| e.model.unit() == "token");
    let (total, near) = language.fold((0, 0), |(total, near), e| {
        let count = e.model.closed_form(e.model.default_context());
        let close = (1.5..3.0).contains(&(count.operations() as f64 / count.parameters as f64));
        (total + 1, near + usize::from(close))
    });
    recorder
        .claim("two-per-parameter", "Every language model of the book spends between one and a half and three operations on a parameter for each token.")
        .all(near, total, "models do");
    let [(_, mobile), (_, resnet)] = [counted("mobilenet_v3_large")?, counted("resnet152")?];
    recorder.value("resnet152-to-mobilenet", resnet.parameters as f64 / mobile.parameters as f64);
    let [(_, small), (_, large)] = [counted("mobilenet_v3_small")?, counted("llama3-405b")?];
    recorder.value("largest-to-smallest", large.parameters as f64 / small.parameters as f64);
    Ok(())
}

/// The eight sizes of GPT-3 as printed, and as counted under both readings.
fn record_gpt3(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Row",
        "Heads × width",
        "Model width | int",
        "Printed | count 1",
        "Counted as printed | count 2",
        "Counted with the model's width | count 2",
    ]);
    let (mut rows, mut contradictory) = (0, 0);
    for entry in MODELS.iter().filter(|e| e.name.starts_with("gpt3")) {
        let Model::Gpt(network) = entry.model else { continue };
        let other = network.with_attention_width(AttentionWidth::Model);
        let product = network.heads * network.head_width;
        rows += 1;
        contradictory += usize::from(product != network.width);
        table.row([
            entry.title.into(),
            format!("{} × {} = {product}", network.heads, network.head_width).into(),
            network.width.into(),
            entry.published.parameters.into(),
            network.closed_form(1).parameters.into(),
            other.closed_form(1).parameters.into(),
        ]);
    }
    recorder.table("gpt3", table);
    recorder.value("gpt3/rows", rows);
    recorder.value("gpt3/contradictory", contradictory);
    let Model::Gpt(xl) = find("gpt3-xl")?.model else { anyhow::bail!("GPT-3 XL is a GPT") };
    let [as_printed, as_width] =
        [xl, xl.with_attention_width(AttentionWidth::Model)].map(|n| n.closed_form(1).parameters);
    recorder.value("gpt3-xl/as-printed", as_printed);
    recorder.value("gpt3-xl/with-model-width", as_width);
    recorder
        .claim("gpt3-xl", "The printed 1.3 billion of GPT-3 XL is its count with the model's width, and not with its printed heads.")
        .record(
            Verdict::of(1.3, 1, as_width as f64 / 1e9) == Verdict::Rounded
                && Verdict::of(1.3, 1, as_printed as f64 / 1e9) == Verdict::Wrong,
            format!(
                "{} with the model's width, {} with the heads as printed",
                thousands(as_width),
                thousands(as_printed)
            ),
        );
    Ok(())
}

/// From parameters to bytes: types, training, activations, caches.
pub fn memory(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut types = Table::new([
        "Network",
        "f32 | bytes 1",
        "bf16 | bytes 1",
        "int8 | bytes 1",
        "int4 | bytes 1",
        "Training | bytes 1",
    ]);
    for name in [
        "mobilenet_v3_large",
        "resnet152",
        "vit_l_32",
        "gpt2-xl",
        "llama3-8b",
        "llama3-70b",
        "gpt3-175b",
    ] {
        let (entry, count) = counted(name)?;
        let sizes = Precision::ALL.map(|p| p.bytes(count.parameters).0.into());
        let training = TrainingState::MIXED.bytes(count.parameters).0.into();
        types.row(std::iter::once(entry.title.into()).chain(sizes).chain([training]));
    }
    recorder.table("types", types);
    recorder.value("training-bytes", TrainingState::MIXED.bytes_per_parameter());
    let four = Precision::Int4.bytes(1 << 20).0 as f64 * 8.0 / f64::from(1 << 20);
    recorder.value("int4-bits", four);
    record_training(recorder)?;
    record_cache(recorder)
}

/// What training keeps: state against activations.
fn record_training(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Batch",
        "Weights | percent 1",
        "Gradients | percent 1",
        "Optimiser | percent 1",
        "Activations | percent 1",
        "Total | bytes 1",
    ]);
    let loads = [
        ("resnet50", 64, 1),
        ("resnet152", 64, 1),
        ("vit_l_16", 64, 1),
        ("gpt2-xl", 8, 1024),
        ("llama3-8b", 1, 8192),
    ];
    let mut shares = Vec::new();
    for (name, batch, context) in loads {
        let (entry, count) = counted(name)?;
        let state = TrainingState::MIXED;
        let need = Need::training(&entry.model, state, Load { context, batch });
        let total = need.total().0 as f64;
        let share = |bytes: u64| (bytes * count.parameters) as f64 / total;
        let activations = need.activations.0 as f64 / total;
        let of = if context == 1 {
            format!("{batch} images")
        } else {
            format!("{batch} × {context} tokens")
        };
        table.row([
            entry.title.into(),
            of.into(),
            share(state.weights).into(),
            share(state.gradients).into(),
            share(state.master + state.moments).into(),
            activations.into(),
            need.total().0.into(),
        ]);
        shares.push(activations);
        recorder.value(&format!("{name}/activation-share"), activations);
        recorder.value(&format!("{name}/training"), need.total().0).unit("bytes");
    }
    recorder.table("training", table);
    recorder
        .claim(
            "activations-dominate",
            "Training ResNet-50 on 64 images needs more memory for activations than for everything else.",
        )
        .greater(shares[0], 0.5);
    recorder
        .claim("state-dominates", "Training Llama 3 8B on one text needs more memory for weights, gradients and optimiser than for activations.")
        .less(shares[4], 0.5);
    Ok(())
}

/// The cache of keys and values, against the tokens that it holds.
fn record_cache(recorder: &mut Recorder) -> anyhow::Result<()> {
    let models = ["gpt2-xl", "llama2-7b", "llama3-8b", "llama2-70b", "gpt3-175b"];
    let tokens: Vec<f64> = (10..=20).map(|power| f64::from(1 << power)).collect();
    let mut table = Table::new([
        "Network",
        "Cache a token | bytes 0",
        "Weights in bf16 | bytes 1",
        "Tokens as heavy as the weights | int",
    ]);
    let curves =
        recorder.series("cache", "Tokens in the cache, all texts together", tokens.iter().copied());
    for name in models {
        let (entry, count) = counted(name)?;
        let token = memory::cache(&entry.model, Precision::Bf16, 1, 1).0;
        let weights = Precision::Bf16.bytes(count.parameters).0;
        curves.curve(entry.title, tokens.iter().map(|t| t * token as f64));
        table.row([entry.title.into(), token.into(), weights.into(), (weights / token).into()]);
    }
    recorder.table("cache-per-token", table);
    let token =
        |name: &str| anyhow::Ok(memory::cache(&find(name)?.model, Precision::Bf16, 1, 1).0 as f64);
    for name in models {
        recorder.value(&format!("{name}/cache-per-token"), token(name)?).unit("bytes");
    }
    recorder.value("llama3-8b/cache-8192", 8192.0 * token("llama3-8b")?).unit("bytes");
    recorder.value("llama2-7b/cache-4096", 4096.0 * token("llama2-7b")?).unit("bytes");
    recorder
        .claim(
            "grouped-queries",
            "A token in the cache of Llama 3 8B takes a quarter of what it takes in Llama 2 7B.",
        )
        .close(token("llama2-7b")? / token("llama3-8b")?, 4.0, 0.0);
    recorder
        .claim(
            "small-model-large-cache",
            "Llama 2 7B caches more bytes a token than Llama 2 70B, which has ten times its parameters.",
        )
        .greater(token("llama2-7b")?, token("llama2-70b")?);
    Ok(())
}

/// How much there is to count: what the rungs of the benchmark's ladder go through.
pub fn speed(recorder: &mut Recorder) -> anyhow::Result<()> {
    let tensors: usize = MODELS
        .iter()
        .map(|e| e.model.tree(e.model.default_context(), Folding::Unfolded).named_tensors().len())
        .sum();
    recorder.value("tensors", tensors);
    let deepest = MODELS.iter().filter_map(|e| match e.model {
        Model::Gpt(network) => Some(network.layers),
        Model::Llama(network) => Some(network.layers),
        _ => None,
    });
    recorder.value("deepest", deepest.max().unwrap_or_default());
    Ok(())
}

// ANCHOR: devices
/// Machines, by the memory that a model may take: a definition, not a measurement.
const DEVICES: [(&str, f64); 4] = [
    ("phone, 4 GiB", 4.0 * GIB),
    ("laptop, 12 GiB", 12.0 * GIB),
    ("accelerator, 80 GB", 80e9),
    ("eight, 640 GB", 640e9),
];
// ANCHOR_END: devices

/// How many bits may each parameter have?
pub fn devices(recorder: &mut Recorder) -> anyhow::Result<()> {
    let columns = DEVICES.map(|(name, _)| format!("{name} | fixed 1"));
    let mut table =
        Table::new(std::iter::once("Network").chain(columns.iter().map(String::as_str)));
    let names = [
        "mobilenet_v3_large",
        "resnet152",
        "vit_h_14",
        "gpt2-xl",
        "llama2-7b",
        "llama3-8b",
        "llama2-13b",
        "llama3-70b",
        "gpt3-175b",
        "llama3-405b",
    ];
    for name in names {
        let (entry, count) = counted(name)?;
        let bits = DEVICES.map(|(_, memory)| (8.0 * memory / count.parameters as f64).into());
        table.row(std::iter::once(entry.title.into()).chain(bits));
    }
    recorder.table("bits", table);
    let mut fits = Table::new([
        "Machine",
        "Runs in f32",
        "Runs in bf16",
        "Runs in int4",
        "Trains, mixed precision",
    ]);
    for (device, memory) in DEVICES {
        let largest = |need: &dyn Fn(&Model) -> u128| {
            let fitting = MODELS.iter().filter(|e| need(&e.model) as f64 <= memory);
            fitting.max_by_key(|e| e.model.closed_form(1).parameters).map_or("none", |e| e.title)
        };
        let run = |precision| {
            largest(&|m: &Model| Need::inference(m, precision, Load::single(m)).total().0)
        };
        let train = largest(&|m: &Model| {
            Need::training(m, TrainingState::MIXED, Load::single(m)).total().0
        });
        fits.row([
            device.into(),
            run(Precision::F32).into(),
            run(Precision::Bf16).into(),
            run(Precision::Int4).into(),
            train.into(),
        ]);
    }
    recorder.table("largest", fits);
    let (_, llama) = counted("llama3-70b")?;
    let bits = |memory: f64| 8.0 * memory / llama.parameters as f64;
    recorder.value("llama3-70b/bits-on-accelerator", bits(80e9));
    recorder.value("llama3-70b/bits-on-laptop", bits(12.0 * GIB));
    let (_, llama8) = counted("llama3-8b")?;
    recorder.value("llama3-8b/bits-on-phone", 8.0 * 4.0 * GIB / llama8.parameters as f64);
    recorder
        .value("llama3-8b/training", TrainingState::MIXED.bytes(llama8.parameters).0)
        .unit("bytes");
    recorder
        .claim("accelerator-cannot-train", "One accelerator of 80 GB cannot train Llama 3 8B with Adam in mixed precision, and runs it in bf16.")
        .record(
            TrainingState::MIXED.bytes(llama8.parameters).gigabytes() > 80.0
                && Precision::Bf16.bytes(llama8.parameters).gigabytes() < 80.0,
            format!(
                "{:.1} GB of training state, {:.1} GB of weights",
                TrainingState::MIXED.bytes(llama8.parameters).gigabytes(),
                Precision::Bf16.bytes(llama8.parameters).gigabytes()
            ),
        );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_tells_rounding_from_cutting_off() {
        assert_eq!(Verdict::of(652.0, 0, 651.93), Verdict::Rounded);
        assert_eq!(Verdict::of(651.0, 0, 651.93), Verdict::Truncated);
        assert_eq!(Verdict::of(650.0, 0, 651.93), Verdict::Wrong);
        assert_eq!(Verdict::of(0.22, 2, 0.2242), Verdict::Rounded);
        assert_eq!(Verdict::of(1.14, 2, 1.1419), Verdict::Rounded);
        assert_eq!(Verdict::of(0.24, 2, 0.2242), Verdict::Wrong);
    }
}
