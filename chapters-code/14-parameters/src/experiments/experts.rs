//! Which parameters rest?

use notebook::{Recorder, Table};

use super::today::{TODAY, Today, tables};
use crate::architectures::{Architecture as _, FeedForward, Model};

/// How many parameters does a token meet?
pub fn experts(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Parameters | count 1",
        "Active | count 1",
        "Active share | percent 0",
        "Experts | plain",
        "Operations per parameter | fixed 2",
        "Operations per active | fixed 2",
    ]);
    let (mut agree, mut per_active) = (0, Vec::new());
    for today in &TODAY {
        let model = today.model()?;
        let count = model.closed_form(1024);
        agree += usize::from(count == model.walk(1024).count);
        let operations = count.operations() as f64;
        let (all, active) = (count.parameters as f64, count.active() as f64);
        table.row([
            today.title.into(),
            count.parameters.into(),
            count.active().into(),
            (active / all).into(),
            chosen(&model).into(),
            (operations / all).into(),
            (operations / active).into(),
        ]);
        if count.resting > 0 {
            per_active.push(operations / active);
        }
        let key = today.key;
        recorder.value(&format!("{key}/parameters"), count.parameters);
        recorder.value(&format!("{key}/active"), count.active());
        recorder.value(&format!("{key}/active-share"), active / all);
        recorder.value(&format!("{key}/per-parameter"), operations / all);
        recorder.value(&format!("{key}/per-active"), operations / active);
    }
    recorder.table("models", table);
    recorder.value("models", TODAY.len());
    recorder.value("mixtures", per_active.len());
    recorder.claim("two-derivations", "Algebra and the walk agree on every network of today.").all(
        agree,
        TODAY.len(),
        "networks agree in parameters, active ones, tensors and operations",
    );
    let near = per_active.iter().filter(|ratio| (1.5..2.5).contains(*ratio)).count();
    recorder
        .claim(
            "two-per-active",
            "A mixture of experts spends about two operations on each active parameter.",
        )
        .all(near, per_active.len(), "mixtures spend between 1.5 and 2.5");
    record_one_block(recorder)?;
    record_conventions(recorder)
}

/// The chosen and all experts of a block, such as `8 of 256`.
fn chosen(model: &Model) -> String {
    let Model::Decoder(decoder) = model else { return String::new() };
    let experts = decoder.runs.iter().find_map(|run| match run.block.feed_forward {
        FeedForward::Experts(experts) => Some(format!("{} of {}", experts.chosen, experts.experts)),
        FeedForward::Gated(_) => None,
    });
    experts.unwrap_or_default()
}

/// What one block of Mixtral is made of.
fn record_one_block(recorder: &mut Recorder) -> anyhow::Result<()> {
    let tree = Today::named("mixtral-8x7b")?.tree(1, crate::Folding::Folded);
    let mut found = None;
    let mut open = vec![&tree];
    while let Some(module) = open.pop() {
        if module.kind == "block" {
            found = Some(module);
        }
        open.extend(&module.children);
    }
    for part in found.map_or(&[][..], |block| &block.children) {
        if let crate::Name::Word(word @ ("self_attn" | "mlp")) = part.name {
            recorder.value(&format!("block/{word}"), part.totals().count.parameters);
            recorder.value(&format!("block/{word}-active"), part.totals().count.active());
        }
    }
    let expert = 3 * 4096 * 14_336_u64;
    recorder.value("block/expert", expert);
    Ok(())
}

/// Authors print active parameters under three rules: which fits?
fn record_conventions(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Printed | plain",
        "All but resting experts | count 2",
        "Without the table of words | count 2",
        "Without table and head | count 2",
    ]);
    let mut widest = 0.0_f64;
    for today in &TODAY {
        let Some(printed) = today.active else { continue };
        let model = today.model()?;
        let [words, head] = tables(&model);
        let active = model.closed_form(1).active();
        let least = active - words - head;
        widest = widest.max(active as f64 / least as f64 - 1.0);
        table.row([
            today.title.into(),
            format!("{printed}\u{a0}B").into(),
            active.into(),
            (active - words).into(),
            least.into(),
        ]);
        recorder.value(&format!("{}/active-without-table", today.key), active - words);
    }
    recorder.table("conventions", table);
    recorder.value("conventions/widest", widest);
    Ok(())
}
