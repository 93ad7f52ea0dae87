//! `{{#map}}`: how the chapters build on each other, from the crates' manifests.

use notebook::workspace::Crate;

use super::syntax::{Expansion, Site};
use crate::binding::Binding;
use crate::book::Book;
use crate::faults::Trouble;
use crate::map::{Node, draw};
use crate::text::href;

/// Replaces the directive.
///
/// # Errors
/// None at present; the signature is that of every directive.
pub fn expand(binding: &Binding<'_>, site: Site) -> Result<Expansion, Trouble> {
    let nodes = nodes(binding, site);
    Ok(Expansion::Block(format!("<figure class=\"figure map\">{}</figure>", draw(&nodes))))
}

/// A node for each numbered chapter.
///
/// What every chapter builds on, the machinery, would only draw lines everywhere: it is shown
/// where one part of the machinery builds on another.
fn nodes(binding: &Binding<'_>, site: Site) -> Vec<Node> {
    let book: &Book = binding.book;
    let workspace = binding.evidence.workspace;
    let chapters: Vec<_> = book.chapters.iter().filter(|c| c.number.is_some()).collect();
    let crate_of = |c: &&crate::book::Chapter| binding.evidence.crate_in(c.folder.as_deref()?);
    let crates: Vec<_> = chapters.iter().map(crate_of).collect();
    let node = |(chapter, member): (&&crate::book::Chapter, &Option<&Crate>)| {
        let is_machinery = member.is_some_and(|m| workspace.is_machinery(&m.name));
        let builds_on = crates.iter().enumerate().filter(|(_, other)| {
            let needed = other.map(|m| &m.name);
            needed.is_some_and(|name| {
                member.is_some_and(|m| m.dependencies.contains(name))
                    && workspace.is_machinery(name) == is_machinery
            })
        });
        Node {
            number: chapter.number.clone().unwrap_or_default(),
            title: chapter.title.clone(),
            part: chapter.part.clone().unwrap_or_default(),
            link: chapter
                .pages
                .clone()
                .next()
                .map(|p| href(&book.pages[site.page].path, &book.pages[p].path)),
            builds_on: builds_on.map(|(i, _)| i).collect(),
        }
    };
    chapters.iter().zip(&crates).map(node).collect()
}

#[cfg(test)]
mod tests {
    use crate::tests::bind_text;

    #[test]
    fn the_map_has_every_chapter() {
        let text = bind_text("{{#map}}\n");
        assert!(text.starts_with("<figure class=\"figure map\"><svg"), "{text}");
        assert!(text.contains("Not yet"), "{text}");
    }
}
