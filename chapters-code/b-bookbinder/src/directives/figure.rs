//! `{{#figure chapter/name}}`: a figure, numbered, captioned, with its data behind a fold.
//!
//! ```text
//! {{#figure parameters/where}}
//!
//! <figure id="figure-where" class="figure"><svg …>…</svg>
//! <figcaption><b>Figure 14.3.</b> The caption.</figcaption>
//! <details class="figure-data"><summary>Data of Figure 14.3</summary>…</details></figure>
//! ```

use super::{Expansion, Site, table};
use crate::bind::Binding;
use crate::evidence::{is_timing, origin};
use crate::faults::Trouble;
use crate::prose;
use crate::text::html;

/// Replaces the directive.
///
/// # Errors
/// An unknown figure, one that cannot be drawn, or one without caption or description.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let figure = binding.evidence.figure(arguments)?;
    let faults = figure.faults();
    if !faults.is_empty() {
        return Err(format!("figure {arguments}: {}", faults.join("; ")).into());
    }
    let label = binding.labels.get(&format!("figure:{arguments}"))?;
    binding.note_figure(arguments);
    let caption = prose::inline(&figure.caption, &binding.maths)
        .map_err(|e| format!("caption of {arguments}: {e}"))?;
    let svg = figure.svg(&arguments.replace('/', "-"));
    let data = table::to_html(&figure.data, &format!("Data of {}", label.text), "", "");
    let sources = sources(binding, site, arguments, &figure.sources)?;
    Ok(Expansion::Block(format!(
        "<figure id=\"{}\" class=\"figure\">{svg}\n<figcaption><b>{}.</b> {caption}</figcaption>\n\
         <details class=\"figure-data\"><summary>Data of {}</summary>{data}{sources}</details></figure>",
        label.id, label.text, label.text
    )))
}

/// Where the numbers of a figure come from, and the commands that record them.
fn sources(
    binding: &Binding<'_>,
    site: Site,
    arguments: &str,
    experiments: &[String],
) -> Result<String, Trouble> {
    let (chapter, _) = binding.evidence.split(arguments, "figure")?;
    let mut text = String::new();
    for experiment in experiments {
        let path = format!("{}/{experiment}", chapter.name);
        let results = binding.evidence.results(&path)?;
        binding.note_use(site, &path, is_timing(&results));
        let command = html(&chapter.run_command(experiment));
        text.push_str(&format!(
            "<p class=\"provenance\">{}: <code>{command}</code></p>",
            html(&origin(&results, is_timing(&results)))
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_text, fault_of};

    #[test]
    fn a_figure_has_number_caption_data_and_command() {
        let text = bind_text("{{#figure dice/mean}}\n");
        assert!(text.starts_with("<figure id=\"figure-mean\" class=\"figure\"><svg"), "{text}");
        assert!(
            text.contains("<figcaption><b>Figure 1.1.</b> The mean <em>settles</em>.</figcaption>"),
            "{text}"
        );
        assert!(
            text.contains("<summary>Data of Figure 1.1</summary><div class=\"table-wrapper\""),
            "{text}"
        );
        assert!(text.contains("<code>cargo run --release -p dice -- run rolls</code>"), "{text}");
        assert!(!text.trim().contains("\n\n"), "a blank line would end the block: {text}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(
            fault_of("{{#figure dice/men}}"),
            "there is no figure `men`; did you mean `mean`?"
        );
        assert!(fault_of("{{#figure dice/bare}}").starts_with("figure dice/bare: "));
        assert!(fault_of("{{#figure}}").contains("not a chapter and figure"));
        assert!(fault_of("`{{#figure dice/mean}}`").contains("cannot stand in code"));
    }
}
