//! What these drawings share: numbers in words, and pictures as tiles.

use notebook::figure::Tile;
use notebook::{Format, Results};

use crate::patches::Photograph;

/// Side of a photograph as it is drawn.
const SIDE: u32 = 112;

pub(super) fn number(results: &Results, key: &str, format: Format) -> anyhow::Result<String> {
    Ok(format.number(results.number(key)?))
}

pub(super) fn int(results: &Results, key: &str) -> anyhow::Result<String> {
    number(results, key, Format::Int)
}

pub(super) fn percent(results: &Results, key: &str) -> anyhow::Result<String> {
    number(results, key, Format::Percent(0))
}

/// A picture in colour out of the record.
pub(super) fn recorded_tile(results: &Results, key: &str) -> anyhow::Result<Tile> {
    let text = results.text(key)?;
    let pair = |i: usize| text.get(i..i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(pair).collect();
    let bytes = bytes.ok_or(notebook::figure::NotHex)?;
    let side = ((bytes.len() / 3) as f64).sqrt().round() as usize;
    Ok(Tile::rgb(side, side, bytes))
}

/// The middle of a photograph.
pub(super) fn photograph(photographs: &[Photograph], place: usize) -> image::RgbImage {
    let cut = crate::patches::Cut::middle(place, &photographs[place].image);
    cut.look(photographs, SIDE)
}

pub(super) fn tile(image: image::RgbImage) -> Tile {
    Tile::rgb(image.width() as usize, image.height() as usize, image.into_raw())
}

/// A photograph seen through a map of `cells` × `cells` numbers: whole where the map is largest, faded where it has nothing.
pub(super) fn through(image: &image::RgbImage, map: &[f64]) -> Tile {
    let cells = (map.len() as f64).sqrt().round() as usize;
    let most = map.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let side = image.width() as usize;
    // Between the middles of cells by bilinear interpolation.
    let at = |y: usize, x: usize| {
        let place = |i: usize| {
            let at = ((i as f64 + 0.5) * cells as f64 / side as f64 - 0.5)
                .clamp(0.0, cells as f64 - 1.0);
            let first = (at as usize).min(cells.saturating_sub(2));
            (first, at - first as f64)
        };
        let ((i, down), (j, right)) = (place(y), place(x));
        let of = |i: usize, j: usize| (map[i * cells + j] / most).max(0.0);
        let row = |i: usize| of(i, j) * (1.0 - right) + of(i, (j + 1).min(cells - 1)) * right;
        row(i) * (1.0 - down) + row((i + 1).min(cells - 1)) * down
    };
    let mut shown = image.clone();
    for (x, y, pixel) in shown.enumerate_pixels_mut() {
        let kept = at(y as usize, x as usize).sqrt();
        let faded = |level: u8| (f64::from(level) * kept + 24.0 * (1.0 - kept)) as u8;
        *pixel = image::Rgb(pixel.0.map(faded));
    }
    tile(shown)
}
