//! `{{#ref label}}`: the number of a figure, table, equation, section or chapter, with a link.
//!
//! ```text
//! {{#ref figure:parameters/where}}        Figure 14.3
//! {{#ref table:parameters/lecture/sizes}} Table 14.1
//! {{#ref equation:attention}}             Equation 14.2
//! {{#ref section:own-id}}                 Section 14.2, for a heading with {#own-id}
//! {{#ref section:14-parameters/where}}    Section 14.3, for a page
//! {{#ref chapter:parameters}}             Chapter 14
//! ```

use notebook::escape::inert;

use super::syntax::{Expansion, Site};
use crate::binding::Binding;
use crate::faults::Trouble;

/// Replaces the directive.
///
/// # Errors
/// An unknown label.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    if arguments.is_empty() {
        return Err("`ref` needs a label; write `{{#ref figure:chapter/name}}`".into());
    }
    let target = binding.labels.get(arguments)?;
    let words = inert(&target.text);
    let title = if target.about.is_empty() {
        String::new()
    } else {
        format!(" title=\"{}\"", inert(&target.about))
    };
    let html = match target.href(binding.book, site.page) {
        Some(href) => format!("<a class=\"ref\" href=\"{href}\"{title}>{words}</a>"),
        None => format!("<span class=\"ref\"{title}>{words}</span>"),
    };
    Ok(Expansion::Inline { html, plain: target.text.clone() })
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_text, fault_of};

    #[test]
    fn a_reference_is_a_number_and_a_link() {
        let text = bind_text("{{#ref figure:dice/mean}}\n\n{{#figure dice/mean}}\n");
        assert!(
            text.starts_with("<a class=\"ref\" href=\"#figure-mean\">Figure 1.1</a>\n"),
            "{text}"
        );
        assert_eq!(
            bind_text("{{#ref section:argument}}"),
            "<a class=\"ref\" href=\"../argument.html\" title=\"Claims\">Claims</a>"
        );
        assert_eq!(
            bind_text("{{#ref chapter:not-yet}}"),
            "<span class=\"ref\" title=\"Not yet\">Chapter 2</span>"
        );
    }

    #[test]
    fn an_unknown_label_is_a_fault() {
        assert!(fault_of("{{#ref section:argumint}}").contains("did you mean `section:argument`?"));
        assert!(fault_of("{{#ref}}").contains("needs a label"));
        assert!(fault_of("{{#ref exercise:dice/one}}").contains("there is no label"));
    }
}
