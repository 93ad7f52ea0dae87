//! Cases with their classes, and problems made of them.

use features::Image;

/// What is known of cases before anything is extracted.
#[derive(Clone, Debug)]
pub enum Raw {
    /// Pictures of one size.
    Images(Vec<Image>),
    /// Passages: small letters and spaces.
    Passages(Vec<String>),
}

impl Raw {
    /// How many cases there are.
    pub fn len(&self) -> usize {
        match self {
            Raw::Images(images) => images.len(),
            Raw::Passages(texts) => texts.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cases at `rows`, copied.
    pub fn select(&self, rows: &[usize]) -> Raw {
        match self {
            Raw::Images(images) => Raw::Images(rows.iter().map(|i| images[*i].clone()).collect()),
            Raw::Passages(texts) => Raw::Passages(rows.iter().map(|i| texts[*i].clone()).collect()),
        }
    }
}

/// Cases with their classes.
#[derive(Clone, Debug)]
pub struct Cases {
    /// What is known of each.
    pub raw: Raw,
    /// The class of each, 0 to k − 1.
    pub labels: Vec<u8>,
    /// What belongs together and is drawn together: a region of a photograph, a garment, a passage.
    pub blocks: Vec<usize>,
}

impl Cases {
    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The cases at `rows`, copied.
    pub fn select(&self, rows: &[usize]) -> Cases {
        Cases {
            raw: self.raw.select(rows),
            labels: rows.iter().map(|i| self.labels[*i]).collect(),
            blocks: rows.iter().map(|i| self.blocks[*i]).collect(),
        }
    }
}

/// A problem: cases to learn from and cases to be tested on.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its name.
    pub name: &'static str,
    /// How many classes it has.
    pub classes: usize,
    /// Cases to learn from.
    pub train: Cases,
    /// Cases to be tested on.
    pub test: Cases,
}
