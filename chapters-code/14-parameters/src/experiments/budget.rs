//! What training costs: operations by the rule 6ND, adapters of low rank, and state spread over devices.

use notebook::{Format, Recorder, Table};

use super::today::Today;
use crate::architectures::{Architecture as _, Model};
use crate::formats::Format as Bits;
use crate::memory::{TrainingState, adapter};
use crate::registry::{counted, find};
use crate::{Folding, Role};

/// What does training cost?
pub fn budget(recorder: &mut Recorder) -> anyhow::Result<()> {
    record_operations(recorder)?;
    record_adapter(recorder)?;
    record_shards(recorder)
}

/// One training: the network, its tokens and the length of its texts.
struct Training {
    title: &'static str,
    key: &'static str,
    model: Model,
    tokens: f64,
    context: u64,
    /// Operations that the authors print.
    printed: Option<f64>,
}

impl Training {
    /// Three times the forward pass of each token, which looks back over half of its text on average.
    fn operations(&self) -> f64 {
        self.model.closed_form(self.context / 2).training_operations() as f64 * self.tokens
    }

    /// The rule: six operations for each active parameter and token.
    fn rule(&self) -> f64 {
        6.0 * self.model.closed_form(1).active() as f64 * self.tokens
    }
}

fn trainings() -> anyhow::Result<[Training; 4]> {
    let named = |key: &str| anyhow::Ok(find(key)?.model.clone());
    let training = |title, key, model, tokens, context, printed| Training {
        title,
        key,
        model,
        tokens,
        context,
        printed,
    };
    Ok([
        training("GPT-3 Small", "gpt3-small", named("gpt3-small")?, 300e9, 2048, Some(2.25e20)),
        training("GPT-3 175B", "gpt3-175b", named("gpt3-175b")?, 300e9, 2048, Some(3.14e23)),
        training(
            "Llama 3.1 405B",
            "llama3-405b",
            named("llama3-405b")?,
            15.6e12,
            8192,
            Some(3.8e25),
        ),
        training("DeepSeek-V3", "deepseek-v3", Today::named("deepseek-v3")?, 14.8e12, 4096, None),
    ])
}

fn record_operations(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Training",
        "Active parameters | count 1",
        "Tokens | count 1",
        "6ND | sci 2",
        "Counted | sci 2",
        "Printed | plain",
        "Counted ÷ 6ND | fixed 2",
    ]);
    let mut off = Vec::new();
    for training in trainings()? {
        let (rule, counted) = (training.rule(), training.operations());
        table.row([
            training.title.into(),
            training.model.closed_form(1).active().into(),
            training.tokens.into(),
            rule.into(),
            counted.into(),
            training.printed.map_or(String::new(), |n| Format::Scientific(2).number(n)).into(),
            (counted / rule).into(),
        ]);
        recorder.value(&format!("{}/rule", training.key), rule);
        recorder.value(&format!("{}/counted", training.key), counted);
        recorder.value(&format!("{}/counted-to-rule", training.key), counted / rule);
        off.push((counted / rule - 1.0).abs());
    }
    recorder.table("operations", table);
    recorder
        .claim(
            "six-n-d",
            "The rule 6ND is nearer to the count for GPT-3 175B than for GPT-3 Small.",
        )
        .less(off[1], off[0]);
    Ok(())
}

/// Adapters on queries and values of Llama 3 8B, beside weights that stay as they are.
fn record_adapter(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (entry, count) = counted("llama3-8b")?;
    let tree = entry.model.tree(1, Folding::Unfolded);
    let learning = |rank: u64| {
        let adapted = tree.named_tensors().into_iter().filter_map(|(name, tensor)| {
            let chosen = name.ends_with("q_proj.weight") || name.ends_with("v_proj.weight");
            match (chosen && tensor.role == Role::Parameter, &tensor.shape[..]) {
                (true, &[outputs, inputs]) => Some(adapter(rank, outputs, inputs)),
                _ => None,
            }
        });
        adapted.sum::<u64>()
    };
    let state = TrainingState::MIXED;
    let n = count.parameters;
    let mut table = Table::new(["Training of Llama 3 8B", "Learns | int", "State | gb 1"]);
    table.row(["all parameters".into(), n.into(), state.bytes(n).0.into()]);
    for (name, format, rank) in [
        ("adapters of rank 16, the rest in bf16", Bits::BF16, 16),
        ("adapters of rank 64, the rest in bf16", Bits::BF16, 64),
        ("adapters of rank 16, the rest in NF4", Bits::NF4, 16),
    ] {
        let bytes = format.bytes(n).0 + state.bytes(learning(rank)).0;
        table.row([name.into(), learning(rank).into(), bytes.into()]);
        let key = format!("adapter/{}-{rank}", format.name.to_lowercase());
        recorder.value(&key, bytes).unit("bytes");
    }
    recorder.table("adapters", table);
    recorder.value("adapter/learning", learning(16));
    recorder.value("adapter/share", learning(16) as f64 / n as f64);
    let bytes = Bits::BF16.bytes(n).0 + state.bytes(learning(16)).0;
    recorder
        .claim("adapters-train", "With adapters of rank 16 on queries and values, the state of Llama 3 8B fits on one accelerator of 80 GB.")
        .less(bytes as f64, 80e9);
    Ok(())
}

/// The state of Llama 3 8B on each of several devices, stage by stage.
fn record_shards(recorder: &mut Recorder) -> anyhow::Result<()> {
    let (_, count) = counted("llama3-8b")?;
    let state = TrainingState::MIXED;
    let stages = [
        "each keeps all",
        "stage 1: optimiser shared",
        "stage 2: gradients too",
        "stage 3: weights too",
    ];
    let devices = [1, 8, 64];
    let columns = ["of one | fixed 2", "of eight | fixed 2", "of sixty-four | fixed 2"];
    let head = ["Bytes a parameter on each device"].into_iter();
    let mut table = Table::new(head.chain(columns));
    for (stage, name) in (0..).zip(stages) {
        let bytes = devices.map(|k| state.sharded(stage, k).into());
        table.row(std::iter::once(name.into()).chain(bytes));
        for k in devices {
            let bytes = state.sharded(stage, k) * count.parameters as f64;
            recorder.value(&format!("shards/{stage}/{k}"), bytes).unit("bytes");
        }
    }
    recorder.table("shards", table);
    recorder
        .claim("eight-devices-train", "Spread over eight accelerators of 80 GB at stage 3, the state of Llama 3 8B fits with room to spare.")
        .less(2.0 * state.sharded(3, 8) * count.parameters as f64, 80e9);
    Ok(())
}
