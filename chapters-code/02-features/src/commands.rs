//! What the chapter does on the command line: `extract`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use notebook::Chapter;
use notebook::fault::{Usage, WriteFault};
use serde::Serialize;

use crate::error::Result;
use crate::extractor::{Extractor, features};
use crate::extractors::{EXTRACTORS, find};
use crate::hog::Hog;
use crate::image::Image;
use crate::picture;

/// What does an extractor see in an image? Its features, as JSON
#[derive(Args, Clone, Debug)]
pub struct ExtractArgs {
    /// colour-histogram, hu, lbp, glcm or hog
    #[arg(value_name = "EXTRACTOR")]
    pub extractor: String,
    /// A PNG or JPEG
    #[arg(long, value_name = "FILE")]
    pub image: PathBuf,
    /// Also draw what the extractor saw, as an SVG
    #[arg(long, value_name = "OUT.svg")]
    pub draw: Option<PathBuf>,
    /// Say what each feature is, rather than write JSON
    #[arg(long)]
    pub describe: bool,
    /// Bins of orientation of hog [default: 9]
    #[arg(long, value_name = "NUMBER")]
    pub orientations: Option<usize>,
    /// Pixels along a side of a cell of hog [default: 8]
    #[arg(long, value_name = "PIXELS")]
    pub cell: Option<usize>,
    /// Cells along a side of a block of hog [default: 2]
    #[arg(long, value_name = "CELLS")]
    pub block: Option<usize>,
}

/// What `extract` writes.
#[derive(Serialize)]
struct Extracted<'a> {
    extractor: &'a str,
    length: usize,
    values: Vec<f64>,
}

/// Extracts features of one image and writes them as JSON.
///
/// # Errors
/// An unknown extractor, an image that cannot be read or is too small, or output that cannot be written.
pub fn extract(args: &ExtractArgs, out: &mut dyn Write) -> Result<()> {
    let found = find(&args.extractor)?;
    let hog = hog_of(args, found.name())?;
    let extractor: &dyn Extractor = if found.name() == "hog" { &hog } else { found };
    let image = Image::open(&args.image)?;
    let view = image.view();
    let values = features(extractor, view)?;
    if let Some(path) = &args.draw {
        let failed = |e: std::io::Error| WriteFault::file(path, e);
        let svg = picture::drawing(extractor.name(), &hog, view);
        let svg = svg.map_err(|e| failed(std::io::Error::other(e.to_string())))?;
        std::fs::write(path, svg).map_err(failed)?;
    }
    let written = if args.describe {
        let mut lines = values.iter().enumerate();
        lines.try_for_each(|(k, v)| {
            writeln!(out, "{k:5}  {v:<24} {}", extractor.describe(k, view.width(), view.height()))
        })
    } else {
        let extracted = Extracted { extractor: extractor.name(), length: values.len(), values };
        serde_json::to_writer(&mut *out, &extracted)
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(out))
    };
    Ok(written.map_err(WriteFault::from)?)
}

/// The parameters of hog, which no other extractor takes.
fn hog_of(args: &ExtractArgs, name: &str) -> Result<Hog> {
    let given = args.orientations.is_some() || args.cell.is_some() || args.block.is_some();
    if given && name != "hog" {
        return Err(
            Usage("--orientations, --cell and --block belong to hog; leave them out").into()
        );
    }
    let (cell, block) = (args.cell.unwrap_or(8), args.block.unwrap_or(2));
    Hog::new(args.orientations.unwrap_or(9), (cell, cell), (block, block))
}

/// Adds the chapter's command to its command line.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.command::<ExtractArgs>("extract", |args, _, out| Ok(extract(&args, out)?)).listing(
        |out| {
            let names = EXTRACTORS.map(Extractor::name);
            Ok(writeln!(out, "extractors: {}", names.join(", "))?)
        },
    )
}
