//! From parameters to bytes.

use notebook::{Recorder, Table};

use crate::memory::{self, Load, Need, Precision, TrainingState};
use crate::registry::{counted, find};

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
    let (mut shares, mut with_scores) = (Vec::new(), Vec::new());
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
        let scores = memory::kept_scores(&entry.model, Load { context, batch }).0 as f64;
        let share = (need.activations.0 as f64 + scores) / (total + scores);
        with_scores.push(share);
        recorder.value(&format!("{name}/scores"), scores).unit("bytes");
        recorder.value(&format!("{name}/activation-share-with-scores"), share);
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
    recorder
        .claim(
            "scores-decide",
            "Where attention's scores are kept, its activations are the larger part.",
        )
        .greater(with_scores[4], 0.5);
    Ok(())
}

/// The cache of keys and values, against the tokens that it holds.
fn record_cache(recorder: &mut Recorder) -> anyhow::Result<()> {
    let models = ["gpt2-xl", "llama2-7b", "llama3-8b", "llama2-70b", "gpt3-175b"];
    let tokens: Vec<f64> = (10..=20).map(|power| f64::from(1 << power)).collect();
    let mut table = Table::new([
        "Network",
        "Cache per token | bytes 0",
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
            "Llama 2 7B caches more bytes per token than Llama 2 70B, which has ten times its parameters.",
        )
        .greater(token("llama2-7b")?, token("llama2-70b")?);
    Ok(())
}
