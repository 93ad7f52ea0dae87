//! `{{#table …}}`: a recorded table, or the timings of a chapter.
//!
//! ```text
//! {{#table parameters/lecture sizes | The lecture's table, *recomputed*.}}
//! {{#table parameters/timings | Criterion's medians.}}
//! {{#table parameters/timings ladder/ | Only what begins with `ladder/`.}}
//! ```
//!
//! becomes a numbered table that scrolls where it is too wide:
//! `<div class="table-wrapper" …><table><caption><b>Table 14.2.</b> …</caption>…`.

use notebook::{Format, Results, Scalar, TIMINGS, Table};

use super::{Expansion, Site};
use crate::bind::Binding;
use crate::evidence::is_timing;
use crate::faults::Trouble;
use crate::labels::table_path;
use crate::prose;
use crate::text::html;

/// Replaces the directive.
///
/// # Errors
/// An unknown experiment or table, or a caption that does not parse.
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let (path, key) = table_path(arguments);
    if key.is_empty() {
        return Err(
            "`table` needs a path and a key; write `{{#table chapter/experiment key | caption}}`"
                .into(),
        );
    }
    let results = binding.evidence.results(path)?;
    let mut caption = arguments
        .split_once('|')
        .map_or(Ok(String::new()), |(_, text)| prose::inline(text, &binding.maths))?;
    let timed = is_timing(&results);
    binding.note_use(site, path, timed);
    let table = if timed {
        let date = notebook::provenance::long_date(&results.provenance.date);
        caption.push_str(&format!(" {}, {date}.", html(&results.provenance.machine.describe())));
        timings(&results, key)?
    } else {
        results.table(key).map_err(|missing| format!("in {path}, {missing}"))?.clone()
    };
    let label = binding.labels.get(&format!("table:{path}/{key}"))?;
    Ok(Expansion::Block(to_html(&table, &label.text, &label.id, caption.trim())))
}

/// The timings that begin with `prefix`, all of them for `all`.
fn timings(results: &Results, prefix: &str) -> Result<Table, Trouble> {
    let mut table = Table::new(["What", "Median | duration", "95 % interval | plain"]);
    for (key, timing) in &results.timings {
        let Some(rest) =
            (if prefix == "all" { Some(key.as_str()) } else { key.strip_prefix(prefix) })
        else {
            continue;
        };
        let seconds = |s| Format::Duration.number(s);
        let interval =
            timing.interval.map(|(low, high)| format!("{} to {}", seconds(low), seconds(high)));
        table.row([
            Scalar::from(rest.trim_start_matches('/')),
            timing.seconds.into(),
            interval.into(),
        ]);
    }
    if table.rows.is_empty() {
        let known = results.timings.keys().map(String::as_str);
        return Err(format!(
            "no timing of {}/{TIMINGS} begins with `{prefix}`{}",
            results.chapter,
            crate::text::nearest(prefix, known)
        )
        .into());
    }
    Ok(table)
}

/// A table that scrolls by itself where the page is too narrow for it.
pub fn to_html(table: &Table, label: &str, id: &str, caption: &str) -> String {
    let classes: Vec<&str> = table
        .columns
        .iter()
        .map(|c| if c.is_numeric() { " class=\"number\"" } else { "" })
        .collect();
    let heads = table
        .columns
        .iter()
        .zip(&classes)
        .map(|(c, class)| format!("<th scope=\"col\"{class}>{}</th>", html(&c.name)));
    let mut rows = String::new();
    for row in table.cells() {
        let cells =
            row.iter().zip(&classes).map(|(cell, class)| format!("<td{class}>{}</td>", html(cell)));
        rows.push_str(&format!("<tr>{}</tr>", cells.collect::<String>()));
    }
    let id = if id.is_empty() { String::new() } else { format!(" id=\"{id}\"") };
    let caption = if id.is_empty() {
        String::new()
    } else {
        format!("<caption><b>{label}.</b> {caption}</caption>")
    };
    format!(
        "<div class=\"table-wrapper\"{id} tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table>{caption}\
         <thead><tr>{}</tr></thead><tbody>{rows}</tbody></table></div>",
        heads.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_text, fault_of};

    #[test]
    fn a_table_is_numbered_and_aligned() {
        let text = bind_text("{{#table dice/rolls faces | How *often*.}}\n");
        assert!(text.starts_with("<div class=\"table-wrapper\" id=\"table-faces\" tabindex=\"0\" role=\"region\" aria-label=\"Table 1.1\"><table><caption><b>Table 1.1.</b> How <em>often</em>.</caption>"), "{text}");
        assert!(text.contains("<tr><td>a&lt;b</td><td class=\"number\">1,667</td></tr>"), "{text}");
    }

    #[test]
    fn timings_are_a_table_with_machine_and_date() {
        let text = bind_text("{{#table dice/timings}}\n");
        assert!(text.contains("<td>roll</td><td class=\"number\">1.00\u{a0}ms</td><td class=\"number\">900\u{a0}µs to 1.10\u{a0}ms</td>"), "{text}");
        assert!(text.contains("1 thread, 23 November 2026.</caption>"), "{text}");
        assert!(!bind_text("{{#table dice/timings slow}}\n").contains("<td>roll</td>"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(
            fault_of("{{#table dice/rolls face}}"),
            "in dice/rolls, there is no table `face`; did you mean `faces`?"
        );
        assert!(fault_of("{{#table dice/rolls}}").contains("needs a path and a key"));
        assert!(
            fault_of("{{#table dice/timings x}}")
                .contains("no timing of dice/timings begins with `x`")
        );
        assert!(fault_of("See {{#table dice/rolls faces}}.").contains("line of its own"));
    }
}
