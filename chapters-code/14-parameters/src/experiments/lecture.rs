//! The lecture's table, recounted.

use notebook::{Recorder, Scalar, Table};

use crate::architectures::{Architecture as _, Llama};
use crate::memory::Precision;
use crate::registry::counted;
use crate::units::GIB;
use crate::verdict::Verdict;

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
