//! What the features cost in bytes.

use notebook::{Recorder, Table};

use crate::Hog;
use crate::describers::RAW;
use crate::extractors::EXTRACTORS;

/// What the features cost in bytes.
pub fn cost(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Extractor",
        "28 × 28 grey | int",
        "64 × 64 colour | int",
        "Bytes, 28 × 28 | int",
        "Bytes, 64 × 64 | int",
        "Pixels' bytes for one of features, 64 × 64 | fixed 1",
    ]);
    table.row([RAW.into(), 784.into(), 12_288.into(), 784.into(), 12_288.into(), 1.0.into()]);
    for extractor in EXTRACTORS {
        let (small, large) = (extractor.length(28, 28)?, extractor.length(64, 64)?);
        table.row([
            extractor.name().into(),
            small.into(),
            large.into(),
            (4 * small).into(),
            (4 * large).into(),
            (12_288.0 / (4 * large) as f64).into(),
        ]);
    }
    recorder.table("bytes", table);
    let hog = Hog::new(9, (7, 7), (2, 2))?;
    recorder.value("hog-7/length", crate::Extractor::length(&hog, 28, 28)?);
    let length = |name: &str, side| anyhow::Ok(crate::find(name)?.length(side, side)?);
    recorder.value("hog/28", length("hog", 28)?);
    recorder.value("hog/64", length("hog", 64)?);
    recorder
        .claim("hog-is-not-smaller", "Oriented gradients of a 64 × 64 image in grey, as 32-bit numbers, take more bytes than its pixels.")
        .greater(4 * length("hog", 64)?, 64 * 64);
    Ok(())
}
