//! `{{#count what}}`: how many there are in the book, of what a reader may check.
//!
//! ```text
//! {{#count claims}} claims, {{#count figures}} figures      55 claims, 31 figures
//! ```

use super::syntax::Expansion;
use crate::binding::Binding;
use crate::faults::Trouble;
use crate::text::nearest;

const KINDS: [&str; 6] = ["chapters", "claims", "experiments", "figures", "pages", "values"];

/// Replaces the directive.
///
/// # Errors
/// Where this is not counted.
pub fn expand(binding: &Binding<'_>, arguments: &str) -> Result<Expansion, Trouble> {
    let experiments = || {
        binding
            .evidence
            .chapters
            .iter()
            .flat_map(|c| c.experiments.iter().map(move |e| format!("{}/{}", c.name, e.name)))
    };
    let count = match arguments {
        "chapters" => {
            let numbered = binding.book.chapters.iter().filter(|c| c.number.is_some());
            numbered.filter(|c| !c.is_appendix && !c.is_draft()).count()
        }
        "claims" => experiments()
            .filter_map(|path| binding.evidence.results(&path).ok())
            .map(|results| results.claims.len())
            .sum(),
        "experiments" => experiments().count(),
        "figures" => binding.uses.named("figure").count(),
        "pages" => binding.book.pages.len(),
        "values" => binding.uses.named("value").count(),
        other => {
            return Err(format!("`{other}` is not counted{}", nearest(other, KINDS)).into());
        }
    };
    let text = count.to_string();
    Ok(Expansion::Inline { html: text.clone(), plain: text })
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_text, fault_of};

    #[test]
    fn things_are_counted() {
        assert_eq!(bind_text("{{#count figures}}\n"), "0\n");
        assert_eq!(
            bind_text("{{#count figures}}\n\n{{#figure dice/mean}}\n").lines().next(),
            Some("1")
        );
        assert_ne!(bind_text("{{#count claims}}"), "0");
        assert_eq!(
            fault_of("{{#count figure}}"),
            "`figure` is not counted; did you mean `figures`?"
        );
    }
}
