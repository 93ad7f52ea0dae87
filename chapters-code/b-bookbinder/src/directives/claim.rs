//! `{{#claim chapter/experiment id}}`: the check mark behind a sentence that a run asserted; and
//! `{{#claims}}`, the page that lists every claim with its evidence.
//!
//! ```text
//! ResNet-152 has more than six million. {{#claim parameters/lecture not-six-million}}
//!
//! … <a class="claim" href="../argument.html#claim-parameters-lecture-not-six-million" …>✓</a>
//! ```

use notebook::escape::{html, inert};
use notebook::provenance::long_date;

use super::syntax::{Expansion, Site, claimed};
use crate::binding::Binding;
use crate::faults::Trouble;
use crate::prose;
use crate::text::{href, slug};

/// The id of a claim's entry on the page of claims.
fn entry_id(path: &str, id: &str) -> String {
    format!("claim-{}-{}", slug(path), slug(id))
}

/// Replaces `{{#claim …}}`.
///
/// # Errors
/// An unknown claim, and one that does not hold.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let Some((path, id)) = claimed(arguments) else {
        return Err(
            "`claim` needs a path and an id; write `{{#claim chapter/experiment id}}`".into()
        );
    };
    let results = binding.evidence.results(path)?;
    let claim = results.claim(id).map_err(|missing| format!("in {path}, {missing}"))?;
    binding.note_use(site, path, false);
    if !claim.holds {
        let fix = "correct the text, and the claim with it";
        return Err(format!(
            "the claim `{id}` of {path} is false: {} Evidence: {}; {fix}",
            claim.statement, claim.evidence
        )
        .into());
    }
    let Some(page) = binding.uses.page_of("claims") else {
        return Err("no page lists the claims; write `{{#claims}}` on one".into());
    };
    let link = href(&binding.book.pages[site.page].path, &binding.book.pages[page].path);
    let evidence = inert(&format!("Claim held: {} Evidence: {}", claim.statement, claim.evidence));
    let html = format!(
        "<a class=\"claim\" href=\"{link}#{}\" title=\"{evidence}\" aria-label=\"{evidence}\">✓</a>",
        entry_id(path, id)
    );
    Ok(Expansion::Inline { html, plain: "✓".into() })
}

/// Replaces `{{#claims}}`: every claim, chapter by chapter.
///
/// # Errors
/// A claim whose text does not parse.
pub fn page(binding: &Binding<'_>, site: Site) -> Result<Expansion, Trouble> {
    let mut text = String::new();
    for chapter in &binding.evidence.chapters {
        let mut items = String::new();
        for experiment in &chapter.experiments {
            let path = format!("{}/{}", chapter.name, experiment.name);
            if let Ok(results) = binding.evidence.results(&path) {
                for (id, claim) in &results.claims {
                    items.push_str(&entry(binding, site, &path, id, claim, &results)?);
                }
            }
        }
        if !items.is_empty() {
            let member = binding
                .evidence
                .workspace
                .member(&chapter.name)
                .map(notebook::workspace::Crate::folder_name);
            let known = member.and_then(|folder| binding.book.chapter_in(&folder));
            let title = known.map_or_else(
                || inert(&chapter.title),
                |c| format!("{}. {}", c.label(), inert(&c.title)),
            );
            text.push_str(&format!(
                "## {title} {{#claims-{}}}\n\n<ol class=\"claims\">\n{items}</ol>\n\n",
                chapter.name
            ));
        }
    }
    Ok(Expansion::Block(if text.is_empty() {
        "No claim is recorded yet.".into()
    } else {
        text.trim_end().to_owned()
    }))
}

fn entry(
    binding: &Binding<'_>,
    site: Site,
    path: &str,
    id: &str,
    claim: &notebook::Claim,
    results: &notebook::Results,
) -> Result<String, Trouble> {
    let (class, mark, verdict) =
        if claim.holds { ("held", "✓", "Held") } else { ("failed", "✗", "Failed") };
    let statement = prose::inline(&claim.statement, &binding.maths)
        .map_err(|e| format!("claim `{id}` of {path}: {e}"))?;
    let cited: Vec<String> = binding
        .uses
        .claimed_on(path, id)
        .into_iter()
        .map(|page| link_to(binding, site, page))
        .collect();
    let cited = if cited.is_empty() { "not used in the text".to_owned() } else { cited.join(", ") };
    let command = binding
        .evidence
        .split(path, "experiment")
        .map(|(chapter, name)| chapter.run_command(name))?;
    Ok(format!(
        "<li id=\"{}\" class=\"claim-entry {class}\"><p class=\"claim-statement\"><span class=\"claim-mark\" aria-hidden=\"true\">{mark}</span> {statement}</p>\
         <p class=\"claim-evidence\"><b>{verdict}:</b> {}</p>\
         <p class=\"claim-source\">{}, <code>{path}</code>, {}: <code>{}</code></p></li>\n",
        entry_id(path, id),
        html(&claim.evidence),
        cited,
        long_date(&results.provenance.date),
        html(&command),
    ))
}

/// A link to a page by its number and title.
fn link_to(binding: &Binding<'_>, site: Site, page: usize) -> String {
    let (from, to) = (&binding.book.pages[site.page].path, &binding.book.pages[page]);
    let target = binding
        .labels
        .get(&format!("section:{}", to.name()))
        .map_or_else(|_| to.title.clone(), |t| t.text.clone());
    format!(
        "<a href=\"{}\" title=\"{}\">{}</a>",
        href(from, &to.path),
        inert(&to.title),
        inert(&target)
    )
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_page, bind_text, fault_of};

    #[test]
    fn a_claim_links_to_its_evidence() {
        let text = bind_text("It settles. {{#claim dice/rolls settles}}");
        assert!(text.starts_with("It settles. <a class=\"claim\" href=\"../argument.html#claim-dice-rolls-settles\" title=\"Claim held: The mean settles. Evidence: 3.4 &lt; 3.5\""), "{text}");
    }

    #[test]
    fn the_page_of_claims_lists_each_with_its_pages() {
        let text = bind_page("argument.md", "It settles. {{#claim dice/rolls settles}}");
        assert!(text.starts_with("# Claims\n\n## Chapter 1. Dice {#claims-dice}\n\n<ol class=\"claims\">\n<li id=\"claim-dice-rolls-settles\" class=\"claim-entry held\">"), "{text}");
        assert!(text.contains("<p class=\"claim-source\"><a href=\"01-dice/index.html\" title=\"Dice\">Chapter 1</a>, <code>dice/rolls</code>, 23 November 2026:"), "{text}");
    }

    #[test]
    fn a_false_claim_is_a_fault() {
        let fault = fault_of("{{#claim dice/rolls loaded}}");
        assert!(
            fault.starts_with(
                "the claim `loaded` of dice/rolls is false: Sixes win. Evidence: not 1 > 2"
            ),
            "{fault}"
        );
        assert!(fault_of("{{#claim dice/rolls setles}}").contains("did you mean `settles`?"));
        assert!(fault_of("{{#claim dice/rolls}}").contains("needs a path and an id"));
    }
}
