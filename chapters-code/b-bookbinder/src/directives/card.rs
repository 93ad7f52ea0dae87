//! `{{#card chapter}} … {{#endcard}}`: the card that opens a chapter. The author writes what the
//! reader will be able to do and needs; time, commands and folder are added from what is known.
//!
//! ```text
//! {{#card parameters}}
//!
//! **You will be able to** count any network.
//!
//! {{#endcard}}
//! ```

use notebook::escape::html;

use super::syntax::{Expansion, Site};
use crate::binding::Binding;
use crate::facts;
use crate::faults::Trouble;
use crate::text::slashes;

/// Replaces `{{#card …}}`.
///
/// # Errors
/// An unknown chapter.
pub fn open(binding: &Binding<'_>, arguments: &str) -> Result<Expansion, Trouble> {
    let chapter = binding.evidence.chapter(arguments)?;
    Ok(Expansion::Block(format!("<aside class=\"card\" aria-label=\"{}\">", html(&chapter.title))))
}

/// Replaces `{{#endcard}}`: the facts of the chapter whose card is open.
///
/// # Errors
/// Where no card is open.
pub fn close(binding: &Binding<'_>, site: Site) -> Result<Expansion, Trouble> {
    let Some(name) = binding.uses.open_card(site.page, site.offset) else {
        return Err("`endcard` without a card; write `{{#card chapter}}` before it".into());
    };
    let chapter = binding.evidence.chapter(&name).map_err(|_| Trouble::Reported)?;
    let of_page = &binding.book.chapters[binding.book.pages[site.page].chapter];
    let read = facts::reading(facts::chapter_minutes(binding, of_page));
    let mut seconds = 0.0;
    for experiment in &chapter.experiments {
        let recorded = binding.evidence.results(&format!("{name}/{}", experiment.name));
        seconds += recorded.map_or(0.0, |results| results.provenance.seconds);
    }
    let run = facts::seconds(seconds);
    let mut facts = vec![("Read", format!("about {read}"))];
    if !chapter.experiments.is_empty() {
        facts.push((
            "Run",
            format!("<code>cargo run --release -p {name}</code>, {run} when recorded"),
        ));
    }
    if !chapter.benches.is_empty() {
        facts.push(("Bench", format!("<code>cargo bench -p {name}</code>")));
    }
    let member = binding.evidence.workspace.member(&name);
    let folder = member.map(|c| {
        slashes(c.folder.strip_prefix(binding.evidence.workspace.root()).unwrap_or(&c.folder))
    });
    facts.push(("Code", format!("<code>{}</code>", html(&folder.unwrap_or_default()))));
    let facts: String =
        facts.iter().map(|(name, fact)| format!("<dt>{name}</dt><dd>{fact}</dd>")).collect();
    Ok(Expansion::Block(format!("<dl class=\"card-facts\">{facts}</dl></aside>")))
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_text, fault_of};

    #[test]
    fn a_card_knows_time_command_and_folder() {
        let text = bind_text("{{#card dice}}\n\n**You can** roll.\n\n{{#endcard}}\n");
        assert!(text.starts_with("<aside class=\"card\" aria-label=\"Dice, rolled\">\n\n**You can** roll.\n\n<dl class=\"card-facts\"><dt>Read</dt><dd>about 5 minutes</dd>"), "{text}");
        assert!(
            text.contains("<code>cargo run --release -p dice</code>, 1.50\u{a0}s when recorded"),
            "{text}"
        );
        assert!(
            text.contains("<dt>Code</dt><dd><code>chapters-code/01-dice</code></dd></dl></aside>"),
            "{text}"
        );
    }

    #[test]
    fn cards_open_and_close() {
        assert!(fault_of("{{#endcard}}").contains("without a card"));
        assert!(fault_of("{{#card dice}}\n\nText.\n").contains("is not closed"));
        assert!(fault_of("{{#card dise}}\n\n{{#endcard}}\n").contains("did you mean `dice`?"));
    }
}
