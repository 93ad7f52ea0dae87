//! Pictures in rows and columns, embedded as PNG, pixel by pixel.

use std::fmt::Write as _;
use std::io::Cursor;

use base64::Engine as _;
use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};

use super::axis::Ruler;
use super::heat::Heads;
use super::labels::{Anchor, LINE, Label, Overlay, SMALL, TEXT, widest, wrap};
use super::plot::{Plot, WIDTH};
use super::theme::decimal;
use super::{Fault, Figure, FigureError, words};
use crate::results::{Scalar, Table};

const NAME: f64 = 150.0;

/// The largest side of a picture, in its own pixels: a figure is not an album.
const LARGEST: usize = 2048;

/// A picture of the grid, with words below it if it has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    width: usize,
    height: usize,
    colour: ExtendedColorType,
    pixels: Vec<u8>,
    caption: String,
}

impl Tile {
    /// A grey picture: `width × height` bytes, row by row, 0 black.
    pub fn grey(width: usize, height: usize, pixels: impl Into<Vec<u8>>) -> Self {
        let (colour, caption) = (ExtendedColorType::L8, String::new());
        Tile { width, height, colour, pixels: pixels.into(), caption }
    }

    /// A picture in colour: `3 × width × height` bytes, red, green, blue of each pixel.
    pub fn rgb(width: usize, height: usize, pixels: impl Into<Vec<u8>>) -> Self {
        Tile { colour: ExtendedColorType::Rgb8, ..Tile::grey(width, height, pixels) }
    }

    /// Words below the picture.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    fn png(&self) -> Result<Vec<u8>, Fault> {
        let channels = if self.colour == ExtendedColorType::L8 { 1 } else { 3 };
        if self.width == 0 || self.height == 0 || self.width > LARGEST || self.height > LARGEST {
            return Err(format!(
                "a tile of {} × {} pixels; a side has 1 to {LARGEST}",
                self.width, self.height
            ));
        }
        let expected = self.width * self.height * channels;
        if self.pixels.len() != expected {
            return Err(format!(
                "a tile of {} × {} pixels has {} bytes, not {expected}",
                self.width,
                self.height,
                self.pixels.len()
            ));
        }
        let mut png = Cursor::new(Vec::new());
        PngEncoder::new(&mut png)
            .write_image(&self.pixels, self.width as u32, self.height as u32, self.colour)
            .map_err(|e| format!("a tile could not be written as PNG: {e}"))?;
        Ok(png.into_inner())
    }
}

/// Pictures in rows and columns, all tiles alike in size on the page.
///
/// ```
/// use notebook::figure::{ImageGrid, Tile};
/// let grey = |level: u8| Tile::grey(4, 4, vec![level; 16]);
/// let figure = ImageGrid::new("Two classes")
///     .columns(["first", "second"])
///     .row("coats", [grey(10).caption("right"), grey(90).caption("wrong")])
///     .row("bags", [grey(160), grey(230)])
///     .draw()?;
/// # Ok::<(), notebook::figure::FigureError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageGrid {
    title: String,
    columns: Vec<String>,
    rows: Vec<(String, Vec<Tile>)>,
}

impl ImageGrid {
    /// A grid without tiles.
    pub fn new(title: impl Into<String>) -> Self {
        ImageGrid { title: title.into(), columns: Vec::new(), rows: Vec::new() }
    }

    /// Names the columns. A grid need not name them.
    pub fn columns<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.columns = names.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a row; its label may be empty, and it may be shorter than others.
    pub fn row(mut self, label: impl Into<String>, tiles: impl IntoIterator<Item = Tile>) -> Self {
        self.rows.push((label.into(), tiles.into_iter().collect()));
        self
    }

    /// Draws it.
    ///
    /// # Errors
    /// No tiles, a tile whose bytes do not fit its size, more tiles in a row than columns.
    pub fn draw(self) -> Result<Figure, FigureError> {
        Figure::drawn(&self.title, self.drawing(), self.table())
    }

    fn across(&self) -> usize {
        self.rows.iter().map(|(_, tiles)| tiles.len()).max().unwrap_or(0)
    }

    fn drawing(&self) -> Result<String, Fault> {
        let across = self.across();
        if across == 0 {
            return Err("has no tiles".into());
        }
        if !self.columns.is_empty() && self.columns.len() != across {
            return Err(format!(
                "has {across} tiles in a row but {} names of columns",
                self.columns.len()
            ));
        }
        let names: Vec<_> = self.rows.iter().map(|(label, _)| wrap(label, TEXT, NAME)).collect();
        let wide = widest(names.iter().flatten().map(String::as_str), TEXT);
        let left = if wide > 0.0 { wide + 12.0 } else { 0.0 };
        let (cell, heads) = Heads::fit(&self.columns, across, WIDTH - left, 212.0);
        let top = if self.columns.is_empty() { 0.0 } else { heads.height };
        let plot = Plot {
            width: WIDTH,
            height: top + self.rows.iter().map(|(_, tiles)| row_height(tiles, cell)).sum::<f64>(),
            left,
            right: WIDTH - left - cell * across as f64,
            top,
            bottom: 0.0,
        };
        let mut overlay = Overlay::default();
        if !self.columns.is_empty() {
            heads.write(&mut overlay, &plot, &self.columns);
        }
        let mut y = top;
        for ((_, tiles), name) in self.rows.iter().zip(&names) {
            let middle = y + (cell - 6.0) * tallest(tiles) / 2.0;
            overlay.lines(&Label::new(left - 12.0, middle, "").anchor(Anchor::End), name);
            for (j, tile) in tiles.iter().enumerate() {
                draw_tile(&mut overlay, tile, (left + j as f64 * cell, y), cell)?;
            }
            y += row_height(tiles, cell);
        }
        plot.draw((&Ruler::bare(1.0), &Ruler::bare(1.0)), overlay, |_| Ok(()))
    }

    /// What can be said of pictures in words: their labels.
    fn table(&self) -> Table {
        let mut columns = vec![words("")];
        let named =
            |j: usize| self.columns.get(j).cloned().unwrap_or_else(|| format!("tile {}", j + 1));
        columns.extend((0..self.across()).map(|j| words(named(j))));
        let cell = |tile: Option<&Tile>| match tile {
            None => Scalar::Empty(()),
            Some(tile) if tile.caption.is_empty() => {
                Scalar::from(format!("{} × {} pixels", tile.width, tile.height))
            }
            Some(tile) => Scalar::from(tile.caption.as_str()),
        };
        let row = |(label, tiles): &(String, Vec<Tile>)| {
            let mut row = vec![Scalar::from(label.as_str())];
            row.extend((0..self.across()).map(|j| cell(tiles.get(j))));
            row
        };
        Table { columns, rows: self.rows.iter().map(row).collect() }
    }
}

/// Height by width of the tallest tile of a row, at most 2.
fn tallest(tiles: &[Tile]) -> f64 {
    tiles.iter().map(|t| t.height as f64 / t.width.max(1) as f64).fold(0.0, f64::max).min(2.0)
}

/// Lines of the captions of a row.
fn caption_lines(tiles: &[Tile], cell: f64) -> usize {
    tiles.iter().map(|t| wrap(&t.caption, SMALL, cell).len()).max().unwrap_or(0)
}

fn row_height(tiles: &[Tile], cell: f64) -> f64 {
    let words = caption_lines(tiles, cell) as f64 * SMALL * LINE;
    (cell - 6.0) * tallest(tiles) + words + if words > 0.0 { 12.0 } else { 6.0 }
}

/// Embeds a tile with its caption, its upper left corner at `x`, `y`.
fn draw_tile(
    overlay: &mut Overlay,
    tile: &Tile,
    (x, y): (f64, f64),
    cell: f64,
) -> Result<(), Fault> {
    let png = base64::engine::general_purpose::STANDARD.encode(tile.png()?);
    let side = cell - 6.0;
    let tall = side * (tile.height as f64 / tile.width as f64).min(2.0);
    let mut markup = String::new();
    let _ = writeln!(
        markup,
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{png}\"/>",
        decimal(x + 3.0),
        decimal(y),
        decimal(side),
        decimal(tall),
    );
    overlay.raw(&markup);
    let lines = wrap(&tile.caption, SMALL, cell);
    let words =
        Label::new(x + cell / 2.0, y + tall + 4.0 + lines.len() as f64 * SMALL * LINE / 2.0, "");
    overlay.lines(&words.small().anchor(Anchor::Middle), &lines);
    Ok(())
}
