//! Which modules of a crate use which, read from its sources, and the circles
//! that they form.
//!
//! A module uses another where a path leads into it: `use crate::a::B`,
//! `super::a::b()`, `a::b()` of its own child. A `pub use` only passes a name
//! on: whoever takes the name there uses the module that it comes from. What is
//! compiled for tests alone is not read.
//!
//! ```text
//! // lib.rs            // a.rs            // b.rs
//! mod a;               use crate::B;      use super::a::A;
//! mod b;
//! pub use b::B;                           a uses b, and b uses a
//! ```

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// A module, by the names that lead to it from the crate's root.
type Name = Vec<String>;

/// A module's uses of others: of each the line of the first.
type Uses = BTreeMap<Name, usize>;

/// Modules that cannot be told apart in layers.
#[derive(Debug)]
pub struct Circle {
    /// All that are on a circle with each other.
    pub modules: Vec<String>,
    /// The shortest way around: file, line, and the module that is used there.
    pub steps: Vec<(PathBuf, usize, String)>,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "a circle of {}:", self.modules.join(", "))?;
        for (file, line, used) in &self.steps {
            writeln!(f, "  {}:{line} uses {used}", file.display())?;
        }
        Ok(())
    }
}

/// The circles among the modules of the library in the folder `src`; of modules
/// that are on several the shortest.
pub fn circles(src: &Path) -> Vec<Circle> {
    let mut modules = BTreeMap::new();
    read(&src.join("lib.rs"), src, Vec::new(), &mut modules);
    let uses: BTreeMap<Name, Uses> =
        modules.keys().map(|name| (name.clone(), uses(name, &modules))).collect();
    let around: BTreeMap<&Name, Vec<Name>> =
        uses.keys().filter_map(|name| Some((name, way_around(name, &uses)?))).collect();
    let mut told = BTreeSet::new();
    let mut circles = Vec::new();
    for name in around.keys() {
        if told.contains(name) {
            continue;
        }
        let is_with = |other: &&&Name| reaches(name, other, &uses) && reaches(other, name, &uses);
        let together: Vec<&Name> = around.keys().filter(is_with).copied().collect();
        let shortest = together.iter().map(|name| &around[name]).min_by_key(|way| way.len());
        let way = shortest.unwrap();
        let next = way.iter().cycle().skip(1);
        let step =
            |(from, to): (&Name, &Name)| (modules[from].file.clone(), uses[from][to], shown(to));
        circles.push(Circle {
            modules: together.iter().map(|name| shown(name)).collect(),
            steps: way.iter().zip(next).map(step).collect(),
        });
        told.extend(together);
    }
    circles
}

/// `directives::syntax`; the root is the crate itself.
fn shown(name: &Name) -> String {
    if name.is_empty() { "crate".to_owned() } else { name.join("::") }
}

/// The shortest way from a module over others back to it: each module once.
fn way_around(name: &Name, uses: &BTreeMap<Name, Uses>) -> Option<Vec<Name>> {
    let mut came_from: BTreeMap<&Name, &Name> = BTreeMap::new();
    let mut waiting = VecDeque::from([name]);
    while let Some(at) = waiting.pop_front() {
        for next in uses[at].keys() {
            if next == name {
                let mut way = vec![at];
                while let Some(before) = came_from.get(way[way.len() - 1]) {
                    way.push(before);
                }
                return Some(way.into_iter().rev().cloned().collect());
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, at);
                waiting.push_back(next);
            }
        }
    }
    None
}

/// Does a way lead from one module to the other?
fn reaches(from: &Name, to: &Name, uses: &BTreeMap<Name, Uses>) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut waiting = vec![from];
    while let Some(at) = waiting.pop() {
        waiting.extend(uses[at].keys().filter(|next| seen.insert(*next)));
    }
    seen.contains(to)
}

/// What the source of a module says.
#[derive(Debug, Default)]
struct Module {
    file: PathBuf,
    /// The modules that it declares.
    children: Vec<String>,
    /// Every path in it into the crate, from the root, and its line.
    paths: Vec<(Name, usize)>,
    /// Names that it passes on, and the path from the root to each.
    passed_on: BTreeMap<String, Name>,
}

/// Reads a module and those that it declares, whose files are below `folder`.
fn read(file: &Path, folder: &Path, name: Name, into: &mut BTreeMap<Name, Module>) {
    let text = fs::read_to_string(file).unwrap();
    let tokens: TokenStream = text.parse().unwrap();
    let mut module = Module { file: file.to_owned(), ..Module::default() };
    Reader { module: &mut module, name: &name, inline: 0 }.read(tokens);
    let children = module.children.clone();
    let absolute = |path: &Name| match path[0].as_str() {
        "crate" => Some(path[1..].to_vec()),
        child if children.iter().any(|c| c == child) => Some([&name[..], path].concat()),
        _ => None,
    };
    module.paths =
        module.paths.iter().filter_map(|(p, line)| Some((absolute(p)?, *line))).collect();
    module.passed_on =
        module.passed_on.iter().filter_map(|(n, p)| Some((n.clone(), absolute(p)?))).collect();
    for child in &children {
        let below = folder.join(child);
        let beside = below.with_extension("rs");
        let file = if beside.is_file() { beside } else { below.join("mod.rs") };
        read(&file, &below, [&name[..], std::slice::from_ref(child)].concat(), into);
    }
    into.insert(name, module);
}

/// The modules that a module uses.
fn uses(name: &Name, modules: &BTreeMap<Name, Module>) -> Uses {
    let module = &modules[name];
    let mut uses = Uses::new();
    for (path, line) in &module.paths {
        let used = resolved(path, modules);
        if used != *name {
            uses.entry(used).or_insert(*line);
        }
    }
    uses
}

/// The module that a path from the root leads into.
fn resolved(path: &[String], modules: &BTreeMap<Name, Module>) -> Name {
    let mut at = Name::new();
    for (i, segment) in path.iter().enumerate() {
        let below = [&at[..], std::slice::from_ref(segment)].concat();
        if modules.contains_key(&below) {
            at = below;
            continue;
        }
        return match modules[&at].passed_on.get(segment) {
            Some(source) => resolved(&[&source[..], &path[i + 1..]].concat(), modules),
            None => at,
        };
    }
    at
}

/// Reads the tokens of a module.
struct Reader<'a> {
    module: &'a mut Module,
    name: &'a Name,
    /// In so many modules that stand in the file itself, and belong to it.
    inline: usize,
}

impl Reader<'_> {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1);
            at += match (token, next) {
                (TokenTree::Punct(p), Some(TokenTree::Group(g)))
                    if p.as_char() == '#' && is_of_tests(g) =>
                {
                    2 + item(&tokens[at + 2..])
                }
                (TokenTree::Ident(i), Some(TokenTree::Ident(child))) if i == "mod" => {
                    self.declaration(child, tokens.get(at + 2));
                    3
                }
                (TokenTree::Ident(i), Some(first)) if i == "use" && !is(first, '<') => {
                    let length = tokens[at..].iter().take_while(|t| !is(t, ';')).count();
                    // What a module inside the file passes on stays inside.
                    let is_passed_on = self.inline == 0 && is_public(&tokens[..at]);
                    self.imports(&tokens[at + 1..at + length], &mut Vec::new(), is_passed_on);
                    length
                }
                (TokenTree::Ident(_), _) => {
                    let (path, length) = path(&tokens[at..]);
                    let is_rest = at > 1 && is(&tokens[at - 1], ':') && is(&tokens[at - 2], ':');
                    if !is_rest && path.len() > 1 {
                        self.path(&path);
                    }
                    length
                }
                (TokenTree::Group(g), _) => {
                    self.read(g.stream());
                    1
                }
                _ => 1,
            };
        }
    }

    /// `mod child;` or `mod child { … }`.
    fn declaration(&mut self, child: &Ident, body: Option<&TokenTree>) {
        match body {
            Some(TokenTree::Group(body)) => {
                self.inline += 1;
                self.read(body.stream());
                self.inline -= 1;
            }
            _ => self.module.children.push(child.to_string()),
        }
    }

    /// What stands behind `use`, or in braces there, where `before` came before
    /// it.
    fn imports(&mut self, tokens: &[TokenTree], before: &mut Vec<Ident>, is_passed_on: bool) {
        for tree in tokens.split(|t| is(t, ',')).filter(|tree| !tree.is_empty()) {
            let (path, length) = path(tree);
            let known = before.len();
            before.extend(path);
            if let Some(TokenTree::Group(several)) = tree.get(length..).and_then(|r| r.last()) {
                let inside: Vec<TokenTree> = several.stream().into_iter().collect();
                self.imports(&inside, before, is_passed_on);
            } else if let (Some(TokenTree::Ident(name)), true) = (tree.last(), is_passed_on) {
                let source = self.rooted(before);
                self.module.passed_on.insert(name.to_string(), source);
            } else {
                self.path(before);
            }
            before.truncate(known);
        }
    }

    fn path(&mut self, path: &[Ident]) {
        if let Some(first) = path.first() {
            self.module.paths.push((self.rooted(path), first.span().start().line));
        }
    }

    /// A path as one that begins with `crate`; one that begins with another
    /// name stays as it is.
    fn rooted(&self, path: &[Ident]) -> Name {
        let path: Name = path.iter().map(ToString::to_string).collect();
        let up = path.iter().take_while(|segment| *segment == "super").count();
        let own = usize::from(path.first().is_some_and(|segment| segment == "self"));
        if up + own == 0 {
            return path;
        }
        let out = up.saturating_sub(self.inline).min(self.name.len());
        let module = &self.name[..self.name.len() - out];
        [&["crate".to_owned()], module, &path[up + own..]].concat()
    }
}

/// The names of the path `a::b::c` at the start, and how many tokens they are.
fn path(tokens: &[TokenTree]) -> (Vec<Ident>, usize) {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        names.push(name.clone());
        at += 1;
        match tokens.get(at..at + 2) {
            Some([a, b]) if is(a, ':') && is(b, ':') => at += 2,
            _ => break,
        }
    }
    (names, at.max(1))
}

fn is(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == c)
}

/// Does `pub`, or `pub(crate)`, stand at the end?
fn is_public(before: &[TokenTree]) -> bool {
    let outside = match before {
        [outside @ .., TokenTree::Group(_)] => outside,
        all => all,
    };
    matches!(outside.last(), Some(TokenTree::Ident(word)) if word == "pub")
}

/// Is it `#[test]`, or `#[cfg(…)]` of tests alone?
fn is_of_tests(attribute: &Group) -> bool {
    let text = attribute.stream().to_string().replace(' ', "");
    text == "test" || text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

/// How many tokens the item at the start is.
fn item(tokens: &[TokenTree]) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is(token, ';'),
    };
    let length = tokens.iter().position(is_end).map_or(tokens.len(), |end| end + 1);
    // `use a::{b, c};` ends behind its braces.
    length + usize::from(tokens.get(length).is_some_and(|token| is(token, ';')))
}
