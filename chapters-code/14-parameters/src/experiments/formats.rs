//! How many bits is four bits?

use notebook::{Recorder, Table};

use super::today::Today;
use crate::formats::Format;
use crate::registry::counted;
use crate::units::{GIB, thousands};
use crate::visitor::Role;
use crate::{Architecture as _, Folding};

/// What does a scale for each block cost?
pub fn formats(recorder: &mut Recorder) -> anyhow::Result<()> {
    let phone = 4.0 * GIB;
    let (_, small) = counted("llama3-8b")?;
    let (_, large) = counted("llama3-70b")?;
    let mut table = Table::new([
        "Format",
        "Bits of a weight | int",
        "Weights of a block | plain",
        "Bits of its scale | int",
        "Bits together | fixed 3",
        "Llama 3 8B | gib 2",
        "on 4 GiB",
        "Llama 3 70B | gb 1",
        "on 80 GB",
    ]);
    let fits = |fits: bool| if fits { "fits" } else { "no" };
    for format in Format::ALL {
        let (eight, seventy) = (format.bytes(small.parameters), format.bytes(large.parameters));
        let block = match format.block {
            0 => "none".to_string(),
            block => thousands(block),
        };
        table.row([
            format.name.into(),
            format.bits.into(),
            block.into(),
            format.scale_bits.into(),
            format.bits_per_weight().into(),
            eight.0.into(),
            fits(eight.0 as f64 <= phone).into(),
            seventy.0.into(),
            fits(seventy.0 as f64 <= 80e9).into(),
        ]);
        let name = format.name.to_lowercase().replace('_', "-");
        recorder.value(&format!("{name}/bits"), format.bits_per_weight());
        recorder.value(&format!("{name}/llama3-8b"), eight.0).unit("bytes");
        recorder.value(&format!("{name}/llama3-70b"), seventy.0).unit("bytes");
    }
    recorder.table("formats", table);
    let four = [Format::MXFP4, Format::GPTQ, Format::NF4];
    let on_phone = four.iter().filter(|f| f.bytes(small.parameters).0 as f64 <= phone).count();
    recorder
        .claim(
            "larger-blocks-fit",
            "With the cheaper scales of MXFP4, GPTQ and NF4, Llama 3 8B fits on the phone.",
        )
        .all(on_phone, four.len(), "formats fit");
    recorder
        .claim("small-blocks-do-not", "With a scale of 16 bits for each 32 weights it does not.")
        .greater(Format::Q4_0.bytes(small.parameters).0 as f64, phone);
    record_mixed_file(recorder)
}

/// gpt-oss stores its experts in MXFP4 and all else in 16 bits.
fn record_mixed_file(recorder: &mut Recorder) -> anyhow::Result<()> {
    for key in ["gpt-oss-20b", "gpt-oss-120b"] {
        let model = Today::named(key)?;
        let tree = model.tree(1, Folding::Unfolded);
        let matrices = tree.named_tensors().into_iter().filter(|(_, tensor)| {
            matches!(tensor.role, Role::Experts { .. }) && tensor.shape.len() == 3
        });
        let experts: u64 = matrices.map(|(_, tensor)| tensor.shape.iter().product::<u64>()).sum();
        let all = model.closed_form(1).parameters;
        let bytes = Format::MXFP4.bytes(experts).0 + Format::BF16.bytes(all - experts).0;
        recorder.value(&format!("{key}/file"), bytes).unit("bytes");
        recorder.value(&format!("{key}/experts-share"), experts as f64 / all as f64);
        recorder.value(&format!("{key}/file-bits"), 8.0 * bytes as f64 / all as f64);
    }
    Ok(())
}
