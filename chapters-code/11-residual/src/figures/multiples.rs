//! Small pictures of lines side by side: curves, and lines of equal height.

use std::fmt::Write as _;

use notebook::figure::CSS;
use notebook::{Figure, Table};

/// Between two pictures.
const GAP: f64 = 12.0;
/// Dashes of the lines by kind; the first is solid.
const DASHES: [&str; 6] = ["", "6 3", "2 2.5", "9 3 2 3", "", "4 2"];

/// Pieces of line of one kind, in a square from 0 to 1 whose origin is its upper left corner.
pub struct Stroke {
    /// Pieces, each a list of points.
    pub pieces: Vec<Vec<(f64, f64)>>,
    /// Decides colour and dash.
    pub kind: usize,
}

/// A picture.
pub struct Panel {
    /// What stands over it.
    pub title: String,
    /// Its lines.
    pub strokes: Vec<Stroke>,
    /// Words within, about a point.
    pub words: Vec<((f64, f64), String)>,
}

/// How pictures are laid out.
pub struct Sheet<'a> {
    /// Title of the figure.
    pub title: &'a str,
    /// Pictures in a row on a page, and on a phone.
    pub columns: [usize; 2],
    /// Height of a picture by its width.
    pub shape: f64,
    /// What stands below a picture at its left end, its middle and its right end.
    pub foot: [&'a str; 3],
}

impl Sheet<'_> {
    /// The pictures. The figure has no caption yet.
    pub fn draw(&self, panels: &[Panel], data: Table) -> Figure {
        Figure {
            title: self.title.to_owned(),
            caption: String::new(),
            description: String::new(),
            drawing: self.drawing(640.0, 14.0, self.columns[0], panels),
            narrow: self.drawing(360.0, 12.0, self.columns[1], panels),
            data,
            sources: Vec::new(),
        }
    }

    fn drawing(&self, width: f64, text: f64, columns: usize, panels: &[Panel]) -> String {
        let wide = (width + GAP) / columns as f64 - GAP;
        let (tall, line) = (wide * self.shape, 1.45 * text);
        let pitch = 2.0 * line + tall + GAP;
        let height = panels.len().div_ceil(columns) as f64 * pitch;
        let mut svg = format!(
            "<svg viewBox=\"0 0 {width:.1} {height:.1}\" style=\"max-width:{width:.1}px\">\n"
        );
        for (i, panel) in panels.iter().enumerate() {
            let left = (i % columns) as f64 * (wide + GAP);
            let top = (i / columns) as f64 * pitch;
            label(&mut svg, (left, top + line / 2.0), &panel.title, text, "");
            picture(&mut svg, panel, (left, top + line), (wide, tall), small(text));
            let y = top + line + tall + line / 2.0;
            for (words, (x, anchor)) in self.foot.iter().zip([
                (left, "start"),
                (left + wide / 2.0, "middle"),
                (left + wide, "end"),
            ]) {
                if !words.is_empty() {
                    let more = format!(" text-anchor=\"{anchor}\"");
                    label(&mut svg, (x, y), words, small(text), &more);
                }
            }
        }
        svg.push_str("</svg>");
        svg
    }
}

/// The lines in a frame, and the words upon them.
fn picture(
    svg: &mut String,
    panel: &Panel,
    (left, top): (f64, f64),
    (wide, tall): (f64, f64),
    text: f64,
) {
    let _ = writeln!(
        svg,
        "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\" fill=\"none\" stroke=\"{}\"/>",
        colour("--figure-grid")
    );
    let place = |(x, y): (f64, f64)| (left + wide * x, top + tall * y);
    for stroke in &panel.strokes {
        let mut path = String::new();
        for piece in &stroke.pieces {
            for (i, &point) in piece.iter().enumerate() {
                let (x, y) = place(point);
                let _ = write!(path, "{}{x:.1} {y:.1}", if i == 0 { "M" } else { "L" });
            }
        }
        let dash = DASHES[stroke.kind % DASHES.len()];
        let dash =
            if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        let ink = colour(&format!("--figure-{}", stroke.kind % DASHES.len() + 1));
        let _ = writeln!(
            svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"1.3\" stroke-linejoin=\"round\"{dash}/>"
        );
    }
    for (at, words) in &panel.words {
        let halo = format!(
            " text-anchor=\"middle\" stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
            colour("--figure-background")
        );
        label(svg, place(*at), words, text, &halo);
    }
}

/// A colour of the book, with what the style sheet says of it for where there is none.
fn colour(name: &str) -> String {
    let of = |line: &str| {
        let (key, value) = line.trim().strip_suffix(';')?.split_once(':')?;
        (key == name).then(|| value.trim().to_owned())
    };
    let value = CSS.lines().find_map(of).unwrap_or_else(|| "currentColor".into());
    format!("var({name}, {value})")
}

fn label(svg: &mut String, (x, y): (f64, f64), words: &str, size: f64, more: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"{size:.1}\" fill=\"{}\"{more}>{words}</text>",
        y + 0.35 * size,
        colour("--figure-ink")
    );
}

/// A curve over places in equal steps, and a level line at zero: the largest size fills nine tenths of half the height.
pub fn curve(values: &[f64]) -> Vec<Stroke> {
    let most = values.iter().fold(f64::MIN_POSITIVE, |m, x| m.max(x.abs()));
    let last = values.len().saturating_sub(1).max(1) as f64;
    let point = |(i, x): (usize, &f64)| (i as f64 / last, 0.5 - 0.45 * x / most);
    let zero = Stroke { pieces: vec![vec![(0.0, 0.5), (1.0, 0.5)]], kind: 2 };
    vec![zero, Stroke { pieces: vec![values.iter().enumerate().map(point).collect()], kind: 0 }]
}

/// Lines of equal height over a square grid of positive heights, drawn as if the logarithm were straight between
/// neighbours; rows go down.
pub fn contours(grid: &[Vec<f64>], levels: &[f64]) -> Vec<Stroke> {
    let stroke = |(kind, level): (usize, &f64)| Stroke { pieces: pieces(grid, *level), kind };
    levels.iter().enumerate().map(stroke).collect()
}

/// The line of one height: a piece, or two, for each cell that it goes through.
fn pieces(grid: &[Vec<f64>], level: f64) -> Vec<Vec<(f64, f64)>> {
    let last = grid.len().saturating_sub(1);
    let height = |i: usize, j: usize| (grid[i][j] / level).ln();
    let mut pieces = Vec::new();
    for i in 0..last {
        for j in 0..last {
            // The corners around the cell, and where the line crosses from one to the next.
            let corners = [(i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j)];
            let crossing = |k: usize| {
                let (a, b) = (corners[k], corners[(k + 1) % 4]);
                let (ha, hb) = (height(a.0, a.1), height(b.0, b.1));
                let share = ha / (ha - hb);
                let along =
                    |a: usize, b: usize| (a as f64 + share * (b as f64 - a as f64)) / last as f64;
                ((ha > 0.0) != (hb > 0.0)).then(|| (along(a.1, b.1), along(a.0, b.0)))
            };
            let crossings: Vec<(f64, f64)> = (0..4).filter_map(crossing).collect();
            pieces.extend(crossings.chunks_exact(2).map(<[_]>::to_vec));
        }
    }
    pieces
}

/// Where words on lines of equal height stand: on the way from the middle upwards, or else downwards, at the first crossing.
pub fn levels(grid: &[Vec<f64>], levels: &[(f64, String)]) -> Vec<((f64, f64), String)> {
    let half = grid.len() / 2;
    let up: Vec<f64> = (0..=half).map(|i| grid[half - i][half]).collect();
    let down: Vec<f64> = (0..=half).map(|i| grid[half + i][half]).collect();
    let mut placed: Vec<((f64, f64), String)> = Vec::new();
    for (level, words) in levels {
        for (way, sign) in [(&up, -1.0), (&down, 1.0)] {
            let Some(i) = way.windows(2).position(|p| (p[0] > *level) != (p[1] > *level)) else {
                continue;
            };
            let (a, b) = ((way[i] / level).ln(), (way[i + 1] / level).ln());
            let y = 0.5 + sign * (i as f64 + a / (a - b)) / (2 * half) as f64;
            let free = placed.iter().all(|((_, other), _)| (other - y).abs() > 0.085);
            if free && (0.06..0.94).contains(&y) {
                placed.push(((0.5, y), words.clone()));
                break;
            }
        }
    }
    placed
}

/// The size of what stands at an axis or on a curve, beside text of a size: never too small to be read.
fn small(text: f64) -> f64 {
    (0.86 * text).max(11.6)
}
