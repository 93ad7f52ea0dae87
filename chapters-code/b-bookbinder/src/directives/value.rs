//! `{{#value …}}`: a recorded number, in the format that the page asks for.
//!
//! ```text
//! {{#value parameters/lecture resnet152 | int}}          60,192,808
//! {{#value learning/baseline accuracy | percent 1 interval}}   76.5 % (75.6 to 77.3)
//! {{#value parameters/timings walk over closed | ratio 1}}     3.4 times
//! {{#value parameters/lecture largest}}                  a text takes no format
//! ```
//!
//! In running text the number carries where it comes from:
//! `<span class="value" title="parameters/lecture, recorded 23 November 2026">60,192,808</span>`.
//! In code, headings and formulas it stands alone.

use notebook::escape::inert;
use notebook::{Format, Results, Scalar, Value};

use super::syntax::{Expansion, Site};
use crate::binding::Binding;
use crate::evidence::{is_timing, origin};
use crate::faults::Trouble;

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
struct Request<'a> {
    path: &'a str,
    key: &'a str,
    /// The number to divide by, and where it was recorded.
    over: Option<(&'a str, &'a str)>,
    format: Option<&'a str>,
    interval: bool,
}

fn parse(arguments: &str) -> Result<Request<'_>, Trouble> {
    let (what, format) = match arguments.split_once('|') {
        Some((what, format)) => (what.trim(), Some(format.trim())),
        None => (arguments.trim(), None),
    };
    let (format, interval) = match format.and_then(|f| f.strip_suffix("interval")) {
        Some(format) => (Some(format.trim()), true),
        None => (format, false),
    };
    let words: Vec<&str> = what.split_whitespace().collect();
    let (path, key, over) = match words[..] {
        [path, key] => (path, key, None),
        [path, key, "over", other] => (path, key, Some((path, other))),
        [path, key, "over", elsewhere, other] => (path, key, Some((elsewhere, other))),
        _ => {
            let usage = "`value` needs a path and a key; write `{{#value chapter/experiment key | format}}`, or `{{#value chapter/experiment key over key | format}}`";
            return Err(usage.into());
        }
    };
    Ok(Request { path, key, over, format, interval })
}

/// Replaces the directive.
///
/// # Errors
/// An unknown experiment, key or format, or a format that the value cannot take.
// ANCHOR: value
pub fn expand(binding: &Binding<'_>, site: Site, arguments: &str) -> Result<Expansion, Trouble> {
    let request = parse(arguments)?;
    let results = binding.evidence.results(request.path)?;
    let mut value = look_up(&results, request.path, request.key)?;
    let mut timed = is_timed(&results, request.key);
    let mut title = origin(&results, timed);
    if let Some((path, key)) = request.over {
        let divisor = binding.evidence.results(path)?;
        value = ratio(&value, &look_up(&divisor, path, key)?)?;
        timed |= is_timed(&divisor, key);
        if path != request.path {
            title = format!("{title}; {}", origin(&divisor, timed));
        }
        binding.note_use(site, path, timed);
    }
    binding.note_use(site, request.path, timed);
    binding.note_value();
    let plain = write(&value, &request)?;
    let class = if timed { "timing" } else { "value" };
    let html =
        format!("<span class=\"{class}\" title=\"{}\">{}</span>", inert(&title), inert(&plain));
    Ok(Expansion::Inline { html, plain })
}
// ANCHOR_END: value

fn is_timed(results: &Results, key: &str) -> bool {
    is_timing(results) || (results.timings.contains_key(key) && !results.values.contains_key(key))
}

fn look_up(results: &Results, path: &str, key: &str) -> Result<Value, Trouble> {
    results.value(key).map_err(|missing| format!("in {path}, {missing}").into())
}

/// One number over another. Where both have an interval, so has the ratio: the widest that both allow.
fn ratio(value: &Value, divisor: &Value) -> Result<Value, Trouble> {
    match (value.value.number(), divisor.value.number()) {
        (Some(_), Some(0.0)) => Err("the ratio divides by zero; compare other numbers".into()),
        (Some(a), Some(b)) => {
            let both =
                value.interval.zip(divisor.interval).filter(|(a, b)| a.0 >= 0.0 && b.0 > 0.0);
            let interval = both.map(|((low, high), (least, most))| (low / most, high / least));
            Ok(Value { value: Scalar::Real(a / b), interval, unit: None })
        }
        _ => Err("a ratio needs two numbers, and one of these is a text".into()),
    }
}

/// The value in the format asked for; a text and a whole number need none.
fn write(value: &Value, request: &Request<'_>) -> Result<String, Trouble> {
    let Some(format) = request.format else {
        return match &value.value {
            Scalar::Real(x) => Err(format!(
                "{x} needs a format; add one, for example `| fixed 2` or `| percent 1`"
            )
            .into()),
            scalar => Ok(scalar.to_string()),
        };
    };
    let format: Format = format.parse()?;
    Ok(if request.interval { format.apply_interval(value)? } else { format.apply(&value.value)? })
}

#[cfg(test)]
mod tests {
    use crate::tests::{bind_text, fault_of};

    #[test]
    fn a_value_is_written_in_its_format() {
        assert_eq!(
            bind_text("{{#value dice/rolls mean | fixed 2}}"),
            "<span class=\"value\" title=\"dice/rolls, recorded 23 November 2026\">3.50</span>"
        );
        assert!(
            bind_text("{{#value dice/rolls mean | fixed 1 interval}}")
                .contains(">3.5 (3.4 to 3.6)<")
        );
        assert!(
            bind_text("{{#value dice/rolls rolls over dice/rolls mean | fixed 0}}")
                .contains(">2,857<")
        );
        assert!(
            bind_text("{{#value dice/rolls mean over mean | fixed 2 interval}}")
                .contains(">1.00 (0.94 to 1.06)<")
        );
        assert!(bind_text("{{#value dice/rolls rolls}}").contains(">10,000<"));
        assert!(bind_text("{{#value dice/rolls name}}").contains(">d&#95;six<"));
    }

    #[test]
    fn code_headings_and_formulas_get_the_words_alone() {
        assert_eq!(bind_text("## About {{#value dice/rolls rolls | int}}\n"), "## About 10,000\n");
        assert_eq!(bind_text("`{{#value dice/rolls name}}`"), "`d_six`");
        assert_eq!(
            bind_text("```text\n{{#value dice/rolls rolls}}\n```\n"),
            "```text\n10,000\n```\n"
        );
    }

    #[test]
    fn a_timing_carries_its_machine() {
        let text = bind_text("{{#value dice/timings roll over slow_roll | ratio 1}}");
        assert!(
            text.starts_with(
                "<span class=\"timing\" title=\"dice/timings, recorded 23 November 2026 on "
            ),
            "{text}"
        );
        assert!(text.contains(">0.5\u{a0}times<"));
        assert!(text.contains("<aside class=\"timings-note\">"), "{text}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(
            fault_of("{{#value dice/rolls meen | int}}"),
            "in dice/rolls, there is no value `meen`; did you mean `mean`?"
        );
        assert_eq!(
            fault_of("{{#value dice/rols mean | int}}"),
            "there is no experiment `rols`; did you mean `rolls`?"
        );
        assert_eq!(
            fault_of("{{#value dise/rolls mean | int}}"),
            "there is no chapter `dise`; did you mean `dice`?"
        );
        for (text, word) in [
            ("{{#value dice/rolls mean}}", "needs a format"),
            ("{{#value dice/rolls mean | furlongs}}", "unknown format"),
            ("{{#value dice/rolls name | int}}", "is a text"),
            ("{{#value dice/rolls rolls | int interval}}", "no interval"),
            ("{{#value dice/rolls rolls over name | int}}", "two numbers"),
            ("{{#value dice/rolls}}", "needs a path and a key"),
            ("{{#value}}", "needs a path and a key"),
            ("{{#value / mean}}", "not a chapter"),
        ] {
            assert!(fault_of(text).contains(word), "{text}: {}", fault_of(text));
        }
    }
}
