//! The EPUB around the pages: cover, title page, navigation, package document, and the ZIP file.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use notebook::escape::{address, xml};
use notebook::provenance;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::xhtml::Page;

/// What is known of the book as a whole.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Its language, as `en`.
    pub language: String,
    /// What it is about, in a sentence.
    pub description: Option<String>,
    /// Under which licence it stands.
    pub rights: Option<String>,
    /// Where its source is.
    pub source: Option<String>,
    /// When it last changed, as `2026-11-23T10:35:03Z`.
    pub modified: String,
    /// Chapters that are not written yet.
    pub planned: Vec<String>,
}

/// What stands in the book.
#[derive(Debug, Default)]
pub struct Content {
    /// The pages, in their order.
    pub pages: Vec<Page>,
    /// Pictures, by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The style sheet.
    pub style: String,
    /// The table of contents.
    pub contents: Vec<Entry>,
}

/// A line of the table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub title: String,
    /// Where it leads; nowhere for a part.
    pub path: Option<String>,
    /// What is indented below it.
    pub below: Vec<Entry>,
}

/// The whole file.
///
/// # Errors
/// Where something is too large for a ZIP file.
pub fn pack(about: &About, content: &Content) -> anyhow::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let (stored, deflated) = (
        options.compression_method(CompressionMethod::Stored),
        options.compression_method(CompressionMethod::Deflated),
    );
    let mut add = |path: &str, bytes: &[u8], options| -> anyhow::Result<()> {
        zip.start_file(path, options)?;
        Ok(zip.write_all(bytes)?)
    };
    add("mimetype", b"application/epub+zip", stored)?;
    add("META-INF/container.xml", CONTAINER.as_bytes(), deflated)?;
    add("EPUB/package.opf", package(about, content).as_bytes(), deflated)?;
    add("EPUB/nav.xhtml", navigation(about, content).as_bytes(), deflated)?;
    add("EPUB/toc.ncx", ncx(about, content).as_bytes(), deflated)?;
    add("EPUB/cover.svg", cover(about).as_bytes(), deflated)?;
    add("EPUB/cover.xhtml", cover_page(about).as_bytes(), deflated)?;
    add("EPUB/title.xhtml", title_page(about).as_bytes(), deflated)?;
    add("EPUB/book.css", content.style.as_bytes(), deflated)?;
    for page in &content.pages {
        let up = "../".repeat(page.path.matches('/').count());
        let body = format!("<section>{}</section>", page.body.trim());
        let text = document(&about.language, &page.title, &up, &body);
        add(&format!("EPUB/{}", page.path), text.as_bytes(), deflated)?;
    }
    for (path, bytes) in &content.files {
        let options = if path.ends_with(".svg") { deflated } else { stored };
        add(&format!("EPUB/{path}"), bytes, options)?;
    }
    Ok(zip.finish()?.into_inner())
}

const CONTAINER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
  <rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"#;

/// What a reading system should know about how the book can be read.
const ACCESSIBILITY: [(&str, &str); 14] = [
    ("accessMode", "textual"),
    ("accessMode", "visual"),
    ("accessModeSufficient", "textual"),
    ("accessModeSufficient", "textual,visual"),
    ("accessibilityFeature", "alternativeText"),
    ("accessibilityFeature", "ARIA"),
    ("accessibilityFeature", "displayTransformability"),
    ("accessibilityFeature", "longDescription"),
    ("accessibilityFeature", "MathML"),
    ("accessibilityFeature", "readingOrder"),
    ("accessibilityFeature", "structuralNavigation"),
    ("accessibilityFeature", "tableOfContents"),
    ("accessibilityHazard", "none"),
    (
        "accessibilitySummary",
        "Every figure has a title, a description and a table of its data. Formulas are MathML. Headings and the table of contents follow the chapters.",
    ),
];

fn package(about: &About, content: &Content) -> String {
    let mut metadata = format!(
        "<dc:identifier id=\"id\">{}</dc:identifier>\n<dc:title>{}</dc:title>\n<dc:language>{}</dc:language>\n",
        identifier(about),
        xml(&about.title),
        xml(&about.language)
    );
    let mut add = |name: &str, value: &str| {
        metadata.push_str(&format!("<dc:{name}>{}</dc:{name}>\n", xml(value)));
    };
    about.authors.iter().for_each(|author| add("creator", author));
    about.description.iter().for_each(|text| add("description", text));
    about.rights.iter().for_each(|text| add("rights", text));
    about.source.iter().for_each(|text| add("source", text));
    add("date", about.modified.get(..10).unwrap_or(&about.modified));
    metadata.push_str(&format!(
        "<meta property=\"dcterms:modified\">{}</meta>\n<meta name=\"cover\" content=\"cover\"/>\n",
        xml(&about.modified)
    ));
    for (property, value) in ACCESSIBILITY {
        metadata.push_str(&format!("<meta property=\"schema:{property}\">{value}</meta>\n"));
    }
    let (manifest, spine) = listed(content);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="{}" prefix="schema: http://schema.org/">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
{metadata}</metadata>
<manifest>
{manifest}</manifest>
<spine toc="ncx">
{spine}</spine>
</package>
"#,
        xml(&about.language)
    )
}

/// A name for the book that stays the same from one edition to the next.
fn identifier(about: &About) -> String {
    let digest = Sha256::digest(format!("{}\n{}", about.title, about.language));
    let mut bytes: [u8; 16] = std::array::from_fn(|i| digest[i]);
    // A UUID of one's own making: version 8, variant 1.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &hex[range]);
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}

/// The manifest and the spine.
fn listed(content: &Content) -> (String, String) {
    let mut manifest = String::from(
        r#"<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="cover" href="cover.svg" media-type="image/svg+xml" properties="cover-image"/>
<item id="cover-page" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="title-page" href="title.xhtml" media-type="application/xhtml+xml"/>
<item id="style" href="book.css" media-type="text/css"/>
"#,
    );
    let mut spine = String::from(
        "<itemref idref=\"cover-page\"/>\n<itemref idref=\"title-page\"/>\n<itemref idref=\"nav\"/>\n",
    );
    for (i, page) in content.pages.iter().enumerate() {
        let properties = match (page.has_maths, page.has_drawings) {
            (true, true) => " properties=\"mathml svg\"",
            (true, false) => " properties=\"mathml\"",
            (false, true) => " properties=\"svg\"",
            (false, false) => "",
        };
        manifest.push_str(&format!(
            "<item id=\"page-{i}\" href=\"{}\" media-type=\"application/xhtml+xml\"{properties}/>\n",
            xml(&address(&page.path))
        ));
        spine.push_str(&format!("<itemref idref=\"page-{i}\"/>\n"));
    }
    for (i, path) in content.files.keys().enumerate() {
        manifest.push_str(&format!(
            "<item id=\"picture-{i}\" href=\"{}\" media-type=\"{}\"/>\n",
            xml(&address(path)),
            media_type(path)
        ));
    }
    (manifest, spine)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or("").to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        _ => "image/png",
    }
}

/// A page of XHTML.
fn document(language: &str, title: &str, up: &str, body: &str) -> String {
    let language = xml(language);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}" xml:lang="{language}">
<head><meta charset="UTF-8"/><title>{}</title><link rel="stylesheet" type="text/css" href="{up}book.css"/></head>
<body>{body}</body>
</html>
"#,
        xml(title)
    )
}

/// Parts, chapters and pages; then what every reading system looks for.
fn navigation(about: &About, content: &Content) -> String {
    let mut body = format!(
        "<nav epub:type=\"toc\" role=\"doc-toc\" aria-labelledby=\"contents\"><h1 id=\"contents\">Contents</h1>{}</nav>",
        list(&content.contents)
    );
    if !about.planned.is_empty() {
        body.push_str(&format!(
            "<p class=\"planned\">Planned, and not yet written: {}.</p>",
            about
                .planned
                .iter()
                .map(|t| xml(t.trim_end_matches(['.', '?'])))
                .collect::<Vec<_>>()
                .join("; ")
        ));
    }
    let mut landmarks = String::from(
        "<li><a epub:type=\"cover\" href=\"cover.xhtml\">Cover</a></li><li><a epub:type=\"titlepage\" href=\"title.xhtml\">Title page</a></li><li><a epub:type=\"toc\" href=\"#contents\">Contents</a></li>",
    );
    let mut landmark = |kind: &str, title: &str, path: &str| {
        let path = xml(&address(path));
        landmarks
            .push_str(&format!("<li><a epub:type=\"{kind}\" href=\"{path}\">{title}</a></li>"));
    };
    // The body begins with the first chapter of the first part.
    let first = content.contents.iter().find_map(|e| match &e.path {
        None => e.below.first().and_then(|e| e.path.as_deref()),
        Some(_) => None,
    });
    if let Some(path) = first.or(content.pages.first().map(|p| p.path.as_str())) {
        landmark("bodymatter", "Start of the text", path);
    }
    for (kind, title, path) in [
        ("glossary", "Glossary", "text/glossary.xhtml"),
        ("bibliography", "References", "text/references.xhtml"),
    ] {
        if content.pages.iter().any(|page| page.path == path) {
            landmark(kind, title, path);
        }
    }
    body.push_str(&format!(
        "<nav epub:type=\"landmarks\" aria-label=\"Landmarks\" hidden=\"hidden\"><ol>{landmarks}</ol></nav>"
    ));
    document(&about.language, "Contents", "", &body)
}

fn list(entries: &[Entry]) -> String {
    let items = entries.iter().map(|entry| {
        let title = xml(&entry.title);
        let line = match &entry.path {
            Some(path) => format!("<a href=\"{}\">{title}</a>", xml(&address(path))),
            None => format!("<span>{title}</span>"),
        };
        let below = if entry.below.is_empty() { String::new() } else { list(&entry.below) };
        format!("<li>{line}{below}</li>")
    });
    format!("<ol>{}</ol>", items.collect::<String>())
}

/// The table of contents once more, for reading systems of the last generation.
fn ncx(about: &About, content: &Content) -> String {
    let mut order = 0;
    let points: String = content.contents.iter().map(|e| point(e, &mut order)).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang="{}">
<head><meta name="dtb:uid" content="{}"/></head>
<docTitle><text>{}</text></docTitle>
<navMap>{points}</navMap>
</ncx>
"#,
        xml(&about.language),
        identifier(about),
        xml(&about.title)
    )
}

fn point(entry: &Entry, order: &mut usize) -> String {
    // A part leads to its first chapter, and is its neighbour in the order of reading.
    let path = entry.path.as_deref().or(entry.below.first().and_then(|e| e.path.as_deref()));
    *order += 1;
    let number = *order;
    if entry.path.is_none() {
        *order -= 1;
    }
    let below: String = entry.below.iter().map(|e| point(e, order)).collect();
    let class = if entry.path.is_none() { "part" } else { "page" };
    format!(
        "<navPoint id=\"{class}-{number}\" playOrder=\"{number}\"><navLabel><text>{}</text></navLabel><content src=\"{}\"/>{below}</navPoint>",
        xml(&entry.title),
        xml(&address(path.unwrap_or("title.xhtml")))
    )
}

fn title_page(about: &About) -> String {
    let paragraph = |class: &str, text: &str| format!("<p class=\"{class}\">{}</p>", xml(text));
    let mut body = format!("<h1>{}</h1>", xml(&about.title));
    about.description.iter().for_each(|text| body.push_str(&paragraph("description", text)));
    if !about.authors.is_empty() {
        body.push_str(&paragraph("authors", &about.authors.join(", ")));
    }
    let date = provenance::long_date(&about.modified);
    body.push_str(&paragraph("date", &format!("The newest result is of {date}.")));
    about.rights.iter().for_each(|text| body.push_str(&paragraph("rights", text)));
    if let Some(source) = &about.source {
        let source = xml(source);
        body.push_str(&format!("<p class=\"source\"><a href=\"{source}\">{source}</a></p>"));
    }
    let body = format!("<section epub:type=\"titlepage\" class=\"title-page\">{body}</section>");
    document(&about.language, &about.title, "", &body)
}

fn cover_page(about: &About) -> String {
    let body = format!(
        "<section epub:type=\"cover\" class=\"cover\"><img src=\"cover.svg\" role=\"doc-cover\" alt=\"Cover of {}\"/></section>",
        xml(&about.title)
    );
    document(&about.language, "Cover", "", &body)
}

/// The cover: squares that stand for few large features on the left and for many small
/// parameters on the right, and the title.
fn cover(about: &About) -> String {
    let squares: String = (0..6).map(squares).collect();
    let mut lines = String::new();
    for (i, line) in wrapped(&about.title, 13).iter().enumerate() {
        let y = 250 + 96 * i;
        lines.push_str(&format!("<text x=\"80\" y=\"{y}\">{}</text>", xml(line)));
    }
    format!(
        r##"<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 1200" width="800" height="1200" role="img">
<title>{title}</title>
<rect width="800" height="1200" fill="#14293d"/>
<rect x="80" y="96" width="96" height="10" fill="#ff8f52"/>
<g font-family="Open Sans, Helvetica, Arial, sans-serif" font-size="84" font-weight="700" fill="#ffffff">{lines}</g>
{squares}</svg>
"##,
        title = xml(&about.title)
    )
}

/// A column of squares: 4, 16, 64 … that cover the same area.
fn squares(column: u32) -> String {
    const COLOURS: [&str; 6] = ["#ff8f52", "#f0b63a", "#2fc79a", "#56b4e9", "#7ec4ee", "#b9dcf5"];
    let x = 80.0 + 112.0 * f64::from(column);
    let split = 1 << column;
    let (columns, rows) = (split, 4 * split);
    let cell = 104.0 / f64::from(columns);
    let side = cell * 0.84;
    let mut path = String::new();
    for row in 0..rows {
        for at in 0..columns {
            let (left, top) = (x + cell * f64::from(at), 690.0 + cell * f64::from(row));
            path.push_str(&format!("M{left:.1} {top:.1}h{side:.1}v{side:.1}h-{side:.1}z"));
        }
    }
    format!("<path d=\"{path}\" fill=\"{}\"/>\n", COLOURS[column as usize % COLOURS.len()])
}

/// A text in lines of at most so many characters, where its words allow.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
