//! `{{#figure chapter/name}}`: a figure, numbered, captioned, with its data behind a fold.
//!
//! ```text
//! {{#figure parameters/where}}
//!
//! <figure id="figure-where" class="figure" aria-labelledby="figure-where-caption"><svg …>…</svg><svg …>…</svg>
//! <figcaption id="figure-where-caption"><b>Figure 14.3.</b> The caption.</figcaption>
//! <div class="figure-tools"><button …>Enlarge…</button></div>
//! <details class="figure-data"><summary>Data of Figure 14.3</summary>…</details></figure>
//! ```
//!
//! The two drawings are one figure in two layouts; assets/figure.css shows the one that fits. The
//! buttons are the work of assets/figure.js, and are hidden where scripts do not run.

use notebook::escape::html;

use super::syntax::{Expansion, Site};
use super::table;
use crate::binding::Binding;
use crate::evidence::{is_timing, origin};
use crate::faults::Trouble;
use crate::prose;
use crate::text::slug;

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
    let drawings = figure.layouts(&format!("drawing-{}", arguments.replace('/', "-")));
    let name = &label.text;
    let data = table::data(&figure.data, &format!("Data of {name}"));
    let sources = sources(binding, site, arguments, &figure.sources)?;
    Ok(Expansion::Block(format!(
        "<figure id=\"{0}\" class=\"figure\" aria-labelledby=\"{0}-caption\">{drawings}\n<figcaption id=\"{0}-caption\"><b>{name}.</b> {caption}</figcaption>\n\
         <div class=\"figure-tools\"><button type=\"button\" class=\"figure-enlarge\" aria-haspopup=\"dialog\">\
         Enlarge<span class=\"figure-name\"> {name}</span></button></div>\n\
         <details class=\"figure-data\"><summary>Data of {name}</summary>{data}\
         <div class=\"figure-tools\"><button type=\"button\" class=\"figure-csv\" data-file=\"{1}.csv\">\
         Download CSV</button></div>{sources}</details></figure>",
        label.id,
        slug(name),
    )))
}

/// Where the numbers of a figure come from, and the commands that record them; where it shows none that were recorded, the command that
/// draws it.
fn sources(
    binding: &Binding<'_>,
    site: Site,
    arguments: &str,
    experiments: &[String],
) -> Result<String, Trouble> {
    let (chapter, name) = binding.evidence.split(arguments, "figure")?;
    let mut text = String::new();
    if experiments.is_empty() {
        text.push_str(&provenance("Drawn by the code", &chapter.draw_command(name)));
    }
    for experiment in experiments {
        let path = format!("{}/{experiment}", chapter.name);
        let results = binding.evidence.results(&path)?;
        binding.note_use(site, &path, is_timing(&results));
        let origin = origin(&results, is_timing(&results));
        text.push_str(&provenance(&origin, &chapter.run_command(experiment)));
    }
    Ok(text)
}

/// A line with a command that can be copied.
fn provenance(origin: &str, command: &str) -> String {
    format!(
        "<p class=\"provenance\">{}: <code>{}</code> <button type=\"button\" class=\"figure-copy\" \
         aria-label=\"Copy the command\">Copy</button></p>",
        html(origin),
        html(command)
    )
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_text, fault_of};

    #[test]
    fn a_figure_has_number_caption_data_and_command() {
        let text = bind_text("{{#figure dice/mean}}\n");
        let figure = "<figure id=\"figure-mean\" class=\"figure\" aria-labelledby=\"figure-mean-caption\"><svg";
        assert!(text.starts_with(figure), "{text}");
        // A name and a description, each said once.
        assert_eq!(
            text.matches(" aria-labelledby=\"drawing-dice-mean-title\" ").count(),
            2,
            "{text}"
        );
        assert_eq!(
            text.matches(" aria-describedby=\"drawing-dice-mean-desc\" ").count(),
            2,
            "{text}"
        );
        for part in [
            "<figcaption id=\"figure-mean-caption\"><b>Figure 1.1.</b> The mean <em>settles</em>.</figcaption>",
            ">Enlarge<span class=\"figure-name\"> Figure 1.1</span></button>",
            "<summary>Data of Figure 1.1</summary><div class=\"table-wrapper\" tabindex=\"0\" role=\"region\" aria-label=\"Data of Figure 1.1\">",
            "data-file=\"figure-1-1.csv\">Download CSV</button>",
            "<code>cargo run --release -p dice -- run rolls</code> <button",
        ] {
            assert!(text.contains(part), "no {part} in {text}");
        }
        assert!(!text.trim().contains("\n\n"), "a blank line would end the block: {text}");
    }

    #[test]
    fn a_figure_has_two_layouts_and_each_id_once() {
        let text = bind_text("{{#figure dice/mean}}\n");
        let drawings = text.matches("<svg ").count();
        assert_eq!((drawings, text.matches("figure-narrow\"").count()), (2, 1), "{text}");
        let mut ids: Vec<_> =
            text.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{ids:?}");
        assert!(ids.contains(&"drawing-dice-mean"), "{ids:?}");
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
