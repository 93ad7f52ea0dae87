//! Clouds of points in the plane, several pictures side by side. A kind of point is known by the form and the colour of its marks, and
//! by a letter in the middle of them.

use std::fmt::Write as _;

use notebook::figure::{COLOURS, CSS};
use notebook::{Figure, Table};

/// Half the size of a mark.
const MARK: f64 = 1.9;
/// Between two pictures.
const GAP: f64 = 10.0;

/// A picture of points.
pub struct Panel {
    /// What stands over it.
    pub title: String,
    /// Places and kinds.
    pub points: Vec<(f64, f64, usize)>,
}

/// A page's width or a phone's.
struct Layout {
    width: f64,
    text: f64,
    /// Pictures in a row, and names in a row of the legend.
    columns: usize,
    names: usize,
}

/// The pictures, with a legend of `kinds` where there are several. It has no caption yet.
pub fn figure(title: &str, panels: &[Panel], kinds: &[&str]) -> Figure {
    let wide = Layout { width: 640.0, text: 15.0, columns: panels.len().min(3), names: 5 };
    let narrow = Layout { width: 360.0, text: 12.5, columns: panels.len().min(2), names: 3 };
    Figure {
        title: title.to_owned(),
        caption: String::new(),
        description: String::new(),
        drawing: drawing(&wide, panels, kinds),
        narrow: drawing(&narrow, panels, kinds),
        data: table(panels, kinds),
        sources: Vec::new(),
    }
}

fn drawing(layout: &Layout, panels: &[Panel], kinds: &[&str]) -> String {
    let side = (layout.width + GAP) / layout.columns as f64 - GAP;
    let line = 1.45 * layout.text;
    let legend =
        if kinds.len() > 1 { kinds.len().div_ceil(layout.names) as f64 * line + 4.0 } else { 0.0 };
    let rows = panels.len().div_ceil(layout.columns);
    let height = legend + rows as f64 * (line + side + GAP);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {:.1} {height:.1}\" style=\"max-width:{0:.1}px\">\n",
        layout.width
    );
    if kinds.len() > 1 {
        for (kind, name) in kinds.iter().enumerate() {
            let column = layout.width / layout.names as f64;
            let x = (kind % layout.names) as f64 * column;
            let y = ((kind / layout.names) as f64 + 0.5) * line;
            marks(&mut svg, kind, &[(x + 6.0, y)], 2.0 * MARK);
            let words = format!("{} {name}", letter(kind));
            label(&mut svg, (x + 15.0, y), &words, layout.text, "");
        }
    }
    for (i, panel) in panels.iter().enumerate() {
        let left = (i % layout.columns) as f64 * (side + GAP);
        let top = legend + (i / layout.columns) as f64 * (line + side + GAP);
        label(&mut svg, (left, top + line / 2.0), &panel.title, layout.text, "");
        picture(&mut svg, panel, (left, top + line, side), kinds.len(), layout.text);
    }
    svg.push_str("</svg>");
    svg
}

/// The points in a square, and a letter in the middle of each kind.
fn picture(
    svg: &mut String,
    panel: &Panel,
    (left, top, side): (f64, f64, f64),
    kinds: usize,
    text: f64,
) {
    let _ = writeln!(
        svg,
        "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{side:.1}\" height=\"{side:.1}\" fill=\"none\" stroke=\"var(--figure-grid, #7f7f7f4d)\"/>"
    );
    let ends = |of: fn(&(f64, f64, usize)) -> f64| {
        let all = panel.points.iter().map(of);
        (all.clone().fold(f64::INFINITY, f64::min), all.fold(f64::NEG_INFINITY, f64::max))
    };
    let (x, y) = (ends(|p| p.0), ends(|p| p.1));
    let scale = (side - 14.0) / (x.1 - x.0).max(y.1 - y.0).max(f64::MIN_POSITIVE);
    let place = |p: (f64, f64)| {
        let across = left + side / 2.0 + (p.0 - (x.0 + x.1) / 2.0) * scale;
        (across, top + side / 2.0 - (p.1 - (y.0 + y.1) / 2.0) * scale)
    };
    let mut letters = Vec::new();
    for kind in 0..kinds.max(1) {
        let of = panel.points.iter().filter(|p| p.2 == kind);
        let places: Vec<(f64, f64)> = of.map(|p| place((p.0, p.1))).collect();
        marks(svg, kind, &places, MARK);
        if kinds > 1 && !places.is_empty() {
            letters.push((kind, middle(&places)));
        }
    }
    spread(&mut letters, 1.15 * text);
    for (kind, (x, y)) in letters {
        let inside = |v: f64, from: f64| v.clamp(from + text, from + side - text);
        let at = (inside(x, left), inside(y, top));
        let halo = " text-anchor=\"middle\" font-weight=\"bold\" stroke=\"var(--figure-background, #ffffff)\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"";
        label(svg, at, &letter(kind), text, halo);
    }
}

/// The median of both coordinates.
fn middle(places: &[(f64, f64)]) -> (f64, f64) {
    let median = |of: fn(&(f64, f64)) -> f64| {
        let mut all: Vec<f64> = places.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    (median(|p| p.0), median(|p| p.1))
}

/// Moves letters that cover each other apart.
fn spread(letters: &mut [(usize, (f64, f64))], apart: f64) {
    for _ in 0..200 {
        for i in 0..letters.len() {
            for j in 0..i {
                let (a, b) = (letters[i].1, letters[j].1);
                let (dx, dy) = (a.0 - b.0, a.1 - b.1);
                let distance = dx.hypot(dy);
                if distance < apart {
                    let (ux, uy) =
                        if distance > 0.0 { (dx / distance, dy / distance) } else { (1.0, 0.0) };
                    let push = (apart - distance) / 2.0 + 0.05;
                    letters[i].1 = (a.0 + push * ux, a.1 + push * uy);
                    letters[j].1 = (b.0 - push * ux, b.1 - push * uy);
                }
            }
        }
    }
}

/// The letter of a kind: a, b, c …
fn letter(kind: usize) -> String {
    char::from(b'a' + (kind % 26) as u8).to_string()
}

/// All marks of a kind as one path: seven forms, then three of them hollow.
fn marks(svg: &mut String, kind: usize, places: &[(f64, f64)], r: f64) {
    let forms: [[(f64, f64); 4]; COLOURS] = [
        [(-1.0, -0.5), (0.5, -0.5), (1.0, 0.5), (-0.5, 0.5)],
        [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        [(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8), (0.0, -1.2)],
        [(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
        [(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8), (0.0, 1.2)],
        [(-1.2, -0.6), (1.2, -0.6), (1.2, 0.6), (-1.2, 0.6)],
        [(-0.6, -1.2), (0.6, -1.2), (0.6, 1.2), (-0.6, 1.2)],
    ];
    let form = forms[kind % COLOURS].map(|(x, y)| (x * r, y * r));
    let mut path = String::new();
    for (x, y) in places {
        if kind == 0 {
            // A line of no length with a round end is a disc.
            let _ = write!(path, "M{x:.1} {y:.1}h0");
        } else {
            let _ = write!(path, "M{:.1} {:.1}l", x + form[0].0, y + form[0].1);
            let steps = form.windows(2).map(|pair| (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1));
            let steps: Vec<String> = steps.map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
            let _ = write!(path, "{}z", steps.join(" "));
        }
    }
    let colour = colour(kind);
    let style = match kind {
        0 => format!(
            "fill=\"none\" stroke=\"{colour}\" stroke-width=\"{:.1}\" stroke-linecap=\"round\"",
            2.0 * r
        ),
        _ if kind < COLOURS => format!("fill=\"{colour}\""),
        _ => format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"1\""),
    };
    let _ = writeln!(svg, "<path d=\"{path}\" {style}/>");
}

/// The colour of a kind, with what the style sheet says of it for where there is none.
fn colour(kind: usize) -> String {
    let name = format!("--figure-{}", kind % COLOURS + 1);
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
        "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"{size:.1}\" fill=\"var(--figure-ink, currentColor)\"{more}>{words}</text>",
        y + 0.35 * size
    );
}

/// How many points of each kind each picture has, and their middle.
fn table(panels: &[Panel], kinds: &[&str]) -> Table {
    let mut table = Table::new([
        "Picture",
        "Points of",
        "Number | int",
        "Median across | fixed 2",
        "Median up | fixed 2",
    ]);
    for panel in panels {
        for kind in 0..kinds.len().max(1) {
            let of = panel.points.iter().filter(|p| p.2 == kind);
            let places: Vec<(f64, f64)> = of.map(|p| (p.0, p.1)).collect();
            if places.is_empty() {
                continue;
            }
            let (x, y) = middle(&places);
            let name = kinds.get(kind).copied().unwrap_or("all");
            table.row([
                panel.title.as_str().into(),
                name.into(),
                places.len().into(),
                x.into(),
                y.into(),
            ]);
        }
    }
    table
}
