//! The book's colours: drawn as sentinels, finished as CSS variables.
//!
//! plotters draws with colours that stand for a role, an [`Ink`]. [`finish`] then replaces each of
//! them by a CSS variable with a fallback, `fill="var(--figure-1, #0072b2)"`, so that one SVG follows
//! the five themes of mdBook. plotters draws at [`UNIT`] units a pixel, because its coordinates are
//! whole numbers; `finish` divides them. The palette is that of Okabe and Ito, which people with
//! any kind of colour vision can tell apart, darkened or lightened to the contrast that WCAG asks.

use std::fmt::Write as _;

use plotters::style::RGBColor;

/// What the book's theme must contain: the variables for light and dark themes, and a few rules.
///
/// It stands among the book's styles, which every page links, and is read here so that a figure in a
/// file of its own has the same colours.
pub const CSS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/assets/figure.css"));

/// Colours that tell groups apart. A figure with more of them would not be read.
pub const COLOURS: usize = 7;

/// Steps of the ramp of a heat map.
pub(super) const RAMP: usize = 9;

/// Units of plotters' whole-numbered canvas to a pixel of the figure.
pub(super) const UNIT: i32 = 10;

/// Dashes by number, so that a line is known by more than its colour. None is solid.
const DASHES: [&str; 5] = ["", "7 4", "2 3", "9 3 2 3", "14 6"];

/// The role of a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// The page.
    Background,
    /// Words.
    Text,
    /// Words of less weight: ticks, names of axes.
    Muted,
    /// The grid.
    Grid,
    /// Reference lines and whiskers.
    Rule,
    /// Line, bar or marker of a group, from 0.
    Group(usize),
    /// Words in the colour of a group.
    GroupText(usize),
    /// Words upon the colour of a group.
    OnGroup,
    /// A step of the ramp, from 0.
    Ramp(usize),
    /// Words upon a step of the ramp.
    OnRamp(usize),
}

impl Ink {
    /// Every ink that plotters draws with: the place in this list is the sentinel's red.
    fn all() -> impl Iterator<Item = Ink> {
        [Ink::Background, Ink::Text, Ink::Muted, Ink::Grid, Ink::Rule]
            .into_iter()
            .chain((0..COLOURS).map(Ink::Group))
            .chain((0..RAMP).map(Ink::Ramp))
    }

    /// Name of the CSS variable.
    fn variable(self) -> String {
        match self {
            Ink::Background => "--figure-background".into(),
            Ink::Text => "--figure-ink".into(),
            Ink::Muted => "--figure-muted".into(),
            Ink::Grid => "--figure-grid".into(),
            Ink::Rule => "--figure-rule".into(),
            Ink::Group(n) => format!("--figure-{}", n % COLOURS + 1),
            Ink::GroupText(n) => format!("--figure-{}-text", n % COLOURS + 1),
            Ink::OnGroup => "--figure-on".into(),
            Ink::Ramp(n) => format!("--figure-ramp-{n}"),
            Ink::OnRamp(n) if n <= RAMP / 2 => "--figure-ramp-low-text".into(),
            Ink::OnRamp(_) => "--figure-ramp-high-text".into(),
        }
    }

    /// The colour as CSS: `var(--figure-1, #0072b2)`.
    pub(super) fn css(self) -> String {
        let name = self.variable();
        let fallback = match self {
            Ink::Background => "#ffffff",
            _ => lookup(":root", &name).unwrap_or("currentColor"),
        };
        format!("var({name}, {fallback})")
    }

    /// The sentinel that plotters draws with.
    pub(super) fn sentinel(self) -> RGBColor {
        self.dashed(0)
    }

    /// The dash of the line of group `n`, as SVG writes it; the first is solid.
    pub(super) fn dash(n: usize) -> &'static str {
        DASHES[n % DASHES.len()]
    }

    /// The sentinel of a line with the dash of group `n`.
    pub(super) fn dashed(self, n: usize) -> RGBColor {
        let place = Ink::all().position(|ink| ink == self).unwrap_or(1);
        RGBColor(place as u8, (n % DASHES.len()) as u8, 0xb0)
    }
}

/// The rule for dark themes on a screen.
const DARK: &str = ".coal, .navy, .ayu";

/// The declarations of the rule of [`CSS`] that begins with `selector` on a line, indented or not.
fn block(selector: &str) -> &'static str {
    let begins = |line: &str| line.trim_start().strip_prefix(selector).is_some_and(|l| l == " {");
    let mut at = 0;
    for line in CSS.split_inclusive('\n') {
        at += line.len();
        if begins(line.trim_end()) {
            let rule = &CSS[at..];
            return &rule[..rule.find('}').unwrap_or(rule.len())];
        }
    }
    ""
}

/// The value of a variable in the rule that begins with `selector`.
fn lookup(selector: &str, name: &str) -> Option<&'static str> {
    block(selector).lines().find_map(|line| {
        let (key, value) = line.trim().strip_suffix(';')?.split_once(':')?;
        (key == name).then_some(value.trim())
    })
}

/// The style of a figure that stands alone: its own colours, light or as the reader's system is.
pub(super) fn standalone_style() -> String {
    format!(
        "<style>svg {{{}background: var(--figure-background); font-family: system-ui, sans-serif; \
         font-variant-numeric: tabular-nums; }}\n\
         @media (prefers-color-scheme: dark) {{ svg {{{}}} }}</style>",
        block(":root"),
        block(DARK),
    )
}

/// Replaces sentinels by CSS variables and plotters' units by pixels.
///
/// `<line opacity="1" stroke="#0500B0" stroke-width="20" x1="10" … />` becomes
/// `<line stroke="var(--figure-1, #0072b2)" stroke-width="2" x1="1" … />`.
pub(super) fn finish(drawn: &str) -> String {
    let mut shapes = String::new();
    let elements = drawn.lines().filter(|l| l.starts_with('<'));
    for element in elements.filter(|l| !l.starts_with("<svg") && !l.starts_with("</svg")) {
        let (name, mut rest) = element[1..].split_once(' ').unwrap_or((&element[1..], ""));
        let _ = write!(shapes, "<{name}");
        while let Some((attribute, value, after)) = next_attribute(rest) {
            attribute_finished(&mut shapes, attribute, value);
            rest = after;
        }
        shapes.push_str("/>\n");
    }
    shapes
}

/// `x="1" y="2"` is `x`, `1` and ` y="2"`.
fn next_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once("=\"")?;
    let (value, rest) = rest.split_once('"')?;
    Some((name.trim(), value, rest))
}

/// Writes one attribute of plotters as the book wants it.
fn attribute_finished(shapes: &mut String, name: &str, value: &str) {
    let written = match name {
        "opacity" if value == "1" => return,
        "stroke" if value == "none" => return,
        "opacity" => value.to_owned(),
        "fill" | "stroke" => match sentinel(value) {
            Some((ink, dash)) => {
                if name == "stroke" && !dash.is_empty() {
                    let _ = write!(shapes, " stroke-dasharray=\"{dash}\"");
                }
                ink.css()
            }
            None => value.to_owned(),
        },
        "points" => value.split_whitespace().map(|p| pixels(p, ',')).collect::<Vec<_>>().join(" "),
        _ => pixels(value, ','),
    };
    let _ = write!(shapes, " {name}=\"{written}\"");
    if name == "points" {
        shapes.push_str(" stroke-linejoin=\"round\"");
    }
}

/// Numbers in units, separated by `by`, in pixels.
fn pixels(text: &str, by: char) -> String {
    let pixel =
        |n: &str| n.parse::<f64>().map_or_else(|_| n.to_owned(), |n| decimal(n / f64::from(UNIT)));
    text.split(by).map(pixel).collect::<Vec<_>>().join(&by.to_string())
}

/// The ink and dash that `#RRGGBB` stands for.
fn sentinel(colour: &str) -> Option<(Ink, &'static str)> {
    let code = u32::from_str_radix(colour.strip_prefix('#')?, 16).ok()?;
    let [_, red, green, blue] = code.to_be_bytes();
    let ink = Ink::all().nth(usize::from(red)).filter(|_| blue == 0xb0)?;
    Some((ink, DASHES.get(usize::from(green))?))
}

/// A coordinate with at most two decimals, so that platforms agree on it.
pub(super) fn decimal(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of `#rrggbb`, after WCAG 2.
    fn luminance(colour: &str) -> f64 {
        let code = u32::from_str_radix(&colour[1..7], 16).unwrap();
        let [_, r, g, b] = code.to_be_bytes().map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Backgrounds of mdBook 0.5's themes, from its variables.css.
    const THEMES: [(&str, &str, &str); 5] = [
        ("light", ":root", "#ffffff"),
        ("rust", ":root", "#e1e1db"),
        ("coal", DARK, "#131516"),
        ("navy", DARK, "#161923"),
        ("ayu", DARK, "#0f1419"),
    ];

    fn holds(theme: &str, selector: &str, ink: Ink, against: &str, least: f64) {
        let colour =
            lookup(selector, &ink.variable()).unwrap_or_else(|| panic!("{theme} lacks {ink:?}"));
        let found = contrast(colour, against);
        assert!(
            found >= least,
            "{theme}: {ink:?} {colour} on {against} has {found:.2}:1, needs {least}:1"
        );
    }

    #[test]
    fn words_and_lines_stand_out_in_every_theme() {
        for (theme, selector, background) in THEMES {
            for n in 0..COLOURS {
                holds(theme, selector, Ink::Group(n), background, 3.0);
                holds(theme, selector, Ink::GroupText(n), background, 4.5);
                let fill = lookup(selector, &Ink::Group(n).variable()).unwrap();
                holds(theme, selector, Ink::OnGroup, fill, 4.5);
            }
            holds(theme, selector, Ink::Text, background, 4.5);
            holds(theme, selector, Ink::Muted, background, 4.5);
            holds(theme, selector, Ink::Rule, background, 3.0);
            for step in 0..RAMP {
                let fill = lookup(selector, &Ink::Ramp(step).variable()).unwrap();
                holds(theme, selector, Ink::OnRamp(step), fill, 4.5);
            }
        }
    }

    /// The declarations of a rule, in order.
    fn declarations(selector: &str) -> Vec<&'static str> {
        block(selector).lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }

    #[test]
    fn dark_themes_are_for_screens_and_the_same_without_scripts() {
        assert_eq!(declarations(DARK), declarations("html:not(.js)"));
        assert_eq!(declarations(DARK).len(), declarations(":root").len());
        // What is set for print alone would have to be set back: the dark set stands in a rule for screens.
        let before = &CSS[..CSS.find(DARK).unwrap()];
        assert!(before.trim_end().ends_with("@media screen {"));
        let without = &CSS[..CSS.find("html:not(.js) {").unwrap()];
        assert!(without.trim_end().ends_with("@media screen and (prefers-color-scheme: dark) {"));
    }

    #[test]
    fn the_ramp_never_turns() {
        for (selector, sign) in [(":root", -1.0), (DARK, 1.0)] {
            let steps: Vec<f64> = (0..RAMP)
                .map(|n| sign * luminance(lookup(selector, &Ink::Ramp(n).variable()).unwrap()))
                .collect();
            assert!(steps.is_sorted(), "{selector}: {steps:?}");
        }
    }

    #[test]
    fn a_sentinel_becomes_a_variable_and_units_become_pixels() {
        let drawn = "<svg width=\"10\">\n<line opacity=\"1\" stroke=\"#0501B0\" stroke-width=\"20\" x1=\"15\"/>\n</svg>\n";
        let expected = "<line stroke-dasharray=\"7 4\" stroke=\"var(--figure-1, #0072b2)\" stroke-width=\"2\" x1=\"1.5\"/>\n";
        assert_eq!(finish(drawn), expected);
    }
}
