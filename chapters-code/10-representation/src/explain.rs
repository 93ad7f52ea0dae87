//! Where in a photograph an answer comes from.
//!
//! Two ways of asking. *Occlusion* (Zeiler and Fergus, 2014) hides a part of the photograph behind a grey square and looks how
//! far the probability of the class falls; it needs nothing but the network's answers. The *gradient* (Simonyan, Vedaldi and Zisserman,
//! 2014) says to which pixels the score of the class is most sensitive.

use image::RgbImage;
use ndarray::{Array2, Array3, ArrayView1, Axis, s};
use notebook::figure::{FigureError, ImageGrid, Tile};
use notebook::{Figure, Format};

use crate::Result;
use crate::lite0::classes::largest;
use crate::lite0::{Lens, Weights};
use crate::preprocess::tensor;

/// Side of the square that hides a part, in pixels.
pub const SQUARE: usize = 56;
/// Pixels from one place of the square to the next.
pub const STEP: usize = 24;
/// How far maps are blurred twice before they are drawn, in pixels.
const BLUR: usize = 5;

/// Answers for pictures: a row of probabilities for each.
pub type Ask<'a> = dyn Fn(&[Array3<f32>]) -> Array2<f32> + Sync + 'a;

/// A photograph, what the network says of it, and where that comes from.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What the network saw, `(H, W)` pixels.
    pub picture: RgbImage,
    /// The class that it took to be the most probable.
    pub class: usize,
    /// Its probability, from 0 to 1.
    pub probability: f32,
    /// By how much the probability falls where the square is at each of its places, rows from the top.
    pub drops: Array2<f32>,
    /// How sensitive the class's score is to each pixel, from 0, `(H, W)`.
    pub gradient: Array2<f32>,
}

impl Explained {
    /// Asks about a picture as [`preprocess::square`](crate::preprocess::square) makes it.
    ///
    /// # Errors
    /// Where the picture is not a square.
    pub fn of(picture: RgbImage, weights: &Weights, ask: &Ask<'_>) -> Result<Explained> {
        let x = tensor(&picture);
        let whole = ask(std::slice::from_ref(&x));
        let best = largest(&whole.row(0).to_vec(), 1);
        let (class, probability) = best.first().copied().unwrap_or_default();
        let drops = occlusion(&x, &|pictures| {
            ask(pictures).column(class).iter().map(|p| probability - p).collect()
        });
        let gradient = gradient(weights, &x, class)?;
        Ok(Explained { picture, class, probability, drops, gradient })
    }

    /// The photograph and its maps beside each other; `file` and `class` are how they are called.
    ///
    /// # Errors
    /// Where it cannot be drawn.
    pub fn figure(&self, file: &str, class: &str) -> std::result::Result<Figure, FigureError> {
        let side = self.picture.height() as usize;
        let whole = percent(self.probability);
        let (hides, where_it_hides) = self.hidden();
        let tiles = [
            Tile::rgb(side, side, self.picture.as_raw().clone())
                .caption(format!("{class}: {whole}")),
            self.lit(&spread(&self.drops, side)).caption(hides),
            self.lit(&self.gradient)
                .caption("What stays visible: pixels on which the score of the class depends most"),
        ];
        let places = self.drops.nrows();
        let description = format!(
            "{file}, of which the network says {class} with {whole}. A grey square was moved over {places} times {places} places. \
             {where_it_hides} A third picture shows on which pixels the score of the class depends most."
        );
        let figure = ImageGrid::new(format!("Why {class}? Where in {file} the answer comes from"))
            .columns(["What the network sees", "Occlusion", "Gradient"])
            .row("", tiles)
            .draw()?;
        let caption = format!("What stays visible is what the answer “{class}” rests on.");
        Ok(figure.caption(caption).description(description))
    }

    /// What the square found: below its map, and where there is no picture.
    fn hidden(&self) -> (String, String) {
        let (row, column, most) = strongest(&self.drops);
        if most <= 0.0 {
            let said = "Nowhere does the square lower the probability.".to_owned();
            return (said.clone(), said);
        }
        let (whole, fallen) = (percent(self.probability), percent(self.probability - most));
        let place = place(row, column, self.drops.nrows());
        (
            format!(
                "What stays visible: parts whose hiding lowers the {whole}, to {fallen} in the worst place"
            ),
            format!("The probability falls most, to {fallen}, where it hides what is {place}."),
        )
    }

    /// The picture, lit by a map and its surroundings: where the map is largest it is as it was, where the map is 0 or less almost black.
    fn lit(&self, map: &Array2<f32>) -> Tile {
        let map = blurred(&blurred(map));
        let most = map.iter().fold(f32::MIN_POSITIVE, |m, &v| m.max(v));
        let (width, height) = (self.picture.width() as usize, self.picture.height() as usize);
        let share = map.iter().map(|&v| 0.12 + 0.88 * (v / most).max(0.0));
        let pixels = self.picture.as_raw().chunks(3).zip(share);
        let bytes: Vec<u8> = pixels
            .flat_map(|(p, share)| [p[0], p[1], p[2]].map(|v| (f32::from(v) * share) as u8))
            .collect();
        Tile::rgb(width, height, bytes)
    }
}

/// What `answer` says of the picture, `(3, H, W)`, with a grey square at
/// each of its places.
pub fn occlusion(
    x: &Array3<f32>,
    answer: &(dyn Fn(&[Array3<f32>]) -> Vec<f32> + Sync),
) -> Array2<f32> {
    let (_, height, width) = x.dim();
    let places = |n: usize| n.saturating_sub(SQUARE) / STEP + 1;
    let (rows, columns) = (places(height), places(width));
    let mut answers = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        let hidden = |column: usize| {
            let mut x = x.clone();
            let (top, left) = (row * STEP, column * STEP);
            let (bottom, right) = ((top + SQUARE).min(height), (left + SQUARE).min(width));
            x.slice_mut(s![.., top..bottom, left..right]).fill(0.0);
            x
        };
        let pictures: Vec<Array3<f32>> = (0..columns).map(hidden).collect();
        answers.extend(answer(&pictures));
    }
    Array2::from_shape_vec((rows, columns), answers).unwrap_or_default()
}

/// A number for each of `side` × `side` pixels: the mean over the squares that hide it.
pub fn spread(map: &Array2<f32>, side: usize) -> Array2<f32> {
    let (mut sums, mut counts) = (Array2::zeros((side, side)), Array2::<f32>::zeros((side, side)));
    for ((row, column), value) in map.indexed_iter() {
        let cut = |i: usize| i * STEP..(i * STEP + SQUARE).min(side);
        let part = s![cut(row), cut(column)];
        sums.slice_mut(part).map_inplace(|sum: &mut f32| *sum += value);
        counts.slice_mut(part).map_inplace(|count| *count += 1.0);
    }
    sums / counts.mapv(|count| count.max(1.0))
}

/// The mean of each place and those around it, up to [`BLUR`] away.
fn blurred(map: &Array2<f32>) -> Array2<f32> {
    let mean = |line: ArrayView1<'_, f32>, i: usize| {
        let around = i.saturating_sub(BLUR)..(i + BLUR + 1).min(line.len());
        line.slice(s![around]).mean().unwrap_or(0.0)
    };
    let across = Array2::from_shape_fn(map.dim(), |(i, j)| mean(map.row(i), j));
    Array2::from_shape_fn(map.dim(), |(i, j)| mean(across.column(j), i))
}

fn percent(p: f32) -> String {
    Format::Percent(0).number(f64::from(p))
}

/// How sensitive the score of a class is to each pixel, `(H, W)`: the
/// largest of three channels, without its sign.
fn gradient(weights: &Weights, x: &Array3<f32>, class: usize) -> Result<Array2<f32>> {
    let mut lens = Lens::new(weights, x.dim().1, 1)?;
    let gradient = lens.gradient(x.view(), class)?;
    Ok(gradient.fold_axis(Axis(0), 0.0_f32, |largest, g| largest.max(g.abs())))
}

/// Where a map is largest: row, column, and the number there.
fn strongest(map: &Array2<f32>) -> (usize, usize, f32) {
    let largest = map.indexed_iter().max_by(|a, b| a.1.total_cmp(b.1));
    largest.map_or((0, 0, 0.0), |((row, column), &value)| (row, column, value))
}

/// A place in words.
fn place(row: usize, column: usize, places: usize) -> String {
    let third = |i: usize| (3 * i / places.max(1)).min(2);
    match (third(row), third(column)) {
        (1, 1) => "in the middle".to_owned(),
        (row, column) => {
            let row = ["above", "at half height", "below"][row];
            format!("{row}, {}", ["on the left", "in the middle", "on the right"][column])
        }
    }
}
