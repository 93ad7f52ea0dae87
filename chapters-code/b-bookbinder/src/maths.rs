//! Formulas: from TeX to HTML when the book is bound, so that no page needs a script or the network.
//!
//! `katex-rs` turns TeX into two renderings of one formula: HTML for the eye, MathML for a screen
//! reader. Two things have to happen before that can stand in a page of Markdown:
//!
//! - KaTeX keeps the TeX source in an `<annotation>`. A search index would list every backslash of
//!   it, so it goes, and so do the name spaces, which HTML does not need.
//! - What stands *between* two inline tags is still Markdown. The `*` of `<mo>*</mo>` could begin an
//!   emphasis, and `|` could end the cell of a table. Punctuation becomes character references.
//!
//! ```text
//! w * x      ─>   …<mi>w</mi><mo>&#42;</mo><mi>x</mi>…
//! ```

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;

use katex::types::ParseErrorKind;
use katex::{KatexContext, ParseError, Settings, StrictMode, StrictSetting, TrustSetting};
use regex::{Captures, Regex};

/// The longest formula taken, in bytes.
const LONGEST: usize = 4_000;
/// The most macros that one formula may expand.
const EXPANSIONS: usize = 1_000;
/// The stack on which a formula is laid out. KaTeX descends once for each level of nesting, and
/// [`LONGEST`] and [`EXPANSIONS`] bound how many there can be. Memory is taken as it is used.
const STACK: usize = 64 << 20;
/// The colour KaTeX is told to use for commands that it refuses to run. No formula of ours uses it.
const REFUSED: &str = "#a0b1c2d3";
/// The longest excerpt of a formula in a message, in characters.
const EXCERPT: usize = 60;

/// Renders formulas. Making one builds KaTeX's tables, so make it once and keep it; a copy shares
/// the tables, and what was typeset with [`typeset`](Maths::typeset).
#[derive(Clone)]
pub struct Maths {
    context: Arc<KatexContext>,
    typeset: Arc<Mutex<Typeset>>,
}

/// Formulas by their TeX and form, with what they became.
type Typeset = HashMap<(String, bool), Result<String, MathsError>>;

/// A formula that cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the formula `{formula}` does not parse: {fault}; {fix}")]
pub struct MathsError {
    /// The formula, on one line, shortened where it is long.
    pub formula: String,
    /// What is wrong with it.
    pub fault: String,
    /// What to do about it.
    pub fix: String,
}

impl MathsError {
    fn new(tex: &str, fault: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { formula: excerpt(tex), fault: fault.into(), fix: fix.into() }
    }
}

impl Default for Maths {
    fn default() -> Self {
        Self::new()
    }
}

impl Maths {
    /// Builds the tables: symbols, functions, environments, macros.
    pub fn new() -> Self {
        Self { context: Arc::new(KatexContext::default()), typeset: Arc::default() }
    }

    /// Renders as [`render`](Maths::render), and gives the same bytes for the same formula. It is done
    /// once: a book says $x$ a thousand times.
    ///
    /// # Errors
    /// As [`render`](Maths::render).
    pub fn typeset(&self, tex: &str, display: bool) -> Result<String, MathsError> {
        let key = (tex.to_owned(), display);
        let kept = || self.typeset.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept().get(&key) {
            return known.clone();
        }
        let made = self.render(tex, display).map(|html| in_order(&html));
        kept().insert(key, made.clone());
        made
    }

    /// Renders `tex` to one line of inline HTML, HTML and MathML side by side.
    ///
    /// `display` chooses the large form, on a line of its own. The result can stand in a paragraph, a
    /// heading, a table's cell or a block of HTML. Macros that a formula defines end with it.
    ///
    /// # Errors
    ///
    /// A formula that is empty, too long, or not TeX as KaTeX knows it: unknown
    /// commands, unbalanced braces, characters without a glyph, and commands that would reach out
    /// of the formula (links, pictures, HTML attributes).
    pub fn render(&self, tex: &str, display: bool) -> Result<String, MathsError> {
        check(tex)?;
        let context: &KatexContext = &self.context;
        let lay_out = || {
            let settings = Settings::builder()
                .display_mode(display)
                .strict(StrictSetting::Mode(StrictMode::Error))
                .trust(TrustSetting::Bool(false))
                .error_color(REFUSED.to_owned())
                .max_expand(EXPANSIONS)
                .max_size(50.0)
                .build();
            katex::render_to_string(context, tex, &settings).map_err(|error| explain(tex, &error))
        };
        // A thread of its own gives KaTeX the stack it may need, and turns a panic inside the
        // library into a fault that names the formula.
        let rendered = thread::scope(|scope| {
            let worker = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, lay_out);
            worker.ok().and_then(|worker| worker.join().ok())
        });
        let html = rendered.unwrap_or_else(|| {
            Err(MathsError::new(tex, "KaTeX cannot lay it out", "write it with simpler commands"))
        })?;
        if html.contains(REFUSED) {
            return Err(MathsError::new(
                tex,
                r"links, pictures and HTML attributes (\href, \url, \includegraphics, \html…) are switched off",
                "put them in the prose around the formula",
            ));
        }
        if has_bare_root(&html) {
            return Err(MathsError::new(
                tex,
                "a root stands before something without braces, and would be drawn through it",
                r"write `\sqrt{x}` for `\sqrt x`",
            ));
        }
        Ok(inline(&flat_tokens(&without_annotation(&html))))
    }
}

/// Refuses what would be slow or deep before KaTeX sees it.
fn check(tex: &str) -> Result<(), MathsError> {
    if tex.trim().is_empty() {
        return Err(MathsError::new(
            tex,
            "it is empty",
            "write a formula between the dollar signs, or remove them",
        ));
    }
    if tex.len() > LONGEST {
        return Err(MathsError::new(
            tex,
            format!("it has {} bytes and the limit is {LONGEST}", tex.len()),
            "split it into several formulas",
        ));
    }
    Ok(())
}

#[allow(clippy::unwrap_used, reason = "the pattern is a constant, and a test uses it")]
static PADDED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"<span [^>]*\bsvg-align\b[^>]*><span [^>]*\bpstrut\b[^>]*></span><[^>]*\bpadding-left:",
    )
    .unwrap()
});

/// Is the sign of a root drawn over what it stands before? KaTeX makes room for the sign before a group, and
/// `katex-rs` forgets it where there is one symbol without braces.
fn has_bare_root(html: &str) -> bool {
    let roots = html.matches("\"mord sqrt").count();
    roots > 0 && roots != PADDED.find_iter(html).count()
}

/// KaTeX's reason in a sentence, with the place where there is one.
fn explain(tex: &str, error: &ParseError) -> MathsError {
    let reason = match error.kind.as_ref() {
        ParseErrorKind::StrictModeError { message, .. } => message.clone(),
        kind => kind.to_string(),
    };
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let reason = reason.trim_end_matches('.');
    let place = error
        .position()
        .and_then(|start| tex.get(start..))
        .map(str::trim_start)
        .filter(|rest| !rest.is_empty())
        .map(|rest| format!(", at `{}`", excerpt(rest)))
        .unwrap_or_default();
    let fix = match error.kind.as_ref() {
        ParseErrorKind::UndefinedControlSequence { .. } => {
            "spell it as KaTeX does, or define it in the formula".to_owned()
        }
        ParseErrorKind::StrictModeError { code, .. } if code == "unicodeTextInMathMode" => {
            r"put words in \text{…}".to_owned()
        }
        _ => "mend the TeX".to_owned(),
    };
    MathsError::new(tex, format!("{reason}{place}"), fix)
}

/// The formula on one line, cut after [`EXCERPT`] characters.
fn excerpt(tex: &str) -> String {
    let line = tex.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}

/// Removes the TeX source that KaTeX keeps beside the MathML, the element that holds the two
/// together, and the name spaces.
///
/// ```text
/// <math xmlns="…"><semantics><mi>x</mi><annotation …>x</annotation></semantics></math>
/// <math><mi>x</mi></math>
/// ```
fn without_annotation(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<annotation") {
        kept.push_str(before);
        rest = after.split_once("</annotation>").map_or("", |(_, remaining)| remaining);
    }
    kept.push_str(rest);
    for noise in [
        "<semantics>",
        "</semantics>",
        r#" xmlns="http://www.w3.org/1998/Math/MathML""#,
        r#" xmlns="http://www.w3.org/2000/svg""#,
    ] {
        kept = kept.replace(noise, "");
    }
    kept
}

/// Takes away what stands inside a token of MathML, where there may be only text. KaTeX builds a name with a digit in it of
/// several tokens.
///
/// ```text
/// <mi><mrow><mi>atan</mi><mn>2</mn></mrow></mi>   ─>   <mi>atan2</mi>
/// ```
fn flat_tokens(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut depth = 0_usize;
    let mut parts = html.split('<');
    kept.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        let is_token = ["mi", "mn", "mo", "ms", "mtext"].contains(&name) && !tag.ends_with('/');
        let was_inside = depth > 0;
        match (is_token, tag.starts_with('/')) {
            (true, true) => depth = depth.saturating_sub(1),
            (true, false) => depth += 1,
            _ => {}
        }
        if !was_inside || depth == 0 {
            kept.push('<');
            kept.push_str(tag);
            kept.push('>');
        }
        kept.push_str(text);
    }
    kept
}

#[allow(clippy::unwrap_used, reason = "the patterns are constants, and a test uses them")]
static ATTRIBUTES: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [r#"<([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"]*"){2,})"#, r#"[\w:-]+="[^"]*""#]
        .map(|pattern| Regex::new(pattern).unwrap())
});

/// Sorts the attributes of every element: KaTeX gives those of drawn braces, roots and operators in
/// an order that changes from run to run.
fn in_order(html: &str) -> String {
    let [tag, attribute] = &*ATTRIBUTES;
    let sorted = |found: &Captures<'_>| {
        let mut attributes: Vec<&str> =
            attribute.find_iter(&found[2]).map(|a| a.as_str()).collect();
        attributes.sort_unstable();
        format!("<{} {}", &found[1], attributes.join(" "))
    };
    tag.replace_all(html, sorted).into_owned()
}

/// Makes HTML safe inside Markdown: one line, and no punctuation between tags that Markdown reads.
///
/// ```text
/// <mo>*</mo>   ─>   <mo>&#42;</mo>
/// ```
fn inline(html: &str) -> String {
    let mut safe = String::with_capacity(html.len() + html.len() / 8);
    let mut in_tag = false;
    let mut in_reference = false;
    for character in html.chars() {
        match character {
            '<' => in_tag = true,
            '>' => {
                safe.push('>');
                in_tag = false;
                continue;
            }
            '&' if !in_tag => in_reference = true,
            _ => {}
        }
        if matches!(character, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}') {
            safe.push(' ');
        } else if in_tag || in_reference || !is_markup(character) {
            safe.push(character);
        } else {
            safe.push_str(&format!("&#{};", u32::from(character)));
        }
        if character == ';' {
            in_reference = false;
        }
    }
    safe
}

/// Whether Markdown, or its smart punctuation, could read something into this character.
fn is_markup(character: char) -> bool {
    character.is_ascii_punctuation() && !matches!(character, ',' | ';' | '/' | '=' | '?' | '%')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Parser};

    use super::*;
    use crate::markup::OPTIONS;

    /// What a book on deep learning asks for.
    const FORMULAS: &[&str] = &[
        r"x_i",
        r"z = Wx + b",
        r"\hat{y} = \operatorname{softmax}(W^\top x + b)",
        r"\sigma(z) = \frac{1}{1 + e^{-z}}",
        r"L = -\frac{1}{n} \sum_{i=1}^{n} \log p_\theta(y_i \mid x_i)",
        r"\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right) V",
        r"\frac{\partial L}{\partial w_{ij}} = \delta_j a_i",
        r"\theta_{t+1} = \theta_t - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}",
        r"\mathbb{E}_{x \sim p}\bigl[\lVert x - \mu \rVert_2^2\bigr]",
        r"\begin{aligned} m_t &= \beta_1 m_{t-1} + (1-\beta_1) g_t \\ v_t &= \beta_2 v_{t-1} + (1-\beta_2) g_t^2 \end{aligned}",
        r"f(x) = \begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\begin{pmatrix} \cos\varphi & -\sin\varphi \\ \sin\varphi & \cos\varphi \end{pmatrix}",
        r"P = 12\,L\,d^2 + V d + T d",
        r"C_\text{out}\,(C_\text{in}\,k_h\,k_w + 1)",
        r"\mathcal{O}(n \log n)",
        r"a * b * c, w_{ij}*x*y",
        r"\underbrace{k \cdot k \cdot C}_{\text{weights}} + \overbrace{1}^{\text{bias}}",
        r"\arg\min_{w} \; \tfrac12 \lVert w \rVert^2 + C \sum_i \max(0, 1 - y_i w^\top x_i)",
        r"\left\lfloor \frac{H + 2p - k}{s} \right\rfloor + 1",
        r"\{ x \in \mathbb{R}^d : |x| < 1 \}",
        r"1\,073\,741\,824 = 2^{30} \ne 10^9",
        r"\widehat{xyz} \xrightarrow{\text{ReLU}} \sqrt[3]{y}",
        r"\text{50\% of `it', and -- so on...} \$5 \#1 \& [a](b) ~ \backslash",
        r"x^{\prime\prime} = x''",
        r"α + β",
    ];

    #[test]
    fn a_token_of_mathml_holds_text_alone() {
        let nested =
            "<math><mi><mrow><mi>atan</mi><mn>2</mn></mrow></mi><mo>(</mo><mspace/></math><b>x</b>";
        assert_eq!(flat_tokens(nested), "<math><mi>atan2</mi><mo>(</mo><mspace/></math><b>x</b>");
        let rendered = shared().render(r"\operatorname{atan2}(g_y, g_x)", false).unwrap();
        assert!(rendered.contains("atan2</mi>"), "{rendered}");
    }

    #[test]
    fn attributes_are_in_order() {
        assert_eq!(
            in_order("<svg width=\"1\" height=\"2\"><path d=\"M 0\" /></svg>"),
            "<svg height=\"2\" width=\"1\"><path d=\"M 0\" /></svg>"
        );
        let maths = Maths::new();
        for tex in
            [r"\underbrace{a}_b", r"\sqrt{a'}", r"\min\!\left(\frac{v'}{\lVert v\rVert}\right)"]
        {
            let typeset = || in_order(&maths.render(tex, true).unwrap());
            let first = typeset();
            assert!((0..16).all(|_| typeset() == first), "{tex}");
        }
    }

    fn shared() -> &'static Maths {
        thread_local! {
            static MATHS: &'static Maths = Box::leak(Box::new(Maths::new()));
        }
        MATHS.with(|maths| *maths)
    }

    /// Tags and text of a piece of HTML, apart.
    fn parts(html: &str) -> (String, String) {
        let (mut tags, mut text) = (String::new(), String::new());
        for piece in html.split_inclusive('>') {
            let (words, tag) = piece.split_once('<').unwrap_or((piece, ""));
            text.push_str(words);
            if !tag.is_empty() {
                tags.push('<');
                tags.push_str(tag);
            }
        }
        let mut decoded = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('&') {
            decoded.push_str(before);
            let (name, remaining) = after.split_once(';').expect("a reference ends");
            decoded.push(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                _ => {
                    let number = name.strip_prefix('#').expect("a number");
                    let code = match number.strip_prefix('x') {
                        Some(digits) => u32::from_str_radix(digits, 16),
                        None => number.parse(),
                    };
                    char::from_u32(code.unwrap()).unwrap()
                }
            });
            rest = remaining;
        }
        decoded.push_str(rest);
        (tags, decoded)
    }

    /// Tags and text of what Markdown makes of it.
    fn through_markdown(source: &str) -> (String, String) {
        let (mut tags, mut text) = (String::new(), String::new());
        for event in Parser::new_ext(source, OPTIONS) {
            match event {
                Event::InlineHtml(tag) | Event::Html(tag) => tags.push_str(&tag),
                Event::Text(words) | Event::Code(words) => text.push_str(&words),
                Event::SoftBreak | Event::HardBreak => text.push('\n'),
                _ => {}
            }
        }
        (tags, text)
    }

    fn survives_markdown(html: &str) {
        let (tags, text) = parts(html);
        for (before, after) in [
            ("", ""),
            ("before*", "*after"),
            ("[", "](link.md)"),
            ("# ", ""),
            ("| a | b |\n|---|---|\n| 1 | ", " |\n"),
            ("- ", ""),
        ] {
            let (got_tags, got_text) = through_markdown(&format!("{before}{html}{after}"));
            assert_eq!(got_tags, tags, "{before}…{after}");
            assert!(got_text.contains(&text), "{before}…{after}:\n{got_text:?}\n{text:?}");
        }
    }

    #[test]
    fn the_formulas_of_the_book_render() {
        for tex in FORMULAS {
            for display in [false, true] {
                let html = shared().render(tex, display).unwrap_or_else(|error| panic!("{error}"));
                assert!(html.starts_with("<span") && html.ends_with("</span>"), "{html}");
                assert!(html.contains("<math") && html.contains("aria-hidden=\"true\""));
                assert_eq!(html.contains("katex-display"), display);
                assert!(!html.contains("annotation") && !html.contains("http"), "{html}");
                assert!(!html.contains('\n'));
                survives_markdown(&html);
            }
        }
    }

    #[test]
    fn punctuation_is_written_as_references() {
        let html = shared().render("w*x|y|", false).unwrap();
        assert!(html.contains("&#42;") || html.contains('∗'), "{html}");
        assert_eq!(inline("<mo>*_[]()\\`$|~!#+-{}'\".</mo>").matches('&').count(), 20);
        assert_eq!(inline("<mo>&lt; a, b; c &amp;</mo>"), "<mo>&lt; a, b; c &amp;</mo>");
        assert_eq!(inline("<path d=\"M1,2\n\nl3|4\"/>"), "<path d=\"M1,2  l3|4\"/>");
    }

    #[test]
    fn the_source_is_not_indexed() {
        let html = shared().render(r"\operatorname{softmax}(x)", false).unwrap();
        assert!(!html.contains("operatorname") && !html.contains("semantics"));
    }

    #[test]
    fn a_macro_ends_with_its_formula() {
        assert!(shared().render(r"\gdef\loss{L}\loss", false).is_ok());
        assert!(shared().render(r"\loss", false).is_err());
    }

    #[test]
    fn errors_name_the_formula_the_fault_and_the_fix() {
        let message = |tex: &str| shared().render(tex, false).unwrap_err().to_string();
        assert_eq!(
            message(r"x + \sofmax(y)"),
            r"the formula `x + \sofmax(y)` does not parse: Undefined control sequence: \sofmax, at `\sofmax(y)`; spell it as KaTeX does, or define it in the formula"
        );
        for (tex, says) in [
            ("", "empty"),
            ("  \n ", "empty"),
            (r"\frac{a}{", "does not parse"),
            ("x^a^b", "Double superscript"),
            ("}", "does not parse"),
            ("é", r"put words in \text{…}"),
            ("x % y", "comment"),
            (r"\href{https://example.org}{x}", "switched off"),
            (r"\begin{tabular}{l}x\end{tabular}", "tabular"),
            (r"\begin{align}x\end{align}", "display mode"),
        ] {
            let message = message(tex);
            assert!(message.contains(says), "{message}");
            assert!(!message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn a_root_stands_beside_what_it_is_taken_of() {
        for tex in [
            r"\sqrt{\kappa}",
            r"\sqrt[3]{x}",
            r"\sqrt\frac{a}{b}",
            r"x^{\sqrt{2}}",
            r"\sqrt{\sqrt{x} + \underbrace{a}_b}",
            r"\sqrt[\sqrt{n}]{\begin{matrix} a \\ b \\ c \end{matrix}}",
        ] {
            for display in [false, true] {
                assert!(shared().render(tex, display).is_ok(), "{tex}");
            }
        }
        for tex in [
            r"\sqrt\kappa",
            r"\sqrt x",
            r"\sqrt2",
            r"\frac{1}{\sqrt n}",
            r"\sqrt{a} + \sqrt b",
            r"x^{\sqrt 2}",
        ] {
            for display in [false, true] {
                let said = shared().render(tex, display).unwrap_err().to_string();
                assert!(said.contains(r"write `\sqrt{x}`"), "{tex}: {said}");
            }
        }
    }

    #[test]
    fn a_long_formula_is_cut_in_the_message() {
        let error = shared().render(&r"\nope ".repeat(50), false).unwrap_err();
        assert!(error.formula.ends_with('…'));
        assert_eq!(error.formula.chars().count(), EXCERPT + 1);
        assert!(shared().render(&"x".repeat(LONGEST + 1), true).is_err());
    }

    #[test]
    fn deep_nesting_is_no_crash() {
        for opening in [
            "{",
            r"\sqrt",
            r"\frac",
            r"\left(",
            "x^{",
            r"\begin{matrix}",
            r"\sqrt[",
            r"\text{",
            r"\bar ",
            "''",
            r"\left[",
            r"\tiny x",
            r"\color{red}x",
            r"\rm x",
            r"\displaystyle ",
            r"\frac{x}",
            r"\mathbf",
            r"\sqrt{",
        ] {
            let many = opening.repeat((LONGEST - 2) / opening.len());
            for tex in [many.clone(), format!("{many} x")] {
                let _ = shared().render(&tex, true);
            }
        }
        for closing in ["}", ")"] {
            let half = LONGEST / 2;
            let opening = if closing == "}" { "{" } else { "(" };
            let tex = format!("{}{}", opening.repeat(half), closing.repeat(half));
            let _ = shared().render(&tex, true);
        }
        for tex in [r"\def\a{{\a}}\a", r"\def\a{\sqrt\a}\a", r"\def\a{\a\a}\a"] {
            assert!(shared().render(tex, false).is_err());
        }
        let roots = format!("{}x{}", r"\sqrt{".repeat(30), "}".repeat(30));
        assert!(shared().render(&roots, true).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn arbitrary_text_never_panics(tex in any::<String>(), display in any::<bool>()) {
            if let Ok(html) = shared().render(&tex, display) {
                survives_markdown(&html);
            }
        }

        #[test]
        fn arbitrary_tex_survives_markdown(
            pieces in prop::collection::vec(prop::sample::select(vec![
                r"\frac", r"\sqrt", r"\sum", r"\text{a_b*c*}", r"\left(", r"\right)", "{", "}", "[", "]", "^", "_", "*", "|",
                r"\|", r"\\", "&", "x", "1", r"\$", "`", "~", "'", r"\ ", "<", ">", "!", "-", "+", r"\begin{matrix}",
                r"\end{matrix}", r"\mathbf", r"\hat", " ", "#", r"\#", "%", "\n", r"\mathrm{d}", ":", "(", ")", r"\def\a", r"\a",
            ]), 1..14),
            display in any::<bool>(),
        ) {
            if let Ok(html) = shared().render(&pieces.concat(), display) {
                survives_markdown(&html);
            }
        }
    }
}
