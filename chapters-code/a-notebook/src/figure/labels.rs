//! Words on a figure: how wide they are, and where they go so that none covers another.
//!
//! Words are drawn over the shapes, by this module rather than by plotters, so that they can have a
//! halo in the colour of the page and stand where a reader looks for them.

use std::fmt::Write as _;

use super::layout::Layout;
use super::theme::{COLOURS, Ink, decimal};
use crate::escape::html;

/// Height of a line of words, as a part of its size.
pub(super) const LINE: f64 = 1.2;

/// About how wide a text is, in pixels. Pages choose their own fonts: this is a wide one.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.31,
        ' ' | '\u{a0}' | 'I' | '(' | ')' | '[' | ']' | 'f' | 't' | 'r' | '-' | '/' | '⁻' => 0.38,
        'm' | 'M' | 'w' | 'W' | '%' | '…' | '@' => 0.96,
        '−' | '×' | '+' | '=' => 0.8,
        '⁰'..='⁹' | '²' | '³' | '¹' => 0.42,
        c if c.is_uppercase() => 0.69,
        _ => 0.61,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// The width of the widest.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, size: f64) -> f64 {
    texts.into_iter().map(|t| width(t, size)).fold(0.0, f64::max)
}

/// Breaks a text at spaces into lines at most `most` wide. A longer word has a line of its own.
pub(super) fn wrap(text: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + 0.38 * size <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Which point of a text stands at its x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How large words are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Size {
    Text,
    Small,
    Pixels(f64),
}

/// Words at a place: `y` is the middle of their height.
#[derive(Debug, Clone)]
pub(super) struct Label<'a> {
    x: f64,
    y: f64,
    text: &'a str,
    size: Size,
    ink: Ink,
    anchor: Anchor,
    halo: bool,
    slanted: bool,
    turned: f64,
}

impl<'a> Label<'a> {
    /// Words that begin at `x`, in the ink of words.
    pub(super) fn new(x: f64, y: f64, text: &'a str) -> Self {
        Label {
            x,
            y,
            text,
            size: Size::Text,
            ink: Ink::Text,
            anchor: Anchor::Start,
            halo: false,
            slanted: false,
            turned: 0.0,
        }
    }

    pub(super) fn anchor(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    pub(super) fn ink(mut self, ink: Ink) -> Self {
        self.ink = ink;
        self
    }

    /// Ticks and names of axes.
    pub(super) fn small(mut self) -> Self {
        self.size = Size::Small;
        self
    }

    /// Words of another size than labels and ticks have.
    pub(super) fn sized(mut self, pixels: f64) -> Self {
        self.size = Size::Pixels(pixels);
        self
    }

    /// An outline in the colour of the page, for words that stand on lines.
    pub(super) fn halo(mut self) -> Self {
        self.halo = true;
        self
    }

    /// In italics, so that a meaning is known by more than its colour.
    pub(super) fn slanted(mut self, slanted: bool) -> Self {
        self.slanted = slanted;
        self
    }

    /// Turned about its anchor by `degrees`.
    pub(super) fn turned(mut self, degrees: f64) -> Self {
        self.turned = degrees;
        self
    }
}

/// Everything that is drawn over the shapes.
#[derive(Debug)]
pub(super) struct Overlay {
    layout: Layout,
    markup: String,
}

impl Overlay {
    /// Nothing is written yet.
    pub(super) fn new(layout: Layout) -> Self {
        Overlay { layout, markup: String::new() }
    }

    /// The size of a label in pixels.
    fn size(&self, label: &Label<'_>) -> f64 {
        match label.size {
            Size::Text => self.layout.text(),
            Size::Small => self.layout.small(),
            Size::Pixels(size) => size,
        }
    }

    /// Writes a label.
    pub(super) fn label(&mut self, label: &Label<'_>) {
        if label.text.is_empty() {
            return;
        }
        // A third of the size below the middle is the foot of the letters.
        let size = self.size(label);
        let (x, y) = (decimal(label.x), decimal(label.y + 0.35 * size));
        let anchor = match label.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let halo = if label.halo {
            format!(
                " stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
                Ink::Background.css()
            )
        } else {
            String::new()
        };
        let slanted = if label.slanted { " font-style=\"italic\"" } else { "" };
        let turned = if label.turned == 0.0 {
            String::new()
        } else {
            format!(" transform=\"rotate({} {x} {})\"", decimal(label.turned), decimal(label.y))
        };
        let _ = writeln!(
            self.markup,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"{anchor}{halo}{slanted}{turned}>{}</text>",
            decimal(size),
            label.ink.css(),
            html(label.text),
        );
    }

    /// Writes lines of words one under another, centred in height on the label's y.
    pub(super) fn lines(&mut self, label: &Label<'_>, lines: &[String]) {
        let step = LINE * self.size(label);
        let first = label.y - step * (lines.len() as f64 - 1.0) / 2.0;
        for (i, text) in lines.iter().enumerate() {
            self.label(&Label { text, y: first + step * i as f64, ..label.clone() });
        }
    }

    /// A thin line through the points.
    pub(super) fn thread(&mut self, points: &[(f64, f64)], ink: Ink) {
        let points: Vec<String> =
            points.iter().map(|(x, y)| format!("{},{}", decimal(*x), decimal(*y))).collect();
        let _ = writeln!(
            self.markup,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>",
            points.join(" "),
            ink.css()
        );
    }

    /// A small square or round sample of a colour, its middle at `x`, `y`.
    pub(super) fn swatch(&mut self, (x, y): (f64, f64), (w, h): (f64, f64), ink: Ink) {
        let _ = writeln!(
            self.markup,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
            decimal(x - w / 2.0),
            decimal(y - h / 2.0),
            decimal(w),
            decimal(h),
            ink.css(),
        );
    }

    /// The texture of group `n` over a rectangle: strokes in the colour of words upon groups, made of
    /// dashes, so that it needs no pattern with an id. The first group has none.
    pub(super) fn texture(&mut self, (x, y): (f64, f64), (wide, tall): (f64, f64), n: usize) {
        // Strokes from left to right at these parts of the height, or one as high as the rectangle.
        let thirds: &[f64] = &[0.2, 0.5, 0.8];
        let textures: &[(&[f64], f64, &str)] = match n % COLOURS {
            1 => &[(&[0.5], tall, "1.2 5.8")],
            2 => &[(thirds, 2.0, "2 4")],
            3 => &[(thirds, 1.2, "")],
            4 => &[(&[0.5], tall, "1.2 5.8"), (thirds, 1.2, "")],
            5 => &[(thirds, 1.6, "8 5")],
            6 => &[(&[0.5], tall, "3.5 7.5")],
            _ => &[],
        };
        if wide < 2.0 {
            return;
        }
        for (places, thick, dash) in textures {
            let strokes: String = places
                .iter()
                .map(|at| format!("M{} {}h{}", decimal(x), decimal(y + at * tall), decimal(wide)))
                .collect();
            let dash = if dash.is_empty() {
                String::new()
            } else {
                format!(" stroke-dasharray=\"{dash}\" stroke-dashoffset=\"-2.5\"")
            };
            let _ = writeln!(
                self.markup,
                "<path d=\"{strokes}\"{dash} stroke=\"{}\" stroke-width=\"{}\" stroke-opacity=\"0.7\"/>",
                Ink::OnGroup.css(),
                decimal(*thick),
            );
        }
    }

    /// A sample of a line with dash `n`, from `x` at the height `y`.
    pub(super) fn stroke(&mut self, (x, y): (f64, f64), wide: f64, ink: Ink, n: usize) {
        let dash = Ink::dash(n);
        let dash =
            if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        let _ = writeln!(
            self.markup,
            "<path d=\"M{} {}h{}\"{dash} stroke=\"{}\" stroke-width=\"2.5\"/>",
            decimal(x),
            decimal(y),
            decimal(wide),
            ink.css(),
        );
    }

    /// Writes markup as it is.
    pub(super) fn raw(&mut self, markup: &str) {
        self.markup.push_str(markup);
    }

    /// What was written.
    pub(super) fn into_markup(self) -> String {
        self.markup
    }
}

/// Places for a legend: names with a sample before each, in lines as wide as the figure.
/// Gives the x of each sample and the number of its line, and the number of lines.
pub(super) fn legend(names: &[String], sample: f64, layout: Layout) -> (Vec<(f64, usize)>, usize) {
    let (most, apart) = (layout.width(), layout.pick(20.0, 16.0));
    let (mut x, mut line) = (0.0, 0);
    let mut places = Vec::new();
    for name in names {
        let wide = sample + 6.0 + width(name, layout.text());
        if x > 0.0 && x + wide > most {
            (x, line) = (0.0, line + 1);
        }
        places.push((x, line));
        x += wide + apart;
    }
    (places, if names.is_empty() { 0 } else { line + 1 })
}

/// The place, of several for the same words, that covers the least of what is `taken`.
pub(super) fn clearest(places: impl IntoIterator<Item = Area>, taken: &[Area]) -> Option<Area> {
    let cost = |place: &Area| taken.iter().map(|t| t.shared(place)).sum::<f64>();
    let mut best: Option<(f64, Area)> = None;
    for place in places {
        let cost = cost(&place);
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, place));
        }
    }
    best.map(|(_, place)| place)
}

/// The areas that a line through `points` takes, in small steps.
pub(super) fn along(points: &[(f64, f64)]) -> impl Iterator<Item = Area> + '_ {
    points.windows(2).flat_map(|pair| {
        let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
        let steps = ((to_x - x).hypot(to_y - y) / 4.0).ceil().clamp(1.0, 400.0);
        (0..=steps as u32).map(move |i| {
            let share = f64::from(i) / steps;
            let (x, y) = (x + (to_x - x) * share, y + (to_y - y) * share);
            Area(x - 2.0, y - 2.0, x + 2.0, y + 2.0)
        })
    })
}

/// Moves intervals of the given heights as little as needed so that none overlaps, in the order of
/// their wanted middles, within `low` to `high` if there is room. Gives the middles.
///
/// Neighbours that overlap become one block, which stands at the mean of what its members want.
pub(super) fn spread(wanted: &[f64], heights: &[f64], low: f64, high: f64) -> Vec<f64> {
    struct Block {
        members: Vec<usize>,
        top: f64,
        height: f64,
    }
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let settle = |members: &[usize], height: f64| {
        let mut above = 0.0;
        let mut sum = 0.0;
        for &m in members {
            sum += wanted[m] - above - heights[m] / 2.0;
            above += heights[m];
        }
        (sum / members.len() as f64).min(high - height).max(low)
    };
    let mut blocks: Vec<Block> = Vec::new();
    for m in order {
        let mut block =
            Block { top: settle(&[m], heights[m]), members: vec![m], height: heights[m] };
        while let Some(above) = blocks.pop_if(|above| above.top + above.height > block.top) {
            let members = [above.members, block.members].concat();
            let height = above.height + block.height;
            block = Block { top: settle(&members, height), members, height };
        }
        blocks.push(block);
    }
    let mut middles = vec![0.0; wanted.len()];
    for block in blocks {
        let mut top = block.top;
        for m in block.members {
            middles[m] = top + heights[m] / 2.0;
            top += heights[m];
        }
    }
    middles
}

/// A rectangle: left, top, right, bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area(pub f64, pub f64, pub f64, pub f64);

impl Area {
    /// The area that two share, zero if they are apart.
    pub(super) fn shared(&self, other: &Area) -> f64 {
        let wide = self.2.min(other.2) - self.0.max(other.0);
        let high = self.3.min(other.3) - self.1.max(other.1);
        wide.max(0.0) * high.max(0.0)
    }

    /// The middle of its height.
    pub(super) fn middle(&self) -> f64 {
        (self.1 + self.3) / 2.0
    }

    /// Does it lie within `other`?
    fn within(&self, other: &Area) -> bool {
        self.0 >= other.0 && self.1 >= other.1 && self.2 <= other.2 && self.3 <= other.3
    }
}

/// Where the label of a point went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    /// Where the words stand.
    pub x: f64,
    /// The middle of their height.
    pub y: f64,
    /// Which of their points stands at x.
    pub anchor: Anchor,
    /// Is it so far off that a thread must lead to its point?
    pub far: bool,
}

/// Finds a place for the label of each point, near it and clear of labels, points and `obstacles`.
///
/// Greedy: points from left to right, each takes the best of the places around it, the near before
/// the far, right before left, above and below. A point without a clear place takes the least covered.
pub(super) fn place(
    points: &[((f64, f64), &str)],
    bounds: Area,
    obstacles: &[Area],
    layout: Layout,
) -> Vec<Placed> {
    let mark = |(x, y): (f64, f64)| Area(x - 6.0, y - 6.0, x + 6.0, y + 6.0);
    let mut taken: Vec<Area> =
        points.iter().map(|(at, _)| mark(*at)).chain(obstacles.iter().copied()).collect();
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| points[*a].0.0.total_cmp(&points[*b].0.0));
    let mut placed =
        vec![Placed { x: 0.0, y: 0.0, anchor: Anchor::Start, far: false }; points.len()];
    for i in order {
        let (at, text) = points[i];
        let mut best: Option<(f64, Placed, Area)> = None;
        for (place, area) in candidates(at, width(text, layout.text()), layout) {
            if !area.within(&bounds) {
                continue;
            }
            let cost: f64 = taken.iter().map(|t| t.shared(&area)).sum();
            if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                best = Some((cost, place, area));
            }
            if cost == 0.0 {
                break;
            }
        }
        // Words wider than the figure have no place within it: they begin at its left end.
        let (_, place, area) = best.unwrap_or_else(|| {
            let place = Placed { x: bounds.0, y: at.1 - 14.0, anchor: Anchor::Start, far: false };
            (0.0, place, mark(at))
        });
        placed[i] = place;
        taken.push(area);
    }
    placed
}

/// The places around a point for words `wide`, the preferred first.
fn candidates(
    (x, y): (f64, f64),
    wide: f64,
    layout: Layout,
) -> impl Iterator<Item = (Placed, Area)> {
    let half = LINE * layout.text() / 2.0;
    const RINGS: [f64; 6] = [11.0, 16.0, 26.0, 40.0, 58.0, 80.0];
    const WAYS: [(f64, f64); 12] = [
        (1.0, 0.0),
        (-1.0, 0.0),
        (0.0, -1.0),
        (0.0, 1.0),
        (0.8, -0.7),
        (0.8, 0.7),
        (-0.8, -0.7),
        (-0.8, 0.7),
        (0.4, -1.0),
        (0.4, 1.0),
        (-0.4, -1.0),
        (-0.4, 1.0),
    ];
    RINGS.into_iter().flat_map(move |ring| {
        WAYS.into_iter().map(move |(dx, dy)| {
            // Above and below, words stand clear by half their height too.
            let at = (x + dx * ring, y + dy * (ring + 3.0));
            let (anchor, left) = match dx {
                d if d > 0.0 => (Anchor::Start, at.0),
                d if d < 0.0 => (Anchor::End, at.0 - wide),
                _ => (Anchor::Middle, at.0 - wide / 2.0),
            };
            let area = Area(left, at.1 - half, left + wide, at.1 + half);
            (Placed { x: at.0, y: at.1, anchor, far: ring > 20.0 }, area)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn spread_labels_do_not_overlap(wanted in proptest::collection::vec(0.0..300.0f64, 1..12)) {
            let heights = vec![20.0; wanted.len()];
            let mut placed = spread(&wanted, &heights, 0.0, 300.0);
            placed.sort_by(f64::total_cmp);
            for pair in placed.windows(2) {
                prop_assert!(pair[1] - pair[0] >= 20.0 - 1e-9);
            }
            prop_assert!(placed[0] >= 10.0 - 1e-9);
            prop_assert!(placed[placed.len() - 1] <= 290.0 + 1e-9);
        }
    }

    #[test]
    fn a_label_with_room_stays_where_it_is_wanted() {
        assert_eq!(spread(&[50.0, 200.0], &[20.0, 20.0], 0.0, 300.0), [50.0, 200.0]);
        assert_eq!(spread(&[100.0, 100.0], &[20.0, 20.0], 0.0, 300.0), [90.0, 110.0]);
    }

    #[test]
    fn labels_of_close_points_stand_apart() {
        let points =
            [((100.0, 100.0), "ResNet-50"), ((104.0, 101.0), "ResNet-101"), ((106.0, 99.0), "ViT")];
        let placed = place(&points, Area(0.0, 0.0, 400.0, 300.0), &[], Layout::Wide);
        let areas: Vec<Area> = placed
            .iter()
            .zip(&points)
            .map(|(p, (_, text))| {
                let wide = width(text, 16.0);
                let left = match p.anchor {
                    Anchor::Start => p.x,
                    Anchor::Middle => p.x - wide / 2.0,
                    Anchor::End => p.x - wide,
                };
                Area(left, p.y - 9.6, left + wide, p.y + 9.6)
            })
            .collect();
        for (i, a) in areas.iter().enumerate() {
            for b in &areas[..i] {
                assert_eq!(a.shared(b), 0.0);
            }
        }
    }

    #[test]
    fn words_wrap_at_spaces() {
        assert_eq!(
            wrap("training loss on all images", 16.0, 120.0),
            ["training loss", "on all images"]
        );
        assert_eq!(wrap("", 16.0, 100.0), Vec::<String>::new());
    }
}
