//! Pictures in rows and columns, embedded: pixel by pixel as PNG, photographs as JPEG.

use std::fmt::Write as _;
use std::io::Cursor;

use base64::Engine as _;
use image::codecs::{jpeg::JpegEncoder, png::PngEncoder};
use image::imageops::FilterType;
use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder as _, RgbImage};

use super::axis::Ruler;
use super::heat::Heads;
use super::labels::{Anchor, LINE, Label, Overlay, widest, wrap};
use super::layout::Layout;
use super::plot::Plot;
use super::theme::decimal;
use super::{Fault, Figure, FigureError, words};
use crate::results::Table;
use crate::scalar::Scalar;

/// The widest that the name of a row is set before it is broken into lines.
const NAME: f64 = 150.0;
/// The widest that a tile is drawn.
const WIDEST: f64 = 212.0;
/// Between one tile and the next.
const GAP: f64 = 6.0;

/// The largest side of a picture, in its own pixels: a figure is not an album.
const LARGEST: usize = 2048;

/// A picture of as many pixels a side may be a photograph. As JPEG a photograph takes less than half of
/// PNG's bytes, and a drawing does not: the sizes tell them apart.
const PHOTOGRAPH: usize = 96;
/// JPEG's quality, of 100: at the size of a tile no eye tells the difference.
const QUALITY: u8 = 64;
/// The largest side of a photograph, in pixels: more than a tile is drawn with would not be seen.
const ENOUGH: u32 = 288;

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

    /// A square of numbers as greys: nothing is the middle, the largest size black or white.
    pub fn signed(side: usize, numbers: &[f64]) -> Self {
        let largest = numbers.iter().fold(1e-12, |m: f64, x| m.max(x.abs()));
        let grey = |x: &f64| (127.5 + 127.5 * x / largest).round() as u8;
        Tile::grey(side, side, numbers.iter().map(grey).collect::<Vec<_>>())
    }

    /// A square of numbers from 0 as greys: nothing is black, the largest white.
    pub fn positive(side: usize, numbers: &[f64]) -> Self {
        let largest = numbers.iter().fold(1e-12, |m: f64, &x| m.max(x));
        let grey = |x: &f64| (255.0 * x.max(0.0) / largest).round() as u8;
        Tile::grey(side, side, numbers.iter().map(grey).collect::<Vec<_>>())
    }

    /// A square grey picture of bytes in hexadecimal, as [`hex`](crate::figure::hex) writes them.
    ///
    /// # Errors
    /// [`NotHex`] where the text is something else.
    pub fn from_hex(side: usize, text: &str) -> Result<Self, NotHex> {
        let pair = |i: usize| text.get(i..i + 2).and_then(|p| u8::from_str_radix(p, 16).ok());
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(pair).collect();
        bytes.map(|bytes| Tile::grey(side, side, bytes)).ok_or(NotHex)
    }

    /// Words below the picture.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// Height by width as it is drawn, at most 2.
    fn shape(&self) -> f64 {
        (self.height as f64 / self.width.max(1) as f64).min(2.0)
    }

    /// The picture in its format, and the format's name.
    fn encoded(&self) -> Result<(&'static str, Vec<u8>), Fault> {
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
        let (width, height) = (self.width as u32, self.height as u32);
        let failed = |e: image::ImageError| format!("a tile could not be written ({e})");
        let mut png = Cursor::new(Vec::new());
        PngEncoder::new(&mut png)
            .write_image(&self.pixels, width, height, self.colour)
            .map_err(failed)?;
        let png = png.into_inner();
        if self.width.min(self.height) < PHOTOGRAPH {
            return Ok(("png", png));
        }
        let mut jpeg = Cursor::new(Vec::new());
        self.reduced()
            .write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY))
            .map_err(failed)?;
        let jpeg = jpeg.into_inner();
        Ok(if 2 * jpeg.len() < png.len() { ("jpeg", jpeg) } else { ("png", png) })
    }

    /// The picture, with no side above [`ENOUGH`].
    fn reduced(&self) -> DynamicImage {
        let (width, height) = (self.width as u32, self.height as u32);
        let pixels = self.pixels.clone();
        let picture = if self.colour == ExtendedColorType::L8 {
            GrayImage::from_raw(width, height, pixels).map(DynamicImage::from)
        } else {
            RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
        };
        let picture = picture.unwrap_or_default();
        if width.max(height) > ENOUGH {
            picture.resize(ENOUGH, ENOUGH, FilterType::Triangle)
        } else {
            picture
        }
    }
}

/// A recorded picture that is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a recorded picture is not written in hexadecimal; run its experiment again")]
pub struct NotHex;

/// Bytes in hexadecimal: how an experiment records a small grey picture as a text.
pub fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
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
        Figure::drawn(&self.title, |layout| self.drawing(layout), self.table())
    }

    fn across(&self) -> usize {
        self.rows.iter().map(|(_, tiles)| tiles.len()).max().unwrap_or(0)
    }

    fn drawing(&self, layout: Layout) -> Result<String, Fault> {
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
        let wide = self.places(Layout::Wide);
        let places = if layout.is_narrow() { self.places(layout) } else { wide.clone() };
        let plot = places.plot;
        let mut overlay = Overlay::new(layout);
        if !self.columns.is_empty() {
            places.heads(&self.columns).write(&mut overlay, &plot, &self.columns);
        }
        for (label, lines) in &places.names {
            let (x, y, anchor) = *label;
            overlay.lines(&Label::new(x, y, "").anchor(anchor), lines);
        }
        let tiles = self.rows.iter().flat_map(|(_, tiles)| tiles).enumerate();
        for ((n, tile), (at, original)) in tiles.zip(places.tiles.iter().zip(&wide.tiles)) {
            let side = places.cell - GAP;
            if layout.is_narrow() {
                refer(&mut overlay, n, (*original, wide.cell - GAP), (*at, side));
            } else {
                embed(&mut overlay, tile, n, *at, side)?;
            }
            let lines = wrap(&tile.caption, layout.small(), places.cell);
            let tall = lines.len() as f64 * layout.small() * LINE;
            let y = at.1 + side * tile.shape() + 4.0 + tall / 2.0;
            let words = Label::new(at.0 + side / 2.0, y, "").small().anchor(Anchor::Middle);
            overlay.lines(&words, &lines);
        }
        plot.draw((&Ruler::bare(1.0), &Ruler::bare(1.0)), overlay, |_| Ok(()))
    }

    /// Where everything stands. On a phone the name of a row stands above it, and a grid whose rows
    /// and columns have no names has as few columns as its pictures need to be seen.
    fn places(&self, layout: Layout) -> Places {
        let (text, across) = (layout.text(), self.across());
        let most = layout.pick(NAME, layout.width());
        let names: Vec<_> = self.rows.iter().map(|(label, _)| wrap(label, text, most)).collect();
        let wide = widest(names.iter().flatten().map(String::as_str), text);
        let left = if wide > 0.0 && !layout.is_narrow() { wide + 12.0 } else { 0.0 };
        let room = layout.width() - left;
        let (cell, heads) = Heads::fit(&self.columns, across, room, WIDEST, layout);
        let free = layout.is_narrow() && wide == 0.0 && self.columns.is_empty();
        let (cell, across) = if free { self.fewer(layout, cell, across) } else { (cell, across) };
        let rows = self.lines(across);
        let top = if self.columns.is_empty() { 0.0 } else { heads.height };
        let mut places = Places {
            plot: Plot {
                layout,
                height: 0.0,
                left,
                right: room - cell * across as f64,
                top,
                bottom: 0.0,
            },
            cell,
            names: Vec::new(),
            tiles: Vec::new(),
        };
        let mut y = top;
        for (row, name) in rows.iter().zip(names.into_iter().chain(std::iter::repeat(Vec::new()))) {
            if layout.is_narrow() {
                let tall = name.len() as f64 * text * LINE;
                places.names.push(((3.0, y + tall / 2.0, Anchor::Start), name));
                y += tall + if tall > 0.0 { 2.0 } else { 0.0 };
            } else {
                let middle = y + (cell - GAP) * tallest(row) / 2.0;
                places.names.push(((left - 12.0, middle, Anchor::End), name));
            }
            let at = |j: usize| (left + j as f64 * cell + GAP / 2.0, y);
            places.tiles.extend((0..row.len()).map(at));
            y += row_height(row, cell, layout);
        }
        places.plot.height = y;
        places
    }

    /// The tiles line by line: the rows, or lines of `across` tiles where that is less than a row.
    fn lines(&self, across: usize) -> Vec<Vec<&Tile>> {
        if across == self.across() {
            return self.rows.iter().map(|(_, tiles)| tiles.iter().collect()).collect();
        }
        let all: Vec<&Tile> = self.rows.iter().flat_map(|(_, tiles)| tiles).collect();
        all.chunks(across).map(<[_]>::to_vec).collect()
    }

    /// The width of a tile and the number of columns, where pictures may stand in any number of them.
    fn fewer(&self, layout: Layout, cell: f64, across: usize) -> (f64, usize) {
        let tiles = || self.rows.iter().flat_map(|(_, tiles)| tiles);
        let own = tiles().map(|t| t.width as f64).fold(0.0, f64::max).clamp(64.0, 150.0);
        let words = tiles().flat_map(|t| t.caption.split(' '));
        let least = own.max(widest(words, layout.small()) + 4.0);
        if cell >= least {
            return (cell, across);
        }
        let most = ((layout.width() / least) as usize).clamp(1, across);
        // Lines of equal length, if that takes no more of them.
        let all = tiles().count();
        let across = all.div_ceil(all.div_ceil(most));
        ((layout.width() / across as f64).min(WIDEST), across)
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

/// Where everything stands, in pixels.
#[derive(Clone)]
struct Places {
    plot: Plot,
    /// Width of a tile with its gap.
    cell: f64,
    /// The names of the rows: where and how they stand.
    names: Vec<((f64, f64, Anchor), Vec<String>)>,
    /// The upper left corner of each tile.
    tiles: Vec<(f64, f64)>,
}

impl Places {
    /// The heads of the columns.
    fn heads(&self, names: &[String]) -> Heads {
        Heads::fit(names, names.len(), self.cell * names.len() as f64, self.cell, self.plot.layout)
            .1
    }
}

/// Height by width of the tallest tile of a row, at most 2.
fn tallest(tiles: &[&Tile]) -> f64 {
    tiles.iter().map(|tile| tile.shape()).fold(0.0, f64::max)
}

/// Lines of the captions of a row.
fn caption_lines(tiles: &[&Tile], cell: f64, layout: Layout) -> usize {
    tiles.iter().map(|t| wrap(&t.caption, layout.small(), cell).len()).max().unwrap_or(0)
}

fn row_height(tiles: &[&Tile], cell: f64, layout: Layout) -> f64 {
    let words = caption_lines(tiles, cell, layout) as f64 * layout.small() * LINE;
    (cell - GAP) * tallest(tiles) + words + if words > 0.0 { 12.0 } else { GAP }
}

/// Embeds tile `n`, its upper left corner at `x`, `y`.
fn embed(
    overlay: &mut Overlay,
    tile: &Tile,
    n: usize,
    (x, y): (f64, f64),
    side: f64,
) -> Result<(), Fault> {
    let (format, bytes) = tile.encoded()?;
    let data = base64::engine::general_purpose::STANDARD.encode(bytes);
    let rendering = if format == "png" { "pixelated" } else { "auto" };
    let mut markup = String::new();
    let _ = writeln!(
        markup,
        "<image id=\"tile-{n}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" style=\"image-rendering:{rendering}\" href=\"data:image/{format};base64,{data}\"/>",
        decimal(x),
        decimal(y),
        decimal(side),
        decimal(side * tile.shape()),
    );
    overlay.raw(&markup);
    Ok(())
}

/// Shows the embedded tile `n` again, at another place in another size.
fn refer(
    overlay: &mut Overlay,
    n: usize,
    ((from_x, from_y), from_side): ((f64, f64), f64),
    ((x, y), side): ((f64, f64), f64),
) {
    let scale = side / from_side;
    overlay.raw(&format!(
        "<use href=\"#tile-{n}\" transform=\"translate({} {}) scale({:.5})\"/>\n",
        decimal(x - scale * from_x),
        decimal(y - scale * from_y),
        scale,
    ));
}
