//! Cutting an exercise's file up: text goes out as the author wrote it, and only paths between the parts change.

use std::ops::Range;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Item, UseTree, Visibility};

use crate::fault::{Fault, Faults};

/// A kind of cases, as its generator names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// Its name in the exercise's words.
    pub name: String,
    /// Is it what the exercise is about, rather than an edge of it?
    pub general: bool,
    /// Cases of it.
    pub count: String,
}

/// The text of a module's body, a step of indentation to the left.
pub fn outdent(text: &str) -> String {
    let lines = text.lines().map(|line| line.strip_prefix("    ").unwrap_or(line).trim_end());
    let mut text = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    text.push('\n');
    text
}

/// Are two texts the same Rust, comments and formatting apart?
pub fn same_tokens(a: &str, b: &str) -> bool {
    let tokens = |text: &str| text.parse::<TokenStream>().map(|t| t.to_string()).ok();
    tokens(a).is_some() && tokens(a) == tokens(b)
}

/// Text as a `//!` comment.
pub fn as_inner_docs(text: &str) -> String {
    let line = |l: &str| if l.is_empty() { "//!\n".to_owned() } else { format!("//! {l}\n") };
    text.lines().map(line).collect()
}

/// A file without the `//!` comment that it begins with.
pub fn without_inner_docs(text: &str) -> &str {
    let docs = text.split_inclusive('\n').take_while(|l| l.starts_with("//!")).map(str::len).sum();
    text.get(docs..).unwrap_or_default().trim_start()
}

/// Replaces `super::FROM` by `TO` for every pair.
pub fn rewrite(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut found = Vec::new();
    if let Ok(tokens) = text.parse() {
        each_path(tokens, &mut |start, name, range| {
            if start == "super"
                && let Some((_, to)) = pairs.iter().find(|(from, _)| *from == name)
            {
                found.push((range, *to));
            }
        });
    }
    let mut text = text.to_owned();
    for (range, to) in found.into_iter().rev() {
        text.replace_range(range, to);
    }
    text
}

/// Calls `each` with every `super::NAME`, `crate::NAME` and `self::NAME`, and where it stands; with an empty name
/// where something else follows, as in `pub(super)`.
fn each_path(tokens: TokenStream, each: &mut impl FnMut(&str, &str, Range<usize>)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => each_path(group.stream(), each),
            TokenTree::Ident(start) if ["super", "crate", "self"].iter().any(|s| start == s) => {
                let start_range = start.span().byte_range();
                let colons = [1, 2].iter().all(|k| is_colon(tokens.get(i + k)));
                let name = tokens.get(i + 3).filter(|_| colons);
                match name {
                    Some(TokenTree::Ident(name)) => {
                        let range = start_range.start..name.span().byte_range().end;
                        each(&start.to_string(), &name.to_string(), range);
                    }
                    _ if colons || start != "self" => each(&start.to_string(), "", start_range),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == ':')
}

/// Finds paths that do not survive the cutting up.
pub fn check_paths(path: &Path, line: usize, part: &str, text: &str, faults: &mut Faults) {
    let allowed: &[&str] = match part {
        "given" => &[],
        "starter" | "solution" => &["given"],
        "judge" => &["given", "solution", "call"],
        _ => &["given", "solution"],
    };
    let Ok(tokens) = text.parse() else { return };
    each_path(tokens, &mut |start, name, _| {
        if start != "super" || !allowed.contains(&name) {
            let said = if name.is_empty() { start.to_owned() } else { format!("{start}::{name}") };
            let fix = match allowed {
                [] => "it can reach nothing outside of itself".to_owned(),
                some => format!("it can reach super::{}", some.join(", super::")),
            };
            let what = format!("`mod {part}` says `{said}`, but {fix}");
            faults.push(Fault::new(path, Some(line), what));
        }
    });
}

/// The kinds of cases that a judge's source names: `.general("random image", 6, …)`.
pub fn kinds(judge: &str) -> Vec<Kind> {
    fn collect(tokens: TokenStream, kinds: &mut Vec<Kind>) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (i, token) in tokens.iter().enumerate() {
            let TokenTree::Group(group) = token else { continue };
            let before = i.checked_sub(1).and_then(|i| tokens.get(i)).map(ToString::to_string);
            let arguments: Vec<TokenTree> = group.stream().into_iter().take(3).collect();
            if let (Some(method @ ("general" | "edge")), [TokenTree::Literal(name), _, count]) =
                (before.as_deref(), arguments.as_slice())
                && let Ok(name) = syn::parse_str::<syn::LitStr>(&name.to_string())
            {
                let (name, count) = (name.value(), count.to_string());
                kinds.push(Kind { name, general: method == "general", count });
            }
            collect(group.stream(), kinds);
        }
    }
    let mut kinds = Vec::new();
    if let Ok(tokens) = judge.parse() {
        collect(tokens, &mut kinds);
    }
    kinds
}

/// Is this item `use super::solution::*`, which makes a mutant of the solution?
pub fn takes_the_solution(item: &Item) -> bool {
    let Item::Use(item) = item else { return false };
    let UseTree::Path(first) = &item.tree else { return false };
    let UseTree::Path(second) = first.tree.as_ref() else { return false };
    first.ident == "super"
        && second.ident == "solution"
        && matches!(second.tree.as_ref(), UseTree::Glob(_))
}

/// The items of the solution, those of the same name replaced by the mutant's, and the mutant's new ones.
pub fn merge(source: &str, solution: &[Item], mutant: &[Item]) -> String {
    let text = |item: &Item| outdent(source.get(item.span().byte_range()).unwrap_or_default());
    let mutant: Vec<&Item> = mutant.iter().filter(|item| !takes_the_solution(item)).collect();
    let is_new = |item: &&&Item| !solution.iter().any(|s| key(s) == key(item));
    let new_uses = mutant.iter().filter(is_new).filter(|i| matches!(i, Item::Use(_)));
    let mut texts: Vec<String> = new_uses.map(|item| text(item)).collect();
    for item in solution {
        let replacement = mutant.iter().find(|m| key(m) == key(item));
        texts.push(text(replacement.copied().unwrap_or(item)));
    }
    let new_items = mutant.iter().filter(is_new).filter(|i| !matches!(i, Item::Use(_)));
    texts.extend(new_items.map(|item| text(item)));
    texts.join("\n")
}

/// What an item is known by: its kind and name; a `use` or an `impl` by what it says before its body.
fn key(item: &Item) -> String {
    match item {
        Item::Fn(f) => format!("fn {}", f.sig.ident),
        Item::Const(c) => format!("const {}", c.ident),
        Item::Static(s) => format!("static {}", s.ident),
        Item::Struct(s) => format!("type {}", s.ident),
        Item::Enum(e) => format!("type {}", e.ident),
        Item::Type(t) => format!("type {}", t.ident),
        Item::Trait(t) => format!("trait {}", t.ident),
        Item::Mod(m) => format!("mod {}", m.ident),
        Item::Impl(i) => {
            let of = i.trait_.as_ref().map(|(_, path, _)| path.to_token_stream().to_string());
            format!("impl {} for {}", of.unwrap_or_default(), i.self_ty.to_token_stream())
        }
        other => other.to_token_stream().to_string(),
    }
}

/// Checks that what the starter offers, the solution offers in the same words.
pub fn check_signatures(path: &Path, starter: &str, solution: &str, faults: &mut Faults) {
    let (Ok(starter), Ok(solution)) = (syn::parse_file(starter), syn::parse_file(solution)) else {
        return;
    };
    let starters = signatures(&starter.items);
    let solutions = signatures(&solution.items);
    if starters.is_empty() {
        faults.push(Fault::new(path, None, "the starter has no `pub fn`; give the signature"));
    }
    for signature in starters.iter().filter(|s| !solutions.contains(s)) {
        let what =
            format!("the solution has no `{signature}`, which the starter has; make them equal");
        faults.push(Fault::new(path, None, what));
    }
}

/// The public functions among the items, and those of inherent implementations.
fn signatures(items: &[Item]) -> Vec<String> {
    let is_public = |v: &Visibility| matches!(v, Visibility::Public(_));
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Fn(f) if is_public(&f.vis) => found.push(f.sig.to_token_stream().to_string()),
            Item::Impl(i) => found.extend(i.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(f) if is_public(&f.vis) => {
                    Some(f.sig.to_token_stream().to_string())
                }
                _ => None,
            })),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_between_the_parts_are_rewritten() {
        let text = "use super::given::{A, B};\n// super::given stays\nfn f() { super :: solution::g(\"super::given\", self.x) }";
        let pairs = [("given", "crate::given::planner"), ("solution", "crate::answer")];
        assert_eq!(
            rewrite(text, &pairs),
            "use crate::given::planner::{A, B};\n// super::given stays\nfn f() { crate::answer::g(\"super::given\", self.x) }"
        );
    }

    #[test]
    fn paths_that_lead_out_are_faults() {
        let mut faults = Faults::default();
        let text = "pub(crate) fn f() { super::judge::x(); super::solution::y(); self.z(); }";
        check_paths(Path::new("x.rs"), 1, "call", text, &mut faults);
        let said: Vec<_> = faults.0.iter().map(|f| f.what.as_str()).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("`crate`") && said[1].contains("`super::judge`"));
    }

    #[test]
    fn a_mutant_replaces_items_of_the_same_name() {
        let source = "mod s {\n    use std::fmt;\n\n    /// One.\n    pub fn one() -> u8 {\n        1 // really\n    }\n\n    fn two() {}\n}\nmod m {\n    pub use super::solution::*;\n\n    /// Wrong.\n    pub fn one() -> u8 {\n        2\n    }\n\n    fn three() {}\n}\n";
        let file = syn::parse_file(source).unwrap();
        let items = |i: usize| match &file.items[i] {
            Item::Mod(m) => m.content.clone().unwrap().1,
            _ => Vec::new(),
        };
        let merged = merge(source, &items(0), &items(1));
        assert_eq!(
            merged,
            "use std::fmt;\n\n/// Wrong.\npub fn one() -> u8 {\n    2\n}\n\nfn two() {}\n\nfn three() {}\n"
        );
    }

    #[test]
    fn a_string_over_several_lines_is_noticed() {
        let text = "    let a = \"x\n    y\";\n";
        assert!(!same_tokens(text, &outdent(text)));
        let text = "    let a = 1; // one\n";
        assert!(same_tokens(text, &outdent(text)));
    }

    #[test]
    fn signatures_must_agree() {
        let mut faults = Faults::default();
        check_signatures(
            Path::new("x"),
            "pub fn f(a: u8) {}",
            "pub fn f(a: u16) {} pub fn g() {}",
            &mut faults,
        );
        assert_eq!(faults.0.len(), 1);
    }
}
