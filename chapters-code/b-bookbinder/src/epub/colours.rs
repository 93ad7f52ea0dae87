//! The colours of drawings without variables, which many readers do not know.
//!
//! A drawing says `fill="var(--figure-1, #0072b2)"`. In the EPUB it says `fill="#0072b2"
//! class="fill-figure-1"`, and the style sheet has one rule for a light page and one for a dark page:
//!
//! ```text
//! .fill-figure-1{fill:#0072b2}
//! @media (prefers-color-scheme:dark){.fill-figure-1{fill:#56b4e9}}
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

#[allow(clippy::unwrap_used, reason = "the patterns are constants, and a test uses them")]
static PATTERNS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [r"(?s)/\*.*?\*/", r"([^{}]+)\{([^{}]*)\}", r"(--[\w-]+)\s*:\s*([^;]+)"]
        .map(|pattern| Regex::new(pattern).unwrap())
});

/// The variables of the book's style sheets, for a light and for a dark theme.
#[derive(Debug, Clone, Default)]
pub struct Colours {
    light: BTreeMap<String, String>,
    dark: BTreeMap<String, String>,
}

/// A property that has the colour of a variable, with the colour where nothing defines it.
pub type Use = (String, String, String);

impl Colours {
    /// Reads the definitions: those of `:root`, `light` and the map, and those of `navy`.
    pub fn read(css: &str) -> Self {
        let [comment, block, definition] = &*PATTERNS;
        let mut colours = Colours::default();
        for found in block.captures_iter(&comment.replace_all(css, "")) {
            let selector = &found[1];
            let names = |known: &[&str]| known.iter().any(|name| selector.contains(name));
            let values = if names(&[".navy"]) {
                &mut colours.dark
            } else if names(&[":root", "html.light", ".map"]) {
                &mut colours.light
            } else {
                continue;
            };
            for found in definition.captures_iter(&found[2]) {
                values.entry(found[1].to_owned()).or_insert_with(|| found[2].trim().to_owned());
            }
        }
        colours
    }

    /// The colour of `var(…)` on a light page.
    pub fn light(&self, value: &str) -> String {
        resolve(value, &|name| self.light.get(name), 0)
    }

    fn dark(&self, value: &str) -> String {
        resolve(value, &|name| self.dark.get(name).or_else(|| self.light.get(name)), 0)
    }

    /// The rules for what the pages use.
    pub fn rules(&self, uses: &BTreeSet<Use>) -> String {
        let (mut light, mut dark) = (String::new(), String::new());
        for (property, name, fallback) in uses {
            let value = format!("var(--{name}, {fallback})");
            let class = class(property, name);
            let (by_day, by_night) = (self.light(&value), self.dark(&value));
            if by_day != by_night {
                dark.push_str(&format!("  .{class} {{ {property}: {by_night}; }}\n"));
            }
            light.push_str(&format!(".{class} {{ {property}: {by_day}; }}\n"));
        }
        format!("\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}}}\n")
    }
}

/// The class of an element whose property has the colour of a variable.
pub fn class(property: &str, name: &str) -> String {
    format!("{property}-{name}")
}

/// Name and fallback of `var(--name, fallback)`.
pub fn variable(value: &str) -> Option<(&str, &str)> {
    let inner = value.trim().strip_prefix("var(--")?.strip_suffix(')')?;
    let (name, fallback) = inner.split_once(',').unwrap_or((inner, "currentColor"));
    Some((name.trim(), fallback.trim()))
}

/// A value without variables.
fn resolve<'a>(value: &str, get: &impl Fn(&str) -> Option<&'a String>, depth: usize) -> String {
    match variable(value) {
        Some((name, fallback)) if depth < 8 => match get(&format!("--{name}")) {
            Some(known) if variable(known).is_none_or(|(other, _)| other != name) => {
                resolve(known, get, depth + 1)
            }
            _ => resolve(fallback, get, depth + 1),
        },
        Some(_) => "currentColor".to_owned(),
        None => value.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSS: &str = "/* :root { --a: no } */ :root { --a: #111; --ground: var(--bg, #fff) }\n\
        .coal, .navy { --a: #eee; --fg: #ddd }\n.map { --ink: var(--fg) }\n.print { --a: red }\n";

    #[test]
    fn variables_become_colours() {
        let colours = Colours::read(CSS);
        assert_eq!(colours.light("var(--a, #000)"), "#111");
        assert_eq!(colours.dark("var(--a, #000)"), "#eee");
        assert_eq!(colours.light("var(--ground)"), "#fff");
        assert_eq!(colours.dark("var(--ink, #123)"), "#ddd");
        assert_eq!(colours.light("var(--none, var(--other, #456))"), "#456");
        assert_eq!(colours.light("none"), "none");
    }

    #[test]
    fn circles_end() {
        let colours = Colours::read(":root { --a: var(--b); --b: var(--a) }");
        assert_eq!(colours.light("var(--a)"), "currentColor");
    }

    #[test]
    fn a_rule_for_a_dark_page_stands_where_it_differs() {
        let colours = Colours::read(CSS);
        let uses = ["a", "ground"].map(|name| ("fill".into(), name.into(), "#000".into()));
        let rules = colours.rules(&uses.into());
        assert!(rules.contains("\n.fill-a { fill: #111; }\n"), "{rules}");
        assert!(rules.contains("  .fill-a { fill: #eee; }\n}"), "{rules}");
        assert_eq!(rules.matches(".fill-ground").count(), 1, "{rules}");
    }
}
