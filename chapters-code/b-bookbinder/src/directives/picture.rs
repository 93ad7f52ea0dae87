//! `{{#picture chapter/name}}`: a figure shown without its number, data and commands, with a link to
//! the place where it has them. For a page that shows rather than argues, such as the first.
//!
//! ```text
//! <figure class="picture" aria-labelledby="picture-features-gallery-caption"><svg …>…</svg>
//! <figcaption id="picture-features-gallery-caption"><a class="ref" href="02-features/index.html#figure-gallery">Figure 2.1</a></figcaption></figure>
//! ```

use super::syntax::{Expansion, Site};
use crate::binding::Binding;
use crate::faults::Trouble;
use crate::prose;

/// Replaces the directive.
///
/// # Errors
/// An unknown figure, one that cannot be drawn, and one that no page shows with its number.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let figure = binding.evidence.figure(arguments)?;
    let target = binding.labels.get(&format!("figure:{arguments}")).map_err(|_| {
        format!(
            "no page shows {arguments} with its number; write `{{{{#figure {arguments}}}}}` on one"
        )
    })?;
    let id = format!("picture-{}", arguments.replace('/', "-"));
    let drawings = figure.layouts(&id);
    let caption = prose::inline(&figure.caption, &binding.maths)
        .map_err(|e| format!("caption of {arguments}: {e}"))?;
    let link = target.href(binding.book, site.page).unwrap_or_default();
    Ok(Expansion::Block(format!(
        "<figure class=\"picture\" aria-labelledby=\"{id}-caption\">{drawings}\n\
         <figcaption id=\"{id}-caption\">{caption} \
         <a class=\"ref\" href=\"{link}\">{}, with its data</a></figcaption></figure>",
        target.text
    )))
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_text, fault_of};

    #[test]
    fn a_picture_leads_to_its_figure() {
        let text = bind_text("{{#picture dice/mean}}\n\n{{#figure dice/mean}}\n");
        let figure = "<figure class=\"picture\" aria-labelledby=\"picture-dice-mean-caption\"><svg";
        assert!(text.starts_with(figure), "{text}");
        assert!(
            text.contains("<a class=\"ref\" href=\"#figure-mean\">Figure 1.1, with its data</a>"),
            "{text}"
        );
        assert!(!text.split("</figure>").next().unwrap().contains("\n\n"), "{text}");
    }

    #[test]
    fn what_no_page_numbers_is_a_fault() {
        assert!(fault_of("{{#picture dice/mean}}\n").contains("no page shows dice/mean"));
    }
}
