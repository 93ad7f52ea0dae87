//! What is done to the pages that mdBook has written: the search index, and addresses that only an
//! absolute `site-url` makes possible.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use mdbook_driver::book::Book as RawBook;
use mdbook_driver::config::HtmlConfig;
use notebook::escape::html as html_text;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::previews;
use crate::search;
use crate::search_words::Words;
use crate::text::{href, slashes};

/// How head.hbs names the picture that is shown beside a link to the book.
const PICTURE: &str = "<meta property=\"og:image\" content=\"";

/// A page as mdBook has written it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its address from the book's root: `02-features/colour.html`.
    pub address: String,
    /// The titles of the chapters above it, and its own.
    pub titles: Vec<String>,
}

/// The pages of a book, in reading order.
pub fn pages(raw: &RawBook) -> Vec<Written> {
    let page = |chapter: &mdbook_driver::book::Chapter| {
        let path = chapter.source_path.as_ref().or(chapter.path.as_ref())?;
        let mut titles = chapter.parent_names.clone();
        titles.push(chapter.name.clone());
        Some(Written { address: href(Path::new(""), path), titles })
    };
    raw.chapters().filter_map(page).collect()
}

/// Finishes the book below `folder`, whose sources are at `root`.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn finish(
    root: &Path,
    folder: &Path,
    pages: &[Written],
    html: &HtmlConfig,
) -> anyhow::Result<()> {
    if let Some(site) = html.site_url.as_deref().filter(|url| url.contains("://")) {
        make_absolute(folder, pages, site.trim_end_matches('/'))?;
    }
    let mut wanted = previews::Wanted::default();
    for page in pages {
        previews::collect(&mut wanted, &page.address, &read(&folder.join(&page.address))?);
    }
    previews::write(folder, &wanted)?;
    let search = html.search.clone().unwrap_or_default();
    if !(search.enable && search.copy_js) {
        return Ok(());
    }
    let of_page = |page: &Written| -> anyhow::Result<_> {
        let text = read(&folder.join(&page.address))?;
        Ok(search::sections(&page.address, &page.titles, &text, search.heading_split_level))
    };
    let sections: Vec<Vec<_>> = pages.par_iter().map(of_page).collect::<anyhow::Result<_>>()?;
    let mut sections: Vec<_> = sections.into_iter().flatten().collect();
    let words = Words::read(root)?;
    search::place(&words, &mut sections)?;
    let index = search::file(&sections, &words, &search)?;
    replace_index(folder, &index, html.hash_files)
}

/// Gives every page the absolute addresses that a preview of a link needs: its picture's, and its
/// own, which is also the one for search engines.
fn make_absolute(folder: &Path, pages: &[Written], site: &str) -> anyhow::Result<()> {
    let mut files = Vec::new();
    collect(folder, "html", &mut files);
    let addresses: HashSet<&str> = pages.iter().map(|page| page.address.as_str()).collect();
    for file in files {
        let address = slashes(file.strip_prefix(folder).unwrap_or(&file));
        let own = addresses.get(address.as_str()).copied();
        // mdBook copies the first page to index.html: one page, one address.
        let first = pages.first().map(|page| page.address.as_str());
        let own = if address == "index.html" || own == first { Some("") } else { own };
        let text = read(&file)?;
        if let Some(changed) = with_addresses(&text, site, own) {
            write(&file, &changed)?;
        }
    }
    Ok(())
}

/// A page whose picture has an absolute address, with its own address where it has one; none,
/// where the page names no picture.
fn with_addresses(text: &str, site: &str, own: Option<&str>) -> Option<String> {
    let start = text.find(PICTURE)?;
    let value = start + PICTURE.len();
    let end = value + text[value..].find('"')?;
    let picture = text[value..end].trim_start_matches("../");
    let after = end + text[end..].find('>')? + 1;
    let site = html_text(site);
    let own = own.map_or_else(String::new, |own| {
        format!(
            "\n<meta property=\"og:url\" content=\"{site}/{own}\">\n<link rel=\"canonical\" href=\"{site}/{own}\">"
        )
    });
    let before = &text[..value];
    Some(format!("{before}{site}/{picture}{}{own}{}", &text[end..after], &text[after..]))
}

/// Puts the index in the place of mdBook's, under a name that follows from what it holds.
fn replace_index(folder: &Path, index: &str, hash_files: bool) -> anyhow::Result<()> {
    let is_index = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("searchindex") && name.ends_with(".js")
    };
    let top: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    let old = top.iter().find(|path| is_index(path)).context(
        "mdBook has written no search index; `output.html.search.enable = false` does without",
    )?;
    let old_name = old.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = if hash_files { name_of(index) } else { old_name.clone() };
    fs::remove_file(old)?;
    write(&folder.join(&name), index)?;
    if name == old_name {
        return Ok(());
    }
    let mut files = Vec::new();
    collect(folder, "html", &mut files);
    files.extend(
        top.iter().filter(|p| p.extension().is_some_and(|e| e == "js") && *p != old).cloned(),
    );
    for file in files {
        let text = read(&file)?;
        if text.contains(&old_name) {
            write(&file, &text.replace(&old_name, &name))?;
        }
    }
    Ok(())
}

/// The name mdBook would give: with the first four bytes of the SHA-256.
fn name_of(index: &str) -> String {
    let digest = Sha256::digest(index.as_bytes());
    let hex: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("searchindex-{hex}.js")
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read; build again", path.display()))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text)
        .with_context(|| format!("{} cannot be written; free the folder", path.display()))
}

/// The files below `folder` with this extension; all of them, where it is empty.
pub(crate) fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, extension, found);
        } else if extension.is_empty() || path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_takes_the_place_and_a_name_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::create_dir(file("a")).unwrap();
        let page = |text: &str| {
            format!(
                "<script>\"searchindex-00000000.js\"</script><main><h1 id=\"t\">T</h1>{text}</main>"
            )
        };
        fs::write(file("a/one.html"), page("Alpaca")).unwrap();
        fs::write(file("print.html"), page("")).unwrap();
        fs::write(file("searcher-1.js"), "'searchindex-00000000.js'").unwrap();
        fs::write(file("searchindex-00000000.js"), "old").unwrap();
        let pages = [Written { address: "a/one.html".into(), titles: vec!["One".into()] }];
        finish(folder.path(), folder.path(), &pages, &HtmlConfig::default()).unwrap();
        let names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("searchindex"))
            .collect();
        assert_eq!(names.len(), 1, "{names:?}");
        let index = fs::read_to_string(file(&names[0])).unwrap();
        assert!(index.contains("Alpaca") && index.contains("a/one.html#t"), "{index}");
        assert_eq!(names[0], name_of(&index));
        for user in ["a/one.html", "print.html", "searcher-1.js"] {
            let text = fs::read_to_string(file(user)).unwrap();
            assert!(text.contains(&names[0]) && !text.contains("00000000"), "{text}");
        }
    }
    #[test]
    fn a_known_site_gives_absolute_addresses() {
        let page = "<meta property=\"og:image\" content=\"../assets/social.png\">\n<p>";
        assert_eq!(
            with_addresses(page, "https://example.org/book", Some("a/b.html")).unwrap(),
            "<meta property=\"og:image\" content=\"https://example.org/book/assets/social.png\">\n<meta property=\"og:url\" content=\"https://example.org/book/a/b.html\">\n<link rel=\"canonical\" href=\"https://example.org/book/a/b.html\">\n<p>"
        );
        assert!(!with_addresses(page, "https://example.org", None).unwrap().contains("canonical"));
        assert_eq!(with_addresses("<p>", "https://example.org", None), None);
    }
}
