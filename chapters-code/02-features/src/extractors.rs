//! The extractors of the chapter, by their names.

use notebook::fault::Unknown;

use crate::error::{Error, Result};
use crate::extractor::Extractor;
use crate::{ColourHistogram, Glcm, Hog, Hu, Lbp};

/// The five extractors of the chapter, with the parameters that it uses unless it says otherwise.
pub static EXTRACTORS: [&dyn Extractor; 5] =
    [&ColourHistogram, &Hu::GREYSCALE, &Lbp, &Glcm, &Hog::DEFAULT];

/// The extractor called `name`.
///
/// # Errors
/// [`Error::Unknown`] with the nearest name.
pub fn find(name: &str) -> Result<&'static dyn Extractor> {
    let found = EXTRACTORS.into_iter().find(|e| e.name() == name);
    found.ok_or_else(|| {
        let names = EXTRACTORS.map(Extractor::name);
        let nearest = names
            .iter()
            .map(|n| (strsim::jaro_winkler(n, name), n))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let hint = match nearest {
            Some((likeness, nearest)) if likeness > 0.7 => format!("did you mean {nearest}?"),
            _ => format!("there are {}", names.join(", ")),
        };
        Error::from(Unknown { kind: "extractor", name: name.chars().take(60).collect(), hint })
    })
}
