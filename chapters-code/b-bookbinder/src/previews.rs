//! What references lead to, for the previews that `assets/preview.js` shows: of each page what others
//! refer to, in a script of its own, which is loaded when a reader first asks for it. A script rather
//! than JSON, because a book opened from disk may load no other thing.
//!
//! ```text
//! previews/references.js   previews.set("references.html", {"ref-he2016": "<p>He, K., …</p>", …});
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::Context as _;
use regex::Regex;
use scraper::{ElementRef, Html, Selector};

use crate::text::{normalize, slashes};

/// The folder of the scripts, from the book's root.
pub const FOLDER: &str = "previews";

/// Links that have a preview: those that directives made.
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let classes = r##"<a class="(?:ref|citation|claim)" href="([^"#:]+)(?:#([^"]*))?""##;
    let term = r##"<dfn class="term"[^>]*><a href="([^"#:]+)#([^"]*)""##;
    Regex::new(&format!("{classes}|{term}")).ok()
});

/// What a preview leaves out of a figure: what folds or is pressed.
static LEFT_OUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?s)<details\b.*?</details>|<button\b.*?</button>|<p class=.provenance.*?</p>")
        .ok()
});

/// What pages refer to on other pages: for each page of the book, the ids; an empty one for the page itself.
pub type Wanted = BTreeMap<String, BTreeSet<String>>;

/// Adds what the page at `address` refers to on others.
pub fn collect(wanted: &mut Wanted, address: &str, html: &str) {
    let folder = Path::new(address).parent().unwrap_or(Path::new(""));
    for found in LINK.iter().flat_map(|link| link.captures_iter(html)) {
        let part = |a: usize, b: usize| found.get(a).or(found.get(b)).map_or("", |m| m.as_str());
        let page = slashes(&normalize(&folder.join(part(1, 3))));
        if page != address {
            wanted.entry(page).or_default().insert(part(2, 4).to_owned());
        }
    }
}

/// Writes the scripts of all pages into the book's folder.
///
/// # Errors
/// Where a page cannot be read, or a script not written.
pub fn write(folder: &Path, wanted: &Wanted) -> anyhow::Result<()> {
    let scripts = folder.join(FOLDER);
    fs::create_dir_all(&scripts)?;
    for (page, ids) in wanted {
        let Ok(html) = fs::read_to_string(folder.join(page)) else { continue };
        let file = scripts.join(file_of(page));
        fs::write(&file, script(page, &html, ids)?)
            .with_context(|| format!("{} cannot be written; free the folder", file.display()))?;
    }
    Ok(())
}

/// `02-features/colour.html` has `02-features-colour.js`.
fn file_of(page: &str) -> String {
    page.replace('/', "-").replace(".html", "") + ".js"
}

fn script(page: &str, html: &str, ids: &BTreeSet<String>) -> anyhow::Result<String> {
    let document = Html::parse_document(html);
    let parts: BTreeMap<&String, String> =
        ids.iter().filter_map(|id| Some((id, shown(&document, id)?))).collect();
    let (page, parts) = (serde_json::to_string(page)?, serde_json::to_string(&parts)?);
    Ok(format!("previews.set({page}, {parts});\n"))
}

/// What a preview of the element with this id shows; of a heading also the paragraph below it, of a term
/// its definition.
fn shown(document: &Html, id: &str) -> Option<String> {
    let first = |selector: &str| document.select(&Selector::parse(selector).ok()?).next();
    let element = match id {
        "" => first("main h1")?,
        id => document
            .select(&Selector::parse("main [id]").ok()?)
            .find(|e| e.attr("id") == Some(id))?,
    };
    let below = |name: &str| {
        let mut next = element.next_siblings().filter_map(ElementRef::wrap);
        next.find(|e| e.value().name() == name && !e.value().classes().any(|c| c == "page-facts"))
    };
    let html = match element.value().name() {
        "h1" | "h2" | "h3" | "h4" => {
            let title: String = element.text().collect();
            let title = notebook::escape::text(title.trim());
            let text = below("p").map_or_else(String::new, |p| p.html());
            format!("<p><strong>{title}</strong></p>{text}")
        }
        "dt" => format!(
            "<p><strong>{}</strong></p>{}",
            element.inner_html(),
            below("dd").map_or_else(String::new, |dd| format!("<p>{}</p>", dd.inner_html()))
        ),
        "li" => element.inner_html(),
        _ => element.html(),
    };
    Some(LEFT_OUT.as_ref()?.replace_all(&html, "").into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_refer_to_is_collected_from_where_it_stands() {
        let mut wanted = Wanted::default();
        let html = "<a class=\"ref\" href=\"../b/c.html#figure-x\">1</a> <a class=\"claim\" href=\"../argument.html#claim-y\" title=\"t\">✓</a> \
            <a class=\"ref\" href=\"#own\">2</a> <a class=\"ref\" href=\"d.html\">3</a> <a href=\"e.html#f\">4</a> \
            <dfn class=\"term\" id=\"t\"><a href=\"../glossary.html#die\">die</a></dfn>";
        collect(&mut wanted, "a/b.html", html);
        let ids = |page: &str| wanted[page].iter().cloned().collect::<Vec<_>>();
        assert_eq!(
            (ids("b/c.html"), ids("argument.html")),
            (vec!["figure-x".into()], vec!["claim-y".into()])
        );
        assert_eq!(
            (ids("a/d.html"), ids("glossary.html")),
            (vec![String::new()], vec!["die".into()])
        );
        assert_eq!(wanted.len(), 4);
    }

    #[test]
    fn a_script_holds_what_is_wanted_and_no_more() {
        let html = "<main><h1 id=\"t\">T</h1><p class=\"page-facts\">f</p><p>Text.</p>\
            <figure id=\"f\"><svg></svg><figcaption>c</figcaption><details><summary>d</summary></details></figure>\
            <dl><dt id=\"die\"><a class=\"header\" href=\"#die\">die</a></dt><dd>A cube.</dd></dl></main>";
        let ids = ["", "f", "die", "lost"].map(str::to_owned).into();
        let script = script("a/b.html", html, &ids).unwrap();
        assert!(
            script.starts_with(
                "previews.set(\"a/b.html\", {\"\":\"<p><strong>T</strong></p><p>Text.</p>\""
            ),
            "{script}"
        );
        assert!(
            script.contains("<figcaption>c</figcaption></figure>") && !script.contains("lost"),
            "{script}"
        );
        assert!(script.contains("<p>A cube.</p>"), "{script}");
        assert_eq!(file_of("a/b.html"), "a-b.js");
    }
}
