//! What each extractor keeps of one photograph, and of three surfaces.

use notebook::{Recorder, Table};

use crate::extractor::features;
use crate::extractors::EXTRACTORS;
use crate::photographs::Photograph;
use crate::{Hog, colour_histogram, hu, lbp};

/// The photograph on which the extractors are shown.
pub const SHOWN: &str = "chelsea";

/// What each extractor makes of one photograph.
pub fn seen(recorder: &mut Recorder) -> anyhow::Result<()> {
    let photograph = Photograph::read(recorder, SHOWN)?;
    let view = photograph.image.view();
    let (width, height) = (view.width(), view.height());
    recorder.value("side", width);
    recorder.value("pixels", width * height);
    let mut table = Table::new(["Extractor", "Features | int", "First feature, in words"]);
    for extractor in EXTRACTORS {
        let length = extractor.length(width, height)?;
        table.row([
            extractor.name().into(),
            length.into(),
            extractor.describe(0, width, height).into(),
        ]);
    }
    recorder.table("lengths", table);
    let colours = features(&crate::ColourHistogram, view)?;
    let occupied = colours.iter().filter(|share| **share > 0.0).count();
    let mut shares = colours.clone();
    shares.sort_by(|a, b| b.total_cmp(a));
    recorder.value("colours/boxes", colour_histogram::BOXES);
    recorder.value("colours/occupied", occupied);
    recorder.value("colours/ten-largest", shares.iter().take(10).sum::<f64>());
    let patterns = features(&crate::Lbp, view)?;
    let mut table = Table::new(["Pattern", "Share | percent 1"]);
    for (code, share) in patterns.iter().enumerate() {
        let name = if code == 9 { "not uniform".into() } else { format!("{code} bright") };
        table.row([name.into(), (*share).into()]);
    }
    recorder.table("patterns", table);
    recorder.value("patterns/uniform", 1.0 - patterns[9]);
    recorder.value("patterns/kinds", (0..=255).filter(|&p| lbp::code_of(p) < 9).count());
    let mut table = Table::new([
        "Moment",
        "Greyscale | sci 2",
        "Turned by 90° | sci 2",
        "Mirrored | sci 2",
        "Signed logarithm | fixed 2",
    ]);
    let of = |picture: &[u8]| {
        features(&crate::Hu::GREYSCALE, crate::View::of_levels(width, height, picture))
    };
    let levels = view.levels();
    let turned: Vec<u8> =
        (0..levels.len()).map(|i| levels[i % width * width + (width - 1 - i / width)]).collect();
    let mirrored: Vec<u8> =
        (0..levels.len()).map(|i| levels[i / width * width + (width - 1 - i % width)]).collect();
    let [plain, turned, mirrored] = [of(levels)?, of(&turned)?, of(&mirrored)?];
    for k in 0..7 {
        let name = format!("{}", k + 1);
        table.row([
            name.into(),
            plain[k].into(),
            turned[k].into(),
            mirrored[k].into(),
            hu::signed_log(plain[k]).into(),
        ]);
    }
    recorder.table("moments", table);
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs();
    let held = (0..7).filter(|&k| close(turned[k], plain[k])).count();
    recorder.claim("hu-turned", "A quarter turn leaves all seven Hu moments as they are.").all(
        held,
        7,
        "moments equal to nine digits",
    );
    recorder
        .claim(
            "hu-mirrored",
            "A mirror image changes the sign of the seventh Hu moment and no other.",
        )
        .record(
            (0..6).all(|k| close(mirrored[k], plain[k])) && close(-mirrored[6], plain[6]),
            format!("seventh moment {:.3e}, mirrored {:.3e}", plain[6], mirrored[6]),
        );
    let mut table =
        Table::new(["Property", "brick | fixed 3", "grass | fixed 3", "gravel | fixed 3"]);
    let surfaces = Photograph::read_all(recorder, &crate::photographs::SURFACES)?;
    let of: Vec<Vec<f64>> = surfaces
        .iter()
        .map(|s| features(&crate::Glcm, s.image.view()))
        .collect::<Result<_, _>>()?;
    for (k, name) in crate::glcm::PROPERTIES.iter().enumerate() {
        table.row(std::iter::once((*name).into()).chain(of.iter().map(|p| p[k].into())));
    }
    recorder.table("surfaces", table);
    let (rows, columns) = Hog::DEFAULT.blocks(width, height);
    recorder.value("hog/blocks", rows * columns);
    Ok(())
}
