//! From the HTML of a page to XHTML, through an HTML parser.
//!
//! The parser gives drawings their capital letters back (`viewbox` becomes `viewBox`), closes what
//! is open, and decodes every reference. What is written is well-formed XML in three name spaces. On the
//! way links between pages change their ending, formulas become their MathML, embedded pictures become
//! files, and variables become colours ([`super::colours`]).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use notebook::escape::xml;
use scraper::node::Element;
use scraper::{ElementRef, Html, Node};
use sha2::{Digest as _, Sha256};

use super::colours::{self, Colours};
use crate::text::{normalize, slashes};

const HTML: &str = "http://www.w3.org/1999/xhtml";
const SVG: &str = "http://www.w3.org/2000/svg";
const MATHML: &str = "http://www.w3.org/1998/Math/MathML";
/// Elements that an EPUB has no use for, with all that is in them.
const LEFT_OUT: [&str; 15] = [
    "script", "style", "link", "meta", "button", "template", "noscript", "iframe", "object",
    "embed", "dialog", "form", "select", "textarea", "canvas",
];
/// Elements that never hold anything.
const VOID: [&str; 8] = ["br", "hr", "img", "input", "col", "wbr", "area", "source"];
/// Attributes that name several ids.
const IDS: [&str; 4] = ["headers", "aria-labelledby", "aria-describedby", "aria-owns"];

/// A page as it stands in the EPUB.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// `text/14-parameters/where.xhtml`.
    pub path: String,
    /// The text of the first heading, with the page's number.
    pub title: String,
    /// What stands in the body.
    pub body: String,
    /// Does it hold MathML?
    pub has_maths: bool,
    /// Does it hold a drawing?
    pub has_drawings: bool,
}

/// Every page, and what they need.
#[derive(Debug, Default)]
pub struct Converted {
    /// The pages, in their order.
    pub pages: Vec<Page>,
    /// Pictures, by their path in the EPUB.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Which variables give which property its colour.
    pub colours: BTreeSet<colours::Use>,
}

/// Converts pages, given as path, number and HTML; other files stand in the folder `site`.
///
/// # Errors
/// A picture that cannot be read.
pub fn convert(
    pages: &[(String, Option<String>, String)],
    site: &Path,
    colours: &Colours,
) -> anyhow::Result<Converted> {
    let documents: Vec<Html> =
        pages.iter().map(|(_, _, html)| Html::parse_document(html)).collect();
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for ((path, ..), document) in pages.iter().zip(&documents) {
        let found = ids.entry(path).or_default();
        collect_ids(document.root_element(), found);
    }
    let mut converted = Converted::default();
    for ((path, number, _), document) in pages.iter().zip(&documents) {
        let mut writer = Writer {
            path,
            number: number.clone(),
            ids: &ids,
            first: pages.first().map_or("", |(path, ..)| path),
            site,
            colours,
            converted: &mut converted,
            page: Page { path: xhtml_path(path), ..Page::default() },
        };
        writer.children(body(document), HTML)?;
        let mut page = writer.page;
        page.title = title(document, number.as_deref()).unwrap_or_else(|| path.to_string());
        converted.pages.push(page);
    }
    Ok(converted)
}

/// `14-parameters/where.html` becomes `text/14-parameters/where.xhtml`.
pub fn xhtml_path(path: &str) -> String {
    format!("text/{}.xhtml", path.strip_suffix(".html").unwrap_or(path))
}

fn body(document: &Html) -> ElementRef<'_> {
    let root = document.root_element();
    root.child_elements().find(|e| e.value().name() == "body").unwrap_or(root)
}

fn title(document: &Html, number: Option<&str>) -> Option<String> {
    let heading =
        document.root_element().descendent_elements().find(|e| e.value().name() == "h1")?;
    let text = heading.text().collect::<String>();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(number.map_or(text.clone(), |number| format!("{number} {text}")))
}

fn collect_ids(element: ElementRef<'_>, ids: &mut BTreeSet<String>) {
    if is_left_out(element.value()) || is_of_formula(element.value()) {
        return;
    }
    ids.extend(element.value().id().map(xml_name));
    element.child_elements().for_each(|child| collect_ids(child, ids));
}

/// Is it for a screen with scripts, or the narrow one of two layouts?
fn is_left_out(element: &Element) -> bool {
    let (html, svg) = (namespace(element) == HTML, namespace(element) == SVG);
    ((html || svg) && LEFT_OUT.contains(&element.name()))
        || element.attr("hidden").is_some()
        || element.attr("data-layout") == Some("narrow")
        || ["figure-narrow", "figure-tools"].iter().any(|class| has(element, class))
}

/// The rendering of a formula for the eye, which MathML replaces.
fn is_of_formula(element: &Element) -> bool {
    has(element, "katex-html")
}

fn has(element: &Element, class: &str) -> bool {
    element.classes().any(|c| c == class)
}

fn namespace(element: &Element) -> &'static str {
    match &*element.name.ns {
        SVG => SVG,
        MATHML => MATHML,
        _ => HTML,
    }
}

/// An id as XML wants it: a name.
pub fn xml_name(id: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = id.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let opens = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if opens { name } else { format!("n{name}") }
}

struct Writer<'a> {
    path: &'a str,
    number: Option<String>,
    ids: &'a BTreeMap<&'a str, BTreeSet<String>>,
    first: &'a str,
    site: &'a Path,
    colours: &'a Colours,
    converted: &'a mut Converted,
    page: Page,
}

impl Writer<'_> {
    fn children(&mut self, parent: ElementRef<'_>, space: &str) -> anyhow::Result<()> {
        for child in parent.children() {
            match child.value() {
                Node::Text(text) => self.page.body.push_str(&xml(text)),
                Node::Element(_) => {
                    if let Some(element) = ElementRef::wrap(child) {
                        self.element(element, space)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn element(&mut self, element: ElementRef<'_>, space: &str) -> anyhow::Result<()> {
        let value = element.value();
        let own = namespace(value);
        if is_left_out(value) || is_of_formula(value) {
            return Ok(());
        }
        match (own, value.name()) {
            (HTML, "input") => {
                let ticked = value.attr("checked").is_some();
                self.page.body.push_str(if ticked { "☑ " } else { "☐ " });
                return Ok(());
            }
            // The link of a heading to itself, and what KaTeX wraps around its MathML.
            (HTML, "a") if has(value, "header") => return self.children(element, space),
            (HTML, "span") if has(value, "katex") || has(value, "katex-mathml") => {
                return self.children(element, space);
            }
            (HTML | SVG, "a") if self.target(value).is_none() => {
                return self.children(element, space);
            }
            (SVG, "svg") => self.page.has_drawings = true,
            (MATHML, "math") => self.page.has_maths = true,
            _ => {}
        }
        self.open(value, own, space)?;
        if (own, value.name()) == (SVG, "a") {
            let title = element.text().collect::<Vec<_>>().join(" ");
            let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
            self.page.body.push_str(&format!(" xlink:title=\"{}\"", xml(&title)));
        }
        if own == HTML && VOID.contains(&value.name()) || own != HTML && !element.has_children() {
            self.page.body.push_str("/>");
            return Ok(());
        }
        self.page.body.push('>');
        if own == HTML
            && value.name() == "h1"
            && let Some(number) = self.number.take()
        {
            self.page.body.push_str(&format!("<span class=\"number\">{number}</span> "));
        }
        let folds = self.inside(element, own)?;
        self.page.body.push_str(&format!("</{}>", value.name()));
        folds.into_iter().try_for_each(|fold| self.element(fold, space))
    }

    /// Writes what an element holds. A figure's folds are given back: beside a caption that is not the
    /// last thing in its figure, XHTML has no place for them.
    fn inside<'t>(
        &mut self,
        element: ElementRef<'t>,
        own: &str,
    ) -> anyhow::Result<Vec<ElementRef<'t>>> {
        if element.value().name() != "figure" {
            self.children(element, own)?;
            return Ok(Vec::new());
        }
        let mut folds = Vec::new();
        for child in element.child_elements() {
            if child.value().name() == "details" {
                folds.push(child);
            } else {
                self.element(child, own)?;
            }
        }
        Ok(folds)
    }

    /// The opening tag, without its last bracket.
    fn open(&mut self, element: &Element, own: &str, around: &str) -> anyhow::Result<()> {
        let mut attributes = BTreeMap::new();
        let mut paint_order = None;
        let mut classes: Vec<String> = element.classes().map(str::to_owned).collect();
        for (name, value) in &element.attrs {
            let (local, value) = (&*name.local, &**value);
            match local {
                "class" | "xmlns" => {}
                "href" | "src" => {
                    if let Some(target) = self.address(element, local, value)? {
                        let name = if own == SVG { "xlink:href" } else { local };
                        attributes.insert(name.to_owned(), target);
                    }
                }
                "fill" | "stroke" => {
                    let colour = self.colour(local, value, &mut classes);
                    attributes.insert(local.to_owned(), colour);
                }
                "style" => self.style(value, own, &mut classes, &mut attributes),
                // SVG 1.1 knows neither as an attribute; as a style, what is unknown is passed over.
                "role" if own == SVG && value == "group" => {}
                "paint-order" if own == SVG => paint_order = Some(value),
                "id" | "for" => {
                    attributes.insert(local.to_owned(), xml_name(value));
                }
                _ if IDS.contains(&local) => {
                    let names: Vec<String> = value.split_whitespace().map(xml_name).collect();
                    attributes.insert(local.to_owned(), names.join(" "));
                }
                _ if is_kept(local) => {
                    attributes.insert(local.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        if let Some(order) = paint_order {
            let style = attributes.remove("style").map_or(String::new(), |style| style + "; ");
            attributes.insert("style".to_owned(), format!("{style}paint-order: {order}"));
        }
        // As on paper: nobody chooses, so that the answer stands below the options.
        if classes.iter().any(|class| class == "check-answer") {
            attributes.insert("open".to_owned(), "open".to_owned());
        }
        if !classes.is_empty() {
            attributes.insert("class".to_owned(), classes.join(" "));
        }
        if own == HTML
            && let Some(language) = attributes.get("lang").cloned()
        {
            attributes.insert("xml:lang".to_owned(), language);
        }
        if own != around {
            attributes.insert("xmlns".to_owned(), own.to_owned());
            if own == SVG {
                attributes.insert("xmlns:xlink".into(), "http://www.w3.org/1999/xlink".into());
            }
        }
        self.page.body.push_str(&format!("<{}", element.name()));
        for (name, value) in attributes {
            self.page.body.push_str(&format!(" {name}=\"{}\"", xml(&value)));
        }
        Ok(())
    }

    /// A colour, and a class for the variable that it came from.
    fn colour(&mut self, property: &str, value: &str, classes: &mut Vec<String>) -> String {
        if let Some((name, fallback)) = colours::variable(value) {
            let fallback = self.colours.light(fallback);
            classes.push(colours::class(property, name));
            self.converted.colours.insert((property.to_owned(), name.to_owned(), fallback));
        }
        self.colours.light(value)
    }

    /// A `style` attribute: declarations with variables become classes.
    fn style(
        &mut self,
        style: &str,
        own: &str,
        classes: &mut Vec<String>,
        attributes: &mut BTreeMap<String, String>,
    ) {
        let mut kept = Vec::new();
        for declaration in style.split(';').map(str::trim).filter(|d| !d.is_empty()) {
            match declaration.split_once(':') {
                Some((property, value)) if colours::variable(value).is_some() => {
                    let property = property.trim();
                    let colour = self.colour(property, value, classes);
                    if own == SVG {
                        attributes.insert(property.to_owned(), colour);
                    }
                }
                _ => kept.push(declaration),
            }
        }
        if !kept.is_empty() {
            attributes.insert("style".to_owned(), kept.join("; "));
        }
    }

    /// What an address becomes; nothing for a picture that is left out.
    fn address(
        &mut self,
        element: &Element,
        name: &str,
        value: &str,
    ) -> anyhow::Result<Option<String>> {
        match (element.name(), name) {
            ("a", _) => Ok(self.target(element)),
            ("img", "src") | ("image", "href") => self.picture(value).map(Some),
            // `<use href="#…">` and gradients.
            _ if value.starts_with('#') => Ok(Some(format!("#{}", xml_name(&value[1..])))),
            _ => Ok(None),
        }
    }

    /// Where a link leads from this page; nothing where the EPUB does not hold it.
    fn target(&self, element: &Element) -> Option<String> {
        let href = element.attrs.iter().find(|(name, _)| &*name.local == "href").map(|a| &*a.1)?;
        if ["http:", "https:", "mailto:"].iter().any(|scheme| href.starts_with(scheme)) {
            return Some(href.to_owned());
        }
        let (path, fragment) = href.split_once('#').unwrap_or((href, ""));
        let folder = Path::new(self.path).parent().unwrap_or(Path::new(""));
        let mut page = match path {
            "" => self.path.to_owned(),
            path => slashes(&normalize(&folder.join(path.replace("%20", " ")))),
        };
        if page.is_empty() || path.ends_with('/') {
            page = format!("{page}/index.html").trim_start_matches('/').to_owned();
        }
        if page == "index.html" && !self.ids.contains_key("index.html") {
            page = self.first.to_owned(); // mdBook's copy of the first page
        }
        let ids = self.ids.get(page.as_str())?;
        let to = crate::text::href(Path::new(self.path), Path::new(&page));
        let file = if page == self.path { String::new() } else { to.replace(".html", ".xhtml") };
        let name = xml_name(&percent_decoded(fragment));
        match (fragment.is_empty(), ids.contains(&name)) {
            (true, _) if file.is_empty() => None,
            (false, true) => Some(format!("{file}#{name}")),
            (false, false) if file.is_empty() => None,
            _ => Some(file),
        }
    }

    /// Takes a picture into the EPUB, and gives its address from this page.
    fn picture(&mut self, address: &str) -> anyhow::Result<String> {
        let up = "../".repeat(self.page.path.matches('/').count());
        let (path, bytes) = if let Some(data) = address.strip_prefix("data:image/") {
            let (kind, data) =
                data.split_once(";base64,").context("a picture is not in base 64")?;
            let data: String = data.split_whitespace().collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(data)?;
            let name: String =
                Sha256::digest(&bytes).iter().take(8).map(|b| format!("{b:02x}")).collect();
            let ending = kind.split('+').next().unwrap_or(kind);
            (format!("images/{name}.{ending}"), bytes)
        } else {
            let folder = Path::new(self.path).parent().unwrap_or(Path::new(""));
            let path = normalize(&folder.join(address));
            let bytes = fs::read(self.site.join(&path)).with_context(|| {
                format!("{}: the picture {address} cannot be read; correct its path", self.path)
            })?;
            (format!("images/{}", slashes(&path)), bytes)
        };
        self.converted.files.insert(path.clone(), bytes);
        Ok(format!("{up}{path}"))
    }
}

/// Is the attribute one that a reading system knows, with a name that XML can write?
fn is_kept(name: &str) -> bool {
    let unknown =
        ["loading", "decoding", "fetchpriority", "popover", "inert", "download", "target"];
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !name.starts_with("on")
        && !name.starts_with("data-")
        && !unknown.contains(&name)
}

/// `caf%C3%A9` is `café`.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(html: &str) -> Converted {
        let pages = [
            ("a/index.html".to_owned(), Some("1".to_owned()), html.to_owned()),
            ("b.html".to_owned(), None, "<h1 id='6-x'>B</h1>".to_owned()),
        ];
        convert(&pages, Path::new("."), &Colours::default()).unwrap()
    }

    fn body(html: &str) -> String {
        converted(html).pages[0].body.trim().to_owned()
    }

    #[test]
    fn what_is_written_is_xml() {
        assert_eq!(body("a<br>&nbsp;&amp;<hr>"), "a<br/>\u{a0}&amp;<hr/>");
        assert_eq!(body("<p>one<p>two"), "<p>one</p><p>two</p>");
        assert_eq!(body("<td>x</td><b></b>"), "x<b></b>");
        assert_eq!(
            body("<p class=x data-y=1 onclick=z title='\"'>"),
            "<p class=\"x\" title=\"&quot;\"></p>"
        );
        assert_eq!(body("<p>a\u{c}\u{1}b</p>"), "<p>ab</p>");
    }

    #[test]
    fn a_drawing_gets_its_letters_and_name_space() {
        let text = body("<svg viewbox='0 0 1 1'><a href='../b.html'><rect/></a></svg>");
        assert_eq!(
            text,
            "<svg viewBox=\"0 0 1 1\" xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"><a xlink:href=\"../b.xhtml\" xlink:title=\"\"><rect/></a></svg>"
        );
    }

    #[test]
    fn a_formula_is_its_mathml() {
        let text = body(
            "<span class=katex><span class=katex-mathml><math><mi>x</mi></math></span><span class=katex-html>x</span></span>",
        );
        assert_eq!(text, "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><mi>x</mi></math>");
    }

    #[test]
    fn links_lead_to_pages_and_ids_that_exist() {
        assert_eq!(body("<a href='../b.html#6-x'>b</a>"), "<a href=\"../b.xhtml#n6-x\">b</a>");
        assert_eq!(body("<a href='../b.html#none'>b</a>"), "<a href=\"../b.xhtml\">b</a>");
        assert_eq!(body("<a href='../print.html'>b</a>"), "b");
        assert_eq!(
            body("<a href='#x y'>b</a><i id='x y'></i>"),
            "<a href=\"#x-y\">b</a><i id=\"x-y\"></i>"
        );
        assert_eq!(
            body("<a href='https://example.org/?a&amp;b'>b</a>"),
            "<a href=\"https://example.org/?a&amp;b\">b</a>"
        );
    }

    #[test]
    fn what_needs_a_script_or_is_narrow_is_left_out() {
        let text = body(
            "<button>x</button><script>y</script><svg data-layout=narrow></svg><p hidden>z</p>",
        );
        assert_eq!(text, "");
    }

    #[test]
    fn an_answer_stands_open() {
        let text = body("<details class=check-answer><summary>s</summary>a</details>");
        assert_eq!(
            text,
            "<details class=\"check-answer\" open=\"open\"><summary>s</summary>a</details>"
        );
    }

    #[test]
    fn the_heading_gets_its_number() {
        let page =
            &converted("<h1 id=a><a class=header href='#a'>On <code>x</code></a></h1><h1>B</h1>")
                .pages[0];
        assert_eq!(page.title, "1 On x");
        assert_eq!(
            page.body,
            "<h1 id=\"a\"><span class=\"number\">1</span> On <code>x</code></h1><h1>B</h1>"
        );
    }

    #[test]
    fn variables_become_classes_and_pictures_files() {
        let all = converted(
            "<svg><rect fill='var(--f-1, #111)' style='stroke:var(--e, #222);stroke-width:2'/><image href='data:image/png;base64,AAAA'/></svg>",
        );
        let body = &all.pages[0].body;
        assert!(body.contains("<rect class=\"fill-f-1 stroke-e\" fill=\"#111\" stroke=\"#222\" style=\"stroke-width:2\"/>"), "{body}");
        assert_eq!(all.colours.len(), 2);
        let (path, bytes) = all.files.first_key_value().unwrap();
        assert_eq!(bytes, &[0, 0, 0]);
        assert!(body.contains(&format!("xlink:href=\"../../{path}\"")), "{body}");
    }

    #[test]
    fn what_svg_and_xhtml_do_not_know_is_said_otherwise() {
        let text = body("<svg role=group><text paint-order=stroke style='x:y'>a</text></svg>");
        assert!(
            text.starts_with("<svg xmlns") && text.contains("style=\"x:y; paint-order: stroke\""),
            "{text}"
        );
        let text = body("<figure><b>a</b><figcaption>c</figcaption><details>d</details></figure>e");
        assert_eq!(
            text,
            "<figure><b>a</b><figcaption>c</figcaption></figure><details>d</details>e"
        );
    }

    #[test]
    fn percent_signs_are_decoded() {
        assert_eq!(percent_decoded("caf%C3%A9%"), "café%");
    }
}
