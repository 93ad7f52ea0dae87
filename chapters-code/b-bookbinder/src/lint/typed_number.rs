//! `typed-number`: a measured number that somebody typed, where a bound value should stand.
//!
//! ```text
//! It takes 2.4 ms, 12 times faster, and is right for 91 per cent.   three findings
//! Images of 28 × 28 pixels, 10 classes, 8-bit levels, Llama 3.1, Chapter 5, in 1998.   none
//! ```
//!
//! A number is taken for a measurement if it has a decimal point, a unit of time, memory or speed,
//! a percentage, or compares. Whole numbers without a unit are counts or definitions, and pass. So
//! does what is quoted from others, headings, and what exercises give.

use super::manuscript::{Block, Kind, Prose, Token, TokenKind};
use super::{Findings, Manuscript};

/// Units of what is measured, as they follow a number.
const UNITS: &str = "% percent ns µs μs us ms s sec secs second seconds minute minutes min hour hours \
    byte bytes kb KB kB MB GB TB KiB MiB GiB TiB kilobytes megabytes gigabytes terabytes mebibytes gibibytes \
    Hz kHz MHz GHz FLOPs FLOPS GFLOPs GFLOPS TFLOPs TFLOPS GFLOP TFLOP watts joules kWh";
/// What `12 times` is followed by where it compares.
const COMPARATIVES: &str = "as faster slower larger smaller bigger more fewer less longer shorter \
    higher lower better worse cheaper dearer greater quicker heavier lighter";
const SCALES: &str = "thousand million billion trillion";
const NUMERALS: &str = "two three four five six seven eight nine ten eleven twelve fifteen twenty \
    thirty forty fifty hundred";
/// Words that may begin a sentence before a decimal and are no name.
const OPENINGS: &str = "a about above all almost among an and are at before below between but by \
    for from if in is it less more nearly of on only or over some than that the these this to \
    under up with";

fn among(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

/// Tells of every typed measurement.
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    for (page, prose, block) in manuscript.blocks() {
        if !matches!(block.kind, Kind::Paragraph | Kind::Cell)
            || block.is_quoted
            || block.is_exercise
        {
            continue;
        }
        let mut in_quotation = false;
        for (i, token) in block.tokens.iter().enumerate() {
            match prose.word(token) {
                "\"" => in_quotation = !in_quotation,
                "“" => in_quotation = true,
                "”" => in_quotation = false,
                _ => {}
            }
            if !in_quotation && let Some(end) = measurement(prose, block, i) {
                let text = &prose.text[token.range.start..block.tokens[end].range.end];
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                findings.add(page, token.range.start, format!("`{text}` is a measured number typed by hand; write `{{{{#value chapter/experiment key | format}}}}`"));
            }
        }
    }
}

/// The last token of the measurement that begins at token `i`.
fn measurement(prose: &Prose, block: &Block, i: usize) -> Option<usize> {
    let word = |i: usize| block.tokens.get(i).map_or("", |t| prose.word(t));
    let token = &block.tokens[i];
    let (number, next) = (word(i), word(i + 1));
    let compares = next == "times" && among(COMPARATIVES, word(i + 2));
    if token.kind == TokenKind::Word {
        return (compares && among(NUMERALS, &number.to_lowercase())).then_some(i + 2);
    }
    let is_plain = number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.'));
    if token.kind != TokenKind::Number || !is_plain {
        return None;
    }
    if compares {
        return Some(i + 2);
    }
    let adjacent = block.tokens.get(i + 1).is_some_and(|t| t.range.start == token.range.end);
    if (next == "×" || next == "x") && adjacent && !is_digit_at(block, i + 2) {
        return Some(i + 1);
    }
    if i >= 2 && word(i - 1) == "of" && word(i - 2) == "factor" {
        return Some(i);
    }
    with_unit(prose, block, i).or_else(|| is_decimal(prose, block, i).then_some(i))
}

/// The unit that follows the number, possibly behind `million` or a hyphen.
fn with_unit(prose: &Prose, block: &Block, i: usize) -> Option<usize> {
    let word = |i: usize| block.tokens.get(i).map_or("", |t| prose.word(t));
    let mut at = i + 1;
    if among(SCALES, word(at)) {
        at += 1;
        if matches!(word(at), "parameters" | "operations" | "weights") {
            return Some(at);
        }
    }
    if word(at) == "-" {
        at += 1;
    }
    if word(at) == "per" && word(at + 1) == "cent" {
        return Some(at + 1);
    }
    among(UNITS, word(at)).then_some(at)
}

fn is_digit_at(block: &Block, i: usize) -> bool {
    block.tokens.get(i).is_some_and(|t| t.kind == TokenKind::Number)
}

/// Has the number a decimal point, and is it neither a version nor the number of a chapter?
fn is_decimal(prose: &Prose, block: &Block, i: usize) -> bool {
    let number = prose.word(&block.tokens[i]);
    if number.matches('.').count() != 1 {
        return false;
    }
    let Some(before) = i.checked_sub(1).map(|b| &block.tokens[b]) else { return true };
    !is_name(prose, block, before, i)
}

/// Is the word before the number part of a name, such as `Llama 3.1` or `Table 2.1`?
fn is_name(prose: &Prose, block: &Block, before: &Token, i: usize) -> bool {
    let word = prose.word(before);
    if before.kind != TokenKind::Word || !word.starts_with(char::is_uppercase) {
        return matches!(word, "version" | "chapter" | "section" | "table" | "figure");
    }
    let opens = i < 2
        || matches!(prose.word(&block.tokens[i - 2]), "." | "?" | "!" | ":")
        || block.kind == Kind::Cell;
    !(opens && among(OPENINGS, &word.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fired, found};

    #[track_caller]
    fn told(text: &str) -> Vec<String> {
        let inside = |message: String| message.split('`').nth(1).unwrap().to_owned();
        found(text).into_iter().map(|(.., message)| inside(message)).collect()
    }

    #[test]
    fn measurements_are_told() {
        assert_eq!(
            told("Right for 91 per cent, or 91.5 %, or 9 percent."),
            ["91 per cent", "91.5 %", "9 percent"]
        );
        assert_eq!(told("It took 3 ms, 2 seconds and 2.4 GB."), ["3 ms", "2 seconds", "2.4 GB"]);
        assert_eq!(
            told("It is 12 times faster, ten times as\nlarge, a factor of 30, 8× more."),
            ["12 times faster", "ten times as", "30", "8×"]
        );
        assert_eq!(
            told("An accuracy of 0.918. Only 0.5 of it. 24 million bytes, 60 million weights."),
            ["0.918", "0.5", "24 million bytes", "60 million weights"]
        );
        assert_eq!(told("{{#table a/b c | It took 3 ms.}}"), ["3 ms"]);
    }

    #[test]
    fn look_alikes_are_not() {
        for text in [
            "In 1998 images of 28 × 28 pixels, 10 classes and 60,000 cases, 8-bit levels.",
            "Llama 3.1 405B, GPT-3.5, CC BY 4.0, Table 2.1, Section 14.2, version 1.5, mdBook 0.5.4.",
            "A gigabyte is 10⁹ bytes. We asked three times. It halves four times on its way.",
            "`3 ms`, $`0.5`$, {{#value a/b c | percent 1}} per cent, {{#value a/b c}} times faster.",
            "She said \"90 per cent\" and “3 ms”.",
            "> It took 3 ms.",
            "# 90 per cent\n\n## Exercises\n\n1. **A** (5 minutes). An accuracy of 0.9.",
            "A turn by 30° of 4 × 4 pixels, from 0 to 255, 2D, 3rd, 1x1.",
        ] {
            assert_eq!(fired(text), Vec::<&str>::new(), "{text}");
        }
    }
}
