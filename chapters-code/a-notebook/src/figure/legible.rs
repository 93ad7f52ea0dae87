//! Whether the words of a finished drawing can be read: within its edges, none upon another.
//!
//! Asked of the markup, not of the code that placed the words, so that it holds whatever drew them.

use super::labels::width;

/// How far words may reach beyond an edge or into each other. They are measured in a wide font:
/// what touches here stands apart on the page.
const SLACK: f64 = 1.0;

/// The four corners of a text.
type Corners = [(f64, f64); 4];

/// A text of a drawing and where it stands.
struct Words {
    text: String,
    corners: Corners,
}

/// What is wrong with the words of the drawing called `name`, one line each.
pub(super) fn crowded(name: &str, drawing: &str) -> Vec<String> {
    let words: Vec<Words> = drawing.lines().filter_map(words).collect();
    let Some((wide, tall)) = canvas(drawing) else { return Vec::new() };
    let mut found = Vec::new();
    for (i, a) in words.iter().enumerate() {
        let inside = |(x, y): &(f64, f64)| {
            (-SLACK..=wide + SLACK).contains(x) && (-SLACK..=tall + SLACK).contains(y)
        };
        if !a.corners.iter().all(inside) {
            found.push(format!("`{}` reaches beyond the {name} drawing", a.text));
        }
        for b in words[..i].iter().filter(|b| !apart(&a.corners, &b.corners)) {
            found.push(format!(
                "`{}` and `{}` cover each other in the {name} drawing",
                b.text, a.text
            ));
        }
    }
    found
}

/// Width and height from the `viewBox`.
fn canvas(drawing: &str) -> Option<(f64, f64)> {
    let numbers = attribute(drawing.lines().next()?, "viewBox")?;
    let mut numbers = numbers.split(' ').skip(2).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// The value of an attribute of the first tag of a line.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let tag = line.split('>').next()?;
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0)
}

/// The words of a line `<text …>…</text>`.
fn words(line: &str) -> Option<Words> {
    let inside = line.strip_prefix("<text ")?.split_once('>')?.1.strip_suffix("</text>")?;
    let text =
        ["&lt;<", "&gt;>", "&quot;\"", "&amp;&"].iter().fold(inside.to_owned(), |t, pair| {
            let (entity, plain) = pair.split_at(pair.len() - 1);
            t.replace(entity, plain)
        });
    let number = |name: &str| attribute(line, name)?.parse::<f64>().ok();
    let (x, y, size) = (number("x")?, number("y")?, number("font-size")?);
    let wide = width(&text, size);
    let left = match attribute(line, "text-anchor") {
        Some("middle") => x - wide / 2.0,
        Some("end") => x - wide,
        _ => x,
    };
    // The foot of the letters lies a third of the size below the middle of their height.
    let (top, foot) = (y - 0.85 * size, y + 0.15 * size);
    let turned = attribute(line, "transform").and_then(rotation).unwrap_or((0.0, 0.0, 0.0));
    let corners = [(left, top), (left + wide, top), (left + wide, foot), (left, foot)];
    Some(Words { text, corners: corners.map(|corner| rotated(corner, turned)) })
}

/// The degrees and the centre of `rotate(-45 10 20)`.
fn rotation(transform: &str) -> Option<(f64, f64, f64)> {
    let inside = transform.strip_prefix("rotate(")?.strip_suffix(')')?;
    let mut numbers = inside.split(' ').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn rotated((x, y): (f64, f64), (degrees, to_x, to_y): (f64, f64, f64)) -> (f64, f64) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (dx, dy) = (x - to_x, y - to_y);
    (to_x + dx * cos - dy * sin, to_y + dx * sin + dy * cos)
}

/// Is there a line between the two, along a side of either?
fn apart(a: &Corners, b: &Corners) -> bool {
    let sides = |c: &Corners| [(c[0], c[1]), (c[1], c[2])];
    sides(a).into_iter().chain(sides(b)).any(|((x, y), (to_x, to_y))| {
        let length = (to_x - x).hypot(to_y - y).max(f64::MIN_POSITIVE);
        let (dx, dy) = ((to_x - x) / length, (to_y - y) / length);
        let reach = |c: &Corners| {
            let along = c.map(|(x, y)| x * dx + y * dy);
            (
                along.iter().copied().fold(f64::MAX, f64::min),
                along.iter().copied().fold(f64::MIN, f64::max),
            )
        };
        let (a, b) = (reach(a), reach(b));
        a.1 <= b.0 + SLACK || b.1 <= a.0 + SLACK
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str]) -> Vec<String> {
        crowded("wide", &format!("<svg viewBox=\"0 0 100 50\">\n{}\n</svg>", texts.join("\n")))
    }

    #[test]
    fn words_beyond_an_edge_and_upon_each_other_are_found() {
        assert!(found(&["<text x=\"10\" y=\"20\" font-size=\"10\">one</text>"]).is_empty());
        let beyond = found(&["<text x=\"90\" y=\"20\" font-size=\"10\">three</text>"]);
        assert_eq!(beyond, ["`three` reaches beyond the wide drawing"]);
        let end = "<text x=\"90\" y=\"20\" font-size=\"10\" text-anchor=\"end\">three</text>";
        assert!(found(&[end]).is_empty());
        let upon = found(&[end, "<text x=\"60\" y=\"24\" font-size=\"10\">a &amp; b</text>"]);
        assert_eq!(upon, ["`three` and `a & b` cover each other in the wide drawing"]);
        assert!(found(&[end, "<text x=\"60\" y=\"32\" font-size=\"10\">a</text>"]).is_empty());
    }

    #[test]
    fn turned_words_are_measured_as_they_stand() {
        let at = |x: u32, turn: i32| {
            format!(
                "<text x=\"{x}\" y=\"40\" font-size=\"10\" transform=\"rotate({turn} {x} 40)\">words</text>"
            )
        };
        assert!(found(&[&at(20, -90), &at(35, -90)]).is_empty());
        assert_eq!(found(&[&at(20, 0), &at(35, 0)]).len(), 1);
        assert!(found(&[&at(20, -45), &at(40, -45)]).is_empty());
        assert_eq!(found(&[&at(20, -45), &at(25, -45)]).len(), 1);
    }
}
