//! Which symbols a formula uses, and which it gives a name to.
//!
//! A symbol is a letter, Latin or Greek, without its accents, primes and indices: of `\bar x_i'` it
//! is `x`. Names of functions, words in `\text`, and indices that a sum binds are none.

use std::collections::BTreeSet;

/// Commands whose argument is a word and no symbol.
const WORDS: [&str; 11] = [
    "text",
    "mathrm",
    "operatorname",
    "mathsf",
    "mathtt",
    "texttt",
    "textbf",
    "mathbb",
    "begin",
    "end",
    "tag",
];
/// Commands whose lower limit binds what stands in it.
const BINDERS: [&str; 11] =
    ["sum", "prod", "int", "bigcup", "bigcap", "max", "min", "argmax", "argmin", "lim", "sup"];
/// Commands that leave what they stand before a symbol.
const ACCENTS: [&str; 16] = [
    "bar",
    "hat",
    "tilde",
    "vec",
    "dot",
    "ddot",
    "overline",
    "widehat",
    "mathbf",
    "boldsymbol",
    "mathit",
    "left",
    "right",
    "big",
    "prime",
    "star",
];
const GREEK: &str = "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa \
    lambda mu nu xi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta \
    Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell";

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// A symbol, and where it stands.
    Symbol(String, usize),
    /// `_` with all that hangs on it; the letters in it.
    Below(Vec<String>),
    /// A command that is no symbol.
    Command(String),
    /// Any other character.
    Other(char),
}

/// The symbols that `tex` uses, with their places.
pub fn uses(tex: &str) -> Vec<(String, usize)> {
    let pieces = pieces(tex);
    let mut bound = BTreeSet::new();
    for pair in pieces.windows(2) {
        if let [Piece::Command(name), Piece::Below(letters)] = pair
            && BINDERS.contains(&name.as_str())
        {
            bound.extend(letters.iter().cloned());
        }
    }
    let has_integral = pieces.contains(&Piece::Command("int".into()));
    let mut uses = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let Piece::Symbol(name, at) = piece else { continue };
        let next = pieces.get(i + 1);
        // Euler's number, the order of growth, and the d of an integral are known everywhere.
        let is_known = match name.as_str() {
            "e" => next == Some(&Piece::Other('^')),
            "O" => next == Some(&Piece::Other('(')),
            "d" => has_integral,
            _ => false,
        };
        if !is_known && !bound.contains(name) {
            uses.push((name.clone(), *at));
        }
    }
    uses
}

/// The symbols that `tex` names by standing alone, in a list, or left of `=` or `\in`:
/// `x`, `(\bar y, \bar x)`, `I(y, x)`, `r = \lfloor 8R/256 \rfloor`.
pub fn names(tex: &str) -> Vec<String> {
    let pieces = pieces(tex);
    let relation = |p: &Piece| match p {
        Piece::Other('=') => true,
        Piece::Command(c) => matches!(c.as_str(), "in" | "approx" | "equiv" | "colon"),
        _ => false,
    };
    let left = &pieces[..pieces.iter().position(relation).unwrap_or(pieces.len())];
    let mut names = Vec::new();
    let mut arguments = 0_usize;
    let mut may_name = true;
    for (i, piece) in left.iter().enumerate() {
        match piece {
            Piece::Other('(') if arguments > 0 || (i > 0 && !may_name) => arguments += 1,
            Piece::Other(')') if arguments > 0 => arguments -= 1,
            _ if arguments > 0 => {}
            Piece::Symbol(..) if !may_name => return Vec::new(),
            Piece::Symbol(name, _) => {
                names.push(name.clone());
                may_name = false;
            }
            Piece::Other(',' | ';') => may_name = true,
            Piece::Other('^' | '*' | '\'' | '{' | '}' | '(' | ')' | ' ') | Piece::Below(_) => {}
            // A power names the quantity itself: `\sigma^2`.
            Piece::Other('0'..='9') if i > 0 && left[i - 1] == Piece::Other('^') => {}
            Piece::Command(c) if ACCENTS.contains(&c.as_str()) => {}
            _ => return Vec::new(),
        }
    }
    names
}

fn pieces(tex: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(c) = tex[at..].chars().next() {
        let start = at;
        at += c.len_utf8();
        match c {
            // A directive in a formula is a value.
            '{' if tex[start..].starts_with("{{#") => {
                at = tex[start..].find("}}").map_or(tex.len(), |end| start + end + 2);
                pieces.push(Piece::Other('0'));
            }
            '\\' => at = command(tex, at, &mut pieces),
            '_' => {
                let (inside, end) = argument(tex, at);
                at = end;
                let below = self::pieces(inside);
                let bound = below
                    .iter()
                    .take_while(|p| **p != Piece::Other('=') && **p != Piece::Command("in".into()));
                let letters = bound.filter_map(|p| match p {
                    Piece::Symbol(name, _) => Some(name.clone()),
                    _ => None,
                });
                pieces.push(Piece::Below(letters.collect()));
            }
            c if c.is_alphabetic() => pieces.push(Piece::Symbol(c.to_string(), start)),
            c if c.is_whitespace() || matches!(c, '&' | '~') => {}
            c => pieces.push(Piece::Other(c)),
        }
    }
    pieces
}

/// Reads the command whose name begins at `at`; gives where it ends.
fn command(tex: &str, at: usize, pieces: &mut Vec<Piece>) -> usize {
    let length = tex[at..].bytes().take_while(u8::is_ascii_alphabetic).count();
    if length == 0 {
        // An escaped character or a space: `\,`.
        return at + tex[at..].chars().next().map_or(0, char::len_utf8);
    }
    let name = &tex[at..at + length];
    let mut end = at + length;
    if WORDS.contains(&name) {
        if tex[end..].starts_with('*') {
            end += 1;
        }
        end = argument(tex, end).1;
        pieces.push(Piece::Command(name.to_owned()));
    } else if matches!(name, "mathcal" | "mathscr" | "mathfrak") {
        let (inside, after) = argument(tex, end);
        pieces.push(Piece::Symbol(format!("\\{name}{{{}}}", inside.trim()), at - 1));
        end = after;
    } else if GREEK.split_whitespace().any(|g| g == name) {
        pieces.push(Piece::Symbol(format!("\\{name}"), at - 1));
    } else {
        pieces.push(Piece::Command(name.to_owned()));
    }
    end
}

/// The argument at `at`, a group in braces, a command with its own, or a character; and its end.
fn argument(tex: &str, at: usize) -> (&str, usize) {
    let start = at + (tex[at..].len() - tex[at..].trim_start().len());
    let rest = &tex[start..];
    if let Some(inside) = rest.strip_prefix('{') {
        let mut depth = 0_usize;
        for (i, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return (&rest[1..i], start + i + 1);
            }
        }
        return (inside, tex.len());
    }
    if let Some(name) = rest.strip_prefix('\\') {
        let length = 1 + name.bytes().take_while(u8::is_ascii_alphabetic).count();
        let end = (start + length).max(start + 1);
        if WORDS.contains(&&rest[1..length]) {
            return (&rest[..0], argument(tex, end).1);
        }
        return (&tex[start..end], end);
    }
    let end = start + rest.chars().next().map_or(0, char::len_utf8);
    (&tex[start..end], end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(tex: &str) -> String {
        uses(tex).into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn symbols_are_letters_without_what_hangs_on_them() {
        assert_eq!(used(r"\bar x_i' + \eta_{20}^2 W^{(l)}"), r"x \eta W l");
        assert_eq!(used(r"P_\text{conv} = C_\text{out} \cdot k^2"), "P C k");
        assert_eq!(used(r"\underbrace{4w \cdot w}_{1 \times 1} \ \text{bytes a parameter}"), "w w");
        assert_eq!(used(r"a = {{#value chapter/experiment key | fixed 2}} b"), "a b");
        assert_eq!(used(r"\mathcal{L} + \mathbb{R}^n + \mathbf{x}"), r"\mathcal{L} n x");
    }

    #[test]
    fn functions_and_bound_indices_are_none() {
        assert_eq!(used(r"\frac{1}{n}\sum_{i=1}^{n} \ln p_{y_i}(x_i) i"), "n n p x");
        assert_eq!(used(r"\sum_{ij} P_{ij}\,(i-j)^2"), "P");
        assert_eq!(used(r"\operatorname{sign}(h) \log_{10}|h| \sqrt{\pi} e^{x} O(n)"), "h h x n");
        assert_eq!(used(r"\max_{c \in K} z_c, \int f(x)\, dx"), "z f x x");
    }

    #[test]
    fn a_formula_that_stands_alone_names() {
        for (tex, expected) in [
            ("x", "x"),
            (r"(\bar y, \bar x)", "y x"),
            ("x, y", "x y"),
            ("I(y, x)", "I"),
            (r"r = \lfloor 8R/256 \rfloor", "r"),
            (r"C_\text{out}", "C"),
            ("R^*", "R"),
            ("p_c = 1", "p"),
            (r"\sigma^2", r"\sigma"),
            (r"i \in S", "i"),
            ("hd = C", ""),
            (r"H \times W", ""),
            ("4w", ""),
            (r"\sum_j a_j", ""),
        ] {
            assert_eq!(names(tex).join(" "), expected, "{tex}");
        }
    }
}
