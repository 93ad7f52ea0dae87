//! What Chromium cannot print: the number of the page behind each entry of the contents, who wrote the book, and
//! the titles of the outline as they are.
//!
//! Where a heading comes to stand is known when the PDF is there. So an update is appended to it, as the
//! format allows: new versions of a few objects, a table of their places, and the old file untouched before
//! them. It reads the plain form that Chromium writes, objects in clear and a table of places, and no other.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use crate::outline;

/// Size of the numbers, in points.
const SIZE: f64 = 9.0;
/// Width of a digit of Helvetica, as a part of its size.
const DIGIT: f64 = 0.556;

/// What the file says of itself.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The title.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// What made it.
    pub creator: String,
}

/// The patterns of what is read.
struct Patterns {
    size: Regex,
    root: Regex,
    info: Regex,
    entry: Regex,
    reference: Regex,
    dests: Regex,
    destination: Regex,
    link: Regex,
    rectangle: Regex,
    contents: Regex,
}

#[allow(clippy::unwrap_used, reason = "the patterns are constants, and a test uses them")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let of = |pattern: &str| Regex::new(&format!("(?-u){pattern}")).unwrap();
    Patterns {
        size: of(r"/Size (\d+)"),
        root: of(r"/Root (\d+) 0 R"),
        info: of(r"/Info (\d+) 0 R"),
        entry: of(r"(\d{10}) \d{5} ([nf])"),
        reference: of(r"(\d+) 0 R"),
        dests: of(r"/Dests (\d+) 0 R"),
        destination: of(r"/([^\s/\[\]<>()]+) \[(\d+) 0 R /XYZ"),
        link: of(r"/Dest /([^\s/\[\]<>()]+)"),
        rectangle: of(r"/Rect \[([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)\]"),
        contents: of(r"/Contents (\d+) 0 R"),
    }
});

/// The file with the numbers of pages beside the links to `entries` that stand before the first of them, with
/// the titles of its outline as `headings` has them, and with what is to be known about it.
///
/// # Errors
/// One line, where the file has another form than Chromium's.
pub fn stamped(
    file: &[u8],
    entries: &[&str],
    headings: &[String],
    about: &About,
) -> Result<Vec<u8>, String> {
    let pdf = Pdf::read(file).ok_or("its objects are not written as Chromium writes them")?;
    let pages = pdf.pages().ok_or("its pages cannot be counted")?;
    let places = pdf.destinations().ok_or("its links lead to no names")?;
    let number = |name: &str| {
        let page = places.get(name.as_bytes())?;
        pages.iter().position(|p| p == page).map(|i| i + 1)
    };
    let numbers: BTreeMap<Vec<u8>, usize> = entries
        .iter()
        .filter_map(|name| Some((name_of(name).into_bytes(), number(&name_of(name))?)))
        .collect();
    let first = numbers.values().copied().min().ok_or("no entry of the contents is in it")?;
    let mut update = Update { file: file.to_vec(), pdf: &pdf, places: BTreeMap::new() };
    let font = pdf.size;
    let (save, mut free) = (font + 1, font + 2);
    let mut stamps = 0;
    for &page in &pages[..first - 1] {
        let mut marks = String::new();
        for (name, (right, foot)) in pdf.links(page) {
            if let Some(number) = numbers.get(&name) {
                let digits = number.to_string();
                let left = right - digits.len() as f64 * DIGIT * SIZE;
                let _ = writeln!(
                    marks,
                    "BT /Stamp {SIZE} Tf {left:.2} {:.2} Td ({digits}) Tj ET",
                    foot + 3.0
                );
                stamps += 1;
            }
        }
        if !marks.is_empty() {
            let changed = pdf.stamped_page(page, font, [save, free]);
            let changed = changed.ok_or("a page of the contents has no fonts")?;
            update.add(page, &changed);
            update.add_stream(free, &format!("Q /Artifact BMC q 0.07 g\n{marks}Q EMC\n"));
            free += 1;
        }
    }
    if stamps == 0 {
        return Err("its contents have no links".to_owned());
    }
    update.add(
        font,
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>",
    );
    update.add_stream(save, "q\n");
    update.titles(headings);
    let info = update.info(about, free);
    Ok(update.finish(info, free + 1))
}

/// A name as a PDF writes it.
fn name_of(id: &str) -> String {
    let plain = |b: &u8| b.is_ascii_graphic() && !b"#/%()<>[]{}".contains(b);
    let byte = |b: u8| if plain(&b) { char::from(b).to_string() } else { format!("#{b:02X}") };
    id.bytes().map(byte).collect()
}

/// A text as a PDF writes it in any language: UTF-16 in hexadecimal digits.
fn text_of(text: &str) -> String {
    let units: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    format!("<FEFF{units}>")
}

/// A file whose objects can be found.
struct Pdf<'a> {
    file: &'a [u8],
    /// Where each object begins, by its number.
    places: Vec<usize>,
    /// The number of objects.
    size: usize,
    root: usize,
    info: Option<usize>,
    /// Where the table begins.
    table: usize,
}

impl<'a> Pdf<'a> {
    fn read(file: &'a [u8]) -> Option<Self> {
        let tail = &file[last(file, b"startxref")?..];
        let table: usize = number(tail.split(|b| b.is_ascii_whitespace()).nth(1)?)?;
        let listed = file.get(table..)?;
        let end = find(listed, b"trailer")?;
        let trailer = &listed[end..];
        let group = |pattern: &Regex| number(pattern.captures(trailer)?.get(1)?.as_bytes());
        let places = PATTERNS.entry.captures_iter(&listed[..end]);
        let places: Vec<usize> = places.filter_map(|entry| number(&entry[1])).collect();
        let (size, root) = (group(&PATTERNS.size)?, group(&PATTERNS.root)?);
        let whole = listed.starts_with(b"xref") && places.len() == size;
        whole.then(|| Pdf { file, places, size, root, info: group(&PATTERNS.info), table })
    }

    /// What stands in an object.
    fn object(&self, number: usize) -> Option<&'a [u8]> {
        let text = self.file.get(*self.places.get(number)?..)?;
        let start = find(text, b"obj")? + 3;
        let end = find(text, b"endobj")?;
        text.get(start..end).map(<[u8]>::trim_ascii)
    }

    /// The objects of the pages, in order.
    fn pages(&self) -> Option<Vec<usize>> {
        let root = self.object(self.root)?;
        let mut found = Vec::new();
        self.collect(reference(after(root, b"/Pages ")?)?, &mut found, 0)?;
        Some(found)
    }

    fn collect(&self, node: usize, found: &mut Vec<usize>, depth: usize) -> Option<()> {
        let text = self.object(node)?;
        let Some(kids) = after(text, b"/Kids [").filter(|_| depth < 32) else {
            found.push(node);
            return Some(());
        };
        let kids = &kids[..find(kids, b"]")?];
        for kid in PATTERNS.reference.captures_iter(kids) {
            self.collect(number(&kid[1])?, found, depth + 1)?;
        }
        Some(())
    }

    /// The entries of the outline, in the order of the book.
    fn outline(&self) -> Vec<usize> {
        let child = |node: usize, key: &str| reference(after(self.object(node)?, key.as_bytes())?);
        let (mut found, mut open) = (Vec::new(), Vec::new());
        let first = child(self.root, "/Outlines ").and_then(|outlines| child(outlines, "/First "));
        open.extend(first);
        while let Some(node) = open.pop() {
            found.push(node);
            open.extend(child(node, "/Next "));
            open.extend(child(node, "/First "));
            // A file that leads in a circle.
            if found.len() > self.size {
                return Vec::new();
            }
        }
        found
    }

    /// The page that each name stands for.
    fn destinations(&self) -> Option<BTreeMap<&'a [u8], usize>> {
        let root = self.object(self.root)?;
        let dests = number(PATTERNS.dests.captures(root)?.get(1)?.as_bytes())?;
        let named = PATTERNS.destination.captures_iter(self.object(dests)?);
        named.map(|d| Some((d.get(1)?.as_bytes(), number(&d[2])?))).collect()
    }

    /// The links of a page that lead to a name, with their right end and their foot.
    fn links(&self, page: usize) -> Vec<(Vec<u8>, (f64, f64))> {
        let Some(listed) = self.object(page).and_then(|text| after(text, b"/Annots [")) else {
            return Vec::new();
        };
        let listed = &listed[..find(listed, b"]").unwrap_or(listed.len())];
        let link = |found: Captures<'_>| {
            let text = self.object(number(&found[1])?)?;
            let name = PATTERNS.link.captures(text)?[1].to_vec();
            let rectangle = PATTERNS.rectangle.captures(text)?;
            let side = |i: usize| std::str::from_utf8(&rectangle[i]).ok()?.parse::<f64>().ok();
            Some((name, (side(1)?.max(side(3)?), side(2)?.min(side(4)?))))
        };
        PATTERNS.reference.captures_iter(listed).filter_map(link).collect()
    }

    /// A page that may use the font, and whose contents stand between two others.
    fn stamped_page(&self, page: usize, font: usize, around: [usize; 2]) -> Option<Vec<u8>> {
        let text = self.object(page)?;
        let fonts = find(text, b"/Font <<")? + b"/Font <<".len();
        let with_font = spliced(text, fonts..fonts, &format!("/Stamp {font} 0 R "));
        let found = PATTERNS.contents.captures(&with_font)?;
        let old = number(&found[1])?;
        let range = found.get(0)?.range();
        let [before, after] = around;
        let new = format!("/Contents [{before} 0 R {old} 0 R {after} 0 R]");
        Some(spliced(&with_font, range, &new))
    }
}

/// What is appended.
struct Update<'a> {
    file: Vec<u8>,
    pdf: &'a Pdf<'a>,
    /// Where each new object begins.
    places: BTreeMap<usize, usize>,
}

impl Update<'_> {
    fn add(&mut self, number: usize, object: &[u8]) {
        self.places.insert(number, self.file.len() + 1);
        self.file.extend_from_slice(format!("\n{number} 0 obj\n").as_bytes());
        self.file.extend_from_slice(object);
        self.file.extend_from_slice(b"\nendobj\n");
    }

    fn add_stream(&mut self, number: usize, content: &str) {
        let stream = format!("<</Length {}>> stream\n{content}\nendstream", content.len());
        self.add(number, stream.as_bytes());
    }

    /// Writes the titles of the outline that are not as a heading has them.
    fn titles(&mut self, mut headings: &[String]) {
        for node in self.pdf.outline() {
            let Some(object) = self.pdf.object(node) else { continue };
            let Some(at) = find(object, b"/Title ").map(|at| at + b"/Title ".len()) else {
                continue;
            };
            let Some((title, length)) = outline::string(&object[at..]) else { continue };
            let Some((heading, used)) = outline::heading_of(&title, headings) else { continue };
            headings = &headings[used..];
            if title != heading {
                self.add(node, &spliced(object, at..at + length, &text_of(heading)));
            }
        }
    }

    /// Writes what is to be known about the file, in place of what is there; gives the object's number.
    fn info(&mut self, about: &About, free: usize) -> usize {
        let number = self.pdf.info.unwrap_or(free);
        let old = self.pdf.info.and_then(|info| self.pdf.object(info)).unwrap_or_default();
        let dated = |key: &str| {
            let value = after(old, format!("/{key} (").as_bytes())?;
            let value = &value[..find(value, b")")?];
            Some(format!("/{key} ({})\n", String::from_utf8_lossy(value)))
        };
        let kept =
            ["Producer", "CreationDate", "ModDate"].map(|key| dated(key).unwrap_or_default());
        let text = format!(
            "<</Title {}\n/Author {}\n/Creator {}\n{}>>",
            text_of(&about.title),
            text_of(&about.author),
            text_of(&about.creator),
            kept.concat()
        );
        self.add(number, text.as_bytes());
        number
    }

    /// The whole file, with the table of what was added.
    fn finish(mut self, info: usize, size: usize) -> Vec<u8> {
        let start = self.file.len() + 1;
        let mut table = "\nxref\n".to_owned();
        for (number, place) in &self.places {
            let _ = writeln!(table, "{number} 1\n{place:010} 00000 n ");
        }
        let _ = writeln!(
            table,
            "trailer\n<</Size {size}\n/Root {} 0 R\n/Info {info} 0 R\n/Prev {}>>\nstartxref\n{start}\n%%EOF",
            self.pdf.root, self.pdf.table
        );
        self.file.extend_from_slice(table.as_bytes());
        self.file
    }
}

fn spliced(text: &[u8], range: Range<usize>, new: &str) -> Vec<u8> {
    [&text[..range.start], new.as_bytes(), &text[range.end..]].concat()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn last(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).rposition(|window| window == what)
}

fn after<'a>(text: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    find(text, what).map(|at| &text[at + what.len()..])
}

fn number(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The object that a text begins by referring to.
fn reference(text: &[u8]) -> Option<usize> {
    number(text.split(|b| !b.is_ascii_digit()).next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as Chromium writes it: a page of contents with a link to `a`, and two more, `a` on the last.
    fn file() -> Vec<u8> {
        let page = |rest: &str| {
            format!(
                "<</Type /Page\n/Resources <</Font <</F4 9 0 R>>>>\n/Contents 8 0 R{rest}\n/Parent 3 0 R>>"
            )
        };
        let objects = [
            "<</Title (t)\n/Creator (Mozilla/5.0)\n/Producer (Skia/PDF m1)\n/CreationDate (D:2026)>>".to_owned(),
            "<</Type /Catalog\n/Pages 3 0 R\n/Dests 7 0 R\n/Outlines 11 0 R>>".to_owned(),
            "<</Type /Pages\n/Count 3\n/Kids [4 0 R 5 0 R 6 0 R]>>".to_owned(),
            page("\n/Annots [10 0 R]"),
            page(""),
            page(""),
            "<</a [6 0 R /XYZ 50 700 0]\n/b [5 0 R /XYZ 50 600 0]>>".to_owned(),
            "<</Length 4>> stream\n1 g\n\nendstream".to_owned(),
            "<</Type /Font>>".to_owned(),
            "<</Type /Annot\n/Subtype /Link\n/Rect [50 700 290.5 712]\n/Dest /a>>".to_owned(),
            "<</Type /Outlines\n/First 12 0 R>>".to_owned(),
            "<</Title (A)\n/First 13 0 R\n/Next 14 0 R>>".to_owned(),
            "<</Title (B \\(b\\)B \\(b\\))\n/Parent 12 0 R>>".to_owned(),
            "<</Title (CC)\n/Prev 12 0 R>>".to_owned(),
        ];
        let mut file = b"%PDF-1.4\n".to_vec();
        let mut table = "xref\n0 15\n0000000000 65535 f \n".to_owned();
        for (i, object) in objects.iter().enumerate() {
            let _ = writeln!(table, "{:010} 00000 n ", file.len());
            file.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", i + 1).as_bytes());
        }
        let start = file.len();
        let trailer = "trailer\n<</Size 15\n/Root 2 0 R\n/Info 1 0 R>>";
        file.extend_from_slice(format!("{table}{trailer}\nstartxref\n{start}\n%%EOF\n").as_bytes());
        file
    }

    fn about() -> About {
        About { title: "A Book".into(), author: "É".into(), creator: "bookbinder".into() }
    }

    #[test]
    fn the_contents_get_their_numbers_and_the_file_its_author() {
        let (old, headings) = (file(), ["A".to_owned(), "B (b)".to_owned(), "C".to_owned()]);
        let new = stamped(&old, &["a", "absent"], &headings, &about()).unwrap();
        assert!(new.starts_with(&old) && new.ends_with(b"%%EOF\n"));
        let added = String::from_utf8_lossy(&new[old.len()..]).into_owned();
        // Three digits would begin further left; this one ends where the link does.
        let left = 290.5 - DIGIT * SIZE;
        assert!(added.contains(&format!("{left:.2} 703.00 Td (3) Tj")), "{added}");
        assert!(added.contains("/Contents [16 0 R 8 0 R 17 0 R]"), "{added}");
        assert!(added.contains("/Font <</Stamp 15 0 R /F4 9 0 R>>"), "{added}");
        assert!(
            added.contains("/Author <FEFF00C9>") && added.contains("/Creator <FEFF"),
            "{added}"
        );
        assert!(added.contains("/Producer (Skia/PDF m1)") && !added.contains("Mozilla"), "{added}");
        for (title, rest) in [("B (b)", "\n/Parent 12 0 R>>"), ("C", "\n/Prev 12 0 R>>")] {
            assert!(added.contains(&format!("<</Title {}{rest}", text_of(title))), "{added}");
        }
        assert!(!added.contains("12 0 obj"), "{added}");
        // Every place in the new table is that of its object.
        let table = &added[added.find("xref\n").unwrap()..];
        let mut lines = table.lines().skip(1);
        while let (Some(object), Some(place)) = (lines.next(), lines.next()) {
            let Some(number) = object.strip_suffix(" 1") else { break };
            let at: usize = place[..10].parse().unwrap();
            assert!(
                new[at..].starts_with(format!("{number} 0 obj").as_bytes()),
                "{object} {place}"
            );
        }
    }

    #[test]
    fn another_form_is_told() {
        for file in [&b""[..], b"%PDF-1.7\nstartxref\n0\n%%EOF", b"startxref"] {
            let said = stamped(file, &["a"], &[], &about()).unwrap_err();
            assert!(said.contains("Chromium"), "{said}");
        }
        assert!(stamped(&file(), &["absent"], &[], &about()).unwrap_err().contains("no entry"));
        assert!(stamped(&file(), &["b"], &[], &about()).unwrap_err().contains("no links"));
    }

    #[test]
    fn names_are_written_as_chromium_writes_them() {
        assert_eq!(name_of("a-b_c"), "a-b_c");
        assert_eq!(name_of("a(b"), "a#28b");
    }
}
