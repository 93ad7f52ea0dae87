//! What each extractor saw, as a picture.

use std::f64::consts::PI;

use notebook::figure::{ImageGrid, Tile};

use crate::error::SizeError;
use crate::extractor::Scratch;
use crate::image::View;
use crate::{Hog, Hu, colour_histogram, glcm, lbp};

/// A picture in colour that is drawn into.
#[derive(Clone, Debug)]
pub struct Canvas {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Canvas {
    /// One colour everywhere.
    pub fn new(width: usize, height: usize, colour: [u8; 3]) -> Canvas {
        Canvas { width, height, rgb: colour.repeat(width * height) }
    }

    /// Each pixel by a function of its row and column.
    pub fn of(
        width: usize,
        height: usize,
        mut colour: impl FnMut(usize, usize) -> [u8; 3],
    ) -> Canvas {
        let rgb = (0..width * height).flat_map(|i| colour(i / width, i % width)).collect();
        Canvas { width, height, rgb }
    }

    fn set(&mut self, y: isize, x: isize, colour: [u8; 3]) {
        if (0..self.height as isize).contains(&y) && (0..self.width as isize).contains(&x) {
            let at = 3 * (y as usize * self.width + x as usize);
            self.rgb[at..at + 3].copy_from_slice(&colour);
        }
    }

    /// Makes a pixel at least so bright.
    fn lighten(&mut self, y: isize, x: isize, level: u8) {
        if (0..self.height as isize).contains(&y) && (0..self.width as isize).contains(&x) {
            let at = 3 * (y as usize * self.width + x as usize);
            self.rgb[at..at + 3].iter_mut().for_each(|v| *v = (*v).max(level));
        }
    }

    /// The canvas as a tile of a figure.
    pub fn tile(self) -> Tile {
        Tile::rgb(self.width, self.height, self.rgb)
    }
}

/// The longest side of a picture that is drawn; a larger image is thinned out for it.
const LONGEST: usize = 1024;

/// How many pixels of an image stand for one of its picture.
fn thinning(image: View<'_>) -> usize {
    image.width().max(image.height()).div_ceil(LONGEST)
}

/// A picture of the size of the image, or a fraction of it: a colour for each pixel's place.
fn thinned(image: View<'_>, mut colour: impl FnMut(usize) -> [u8; 3]) -> Canvas {
    let step = thinning(image);
    let (width, height) = (image.width().div_ceil(step), image.height().div_ceil(step));
    Canvas::of(width, height, |y, x| colour(y * step * image.width() + x * step))
}

/// The image itself.
pub fn original(image: View<'_>) -> Canvas {
    thinned(image, |i| image.rgb(i))
}

/// The greyscale.
pub fn greyscale(image: View<'_>) -> Canvas {
    thinned(image, |i| [image.levels()[i]; 3])
}

/// The image in the 512 colours that the histogram tells apart.
pub fn boxes(image: View<'_>) -> Canvas {
    thinned(image, |i| colour_histogram::middle(colour_histogram::box_of(image.rgb(i))))
}

/// The histogram as a square of colours: each box as large as its share, from the largest on.
pub fn palette(image: View<'_>) -> Canvas {
    const SIDE: usize = 128;
    let mut counts = vec![0_usize; colour_histogram::BOXES];
    (0..image.pixels()).for_each(|i| counts[colour_histogram::box_of(image.rgb(i))] += 1);
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&b| std::cmp::Reverse(counts[b]));
    let (mut sorted, mut passed) = (order.into_iter().peekable(), 0);
    Canvas::of(SIDE, SIDE, |y, x| {
        let place = (y * SIDE + x) * image.pixels() / (SIDE * SIDE);
        while sorted.peek().is_some_and(|&b| passed + counts[b] <= place) {
            passed += sorted.next().map_or(0, |b| counts[b]);
        }
        colour_histogram::middle(sorted.peek().copied().unwrap_or_default())
    })
}

/// The colours of the ten numbers of patterns: dark spots to bright ones, and red for what is not uniform.
fn colour_of_code(code: u8) -> [u8; 3] {
    if code >= 9 { [213, 94, 0] } else { [28 * code + 20; 3] }
}

/// The number of each pixel's pattern.
pub fn patterns(image: View<'_>) -> Canvas {
    let mut codes = vec![0; image.pixels()];
    lbp::codes(image, &mut Scratch::default(), &mut codes);
    thinned(image, |i| colour_of_code(codes[i]))
}

/// The co-occurrence matrix, mean of four directions: the logarithm of each share.
pub fn cooccurrence(image: View<'_>) -> Canvas {
    let matrices = glcm::DIRECTIONS.map(|direction| glcm::matrix(image, direction));
    let share = |at: usize| matrices.iter().map(|m| m[at]).sum::<f64>() / 4.0;
    let most = (0..glcm::PAIRS).map(share).fold(1e-6, f64::max);
    Canvas::of(glcm::LEVELS, glcm::LEVELS, |y, x| {
        let share = share(y * glcm::LEVELS + x);
        let part = if share > 0.0 { 1.0 + (share / most).log10() / 5.0 } else { 0.0 };
        [(255.0 * part.clamp(0.0, 1.0)) as u8; 3]
    })
}

/// The greyscale with the ellipse of its second moments about its centroid.
pub fn ellipse(image: View<'_>) -> Canvas {
    let mut canvas = greyscale(image);
    let m = Hu::GREYSCALE.central(image);
    if m.m00 <= 0.0 {
        return canvas;
    }
    let step = thinning(image) as f64;
    let [yy, yx, xx] = [m.m20, m.m11, m.m02].map(|second| second / m.m00 / (step * step));
    // Axes of the matrix of second moments; two deviations long, as those of an evenly lit ellipse.
    let (mean, half) = ((yy + xx) / 2.0, ((xx - yy) / 2.0).hypot(yx));
    let angle = 0.5 * (2.0 * yx).atan2(xx - yy);
    let [long, short] = [mean + half, (mean - half).max(0.0)].map(|v| 2.0 * v.sqrt());
    let (sin, cos) = angle.sin_cos();
    let (cy, cx) = (m.centroid.0 / step, m.centroid.1 / step);
    let mut dot = |along: f64, across: f64| {
        let (x, y) = (cx + along * cos - across * sin, cy + along * sin + across * cos);
        for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            canvas.set(y.floor() as isize + dy, x.floor() as isize + dx, [230, 159, 0]);
        }
    };
    for k in 0..4096 {
        let t = f64::from(k) / 4096.0 * 2.0 * PI;
        dot(long * t.cos(), short * t.sin());
        let along = f64::from(k) / 2048.0 - 1.0;
        dot(long * along, 0.0);
        dot(0.0, short * along);
    }
    canvas
}

/// A star in each cell: a line along the edge, across the gradient, for each bin, as bright as its vote.
pub fn glyphs(hog: &Hog, image: View<'_>) -> Result<Canvas, SizeError> {
    crate::Extractor::length(hog, image.width(), image.height())?;
    let (rows, columns) = hog.cells(image.width(), image.height());
    let histograms = hog.cell_histograms(image);
    let side = (LONGEST / rows.max(columns)).clamp(3, 24);
    let most = histograms.iter().copied().fold(1e-9, f64::max);
    let mut canvas = Canvas::new(columns * side, rows * side, [16; 3]);
    for (cell, votes) in histograms.chunks_exact(hog.orientations()).enumerate() {
        let half = side as f64 / 2.0;
        let middle = ((cell / columns * side) as f64 + half, (cell % columns * side) as f64 + half);
        for (bin, vote) in votes.iter().enumerate() {
            // The edge runs across the gradient.
            let angle = PI * (bin as f64 + 0.5) / hog.orientations() as f64 + PI / 2.0;
            let level = 16 + (239.0 * (vote / most).sqrt()) as u8;
            for k in -20..=20 {
                let t = f64::from(k) / 20.0 * (half - 1.0);
                canvas.lighten(
                    (middle.0 + t * angle.sin()).floor() as isize,
                    (middle.1 + t * angle.cos()).floor() as isize,
                    level,
                );
            }
        }
    }
    Ok(canvas)
}

/// What the extractor called `name` saw of an image, with words: the tiles of its drawing.
///
/// # Errors
/// [`SizeError`] where the image is too small for it.
pub fn seen_by(
    name: &str,
    hog: &Hog,
    image: View<'_>,
) -> Result<Vec<(&'static str, Tile)>, SizeError> {
    let first = ("image", original(image).tile());
    Ok(match name {
        "colour-histogram" => {
            vec![
                first,
                ("its 512 boxes", boxes(image).tile()),
                ("their shares", palette(image).tile()),
            ]
        }
        "hu" => vec![first, ("ellipse of the second moments", ellipse(image).tile())],
        "lbp" => vec![first, ("patterns: bright neighbours", patterns(image).tile())],
        "glcm" => vec![first, ("16 levels beside 16 levels", cooccurrence(image).tile())],
        _ => vec![first, ("gradients of each cell", glyphs(hog, image)?.tile())],
    })
}

/// The drawing of what one extractor saw, as a file.
///
/// # Errors
/// An image that is too small, or a drawing that fails.
pub fn drawing(name: &str, hog: &Hog, image: View<'_>) -> anyhow::Result<String> {
    let (names, tiles): (Vec<_>, Vec<_>) = seen_by(name, hog, image)?.into_iter().unzip();
    let (width, height) = (image.width(), image.height());
    let figure =
        ImageGrid::new(format!("What {name} sees")).columns(names).row("", tiles).draw()?;
    Ok(figure
        .caption(format!("What {name} sees of an image of {width} × {height} pixels."))
        .description(format!(
            "The image of {width} × {height} pixels, and beside it what {name} keeps of it."
        ))
        .standalone())
}
