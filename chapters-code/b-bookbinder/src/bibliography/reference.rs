//! A work as the house writes it: in the text, and in the list of references.

use notebook::escape::between;

use super::entry::{Entry, Person};

/// A work with more authors than this is listed with the first [`NAMED`] of them.
const MOST_AUTHORS: usize = 8;
/// How many authors stand before "et al." in the list.
const NAMED: usize = 6;

/// The authors as they are cited: one, two, or the first "et al.".
pub fn who(entry: &Entry) -> String {
    match entry.authors.as_slice() {
        [] => "Anonymous".to_owned(),
        [one] => one.family(),
        [one, two] if !two.is_others() => format!("{} and {}", one.family(), two.family()),
        [first, ..] => format!("{} et al.", first.family()),
    }
}

/// The authors as they are listed: `Vaswani, A., and Shazeer, N.`
fn authors(entry: &Entry) -> String {
    let named: Vec<String> =
        entry.authors.iter().filter(|person| !person.is_others()).map(Person::listed).collect();
    let unnamed = named.len() < entry.authors.len();
    if named.len() > MOST_AUTHORS || unnamed {
        let shown = named.len().min(if unnamed { MOST_AUTHORS } else { NAMED });
        return format!("{}, et al.", named[..shown].join(", "));
    }
    match named.as_slice() {
        [] => who(entry),
        [one] => one.clone(),
        [before @ .., last] => format!("{}, and {last}", before.join(", ")),
    }
}

/// `10.1038/nature14539`, however the entry writes it.
pub fn bare_doi(doi: &str) -> Option<&str> {
    let doi = doi.trim();
    let bare = ["https://", "http://", "doi:", "DOI:"]
        .iter()
        .find_map(|prefix| doi.strip_prefix(prefix))
        .unwrap_or(doi)
        .trim();
    let bare = ["doi.org/", "dx.doi.org/", "www.doi.org/"]
        .iter()
        .find_map(|host| bare.strip_prefix(host))
        .unwrap_or(bare);
    let (registrant, name) = bare.split_once('/')?;
    let registered = registrant.strip_prefix("10.")?;
    (!registered.is_empty() && !name.is_empty() && !bare.contains(char::is_whitespace))
        .then_some(bare)
}

/// Where the work is: its DOI, else its address, else its arXiv page.
pub fn link(entry: &Entry) -> Option<String> {
    if let Some(doi) = entry.doi.as_deref().and_then(bare_doi) {
        let mut address = "https://doi.org/".to_owned();
        for character in doi.chars() {
            match character {
                '<' | '>' | '"' | '#' | '%' | '?' | '\\' | '^' | '`' | '{' | '|' | '}' => {
                    address.push_str(&format!("%{:02X}", u32::from(character)));
                }
                _ => address.push(character),
            }
        }
        return Some(address);
    }
    if let Some(url) = &entry.url {
        return Some(url.clone());
    }
    let arxiv = entry.arxiv.as_deref()?;
    let plain = |character: char| character.is_ascii_alphanumeric() || "./-".contains(character);
    (!arxiv.is_empty() && arxiv.chars().all(plain))
        .then(|| format!("https://arxiv.org/abs/{arxiv}"))
}

/// The whole entry of the list, as HTML.
pub fn reference(entry: &Entry, when: &str) -> String {
    let names = authors(entry);
    let mut html = format!("{} ({when}). ", between(&names));
    let name = between(&entry.title);
    let venue = venue(entry);
    // A work inside another is set upright and what contains it in italics; a work of its own is
    // what the shelf says, so it is set in italics.
    if venue.is_empty() {
        sentence(&mut html, &format!("<em>{name}</em>"));
    } else {
        sentence(&mut html, &name);
        sentence(&mut html, &venue);
    }
    let issuer = issuer(entry);
    if !issuer.is_empty() && !names.contains(&issuer) {
        sentence(&mut html, &between(&issuer));
    }
    match link(entry) {
        Some(address) => {
            let address = between(&address);
            html.push_str(&format!(r#"<a href="{address}">{address}</a>"#));
        }
        None => {
            html.push_str(&format!("ISBN {}", between(&entry.isbn)));
        }
    }
    html
}

/// Adds a sentence, with a full stop unless it has an end of its own.
fn sentence(html: &mut String, words: &str) {
    html.push_str(words);
    let end = words.trim_end_matches("</em>");
    html.push_str(if end.ends_with(['.', '?', '!']) { " " } else { ". " });
}

/// What contains the work, with volume, issue and pages: `<em>Nature</em>, 521(7553), 436–444`.
fn venue(entry: &Entry) -> String {
    if entry.container.is_empty() {
        return String::new();
    }
    let mut venue = format!("<em>{}</em>", between(&entry.container));
    if !entry.journal {
        venue.insert_str(0, "In ");
    }
    let issue = match (entry.volume.as_str(), entry.issue.as_str()) {
        ("", issue) => issue.to_owned(),
        (volume, "") => volume.to_owned(),
        (volume, issue) => format!("{volume}({issue})"),
    };
    for part in [issue.as_str(), entry.pages.as_str()].into_iter().filter(|part| !part.is_empty()) {
        venue.push_str(&format!(", {}", between(part)));
    }
    venue
}

/// Who published the work, with the kind of work where that is said (a thesis, a report).
fn issuer(entry: &Entry) -> String {
    let parts = [entry.kind.as_str(), entry.publisher.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
