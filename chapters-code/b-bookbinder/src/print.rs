//! The print page: the content of all pages on one, with ids that stay unique and links that stay on
//! it, as mdBook makes it (`html/print.rs` of mdbook-html 0.5) from pages that it has just parsed. Here
//! the pages are written already, in the one form that mdBook writes.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use notebook::escape::text;
use regex::Regex;

use crate::text::{normalize, slashes};

/// What mdBook puts between two pages.
const BREAK: &str = r#"<div style="break-before: page; page-break-before: always;"></div>"#;

/// Elements before which mdBook begins a line.
const ON_A_LINE: [&str; 21] = [
    "blockquote",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "thead",
    "tr",
    "ul",
];

static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?P<scheme>[a-z][a-z0-9+.-]*:)?(?P<path>[^#]+)?(?:#(?P<anchor>.*))?").ok()
});

/// A rendered page.
#[derive(Debug)]
pub struct Page<'a> {
    /// Where it is, from the book's root: `14-parameters/index.html`.
    pub path: PathBuf,
    /// Its title in the list of contents.
    pub name: &'a str,
    /// What stands between header and footer.
    pub content: String,
}

/// The content of the print page.
pub fn content<'a>(pages: impl Iterator<Item = Page<'a>>) -> String {
    let mut ids = Ids::default();
    let mut read: Vec<Read<'a>> = pages.map(|page| Read::of(page, &mut ids)).collect();
    let mut roots = HashMap::new();
    for page in &mut read {
        let root = page.root(&mut ids);
        roots.insert(page.path.clone(), root);
    }
    let renamed: HashMap<PathBuf, HashMap<String, String>> = read
        .iter_mut()
        .map(|page| (page.path.clone(), std::mem::take(&mut page.renamed)))
        .collect();
    let mut whole = String::new();
    for page in &mut read {
        page.follow_links(&renamed, &roots);
        if !whole.is_empty() {
            whole.push_str(BREAK);
        }
        page.write(&mut whole);
    }
    whole
}

/// The ids that are taken, each with the last number that was added to it.
#[derive(Debug, Default)]
struct Ids {
    used: HashSet<String>,
    last: HashMap<String, u32>,
}

impl Ids {
    /// The id, or the id with the first number that makes it a new one.
    fn unique(&mut self, id: &str) -> String {
        if self.used.insert(id.to_owned()) {
            return id.to_owned();
        }
        // A number that was taken stays taken.
        let last = self.last.entry(id.to_owned()).or_default();
        loop {
            *last += 1;
            let candidate = format!("{id}-{last}");
            if self.used.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

/// The start of an element.
#[derive(Debug)]
struct Tag {
    name: Range<usize>,
    /// Names and values, as they are written.
    attributes: Vec<(Range<usize>, Range<usize>)>,
}

/// A page whose elements are known.
struct Read<'a> {
    path: PathBuf,
    name: &'a str,
    content: String,
    /// What links from it: a value of an attribute.
    links: Vec<Range<usize>>,
    /// Texts that take the place of others.
    edits: Vec<(Range<usize>, String)>,
    renamed: HashMap<String, String>,
    /// The id of its title, as it was renamed.
    title: Option<String>,
    /// A title that is put before it.
    lead: String,
}

impl<'a> Read<'a> {
    fn of(page: Page<'a>, ids: &mut Ids) -> Self {
        let Page { path, name, content } = page;
        let (mut links, mut edits, mut renamed) = (Vec::new(), Vec::new(), HashMap::new());
        let mut title = None;
        let mut seen_heading = false;
        for tag in tags(&content) {
            let element = &content[tag.name];
            let mut id = None;
            for (attribute, value) in tag.attributes {
                match &content[attribute] {
                    "id" => {
                        let old = decoded(&content[value.clone()]);
                        let new = ids.unique(&old);
                        if new != old {
                            edits.push((value, encoded(&new)));
                            renamed.insert(old, new.clone());
                        }
                        id = Some(new);
                    }
                    "href" | "src" | "xlink:href" if matches!(element, "a" | "img") => {
                        links.push(value);
                    }
                    _ => {}
                }
            }
            if !seen_heading && matches!(element, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
                seen_heading = true;
                title = id.filter(|_| element == "h1");
            }
        }
        Read { path, name, content, links, edits, renamed, title, lead: String::new() }
    }

    /// The id at the page's start, where one is made if it has none.
    fn root(&mut self, ids: &mut Ids) -> String {
        if let Some(title) = &self.title {
            return title.clone();
        }
        let id = ids.unique(&id_of(self.name));
        let (value, name) = (encoded(&id), text(self.name));
        self.lead =
            format!("<h1 id=\"{value}\"><a href=\"#{value}\" class=\"header\">{name}</a></h1>\n");
        id
    }

    /// Lets links to pages lead to places on the print page, and others start from there.
    fn follow_links(
        &mut self,
        renamed: &HashMap<PathBuf, HashMap<String, String>>,
        roots: &HashMap<PathBuf, String>,
    ) {
        for value in std::mem::take(&mut self.links) {
            let link = decoded(&self.content[value.clone()]);
            if let Some(changed) = followed(&self.path, &link, renamed, roots) {
                self.edits.push((value, encoded(&changed)));
            }
        }
    }

    fn write(&mut self, whole: &mut String) {
        let text = if self.lead.is_empty() { &self.content } else { &self.lead };
        let name: String = text.chars().skip(1).take_while(|c| c.is_ascii_alphanumeric()).collect();
        if text.starts_with('<')
            && ON_A_LINE.contains(&name.as_str())
            && !whole.is_empty()
            && !whole.ends_with('\n')
        {
            whole.push('\n');
        }
        whole.push_str(&self.lead);
        self.edits.sort_by_key(|(place, _)| place.start);
        let mut at = 0;
        for (place, text) in &self.edits {
            whole.push_str(&self.content[at..place.start]);
            whole.push_str(text);
            at = place.end;
        }
        whole.push_str(&self.content[at..]);
    }
}

/// Where a link leads on the print page; none, where it stays as it is.
fn followed(
    page: &Path,
    link: &str,
    renamed: &HashMap<PathBuf, HashMap<String, String>>,
    roots: &HashMap<PathBuf, String>,
) -> Option<String> {
    let parts = LINK.as_ref()?.captures(link)?;
    if parts.name("scheme").is_some() {
        return None;
    }
    let anchor = parts.name("anchor").map(|anchor| anchor.as_str());
    let mut target = page.to_owned();
    if let Some(path) = parts.name("path") {
        target = normalize(&page.parent().unwrap_or(Path::new("")).join(path.as_str()));
        if !roots.contains_key(&target) {
            let anchor = anchor.map_or_else(String::new, |anchor| format!("#{anchor}"));
            return Some(slashes(&target) + &anchor);
        }
    }
    let id = match anchor {
        Some(anchor) => {
            renamed.get(&target).and_then(|ids| ids.get(anchor)).map_or(anchor, |id| id)
        }
        None => roots.get(&target)?,
    };
    Some(format!("#{id}"))
}

/// The elements of a page as mdBook writes it: every value is quoted, every `<` of a text escaped.
fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|i| at + i) {
        if html[start..].starts_with("<!--") {
            at = html[start..].find("-->").map_or(html.len(), |i| start + i + 3);
            continue;
        }
        at = start + 1;
        let name = at..at + length(&html[at..], |c| !matches!(c, ' ' | '>' | '/' | '\n'));
        if !html[name.clone()].starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let mut attributes = Vec::new();
        at = name.end;
        while let Some((attribute, value)) = attribute(html, at) {
            at = value.end + 1;
            attributes.push((attribute, value));
        }
        if let raw @ ("script" | "style") = &html[name.clone()] {
            let end = format!("</{raw}");
            at = html[at..].find(&end).map_or(html.len(), |i| at + i);
        }
        found.push(Tag { name, attributes });
    }
    found
}

/// The attribute that comes next: ` name="value"`.
fn attribute(html: &str, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let start = at + length(&html[at..], |c| c.is_ascii_whitespace());
    let name = start..start + length(&html[start..], |c| !matches!(c, '=' | '>' | ' ' | '"'));
    let value = name.end + html[name.end..].strip_prefix("=\"").map(|_| 2)?;
    Some((name, value..value + html[value..].find('"')?))
}

/// How many bytes of the start are such characters.
fn length(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

/// The entities that mdBook writes in values, `&` the last to be read.
const ENTITIES: [(&str, &str); 6] = [
    ("<", "&lt;"),
    (">", "&gt;"),
    ("'", "&#39;"),
    ("\"", "&quot;"),
    ("\\", "&#92;"),
    ("&", "&amp;"),
];

fn decoded(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    ENTITIES.iter().fold(value.to_owned(), |text, (c, entity)| text.replace(entity, c))
}

fn encoded(value: &str) -> String {
    ENTITIES.iter().rev().fold(value.to_owned(), |text, (c, entity)| text.replace(c, entity))
}

/// The id that mdBook makes of a title.
fn id_of(title: &str) -> String {
    let kept = |c: char| match c {
        '_' | '-' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    };
    title.trim().to_lowercase().chars().filter_map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page<'a>(path: &str, name: &'a str, content: &str) -> Page<'a> {
        Page { path: path.into(), name, content: content.into() }
    }

    #[test]
    fn ids_stay_unique_and_links_stay_on_the_page() {
        let one = "<h1 id=\"one\">One</h1>\n<p id=\"a\"><a href=\"b/two.html#a\">x</a> <a href=\"b/two.html\">y</a></p>\n";
        let two = "<h2 id=\"a\">Two</h2>\n<p><a href=\"#a\">x</a> <img src=\"p.svg\"> <a href=\"../one.html#a\">y</a> <a href=\"https://a.org/#a\">z</a></p>\n";
        let whole = content(
            [page("one.html", "One", one), page("b/two.html", "Two & \"a\"", two)].into_iter(),
        );
        assert_eq!(
            whole,
            format!(
                "<h1 id=\"one\">One</h1>\n<p id=\"a\"><a href=\"#a-1\">x</a> <a href=\"#two--a\">y</a></p>\n{BREAK}\n\
                 <h1 id=\"two--a\"><a href=\"#two--a\" class=\"header\">Two &amp; \"a\"</a></h1>\n\
                 <h2 id=\"a-1\">Two</h2>\n<p><a href=\"#a-1\">x</a> <img src=\"b/p.svg\"> <a href=\"#a\">y</a> <a href=\"https://a.org/#a\">z</a></p>\n"
            )
        );
    }

    #[test]
    fn what_only_looks_like_an_element_stays() {
        let raw = "<h1 id=\"t\">T</h1>\n<!-- <a href=\"x\"> --><script>let a = '<a href=\"x\">';</script><b title=\"a &lt;b id=&quot;t&quot;&gt;\">1 &lt; 2</b>";
        assert_eq!(content([page("t.html", "T", raw)].into_iter()), raw);
    }

    #[test]
    fn a_number_is_added_once() {
        let mut ids = Ids::default();
        let given = ["a", "a", "a-2", "a", "a"].map(|id| ids.unique(id));
        assert_eq!(given, ["a", "a-1", "a-2", "a-3", "a-4"]);
    }
}
