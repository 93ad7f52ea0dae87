//! Pictures for the network cut out of the book's photographs, and the patches of them that excite a channel most.

use convolution::receptive_field;
use features::photographs::{FOLDER, SCENES, SURFACES};
use image::RgbImage;
use image::imageops::{self, FilterType};
use ndarray::{Array3, ArrayView3, Axis};
use notebook::Data;

use crate::lite0::description::{Convolution, SIDE, blocks, stem};

/// A photograph with its name.
#[derive(Clone, Debug)]
pub struct Photograph {
    /// The file's name without its end.
    pub name: &'static str,
    /// Its pixels.
    pub image: RgbImage,
}

/// The photographs of the book: five in colour, three surfaces in grey.
///
/// # Errors
/// Where a file is missing or no picture.
pub fn photographs(data: &(impl Data + ?Sized)) -> image::ImageResult<Vec<Photograph>> {
    let read = |&name: &&'static str| {
        let file = data.data(&format!("{FOLDER}/{name}.png"));
        Ok(Photograph { name, image: image::open(file)?.to_rgb8() })
    };
    SCENES.iter().chain(&SURFACES).map(read).collect()
}

/// A square of a photograph, which is enlarged to what the network reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Which of the photographs.
    pub photograph: usize,
    /// Its first row and column.
    pub at: [u32; 2],
    /// Its side, in pixels of the photograph.
    pub side: u32,
}

impl Cut {
    /// The middle seven eighths of a photograph, as pictures are usually given to the network.
    pub fn middle(photograph: usize, image: &RgbImage) -> Cut {
        let rim = image.width().min(image.height()) / 16;
        Cut { photograph, at: [rim; 2], side: image.width().min(image.height()) - 2 * rim }
    }

    /// Squares of `side` pixels, `step` apart, row by row.
    pub fn tiling(photograph: usize, image: &RgbImage, side: u32, step: usize) -> Vec<Cut> {
        let starts = |n: u32| (0..=n.saturating_sub(side)).step_by(step);
        let rows = starts(image.height());
        let cut = |row, column| Cut { photograph, at: [row, column], side };
        rows.flat_map(|row| starts(image.width()).map(move |column| cut(row, column))).collect()
    }

    /// What it shows, with `to` pixels a side.
    pub fn look(&self, photographs: &[Photograph], to: u32) -> RgbImage {
        let [row, column] = self.at;
        let image = &photographs[self.photograph].image;
        let cut = imageops::crop_imm(image, column, row, self.side, self.side).to_image();
        imageops::resize(&cut, to, to, FilterType::CatmullRom)
    }

    /// What it shows, as the network reads it.
    pub fn picture(&self, photographs: &[Photograph]) -> Array3<f32> {
        numbers(&self.look(photographs, SIDE as u32))
    }
}

/// A picture as the network reads it, `(3, H, W)`: (level − 127) / 128.
pub fn numbers(image: &RgbImage) -> Array3<f32> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    Array3::from_shape_fn((3, height, width), |(c, i, j)| {
        (f32::from(image.get_pixel(j as u32, i as u32)[c]) - 127.0) / 128.0
    })
}

/// The levels of a picture that the network reads: red, green and blue of each pixel.
pub fn levels(picture: ArrayView3<'_, f32>) -> Vec<u8> {
    let level = |x: f32| (x * 128.0 + 127.0).round().clamp(0.0, 255.0) as u8;
    picture.permuted_axes([1, 2, 0]).iter().map(|&x| level(x)).collect()
}

/// What one number of a block looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The first pixel of the picture's rows (or columns) that it depends on; less than 0 where it looks at the padding.
    pub start: isize,
    /// How many.
    pub length: usize,
}

impl Field {
    /// The field in the picture: its first pixel and the one behind its last.
    pub fn within(&self, n: usize) -> [usize; 2] {
        let end = (self.start + self.length as isize).clamp(1, n as isize) as usize;
        [self.start.clamp(0, end as isize - 1) as usize, end]
    }
}

/// The convolutions with windows up to block `after` (0: the stem).
fn windowed(after: usize) -> impl DoubleEndedIterator<Item = Convolution> {
    let inner = blocks().into_iter().take(after).flat_map(|block| block.convolutions);
    let all: Vec<_> = std::iter::once(stem()).chain(inner).filter(|c| c.window > 1).collect();
    all.into_iter()
}

// ANCHOR: field
/// What place `i` of what block `after` gives looks at, in a picture of `n`
/// pixels a side.
pub fn field(after: usize, i: usize, n: usize) -> Field {
    let mut sides = vec![n];
    let mut windows = Vec::new();
    for c in windowed(after) {
        sides.push(c.output(sides[sides.len() - 1]));
        windows.push(receptive_field::Window { side: c.window, stride: c.stride });
    }
    let mut start = i as isize;
    for (c, &n) in windowed(after).rev().zip(sides.iter().rev().skip(1)) {
        start = start * c.stride as isize - c.before(n) as isize;
    }
    Field { start, length: receptive_field::receptive_field(&windows) }
}
// ANCHOR_END: field

/// A place where a channel answered: how much, in which cut, at which row and column of its map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// The number of the map.
    pub value: f32,
    /// Which of the cuts.
    pub cut: usize,
    /// Row and column.
    pub place: [usize; 2],
}

/// The largest number of each channel of a map `(C, H, W)`.
pub fn largest(map: ArrayView3<'_, f32>, cut: usize) -> Vec<Answer> {
    let of = |channel: ndarray::ArrayView2<'_, f32>| {
        let first = Answer { value: f32::NEG_INFINITY, cut, place: [0; 2] };
        channel.indexed_iter().fold(first, |best, ((i, j), &value)| {
            if value > best.value { Answer { value, cut, place: [i, j] } } else { best }
        })
    };
    map.axis_iter(Axis(0)).map(of).collect()
}

/// Of a channel's largest number in each cut, the `k` largest, first the largest.
pub fn most_exciting(mut answers: Vec<Answer>, k: usize) -> Vec<Answer> {
    answers.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.cut.cmp(&b.cut)));
    answers.truncate(k);
    answers
}

// ANCHOR: commonest
/// The largest share of `labels` that are alike: 1 where all are.
pub fn commonest(labels: &[usize]) -> f64 {
    let count = |label: &usize| labels.iter().filter(|other| *other == label).count();
    labels.iter().map(count).max().unwrap_or(0) as f64 / labels.len().max(1) as f64
}
// ANCHOR_END: commonest

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_grow_and_start_where_the_padding_says() {
        // The stem has no zero before the first pixel of 224, so that place 0 looks at pixels 0 to 2.
        assert_eq!(field(0, 0, 224), Field { start: 0, length: 3 });
        assert_eq!(field(0, 5, 224), Field { start: 10, length: 3 });
        // Block 1 has a zero on each side.
        assert_eq!(field(1, 5, 224), Field { start: 8, length: 7 });
        assert_eq!(field(1, 0, 224).within(224), [0, 5]);
        assert!(field(16, 3, 224).length > 224);
    }

    #[test]
    fn a_share_is_one_where_all_are_alike() {
        assert_eq!(commonest(&[2, 2, 2]), 1.0);
        assert_eq!(commonest(&[0, 1, 1, 3]), 0.5);
    }
}
