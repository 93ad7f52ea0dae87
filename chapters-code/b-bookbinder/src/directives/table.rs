//! `{{#table …}}`: a recorded table, or the timings of a chapter.
//!
//! ```text
//! {{#table parameters/lecture sizes | The lecture's table, *recomputed*.}}
//! {{#table parameters/timings | Criterion's medians.}}
//! {{#table parameters/timings ladder | Only the bench group `ladder`.}}
//! ```
//!
//! becomes a numbered table that scrolls where it is too wide:
//! `<div class="table-wrapper" …><table><caption><b>Table 14.2.</b> …</caption>…`.

use notebook::escape::html;
use notebook::results::Column;
use notebook::{Format, Results, Scalar, TIMINGS, Table};

use super::syntax::{Expansion, Site};
use crate::binding::Binding;
use crate::evidence::is_timing;
use crate::faults::Trouble;
use crate::labels::table_path;
use crate::prose;

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

/// The timings of a bench group, or the one of that id; all of them for `all`.
fn timings(results: &Results, group: &str) -> Result<Table, Trouble> {
    let mut table = Table::new(["What", "Median | duration", "95 % interval | plain"]);
    // A group ends at a slash: `mlp` is not the beginning of `mlp_peak/one_thread`.
    let below = |key: &str| {
        let rest = key.strip_prefix(group.trim_end_matches('/'))?;
        Some(if rest.is_empty() { key } else { rest.strip_prefix('/')? }.to_owned())
    };
    for (key, timing) in &results.timings {
        let Some(rest) = (if group == "all" { Some(key.clone()) } else { below(key) }) else {
            continue;
        };
        let seconds = |s| Format::Duration.number(s);
        let interval =
            timing.interval.map(|(low, high)| format!("{} to {}", seconds(low), seconds(high)));
        table.row([rest.into(), timing.seconds.into(), interval.into()]);
    }
    if table.rows.is_empty() {
        let known = results.timings.keys().map(String::as_str);
        return Err(format!(
            "{}/{TIMINGS} has no group `{group}`{}",
            results.chapter,
            crate::text::nearest(group, known)
        )
        .into());
    }
    Ok(table)
}

/// A numbered table with its caption, which scrolls by itself where the page is too narrow for it.
fn to_html(table: &Table, label: &str, id: &str, caption: &str) -> String {
    let rows = rows(table, |_, _| String::new());
    format!(
        "<div class=\"table-wrapper\" id=\"{id}\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table>\
         <caption><b>{label}.</b> {caption}</caption>\
         <thead><tr>{}</tr></thead><tbody>{rows}</tbody></table></div>",
        heads(table, |_| String::new())
    )
}

/// The data behind a figure, as a table that a page can save. A cell whose number is written
/// shorter than it was recorded carries it in `data-value`, and a column says the unit of those.
pub fn data(table: &Table, label: &str) -> String {
    let written = table.cells();
    let value = |row: usize, column: usize| match &table.rows[row][column] {
        Scalar::Integer(n) if n.to_string() != written[row][column] => {
            format!(" data-value=\"{n}\"")
        }
        // A large number in full would be a row of zeros.
        Scalar::Real(x) if x.abs() >= 1e15 || (*x != 0.0 && x.abs() < 1e-6) => {
            format!(" data-value=\"{x:e}\"")
        }
        Scalar::Real(x) if x.to_string() != written[row][column] => {
            format!(" data-value=\"{x}\"")
        }
        _ => String::new(),
    };
    let unit = |column: &Column| match column.format.as_deref().map(str::parse::<Format>) {
        Some(Ok(Format::Duration)) => " data-unit=\"s\"".to_owned(),
        Some(Ok(Format::Bytes(_) | Format::Gigabytes(_) | Format::Gibibytes(_))) => {
            " data-unit=\"bytes\"".to_owned()
        }
        Some(Ok(Format::Percent(_) | Format::Points(_))) => " data-unit=\"fraction\"".to_owned(),
        _ => String::new(),
    };
    format!(
        "<div class=\"table-wrapper\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\"><table>\
         <thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        heads(table, unit),
        rows(table, value),
    )
}

/// The class of a column, and its space before it.
fn class(column: &Column) -> &'static str {
    if column.is_numeric() { " class=\"number\"" } else { "" }
}

/// The heads of the columns, with what `more` adds to each tag.
fn heads(table: &Table, more: impl Fn(&Column) -> String) -> String {
    let head =
        |c: &Column| format!("<th scope=\"col\"{}{}>{}</th>", class(c), more(c), html(&c.name));
    table.columns.iter().map(head).collect()
}

/// The rows, with what `more` adds to the tag of the cell in a row and column.
fn rows(table: &Table, more: impl Fn(usize, usize) -> String) -> String {
    let mut rows = String::new();
    for (i, row) in table.cells().iter().enumerate() {
        let cells = row.iter().zip(&table.columns).enumerate();
        let cells = cells.map(|(j, (cell, column))| {
            format!("<td{}{}>{}</td>", class(column), more(i, j), html(cell))
        });
        rows.push_str(&format!("<tr>{}</tr>", cells.collect::<String>()));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{bind_text, fault_of};

    #[test]
    fn data_keep_every_digit_and_say_their_unit() {
        let mut table = Table::new(["Name", "Share | percent 1", "Time | duration", "n | int"]);
        table.row(["a".into(), (1.0 / 3.0).into(), 1.25e-9.into(), 60_192_808.into()]);
        table.row(["b".into(), 0.5.into(), Scalar::Empty(()), 7.into()]);
        let text = data(&table, "Data of Figure 1.1");
        for part in [
            "<th scope=\"col\" class=\"number\" data-unit=\"fraction\">Share</th>",
            "<th scope=\"col\" class=\"number\" data-unit=\"s\">Time</th>",
            "<th scope=\"col\">Name</th>",
            "data-value=\"0.3333333333333333\">33.3\u{a0}%</td>",
            "data-value=\"1.25e-9\">",
            "data-value=\"60192808\">60,192,808</td>",
            "<td class=\"number\">7</td>",
            "<td class=\"number\"></td>",
        ] {
            assert!(text.contains(part), "no {part} in {text}");
        }
    }

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
        assert!(!bind_text("{{#table dice/timings slow_roll}}\n").contains("<td>roll</td>"));
        // A group is not the beginning of another's name.
        assert!(fault_of("{{#table dice/timings ro}}").contains("has no group `ro`"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(
            fault_of("{{#table dice/rolls face}}"),
            "in dice/rolls, there is no table `face`; did you mean `faces`?"
        );
        assert!(fault_of("{{#table dice/rolls}}").contains("needs a path and a key"));
        assert!(fault_of("{{#table dice/timings x}}").contains("dice/timings has no group `x`"));
        assert!(fault_of("See {{#table dice/rolls faces}}.").contains("line of its own"));
    }
}
