//! Every address that the book has published still leads somewhere.
//!
//! `published.txt`, beside SUMMARY.md, lists the addresses that readers may have kept, one a line.
//! Each is a page, or a redirect of book.toml leads from it to one:
//!
//! ```toml
//! [output.html.redirect]
//! "/02-features/colours.html" = "colour.html" # relative to the old page
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::binding::Binding;
use crate::faults::Faults;
use crate::settings;
use crate::text::{href, normalize, slashes};

/// The file with the addresses.
const PUBLISHED: &str = "published.txt";

/// Pages that mdBook makes by itself.
const MADE: [&str; 4] = ["404.html", "index.html", "print.html", "toc.html"];

/// Checks redirects and published addresses.
pub fn check(binding: &Binding<'_>, faults: &mut Faults) {
    let root = binding.evidence.workspace.root();
    // A configuration that cannot be read has stopped the build already.
    let Ok(config) = settings::config(root) else { return };
    let redirects: BTreeMap<String, String> =
        config.html_config().unwrap_or_default().redirect.into_iter().collect();
    let text = fs::read_to_string(root.join("book.toml")).unwrap_or_default();
    let pages = pages(binding);
    let whole: BTreeMap<&str, &str> = redirects
        .iter()
        .filter(|(from, _)| !from.contains('#'))
        .map(|(from, to)| (from.trim_start_matches('/'), to.as_str()))
        .collect();
    for (from, to) in &redirects {
        if let Err(fault) = follow(from, to, &whole, &pages) {
            let key = text.lines().position(|l| l.contains(from.as_str()) && l.contains(to));
            faults.fault("book.toml", key.map_or(1, |i| i + 1), fault);
        }
    }
    published(binding, &pages, &whole, faults);
}

/// The addresses of all pages.
fn pages(binding: &Binding<'_>) -> BTreeSet<String> {
    binding.book.pages.iter().map(|page| href(Path::new(""), &page.path)).collect()
}

/// Follows a redirect to a page of the book, or out of it.
fn follow(
    from: &str,
    to: &str,
    redirects: &BTreeMap<&str, &str>,
    pages: &BTreeSet<String>,
) -> Result<(), String> {
    let told = format!("the redirect of `{from}`");
    let (start, fragment) = from.trim_start_matches('/').split_once('#').unzip();
    let start = start.unwrap_or_else(|| from.trim_start_matches('/'));
    if fragment.is_none() && (pages.contains(start) || MADE.contains(&start)) {
        return Err(format!("{told} hides a page; remove the redirect, or move the page"));
    }
    let (mut at, mut next) = (start.to_owned(), to);
    let mut seen = BTreeSet::new();
    loop {
        if next.contains("://") {
            return Ok(());
        }
        if next.starts_with('/') {
            let fix = "write it relative to the old page, so that it holds below a sub-path";
            return Err(format!("{told} leads to `{next}`; {fix}"));
        }
        let path = next.split(['#', '?']).next().unwrap_or_default();
        let folder = Path::new(&at).parent().map(PathBuf::from).unwrap_or_default();
        let target =
            if path.is_empty() { at.clone() } else { slashes(&normalize(&folder.join(path))) };
        if pages.contains(&target) || MADE.contains(&target.as_str()) {
            return Ok(());
        }
        match redirects.get(target.as_str()) {
            Some(_) if target == start || !seen.insert(target.clone()) => {
                return Err(format!("{told} leads in a circle; let it lead to a page"));
            }
            Some(further) => (at, next) = (target, further),
            None => {
                return Err(format!("{told} leads to `{target}`, which is no page; correct it"));
            }
        }
    }
}

/// What was published and is gone, and pages that are not listed as published.
fn published(
    binding: &Binding<'_>,
    pages: &BTreeSet<String>,
    redirects: &BTreeMap<&str, &str>,
    faults: &mut Faults,
) {
    let file = slashes(&binding.book.source.join(PUBLISHED));
    let Ok(text) = fs::read_to_string(binding.evidence.workspace.root().join(&file)) else {
        return; // A book that nobody has read yet.
    };
    let mut listed = BTreeSet::new();
    let mut last = 1;
    for (line, address) in text.lines().enumerate().map(|(i, line)| (i + 1, line.trim())) {
        if address.is_empty() || address.starts_with('#') {
            continue;
        }
        last = line;
        listed.insert(address);
        let leads =
            pages.contains(address) || redirects.contains_key(address) || MADE.contains(&address);
        if !leads {
            faults.fault(&file, line, format!("`{address}` was published and is gone; add `\"/{address}\" = \"…\"` to [output.html.redirect] in book.toml, with the new page relative to the old"));
        }
    }
    let new: Vec<&str> =
        pages.iter().map(String::as_str).filter(|page| !listed.contains(page)).collect();
    if !new.is_empty() {
        let message = format!("does not list {}; add a line for each", new.join(", "));
        faults.warning(&file, last, message);
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::Fixture;

    /// The faults of the fixture with these redirects and published addresses.
    fn told(redirects: &str, published: &str) -> Vec<String> {
        let fixture = Fixture::new();
        let toml = fixture.read("book.toml");
        fixture.write("book.toml", &format!("{toml}\n[output.html.redirect]\n{redirects}\n"));
        fixture.write("book/published.txt", published);
        fixture.faults("Text.\n").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_moved_page_needs_a_redirect_to_a_page() {
        let gone = told("", "# addresses\n01-dice/index.html\n01-dice/old.html\n");
        assert_eq!(gone.len(), 1, "{gone:?}");
        assert!(
            gone[0].starts_with("book/published.txt:3: `01-dice/old.html` was published and is gone; add `\"/01-dice/old.html\""),
            "{gone:?}"
        );
        let moved = "\"/01-dice/old.html\" = \"index.html#mean\"\n\"/older.html\" = \"01-dice/old.html\"\n\"/glossary.html#a\" = \"#face\"\n\"/away.html\" = \"https://example.org/\"";
        assert_eq!(told(moved, "01-dice/old.html\nolder.html\n"), Vec::<String>::new());
    }

    #[test]
    fn redirects_lead_to_pages_and_hide_none() {
        for (redirect, expected) in [
            ("\"/a.html\" = \"b.html\"", "leads to `b.html`, which is no page"),
            ("\"/01-dice/a.html\" = \"glossary.html\"", "leads to `01-dice/glossary.html`"),
            ("\"/a.html\" = \"/glossary.html\"", "relative to the old page"),
            ("\"/glossary.html\" = \"argument.html\"", "hides a page"),
            ("\"/a.html\" = \"a.html\"", "leads in a circle"),
        ] {
            let told = told(redirect, "");
            assert!(told.len() == 1 && told[0].contains(expected), "{redirect}: {told:?}");
            let line = told[0].strip_prefix("book.toml:").and_then(|t| t.split(':').next());
            assert!(line.unwrap().parse::<usize>().unwrap() > 10, "{told:?}");
        }
        let circle = told("\"/a.html\" = \"b.html\"\n\"/b.html\" = \"a.html\"", "");
        assert_eq!(circle.iter().filter(|t| t.contains("in a circle")).count(), 2, "{circle:?}");
    }

    #[test]
    fn a_page_that_is_not_listed_is_a_warning() {
        let fixture = Fixture::new();
        fixture.write("book/published.txt", "01-dice/index.html\n");
        let warnings = fixture.warnings("Text.\n");
        let warned = warnings.iter().filter(|w| {
            w.contains("book/published.txt:1: warning: does not list argument.html, glossary.html")
        });
        assert_eq!(warned.count(), 1, "{warnings:?}");
    }
}
