//! Appendix B: how the book is bound.
//!
//! The book is read once into a typed structure ([`book::Book`]), every page's Markdown is parsed
//! where it stands ([`markup::Markup`]), and what can be referred to is numbered
//! ([`labels::Labels`]). Then every directive ([`directives`]) and formula ([`formula`]) is replaced in
//! one go from ranges of the raw text ([`bind`]), everything is checked ([`checks`]), and only a
//! book without faults is handed to mdBook ([`render`]).
//!
//! The modules stand in layers. None uses one that stands above it, and a test of the whole book
//! holds that no two use each other.
//!
//! ```text
//! cli · epub · pdf · serve                            who asks
//! render                                              the way into mdBook
//! bind                                                replaces, then checks
//! checks · addresses · formula                        what reads a binding
//! directives                                          one a file
//! facts · binding                                     what they are replaced from
//! uses · labels · evidence · glossary · cache · …     what is known before
//! book · markup · maths · settings · splice           what the files say
//! directives::syntax · leftovers · text               the grammar
//! ```

pub mod addresses;
pub mod bibliography;
pub mod bind;
pub mod binding;
pub mod book;
pub mod browser;
pub mod cache;
pub mod chapters;
pub mod checks;
pub mod claims;
pub mod cli;
pub mod directives;
pub mod epub;
pub mod evidence;
pub mod facts;
pub mod faults;
pub mod folder;
pub mod formula;
pub mod glossary;
pub mod labels;
pub mod leftovers;
pub mod lint;
pub mod map;
pub mod markup;
pub mod maths;
pub mod new_chapter;
pub mod outline;
pub mod output;
pub mod passes;
pub mod pdf;
pub mod previews;
pub mod print;
pub mod prose;
pub mod render;
pub mod search;
pub mod search_words;
pub mod serve;
pub mod settings;
pub mod site;
pub mod spaces;
pub mod splice;
pub mod stamp;
pub mod text;
pub mod uses;
pub mod warnings;

#[cfg(test)]
mod tests;
