//! How many bits per parameter may have.

use notebook::{Recorder, Table};

use crate::architectures::{Architecture as _, Model};
use crate::memory::{Load, Need, Precision, TrainingState};
use crate::registry::{MODELS, counted};
use crate::units::GIB;

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
