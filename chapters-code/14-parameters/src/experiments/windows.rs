//! What windows and latent vectors do to the cache.

use notebook::{Recorder, Table};

use super::today::Today;
use crate::architectures::{Architecture as _, Attention, Grouped, Latent, Model};
use crate::formats::Format;
use crate::registry::find;

/// The network with every token kept, and with keys and values of every head.
fn unabridged(model: &Model) -> Model {
    let mut model = model.clone();
    match &mut model {
        Model::Llama(llama) => llama.window = None,
        Model::Decoder(decoder) => {
            for run in &mut decoder.runs {
                if let Attention::Grouped(grouped) = &mut run.block.attention {
                    grouped.window = None;
                }
            }
        }
        _ => {}
    }
    model
}

/// Numbers that a latent block would keep for each token, had it keys and values of every head.
fn heads_of(latent: &Latent) -> u64 {
    latent.heads * (latent.plain_width + latent.rotary_width + latent.value_width)
}

/// How large is the cache of a long text?
pub fn windows(recorder: &mut Recorder) -> anyhow::Result<()> {
    let networks = [
        ("Llama 3 70B", find("llama3-70b")?.model.clone()),
        ("Gemma 3 27B", Today::named("gemma3-27b")?),
        ("Mistral 7B", Today::named("mistral-7b")?),
        ("gpt-oss 120B", Today::named("gpt-oss-120b")?),
        ("DeepSeek-V3", Today::named("deepseek-v3")?),
    ];
    let tokens: Vec<u64> = (10..=17).map(|power| 1 << power).collect();
    let bytes = |model: &Model, tokens: u64| 2 * model.cache_values(tokens);
    let mut table = Table::new([
        "Network",
        "Tokens | int",
        "Cache | bytes 1",
        "Were nothing forgotten | bytes 1",
        "Share | percent 0",
    ]);
    let curves = recorder.series("cache", "Tokens of one text", tokens.iter().map(|t| *t as f64));
    for (title, model) in &networks {
        curves.curve(title, tokens.iter().map(|t| bytes(model, *t) as f64));
    }
    for (title, model) in &networks[1..4] {
        for length in [4096, 32_768, 131_072] {
            let (kept, all) = (bytes(model, length), bytes(&unabridged(model), length));
            let share = kept as f64 / all as f64;
            table.row([(*title).into(), length.into(), kept.into(), all.into(), share.into()]);
        }
    }
    recorder.table("windows", table);
    let mut value = |key: &str, bytes: u64| {
        recorder.value(key, bytes).unit("bytes");
    };
    let [_, gemma, mistral, oss, deepseek] = &networks;
    value("gemma3-27b/cache", bytes(&gemma.1, 131_072));
    value("gemma3-27b/unabridged", bytes(&unabridged(&gemma.1), 131_072));
    value("mistral-7b/cache", bytes(&mistral.1, 32_768));
    value("mistral-7b/unabridged", bytes(&unabridged(&mistral.1), 32_768));
    value("llama3-70b/cache", bytes(&networks[0].1, 131_072));
    value("gpt-oss-120b/cache", bytes(&oss.1, 131_072));
    value("deepseek-v3/per-token", bytes(&deepseek.1, 1));
    value("llama3-70b/per-token", bytes(&networks[0].1, 1));
    let heads = match &deepseek.1 {
        Model::Decoder(decoder) => decoder.runs.iter().map(|run| match &run.block.attention {
            Attention::Latent(latent) => 2 * run.times * heads_of(latent),
            Attention::Grouped(Grouped { .. }) => 0,
        }),
        _ => anyhow::bail!("DeepSeek-V3 is a decoder"),
    }
    .sum::<u64>();
    value("deepseek-v3/heads-per-token", heads);
    let latent = bytes(&deepseek.1, 1);
    recorder.value("deepseek-v3/latent-saves", heads as f64 / latent as f64);
    let weights = Format::Q4_0.bytes(networks[0].1.closed_form(1).parameters).0;
    recorder
        .claim(
            "heavier-than-weights",
            "A cache of 131,072 tokens of Llama 3 70B takes more bytes than its weights in four bits.",
        )
        .greater(bytes(&networks[0].1, 131_072) as f64, weights as f64);
    recorder
        .claim(
            "windows-shrink",
            "At 131,072 tokens the windows of Gemma 3 27B leave less than a fifth of its cache.",
        )
        .less(5 * bytes(&gemma.1, 131_072), bytes(&unabridged(&gemma.1), 131_072));
    recorder
        .claim(
            "latent-is-small",
            "A token costs DeepSeek-V3 fewer bytes in the cache than Llama 3 70B, which has a tenth of \
             its parameters.",
        )
        .less(latent, bytes(&networks[0].1, 1));
    Ok(())
}
