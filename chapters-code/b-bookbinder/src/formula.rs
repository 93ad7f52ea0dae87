//! Formulas, as GitHub writes them: ``$`x_i`$`` in a sentence, a fence `math` for one on lines of
//! its own, with a label where it is numbered. They become HTML while the book is bound.
//!
//! ````text
//! ```math equation:mean
//! \bar x = {{#value dice/rolls mean | fixed 1}}     a directive in it becomes TeX first
//! ```
//!
//! <div class="equation numbered" id="equation-mean">…<span class="equation-number">(14.1)</span></div>
//! ````

use crate::binding::Binding;
use crate::directives;
use crate::directives::syntax::{Expansion, Found, Place, Site};
use crate::faults::Trouble;
use crate::markup::Formula;
use crate::splice::{gap, margin, splice, start};
use crate::text::{line_around, slug, tex};

/// A formula as HTML. What stands in it is replaced first.
///
/// # Errors
/// A formula that does not parse, one in a heading, and a directive in it that cannot be replaced.
pub fn typeset(binding: &Binding<'_>, index: usize, formula: &Formula) -> Result<String, Trouble> {
    let page = &binding.book.pages[index];
    if page.markup.place(formula.range.start) == Place::Comment {
        return Ok(page.text[formula.range.clone()].to_owned());
    }
    if let Some(stray) = &formula.stray {
        return Err(format!(
            "a formula takes a label and nothing else, not `{stray}`; write ```` ```math equation:NAME ````"
        )
        .into());
    }
    if page.markup.headings.iter().any(|h| h.level > 0 && h.range.contains(&formula.range.start)) {
        return Err("a heading takes no formula; write the formula below it".into());
    }
    let mut replacements = Vec::new();
    for found in page.markup.found.iter().filter(|f| formula.tex.contains(&start(f))) {
        let Found::Directive { range, name, arguments } = found else {
            return Err("braces in the formula begin a directive; write `{ {#`".into());
        };
        let site = Site { page: index, offset: range.start, place: Place::Formula };
        let Expansion::Inline { plain, .. } = directives::expand(binding, site, name, arguments)?
        else {
            return Err(format!("`{name}` cannot stand in a formula").into());
        };
        replacements
            .push((range.start - formula.tex.start..range.end - formula.tex.start, tex(&plain)));
    }
    let mut source = splice(&page.text[formula.tex.clone()], replacements);
    if formula.in_table {
        source = source.replace("\\|", "|");
    }
    let (line, _) = line_around(&page.text, formula.range.start);
    let margin = margin(&page.text[line..formula.range.start]);
    let source: Vec<&str> =
        source.lines().map(|l| l.trim_start_matches(['>', ' ']).trim_end()).collect();
    let rendered = binding.maths.typeset(source.join("\n").trim(), formula.display)?;
    binding.note_formula();
    if !formula.display {
        return Ok(rendered);
    }
    let mut equation = format!("<div class=\"equation\">{rendered}</div>");
    if let Some(label) = &formula.label {
        let target = binding.labels.get(&format!("equation:{label}"))?;
        let number = target.text.trim_start_matches("Equation ");
        equation = format!(
            "<div class=\"equation numbered\" id=\"equation-{}\">{rendered}<span class=\"equation-number\">({number})</span></div>",
            slug(label)
        );
    }
    let (_, end) =
        line_around(&page.text, formula.range.end.saturating_sub(1).max(formula.range.start));
    let line_break = if page.text[formula.range.clone()].ends_with('\n') { "\n" } else { "" };
    Ok(equation + &gap(page, end, &margin) + line_break)
}

#[cfg(test)]
mod tests {
    use crate::tests::{Fixture, bind_text, fault_of};

    #[test]
    fn formulas_are_typeset() {
        let text = bind_text("So $`x_i`$ is.\n\n```math\na\n```\n");
        assert!(text.starts_with("So <span class=\"katex\">"), "{text}");
        assert!(text.contains("\n\n<div class=\"equation\"><span"), "{text}");
        assert!(text.ends_with("</div>\n"), "{text}");
    }

    #[test]
    fn an_equation_has_a_number() {
        let text = bind_text(
            "```math equation:mean\n\\bar x = {{#value dice/rolls mean | fixed 1}}\n```\nSee {{#ref equation:mean}}.\n",
        );
        assert!(
            text.starts_with("<div class=\"equation numbered\" id=\"equation-mean\">"),
            "{text}"
        );
        assert!(text.contains("<span class=\"equation-number\">(1.1)</span></div>\n\nSee <a class=\"ref\" href=\"#equation-mean\">Equation 1.1</a>."), "{text}");
        assert!(text.contains("<mn>3&#46;5</mn>"), "{text}");
    }

    #[test]
    fn a_formula_that_does_not_parse_is_a_fault_on_its_line() {
        let faults = Fixture::new().faults("One\n\n$`\\frac{a`$\n\n```math\nb\n\\nonsense\n```\n");
        let lines: Vec<_> = faults.iter().map(|f| f.line).collect();
        assert_eq!(lines, [3, 6], "{faults:?}");
        assert!(fault_of("```math left\nx\n```\n").contains("equation:NAME"));
        assert!(fault_of("# On $`x`$\n").contains("a heading takes no formula"));
    }
}
