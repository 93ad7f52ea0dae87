//! Sizes side by side, and a table that contradicts itself.

use notebook::{Recorder, Table};

use crate::architectures::{Architecture as _, AttentionWidth, Model};
use crate::registry::{MODELS, counted, find};
use crate::units::thousands;
use crate::verdict::Verdict;

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
        .claim("two-per-parameter", "Every dense language model of the catalogue spends between one and a half and three operations on a parameter for each token.")
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
