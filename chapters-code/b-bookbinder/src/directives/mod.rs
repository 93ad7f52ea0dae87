//! Directives: one pass a module, each with the text it takes and the text it gives.
//!
//! To add one, write a module with a function `expand`, and give it a line in [`NAMES`] and in
//! [`expand`].

pub mod card;
pub mod cite;
pub mod claim;
pub mod contents;
pub mod count;
pub mod exercise;
pub mod figure;
pub mod include;
pub mod map;
pub mod picture;
pub mod question;
pub mod reference;
pub mod syntax;
pub mod table;
pub mod term;
pub mod value;

use self::syntax::{Expansion, Site};
use crate::binding::Binding;
use crate::faults::Trouble;
use crate::text::nearest;

/// Every directive that a page may use.
pub const NAMES: [&str; 20] = [
    "answer",
    "card",
    "cite",
    "claim",
    "claims",
    "contents",
    "count",
    "endcard",
    "endquestion",
    "exercise",
    "figure",
    "include",
    "map",
    "picture",
    "question",
    "ref",
    "references",
    "table",
    "term",
    "value",
];

/// Those that become blocks, which stand on lines of their own.
pub const BLOCKS: [&str; 13] = [
    "answer",
    "card",
    "claims",
    "contents",
    "endcard",
    "endquestion",
    "exercise",
    "figure",
    "map",
    "picture",
    "question",
    "references",
    "table",
];

/// Replaces one directive.
///
/// # Errors
/// What is wrong with it and what to do, unless that is reported elsewhere.
// ANCHOR: expand
pub fn expand(
    binding: &Binding<'_>,
    site: Site,
    name: &str,
    arguments: &str,
) -> Result<Expansion, Trouble> {
    match name {
        "answer" | "endquestion" | "question" => question::expand(binding, site, name),
        "card" => card::open(binding, arguments),
        "contents" => contents::expand(binding, site),
        "count" => count::expand(binding, arguments),
        "endcard" => card::close(binding, site),
        "cite" => cite::expand(binding, site, arguments),
        "claim" => claim::expand(binding, site, arguments),
        "claims" => claim::page(binding, site),
        "exercise" => exercise::expand(binding, site, arguments),
        "figure" => figure::expand(binding, site, arguments),
        "include" => include::expand(binding, site, arguments),
        "map" => map::expand(binding, site),
        "picture" => picture::expand(binding, site, arguments),
        "ref" => reference::expand(binding, site, arguments),
        "references" => cite::list(binding),
        "table" => table::expand(binding, site, arguments),
        "term" => term::expand(binding, site, arguments),
        "value" => value::expand(binding, site, arguments),
        other => Err(refuse(other)),
    }
}
// ANCHOR_END: expand

fn refuse(name: &str) -> Trouble {
    match name {
        "" => "a directive without a name; write `{{#name arguments}}`, or `\\{{#` for the braces"
            .into(),
        other => format!("unknown directive `{other}`{}", nearest(other, NAMES)).into(),
    }
}
