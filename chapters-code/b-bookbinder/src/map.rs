//! The map of the book: its chapters from top to bottom by part, and which builds on which.
//!
//! One column of rows reads on a telephone as on a desk. The arcs beside it run from a chapter to
//! the ones that build on it; what is not written yet is dashed.
//!
//! ```text
//!            Part
//!     ╭──●  14  How big is a network, exactly?        a link
//!     ╰─>○  15  What does size buy?                   a draft, dashed
//! ```

use std::collections::BTreeSet;
use std::fmt::Write as _;

use notebook::escape::html;

/// A chapter on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// As it is counted: `14`, or `A` for an appendix.
    pub number: String,
    /// Its title, as plain text.
    pub title: String,
    /// The part it stands in. Chapters of one part stand next to each other.
    pub part: String,
    /// Where its page is, seen from the page with the map; `None` for a draft.
    pub link: Option<String>,
    /// Positions, in the list of nodes, of the chapters it builds on.
    pub builds_on: Vec<usize>,
}

// All lengths are in the units of the drawing, which is shown about as wide as a telephone.
const WIDTH: f64 = 380.0;
/// Where the dots stand; the arcs have what is left of them.
const SPINE: f64 = 62.0;
const BOX_LEFT: f64 = 75.0;
const NUMBER_RIGHT: f64 = 101.0;
const TITLE_LEFT: f64 = 110.0;
const LINE: f64 = 18.0;
const PADDING: f64 = 8.0;
const GAP: f64 = 6.0;
const PART_HEIGHT: f64 = 36.0;
/// Characters of a title on a line, and lines of a title.
const COLUMNS: usize = 36;
const LINES: usize = 3;

const INK: &str = "var(--map-ink, var(--fg, #1f2328))";
const MUTED: &str = "var(--map-muted, #636a72)";
const LINK: &str = "var(--map-link, var(--links, #20609f))";
const ARC: &str = "var(--map-arc, #7a828b)";
const BOX: &str = "var(--map-box, none)";
const EDGE: &str = "var(--map-edge, #c4c9cf)";

/// A node with its place in the drawing.
struct Row<'a> {
    node: &'a Node,
    top: f64,
    lines: Vec<String>,
}

impl Row<'_> {
    fn height(&self) -> f64 {
        self.lines.len() as f64 * LINE + 2.0 * PADDING
    }

    fn middle(&self) -> f64 {
        self.top + self.height() / 2.0
    }
}

/// Draws the map as one inline `<svg>` without blank lines.
///
/// References of a chapter to itself, and to chapters that are not there, are left out; chapters
/// that build on each other get an arc each way. Links can be reached with the keyboard, so the
/// whole is a group, of which the arcs are an image with a title and a description.
pub fn draw(nodes: &[Node]) -> String {
    let mut headings = Vec::new();
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut top = 0.0;
    let mut part = None;
    for node in nodes {
        if part != Some(&node.part) {
            part = Some(&node.part);
            if !node.part.trim().is_empty() {
                headings.push((top + PART_HEIGHT - 12.0, node.part.as_str()));
                top += PART_HEIGHT;
            }
        }
        let row = Row { node, top, lines: wrap(&node.title) };
        top += row.height() + GAP;
        rows.push(row);
    }
    let arcs = arcs(nodes);
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        r#"<svg class="map-drawing" role="group" aria-labelledby="map-title" viewBox="0 0 {WIDTH:.0} {:.0}" font-size="14">"#,
        top.max(LINE),
    );
    let _ = writeln!(
        svg,
        r#"<g role="img" aria-labelledby="map-title map-desc"><title id="map-title">The chapters, and what each builds on</title><desc id="map-desc">{}</desc>"#,
        html(&describe(nodes, &arcs)),
    );
    for &(from, to) in &arcs {
        if let (Some(from), Some(to)) = (rows.get(from), rows.get(to)) {
            arc(&mut svg, from, to, top);
        }
    }
    svg.push_str("</g>\n");
    for (baseline, part) in headings {
        let _ = writeln!(
            svg,
            r#"<text class="map-part" x="{BOX_LEFT}" y="{baseline:.1}" font-size="13" font-weight="700" style="fill:{INK}">{}</text>"#,
            html(part),
        );
    }
    for row in &rows {
        chapter(&mut svg, row);
    }
    svg.push_str("</svg>");
    svg
}

/// From each chapter to those that build on it, each once.
fn arcs(nodes: &[Node]) -> Vec<(usize, usize)> {
    let arcs: BTreeSet<(usize, usize)> = nodes
        .iter()
        .enumerate()
        .flat_map(|(to, node)| node.builds_on.iter().map(move |&from| (from, to)))
        .filter(|&(from, to)| from != to && from < nodes.len())
        .collect();
    arcs.into_iter().collect()
}

/// The map in words.
fn describe(nodes: &[Node], arcs: &[(usize, usize)]) -> String {
    let written = nodes.iter().filter(|node| node.link.is_some()).count();
    let mut words = format!(
        "{} {} from top to bottom, {written} written.",
        nodes.len(),
        if nodes.len() == 1 { "chapter" } else { "chapters" },
    );
    for (to, node) in nodes.iter().enumerate() {
        let numbers: Vec<&str> = arcs
            .iter()
            .filter(|arc| arc.1 == to)
            .filter_map(|arc| nodes.get(arc.0))
            .map(|node| node.number.as_str())
            .collect();
        if let [before @ .., last] = numbers.as_slice() {
            let list = if before.is_empty() {
                (*last).to_owned()
            } else {
                format!("{} and {last}", before.join(", "))
            };
            let _ = write!(words, " {} builds on {list}.", node.number);
        }
    }
    words
}

/// An arc with its head, the wider the farther it reaches.
fn arc(svg: &mut String, from: &Row<'_>, to: &Row<'_>, height: f64) {
    // Arcs leave on the side they go to and arrive on the side they come from.
    let side = if from.top < to.top { 5.0 } else { -5.0 };
    let (start, end) = (from.middle() + side, to.middle() - side);
    let reach = ((end - start).abs() / height.max(1.0)).clamp(0.0, 1.0);
    // A cubic bulges by three quarters of its handles.
    let handle = SPINE - (16.0 + (SPINE - 22.0) * reach.sqrt()) / 0.75;
    let left = SPINE - 5.0;
    let tip = SPINE - 7.0;
    let dashes = if from.node.link.is_some() && to.node.link.is_some() {
        ""
    } else {
        r#" stroke-dasharray="4 4""#
    };
    let _ = writeln!(
        svg,
        r#"<path d="M{left:.1} {start:.1}C{handle:.1} {start:.1} {handle:.1} {end:.1} {:.1} {end:.1}" fill="none" stroke-width="1.5"{dashes} style="stroke:{ARC}"/><path d="M{tip:.1} {end:.1}l-7 -3.5v7z" style="fill:{ARC}"/>"#,
        tip - 5.0,
    );
}

/// A chapter's row: its dot, its box, its number and title.
fn chapter(svg: &mut String, row: &Row<'_>) {
    let node = row.node;
    let (ink, number, dashes) = match node.link {
        Some(_) => (LINK, INK, ""),
        None => (MUTED, MUTED, r#" stroke-dasharray="4 4""#),
    };
    let dot = if node.link.is_some() { LINK } else { "none" };
    let (top, height) = (row.top, row.height());
    let mut inside = format!(
        r#"<circle cx="{SPINE}" cy="{:.1}" r="4" stroke-width="1.5" style="fill:{dot};stroke:{ink}"/><rect x="{BOX_LEFT}" y="{top:.1}" width="{:.1}" height="{height:.1}" rx="6"{dashes} style="fill:{BOX};stroke:{EDGE}"/>"#,
        row.middle(),
        WIDTH - BOX_LEFT - 1.0,
    );
    let baseline = |line: usize| top + PADDING + (line as f64 + 1.0) * LINE - 5.0;
    let _ = write!(
        inside,
        r#"<text x="{NUMBER_RIGHT}" y="{:.1}" text-anchor="end" style="fill:{number}">{}</text><text style="fill:{ink}">"#,
        baseline(0),
        html(&node.number),
    );
    for (place, line) in row.lines.iter().enumerate() {
        let space = if place == 0 { "" } else { " " };
        let _ = write!(
            inside,
            r#"{space}<tspan x="{TITLE_LEFT}" y="{:.1}">{}</tspan>"#,
            baseline(place),
            html(line)
        );
    }
    inside.push_str("</text>");
    let _ = match &node.link {
        Some(link) => writeln!(svg, r#"<a href="{}">{inside}</a>"#, html(link)),
        None => writeln!(svg, r#"<g class="map-draft">{inside}</g>"#),
    };
}

/// Breaks a title into lines that fit beside the number; what does not fit is cut with an ellipsis.
fn wrap(title: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in title.split_whitespace() {
        let mut rest: Vec<char> = word.chars().collect();
        while !rest.is_empty() {
            let line = lines.last_mut().map(|line| (line.chars().count(), line));
            let Some((used, line)) = line else { break };
            let space = usize::from(used > 0);
            if used + space + rest.len() <= COLUMNS {
                line.push_str(if space > 0 { " " } else { "" });
                line.extend(rest.drain(..));
            } else if used == 0 {
                line.extend(rest.drain(..COLUMNS));
            } else {
                lines.push(String::new());
            }
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            *last = last.chars().take(COLUMNS - 1).chain(['…']).collect();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(number: &str, part: &str, link: Option<&str>, builds_on: &[usize]) -> Node {
        Node {
            number: number.to_owned(),
            title: format!("What is asked in chapter {number}, and why it matters to us?"),
            part: part.to_owned(),
            link: link.map(str::to_owned),
            builds_on: builds_on.to_vec(),
        }
    }

    #[test]
    fn a_written_chapter_is_a_link_and_a_draft_is_dashed() {
        let svg = draw(&[
            node("1", "First", None, &[]),
            node("2", "Second", Some("02-b/index.html?a=1&b"), &[0]),
        ]);
        assert!(svg.starts_with("<svg class=\"map-drawing\"") && svg.ends_with("</svg>"));
        assert_eq!(svg.matches("<a href=").count(), 1);
        assert!(svg.contains("href=\"02-b/index.html?a=1&amp;b\""));
        assert_eq!(svg.matches("class=\"map-draft\"").count(), 1);
        assert_eq!(svg.matches("class=\"map-part\"").count(), 2);
        assert!(svg.contains("2 chapters from top to bottom, 1 written. 2 builds on 1."));
    }

    #[test]
    fn cycles_and_strays_are_drawn_or_left_out() {
        let nodes =
            [node("1", "P", Some("1.html"), &[0, 1, 1, 99]), node("2", "P", Some("2.html"), &[0])];
        let svg = draw(&nodes);
        assert_eq!(arcs(&nodes), [(0, 1), (1, 0)]);
        assert_eq!(svg.matches("<path").count(), 4);
    }

    #[test]
    fn nothing_and_one_can_be_drawn() {
        assert!(draw(&[]).contains("0 chapters"));
        assert!(draw(&[node("1", "", None, &[])]).contains("1 chapter from"));
    }

    #[test]
    fn titles_are_wrapped_and_cut() {
        assert_eq!(wrap(""), [""]);
        assert_eq!(
            wrap("How far do good features carry a simple model?"),
            ["How far do good features carry a", "simple model?"]
        );
        let long = wrap(&"wordwithoutanyend".repeat(20));
        assert_eq!(long.len(), LINES);
        assert!(long[2].ends_with('…'));
        assert!(long.iter().all(|line| line.chars().count() <= COLUMNS));
    }

    #[test]
    fn arcs_stay_inside_the_drawing() {
        let mut nodes: Vec<Node> = (0..30).map(|n| node(&n.to_string(), "P", None, &[])).collect();
        nodes[29].builds_on = (0..29).collect();
        let svg = draw(&nodes);
        for path in svg.split("C").skip(1) {
            let handle: f64 = path.split(' ').next().and_then(|x| x.parse().ok()).unwrap_or(0.0);
            assert!(SPINE - 0.75 * (SPINE - handle) >= 0.0, "{handle}");
        }
    }

    proptest! {
        #[test]
        fn any_book_gives_one_block_of_html(
            book in prop::collection::vec(
                (any::<String>(), any::<String>(), "[a-c]?", prop::option::of(any::<String>()), prop::collection::vec(0_usize..40, 0..8)),
                0..31,
            ),
        ) {
            let nodes: Vec<Node> = book
                .into_iter()
                .map(|(number, title, part, link, builds_on)| Node { number, title, part, link, builds_on })
                .collect();
            let svg = draw(&nodes);
            prop_assert!(svg.lines().all(|line| !line.trim().is_empty()));
            prop_assert_eq!(svg.matches("<svg").count(), 1);
            prop_assert_eq!(svg.matches("<a href").count(), nodes.iter().filter(|node| node.link.is_some()).count());
            prop_assert!(!svg.contains("NaN"));
        }
    }
}
