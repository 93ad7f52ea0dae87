//! One exercise, read from its one file.
//!
//! The file is ordinary Rust: front matter in `//!`, then a module for each part. It is parsed with `syn`; every part is then
//! cut out of the text as the author wrote it, by the byte ranges of its tokens, and its indentation is taken away.

use std::path::{Path, PathBuf};

use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use crate::fault::{Fault, Faults};
use crate::front_matter::FrontMatter;
use crate::pieces;

/// What the judge's side keeps to itself, since an answer could lie about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meter {
    /// Nothing: an answer gets the whole input.
    None,
    /// A part of each input: the judge has a function `open` that leaves the rest.
    Hidden,
    /// The same, and it answers questions about it with a function `reply`, which are counted.
    Questions,
}

impl Meter {
    /// What the functions of the judge's module say.
    fn of(judge: &str) -> Self {
        let has = |name: &str| judge.contains(&format!("pub fn {name}("));
        match (has("open"), has("reply")) {
            (true, true) => Meter::Questions,
            (true, false) => Meter::Hidden,
            (false, _) => Meter::None,
        }
    }
}

/// A wrong answer that the judge's cases must tell from the solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// What it does, in snake case, without `mutant_`.
    pub name: String,
    /// What the student did.
    pub description: String,
    /// What a student is told whose answers are these.
    pub feedback: String,
    /// What its author wrote: where it takes the solution, what differs from it.
    pub code: String,
    /// The whole answer file.
    pub answer: String,
}

/// A coding exercise.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// The file's name without `.rs`.
    pub name: String,
    /// Package of the chapter, or the name of the folder of private exercises.
    pub chapter: String,
    /// The file.
    pub path: PathBuf,
    /// The file's text.
    pub source: String,
    /// Title, points, statement, hints and the rest of the `//!` comment.
    pub front: FrontMatter,
    /// What the answer uses and may not change, cut out as a file.
    pub given: Option<String>,
    /// The answer file that a student gets.
    pub starter: String,
    /// The answer file that is right.
    pub solution: String,
    /// The part that hands a case to the answer.
    pub call: String,
    /// The visible tests, as the body of a module.
    pub tests: String,
    /// Generator of cases and comparison. They run on the trusted side alone, from [`source`](Self::source).
    pub judge: String,
    /// The kinds of cases that its generator names in so many words.
    pub kinds: Vec<pieces::Kind>,
    /// What the judge keeps to itself.
    pub meter: Meter,
    /// Wrong answers.
    pub mutants: Vec<Mutant>,
}

impl Exercise {
    /// Reads the file at `path`, an exercise of `chapter`.
    ///
    /// # Errors
    /// Everything that is wrong with the file, each fault with its line.
    pub fn read(path: &Path, chapter: &str) -> Result<Self, Faults> {
        let source = std::fs::read_to_string(path)
            .map_err(|e| Fault::new(path, None, format!("cannot be read ({e}); restore it")))?;
        Self::parse(path, chapter, &source)
    }

    /// Reads `source`, the text of the file at `path`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(path: &Path, chapter: &str, source: &str) -> Result<Self, Faults> {
        let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let file = syn::parse_file(source).map_err(|e| {
            let line = e.span().start().line;
            Fault::new(path, Some(line), format!("is not Rust ({e}); mend it"))
        })?;
        let mut faults = Faults::default();
        let docs = docs_of(&file.attrs).unwrap_or_default();
        let front = FrontMatter::parse(path, &docs, &mut faults);
        let modules = Modules::collect(path, source, &file.items, &mut faults);
        let fault = |what: &str| Fault::new(path, None, what.to_owned());
        let mut part = |name: &str| {
            let found = modules.text(name);
            if found.is_none() {
                faults.push(fault(&format!("there is no `mod {name}`; every exercise has one")));
            }
            found.unwrap_or_default()
        };
        let (starter, solution) = (part("starter"), part("solution"));
        let (call, judge, tests) = (part("call"), part("judge"), part("tests"));
        let docs = pieces::as_inner_docs(&front.for_students());
        let given =
            |text: &str| pieces::rewrite(text, &[("given", &format!("crate::given::{name}"))]);
        let answer = |text: &str| format!("{docs}\n{}", given(text));
        let mutants = modules.mutants(path, &mut faults);
        let mutants = mutants
            .into_iter()
            .map(|m| Mutant { answer: format!("{docs}\n{}", given(&m.answer)), ..m })
            .collect();
        pieces::check_signatures(path, &starter, &solution, &mut faults);
        let exercise = Exercise {
            chapter: chapter.to_owned(),
            path: path.to_owned(),
            source: source.to_owned(),
            given: modules.text("given"),
            starter: answer(&starter),
            solution: answer(&solution),
            call,
            kinds: pieces::kinds(&judge),
            meter: Meter::of(&judge),
            judge,
            tests,
            mutants,
            front,
            name,
        };
        if faults.is_empty() { Ok(exercise) } else { Err(faults) }
    }

    /// The solution's code alone, as the book shows it.
    pub fn solution_code(&self) -> &str {
        pieces::without_inner_docs(&self.solution)
    }

    /// The starter's code alone, as the book shows it.
    pub fn starter_code(&self) -> &str {
        pieces::without_inner_docs(&self.starter)
    }

    /// The crates that an answer may use.
    pub fn crates(&self) -> &[String] {
        &self.front.crates
    }
}

/// The text of the doc comments among `attributes`, without the markers and one space each.
pub(crate) fn docs_of(attributes: &[syn::Attribute]) -> Option<String> {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
        {
            let text = text.value();
            lines.push(text.strip_prefix(' ').unwrap_or(&text).trim_end().to_owned());
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A module of the file.
struct Part<'a> {
    name: String,
    module: &'a ItemMod,
    items: &'a [Item],
    text: String,
}

/// The modules of the file.
struct Modules<'a> {
    parts: Vec<Part<'a>>,
    source: &'a str,
}

/// The modules that an exercise may have beside its mutants.
const PARTS: [&str; 6] = ["given", "starter", "solution", "call", "judge", "tests"];

impl<'a> Modules<'a> {
    fn collect(path: &Path, source: &'a str, items: &'a [Item], faults: &mut Faults) -> Self {
        let mut parts = Vec::new();
        for item in items {
            let line = item.span().start().line;
            let mut fault = |what: String| faults.push(Fault::new(path, Some(line), what));
            let Item::Mod(module) = item else {
                fault("stands outside of the modules; move it into one".into());
                continue;
            };
            let Some((braces, inner)) = &module.content else {
                fault("is a module in another file; an exercise is one file".into());
                continue;
            };
            let name = module.ident.to_string();
            if !PARTS.contains(&name.as_str()) && !name.starts_with("mutant_") {
                fault(format!(
                    "`mod {name}` is no part of an exercise; there are {} and mutant_…",
                    PARTS.join(", ")
                ));
                continue;
            }
            let inside =
                braces.span.open().byte_range().end..braces.span.close().byte_range().start;
            let inside = source.get(inside).unwrap_or_default();
            let text = pieces::outdent(inside);
            if !pieces::same_tokens(inside, &text) {
                fault(format!(
                    "`mod {name}` has a string over several lines, which indentation would change; write it with \\n"
                ));
            }
            pieces::check_paths(path, line, &name, &text, faults);
            parts.push(Part { name, module, items: inner, text });
        }
        Modules { parts, source }
    }

    fn find(&self, name: &str) -> Option<&Part<'a>> {
        self.parts.iter().find(|p| p.name == name)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.find(name).map(|p| p.text.clone())
    }

    fn mutants(&self, path: &Path, faults: &mut Faults) -> Vec<Mutant> {
        let solution = self.find("solution");
        let mut mutants = Vec::new();
        for part in &self.parts {
            let Some(name) = part.name.strip_prefix("mutant_") else { continue };
            let line = part.module.span().start().line;
            let docs = docs_of(&part.module.attrs).unwrap_or_default();
            let (description, feedback) = docs.split_once("# Feedback").unwrap_or((&docs, ""));
            for (what, text) in [("description", description), ("`# Feedback`", feedback)] {
                if text.trim().is_empty() {
                    let fault =
                        format!("`{}` has no {what}; say it in its `///` comment", part.name);
                    faults.push(Fault::new(path, Some(line), fault));
                }
            }
            let answer = match solution {
                Some(solution) if part.items.iter().any(pieces::takes_the_solution) => {
                    pieces::merge(self.source, solution.items, part.items)
                }
                _ => part.text.clone(),
            };
            mutants.push(Mutant {
                name: name.to_owned(),
                description: description.trim().to_owned(),
                feedback: feedback.trim().to_owned(),
                code: part
                    .text
                    .replace("pub use super::solution::*;\n", "")
                    .trim_start()
                    .to_owned(),
                answer,
            });
        }
        mutants
    }
}
