//! Where two programs disagree: one convention at a time, and by how much.

use notebook::{Recorder, Table};

use super::today::{Today, tables};
use crate::architectures::{Architecture as _, Model};
use crate::memory::Precision;
use crate::registry::counted;

/// By how much do two honest counts of one network differ?
pub fn conventions(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "What they disagree about",
        "Network",
        "One says",
        "The other says",
        "Apart by | percent 2",
    ]);
    let billions = |n: u64| format!("{:.3}\u{a0}B", n as f64 / 1e9);
    let millions = |n: u64| format!("{:.2}\u{a0}M", n as f64 / 1e6);
    let mut row =
        |key: &str, what: &str, network: &str, said: [String; 2], [one, other]: [u64; 2]| {
            let apart = other.max(one) as f64 / other.min(one) as f64 - 1.0;
            let [first, second] = said;
            table.row([what.into(), network.into(), first.into(), second.into(), apart.into()]);
            recorder.value(key, apart);
        };
    let weights = Precision::Bf16.bytes(counted("llama3-8b")?.1.parameters);
    row(
        "units",
        "10⁹ or 2³⁰ bytes",
        "Llama 3 8B, bf16",
        [
            format!("{:.2}\u{a0}GB", weights.gigabytes()),
            format!("{:.2}\u{a0}GiB", weights.gibibytes()),
        ],
        [1 << 30, 1_000_000_000],
    );
    let pair = |show: &dyn Fn(u64) -> String, [one, other]: [u64; 2]| [show(one), show(other)];
    let resnet = counted("resnet50")?.1;
    let both = [resnet.parameters, resnet.parameters + resnet.buffers];
    row("buffers", "buffers of normalisation", "ResNet-50", pair(&millions, both), both);
    let gpt = counted("gpt2")?.1.parameters;
    let masks = [gpt, gpt + 12 * 1024 * 1024];
    row("masks", "masks saved as buffers", "GPT-2", pair(&millions, masks), masks);
    let twice = [gpt, gpt + 50_257 * 768];
    row("tied", "a tied table once or twice", "GPT-2", pair(&millions, twice), twice);
    let gemma = Today::named("gemma3-270m")?;
    let [words, _] = tables(&gemma);
    let once = gemma.closed_form(1).parameters;
    let twice = [once, once + words];
    row("tied-small", "a tied table once or twice", "Gemma 3 270M", pair(&millions, twice), twice);
    let padded = [gpt, gpt + (50_304 - 50_257) * 768];
    row("padded", "a vocabulary padded to 50,304", "GPT-2", pair(&millions, padded), padded);
    let without = [gpt, gpt - (50_257 + 1024) * 768];
    row("tables", "with and without tables", "GPT-2", pair(&millions, without), without);
    let llama = counted("llama3-8b")?.1.parameters;
    let without = [llama, llama - 2 * 128_256 * 4096];
    row("tables-llama", "with and without tables", "Llama 3 8B", pair(&billions, without), without);
    let oss = Today::named("gpt-oss-20b")?;
    let active = oss.closed_form(1).active();
    let without = [active, active - tables(&oss)[0]];
    row(
        "active",
        "active, with the table of words",
        "gpt-oss 20B",
        pair(&billions, without),
        without,
    );
    let deepseek = Today::named("deepseek-v3")?;
    let more = [deepseek.closed_form(1).parameters, deepseek_with_next_token(&deepseek)];
    row("next-token", "the layer for further tokens", "DeepSeek-V3", pair(&billions, more), more);
    recorder.table("conventions", table);
    recorder
        .claim("buffers-are-few", "Counting a ResNet's buffers changes less than its unit does.")
        .less(both[1] as f64 / both[0] as f64, (1_u64 << 30) as f64 / 1e9);
    Ok(())
}

/// DeepSeek-V3 with its layer that predicts one more token: a block with experts, two norms before it, a
/// norm after it, and a matrix that joins two vectors into one. It shares the tables.
fn deepseek_with_next_token(model: &Model) -> u64 {
    let all = model.closed_form(1).parameters;
    let Model::Decoder(decoder) = model else { return all };
    let c = decoder.frame.width;
    let mut longer = decoder.clone();
    if let Some(last) = longer.runs.last_mut() {
        last.times += 1;
    }
    longer.closed_form(1).parameters + 3 * c + 2 * c * c
}
