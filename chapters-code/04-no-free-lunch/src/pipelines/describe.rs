//! From a case to features: chapter 2's extractors for pictures, counts of letters for passages.

use std::fmt;

use anyhow::bail;
use classifiers::Samples;
use classifiers::text::Trigrams;
use features::batch::extract_images;
use features::describers::Describer;
use features::hu::signed_log;
use features::{ColourHistogram, Glcm, Hog, Hu, Image, Lbp};
use learning::scale::Standardiser;
use ndarray::Array2;

use super::problem::Raw;

/// Letters and the space.
const LETTERS: usize = 27;
/// The longest words that have a count of their own.
const LONGEST: usize = 12;

/// A way to describe a case, with its settings.
#[derive(Clone, Copy, Debug)]
pub enum Extractor {
    /// The pixels themselves, on [0, 1].
    Pixels,
    /// How much of each colour there is.
    ColourHistogram(ColourHistogram),
    /// Moments of the mass of light, as signed logarithms.
    Hu(Hu),
    /// Patterns of bright and dark neighbours.
    Lbp(Lbp),
    /// Which levels stand side by side.
    Glcm(Glcm),
    /// Oriented gradients.
    Hog(Hog),
    /// How often each letter and the space come, for a thousand of them.
    Letters,
    /// How many words have each length, for a thousand words.
    WordLengths,
    /// How often the most frequent trigrams come, for a thousand of them.
    Trigrams(MostFrequent),
}

/// The setting of trigrams.
#[derive(Clone, Copy, Debug)]
pub struct MostFrequent {
    /// How many are counted: the most frequent ones of the training passages.
    pub counted: usize,
}

impl Extractor {
    /// The extractors of pictures, as the matrix has them.
    pub const OF_PICTURES: [Extractor; 6] = [
        Extractor::Pixels,
        Extractor::ColourHistogram(ColourHistogram),
        Extractor::Hu(Hu::GREYSCALE),
        Extractor::Lbp(Lbp),
        Extractor::Glcm(Glcm),
        Extractor::Hog(Hog::DEFAULT),
    ];

    /// The extractors of passages.
    pub const OF_PASSAGES: [Extractor; 3] = [
        Extractor::Letters,
        Extractor::WordLengths,
        Extractor::Trigrams(MostFrequent { counted: 500 }),
    ];

    /// Those that can read these cases.
    pub fn reading(raw: &Raw) -> &'static [Extractor] {
        match raw {
            Raw::Images(_) => &Extractor::OF_PICTURES,
            Raw::Passages(_) => &Extractor::OF_PASSAGES,
        }
    }

    /// The name in tables and keys.
    pub fn name(self) -> &'static str {
        match self {
            Extractor::Pixels => "pixels",
            Extractor::ColourHistogram(_) => "colour-histogram",
            Extractor::Hu(_) => "hu",
            Extractor::Lbp(_) => "lbp",
            Extractor::Glcm(_) => "glcm",
            Extractor::Hog(_) => "hog",
            Extractor::Letters => "letters",
            Extractor::WordLengths => "word-lengths",
            Extractor::Trigrams(_) => "trigrams",
        }
    }

    fn of_pictures(&self) -> Option<&dyn features::Extractor> {
        match self {
            Extractor::ColourHistogram(extractor) => Some(extractor),
            Extractor::Hu(extractor) => Some(extractor),
            Extractor::Lbp(extractor) => Some(extractor),
            Extractor::Glcm(extractor) => Some(extractor),
            Extractor::Hog(extractor) => Some(extractor),
            _ => None,
        }
    }
}

impl fmt::Display for Extractor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Extractor::Hog(hog) => {
                // A picture of n cells a side has n + 1 − b blocks of b cells a side.
                let (cells, blocks) = (hog.cells(64, 64).0, hog.blocks(64, 64).0);
                let block = cells + 1 - blocks;
                write!(
                    f,
                    "hog of {} in cells of {}, blocks of {block}",
                    hog.orientations(),
                    hog.cell().0
                )
            }
            Extractor::Trigrams(most) => write!(f, "{} trigrams", most.counted),
            other => f.write_str(other.name()),
        }
    }
}

/// An extractor and a scale that have seen training cases.
#[derive(Clone, Debug)]
pub struct Described {
    extractor: Extractor,
    trigrams: Option<Trigrams>,
    scale: Option<Standardiser>,
}

impl Described {
    /// Learns from training cases what there is to learn: which trigrams to count, and the scale. `O(n d)`.
    ///
    /// # Errors
    /// Where the extractor cannot read the cases.
    pub fn fit(extractor: Extractor, standardise: bool, train: &Raw) -> anyhow::Result<Described> {
        let trigrams = match (extractor, train) {
            (Extractor::Trigrams(most), Raw::Passages(texts)) => {
                Some(Trigrams::most_frequent(texts.iter().map(String::as_str), most.counted))
            }
            _ => None,
        };
        let mut described = Described { extractor, trigrams, scale: None };
        if standardise {
            described.scale = Some(Standardiser::fit(described.features(train)?.view()));
        }
        Ok(described)
    }

    /// The features of cases, `(n, d)`. `O(n d)`.
    ///
    /// # Errors
    /// Where the extractor cannot read them.
    pub fn rows(&self, raw: &Raw) -> anyhow::Result<Samples> {
        let x = self.features(raw)?;
        Ok(Samples::Reals(match &self.scale {
            Some(scale) => scale.apply(x.view()),
            None => x,
        }))
    }

    /// What feature `j` is, in words; of pictures of `side` pixels.
    pub fn name(&self, j: usize, side: usize) -> String {
        match (self.extractor, &self.trigrams) {
            (Extractor::Letters, _) if j == 0 => "spaces".to_owned(),
            (Extractor::Letters, _) => format!("letter {}", char::from(b'a' + j as u8 - 1)),
            (Extractor::WordLengths, _) if j + 1 == LONGEST => {
                format!("words of {LONGEST} or more")
            }
            (Extractor::WordLengths, _) => format!("words of {}", j + 1),
            (_, Some(trigrams)) => format!("trigram {}", trigrams.name(j)),
            (extractor, _) => match extractor.of_pictures() {
                Some(extractor) => extractor.describe(j, side, side),
                None => format!("pixel in row {}, column {}", j / side, j % side),
            },
        }
    }

    fn features(&self, raw: &Raw) -> anyhow::Result<Array2<f32>> {
        match (raw, self.extractor, &self.trigrams) {
            (Raw::Images(images), Extractor::Pixels, _) => Ok(Describer::Raw.rows(images)?),
            (Raw::Passages(texts), Extractor::Letters, _) => Ok(each(texts, LETTERS, letters)),
            (Raw::Passages(texts), Extractor::WordLengths, _) => Ok(each(texts, LONGEST, lengths)),
            (Raw::Passages(texts), _, Some(trigrams)) => {
                Ok(trigrams.frequencies(&texts.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            (Raw::Images(images), extractor, _) if extractor.of_pictures().is_some() => {
                pictures(&self.extractor, images)
            }
            (_, extractor, _) => {
                bail!(
                    "{} cannot read these cases; take an extractor of their kind",
                    extractor.name()
                )
            }
        }
    }
}

fn pictures(extractor: &Extractor, images: &[Image]) -> anyhow::Result<Array2<f32>> {
    let Some(of_pictures) = extractor.of_pictures() else { return Ok(Array2::zeros((0, 0))) };
    let values = extract_images(of_pictures, images)?;
    let logarithm = matches!(extractor, Extractor::Hu(_));
    let value = |v| if logarithm { signed_log(v) } else { v } as f32;
    let shape = (images.len(), values.len() / images.len().max(1));
    Ok(Array2::from_shape_vec(shape, values.into_iter().map(value).collect())?)
}

/// `d` counts of each text, for a thousand of what is counted.
fn each(texts: &[String], d: usize, count: impl Fn(&str, &mut [f32])) -> Array2<f32> {
    let mut x = Array2::zeros((texts.len(), d));
    for (mut row, text) in x.rows_mut().into_iter().zip(texts) {
        let mut counts = vec![0.0; d];
        count(text, &mut counts);
        let all = counts.iter().sum::<f32>().max(1.0);
        row.iter_mut().zip(counts).for_each(|(to, count)| *to = 1000.0 * count / all);
    }
    x
}

fn letters(text: &str, counts: &mut [f32]) {
    for byte in text.bytes() {
        let place = if byte.is_ascii_lowercase() { usize::from(byte - b'a') + 1 } else { 0 };
        counts[place] += 1.0;
    }
}

fn lengths(text: &str, counts: &mut [f32]) {
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        counts[word.len().min(LONGEST) - 1] += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(extractor: Extractor, texts: &[&str]) -> Array2<f32> {
        let raw = Raw::Passages(texts.iter().map(|text| (*text).to_owned()).collect());
        Described::fit(extractor, false, &raw).unwrap().features(&raw).unwrap()
    }

    #[test]
    fn letters_and_words_are_counted_for_a_thousand() {
        let x = rows(Extractor::Letters, &["ab a", "z"]);
        assert_eq!((x[(0, 0)], x[(0, 1)], x[(0, 2)]), (250.0, 500.0, 250.0));
        assert_eq!((x[(1, 26)], x.row(1).sum()), (1000.0, 1000.0));
        let x = rows(Extractor::WordLengths, &["a bb bb incomprehensibilities", ""]);
        assert_eq!((x[(0, 0)], x[(0, 1)], x[(0, 11)]), (250.0, 500.0, 250.0));
        assert_eq!(x.row(1).sum(), 0.0);
    }

    #[test]
    fn an_extractor_refuses_what_it_cannot_read() {
        let raw = Raw::Passages(vec!["a".to_owned()]);
        let fault = Described::fit(Extractor::Hog(Hog::DEFAULT), true, &raw).unwrap_err();
        assert!(fault.to_string().contains("hog cannot read"), "{fault}");
        let raw = Raw::Images(vec![Image::from_levels(32, 32, vec![9; 1024])]);
        assert!(Described::fit(Extractor::Letters, true, &raw).is_err());
    }
}
