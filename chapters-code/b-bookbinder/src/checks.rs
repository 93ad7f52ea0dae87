//! What no directive can see by itself: results that do not follow from the code, claims, crates
//! without a page, anchors that nobody includes, dead links, things that ask the network.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use notebook::{Contents, TIMINGS, timings};

use crate::binding::Binding;
use crate::book::Page;
use crate::cache::Ids;
use crate::directives::include;
use crate::evidence::NotFresh;
use crate::faults::Faults;
use crate::markup::attributes;
use crate::output::collect;
use crate::text::{nearest, normalize, slashes};

/// The page for addresses that do not exist, which no list of pages names.
const NOT_FOUND: &str = "404.md";

/// Results and drawings that are stale, absent or damaged, where they are first used.
pub fn results(
    binding: &Binding<'_>,
    judged: Vec<Result<NotFresh, (String, String)>>,
    faults: &mut Faults,
) {
    for outcome in judged {
        match outcome {
            Ok(NotFresh { name, is_figure, message }) => {
                let chapter = name.split('/').next().unwrap_or_default().to_owned();
                let place = match is_figure {
                    true => binding.first_shown(&name),
                    false => binding.first_use(&name),
                };
                match place {
                    Some((file, line)) => faults.fault(file, line, message),
                    None => faults.fault(
                        &binding.book.summary_file(),
                        chapter_line(binding, &chapter),
                        message,
                    ),
                }
            }
            Err((chapter, message)) => {
                faults.fault(
                    &binding.book.summary_file(),
                    chapter_line(binding, &chapter),
                    message,
                );
            }
        }
    }
}

/// The line of SUMMARY.md that lists the chapter of a crate.
fn chapter_line(binding: &Binding<'_>, name: &str) -> usize {
    let folder =
        binding.evidence.workspace.member(name).map(notebook::workspace::Crate::folder_name);
    folder.and_then(|f| binding.book.chapter_in(&f)).map_or(1, |c| c.line)
}

/// Claims that do not hold and that no page cites (a page that cites one reports it), and claims
/// that hold and that no page cites.
pub fn claims(binding: &Binding<'_>, faults: &mut Faults) {
    let summary = binding.book.summary_file();
    for chapter in &binding.evidence.chapters {
        let line = chapter_line(binding, &chapter.name);
        for experiment in &chapter.experiments {
            let path = format!("{}/{}", chapter.name, experiment.name);
            let Ok(results) = binding.evidence.results(&path) else { continue };
            for (id, claim) in &results.claims {
                if !binding.uses.claimed_on(&path, id).is_empty() {
                    continue;
                }
                if claim.holds {
                    faults.warning(&summary, line, format!("no page uses the claim `{path} {id}`; cite it with `{{{{#claim {path} {id}}}}}`, or remove it"));
                } else {
                    let evidence = &claim.evidence;
                    faults.fault(&summary, line, format!("the claim `{id}` of {path} is false: {} Evidence: {evidence}; correct the claim or the code", claim.statement));
                }
            }
        }
    }
}

/// Chapters without a crate, crates without a page, and what is registered and not used.
pub fn crates(binding: &Binding<'_>, faults: &mut Faults) {
    let (book, evidence) = (binding.book, binding.evidence);
    let summary = book.summary_file();
    let members = evidence.workspace.members();
    for chapter in book.chapters.iter().filter(|c| c.number.is_some() && !c.is_draft()) {
        let folder = chapter.folder.as_deref().unwrap_or_default();
        if evidence.crate_in(folder).is_none() {
            let fix = format!("add the crate chapters-code/{folder}, or make the chapter a draft");
            faults.fault(
                &summary,
                chapter.line,
                format!("chapter “{}” has no crate; {fix}", chapter.title),
            );
        }
    }
    for member in &members {
        let folder = member.folder_name();
        if book.chapter_in(&folder).is_none() {
            let page = slashes(&book.source.join(&folder).join("index.md"));
            faults.fault(
                &format!("chapters-code/{folder}/Cargo.toml"),
                1,
                format!(
                    "crate `{}` has no page; write {page} and list it in {summary}",
                    member.name
                ),
            );
        } else if let Some(chapter) = evidence.chapters.iter().find(|c| c.name == member.name) {
            unused(binding, chapter, faults);
        }
    }
}

/// Warns of experiments and figures that no page uses.
fn unused(binding: &Binding<'_>, chapter: &Contents, faults: &mut Faults) {
    let (summary, line) = (binding.book.summary_file(), chapter_line(binding, &chapter.name));
    for experiment in &chapter.experiments {
        let path = format!("{}/{}", chapter.name, experiment.name);
        if !binding.is_used(&path) {
            faults.warning(
                &summary,
                line,
                format!("no page uses experiment `{path}`; use it, or remove it from the chapter"),
            );
        }
    }
    for name in &chapter.figures {
        let path = format!("{}/{name}", chapter.name);
        if !binding.shows_figure(&path) {
            faults.warning(&summary, line, format!("no page shows figure `{path}`; add `{{{{#figure {path}}}}}`, or remove it from the chapter"));
        }
    }
    debug_assert!(chapter.experiments.iter().all(|e| e.name != TIMINGS));
}

/// Warns of medians that were measured before the code changed: a page may show them until the benches run again.
pub fn medians(binding: &Binding<'_>, faults: &mut Faults) {
    let summary = binding.book.summary_file();
    for chapter in &binding.evidence.chapters {
        let line = chapter_line(binding, &chapter.name);
        let name = &chapter.name;
        match timings::changes(chapter, binding.evidence.workspace) {
            Ok(reasons) if reasons.is_empty() => {}
            Ok(reasons) => faults.warning(
                &summary,
                line,
                format!(
                    "the medians of `{name}` are older than what they measure ({}); run `cargo bench -p {name}`, then `cargo run --release -p {name} -- record-bench`",
                    reasons.join("; ")
                ),
            ),
            Err(fault) => faults.fault(&summary, line, fault.to_string()),
        }
    }
}

/// Anchors in the crates of written chapters that no page includes.
pub fn anchors(binding: &Binding<'_>, faults: &mut Faults) {
    let root = binding.evidence.workspace.root();
    for member in binding.evidence.workspace.members() {
        if binding.book.chapter_in(&member.folder_name()).is_none() {
            continue;
        }
        for folder in ["src", "benches"] {
            let mut sources = Vec::new();
            collect(&member.folder.join(folder), "rs", &mut sources);
            for path in sources {
                let file = path.strip_prefix(root).unwrap_or(&path);
                let text = fs::read_to_string(&path).unwrap_or_default();
                for (line, anchor) in include::anchors(&text) {
                    if !binding.uses_anchor(file, &anchor) {
                        faults.warning(
                            &slashes(file),
                            line,
                            format!(
                                "no page includes anchor `{anchor}`; include it, or remove the mark"
                            ),
                        );
                    }
                }
            }
        }
    }
}

/// What Markdown left over on each page.
pub fn leftovers(binding: &Binding<'_>, faults: &mut Faults) {
    for page in &binding.book.pages {
        for (at, message) in &page.markup.leftovers {
            faults.fault(&page.file, page.line(*at), message.clone());
        }
    }
}

/// Terms that are defined twice, and pages that SUMMARY.md does not list.
pub fn pages(binding: &Binding<'_>, faults: &mut Faults) {
    let book = binding.book;
    let mut defined = BTreeMap::new();
    for term in binding.uses.named("term") {
        let page = &book.pages[term.page];
        let name = term.arguments.split('|').next().unwrap_or_default().trim().to_lowercase();
        if let Some(first) = defined.insert(name.clone(), page.file.as_str()) {
            let message =
                format!("the term `{name}` is defined in {first} already; define it once");
            faults.warning(&page.file, page.line(term.offset), message);
        }
    }
    let root = binding.evidence.workspace.root();
    let mut files = Vec::new();
    collect(&root.join(&book.source), "md", &mut files);
    for file in files {
        let path = file.strip_prefix(root.join(&book.source)).unwrap_or(&file);
        let is_page = path != Path::new("SUMMARY.md")
            && path != Path::new(NOT_FOUND)
            && !path.starts_with("theme")
            && !path.starts_with("assets");
        if is_page && book.page_at(path).is_none() {
            let file = slashes(&book.source.join(path));
            faults.warning(
                &file,
                1,
                format!("is not listed in {}; list it, or remove it", book.summary_file()),
            );
        }
    }
}

/// References that nothing cites.
pub fn references(binding: &Binding<'_>, faults: &mut Faults) {
    let Some(bibliography) = &binding.bibliography else { return };
    let cited = binding.uses.cited();
    let file = binding.bibliography_file();
    let text =
        fs::read_to_string(binding.evidence.workspace.root().join(&file)).unwrap_or_default();
    for key in bibliography.keys().filter(|key| !cited.contains(key)) {
        let line =
            text.find(&format!("{{{key},")).map_or(1, |at| 1 + text[..at].matches('\n').count());
        faults.warning(&file, line, format!("nothing cites `{key}`; cite it, or remove it"));
    }
}

/// Links to pages, fragments and files that are not there, and what would ask the network.
pub fn links(binding: &Binding<'_>, texts: &[String], faults: &mut Faults) {
    let ids = binding.cache.ids(texts);
    let not_found = not_found(binding);
    for (index, page) in binding.book.pages.iter().chain(&not_found).enumerate() {
        let markup = &page.markup;
        for link in &markup.links {
            let has_directive = page.text[link.range.clone()].contains("{{#");
            if !has_directive
                && let Err(fault) =
                    check_link(binding, page, index, &link.target, link.is_image, &ids)
            {
                faults.fault(&page.file, page.line(link.range.start), fault);
            }
        }
        for range in &markup.html {
            for (tag, at, target) in
                attributes(&page.text[range.clone()], &["href", "src", "xlink:href"])
            {
                let loads = tag != "a";
                if !target.contains("{{#")
                    && let Err(fault) = check_link(binding, page, index, &target, loads, &ids)
                {
                    faults.fault(&page.file, page.line(range.start + at), fault);
                }
            }
        }
    }
}

/// The page for addresses that do not exist, where the book has one of its own.
fn not_found(binding: &Binding<'_>) -> Option<Page> {
    let (book, root) = (binding.book, binding.evidence.workspace.root());
    let text = fs::read_to_string(root.join(&book.source).join(NOT_FOUND)).ok()?;
    Some(Page::new(&book.source, NOT_FOUND.into(), "Page not found", None, 0, text))
}

/// Checks one link of a page; `loads` is true of a picture or script, which the browser fetches.
fn check_link(
    binding: &Binding<'_>,
    page: &Page,
    index: usize,
    target: &str,
    loads: bool,
    ids: &[Ids],
) -> Result<(), String> {
    let scheme = target.split_once(':').map_or("", |(scheme, _)| scheme);
    let has_scheme = !scheme.is_empty()
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    if has_scheme || target.starts_with("//") {
        return if loads && scheme != "data" {
            Err(format!(
                "`{target}` would be fetched from the network; keep a copy beside the page"
            ))
        } else {
            Ok(())
        };
    }
    let (path, fragment) = target.split_once('#').map_or((target, None), |(p, f)| (p, Some(f)));
    let path = path.split('?').next().unwrap_or(path).replace("%20", " ");
    let at = if path.is_empty() { Some(index) } else { page_of_link(binding, page, &path)? };
    if let (Some(at), Some(fragment)) = (at, fragment.filter(|f| !f.is_empty()))
        && ids.get(at).is_some_and(|ids| !ids.contains(fragment))
    {
        let file = &binding.book.pages[at].file;
        return Err(format!(
            "`{target}` leads nowhere: {file} has no `#{fragment}`{}",
            nearest(fragment, ids[at].iter().map(String::as_str))
        ));
    }
    Ok(())
}

/// The page that a relative link leads to; none for another file, which must be there.
fn page_of_link(binding: &Binding<'_>, page: &Page, path: &str) -> Result<Option<usize>, String> {
    let book = binding.book;
    let folder = page.path.parent().unwrap_or(Path::new(""));
    let full = normalize(&folder.join(path));
    let made_by_mdbook = ["index.html", "print.html", "toc.html", "404.html"];
    if path.starts_with('/') || full.starts_with("..") {
        return Err(format!("`{path}` leads out of the book; link relative to this page"));
    }
    let as_page = full.with_extension("md");
    let is_page = full.extension().is_some_and(|e| e == "md" || e == "html");
    if is_page && let Some(found) = book.page_at(&as_page) {
        return Ok(Some(found));
    }
    if made_by_mdbook.contains(&slashes(&full).as_str()) {
        return Ok(None);
    }
    if !is_page && binding.evidence.workspace.root().join(&book.source).join(&full).is_file() {
        return Ok(None);
    }
    let known: Vec<String> = book.pages.iter().map(|p| slashes(&p.path)).collect();
    Err(format!(
        "`{path}` leads nowhere{}",
        nearest(&slashes(&as_page), known.iter().map(String::as_str))
    ))
}

#[cfg(test)]
mod tests {
    use crate::tests::{Fixture, bind_text, fault_of};

    #[test]
    fn dead_links_are_faults() {
        bind_text(
            "# One\n\n[a](#one) [b](../argument.md#claims) [c](../glossary.html#face) [d](https://example.org) [e](mailto:a@b.c) <a href=\"index.md\">x</a>\n",
        );
        assert_eq!(
            fault_of("[a](#oen)\n\n# One\n"),
            "`#oen` leads nowhere: book/01-dice/index.md has no `#oen`; did you mean `one`?"
        );
        assert!(fault_of("[a](../argumant.md)").contains("did you mean `argument.md`?"));
        assert!(fault_of("[a](../glossary.md#fase)").contains("did you mean `face`?"));
        assert!(fault_of("[a](../../Cargo.toml)").contains("leads out of the book"));
        assert!(fault_of("![a](gone.png)").contains("leads nowhere"));
        assert!(fault_of("<img src=\"gone.png\">").contains("leads nowhere"));
    }

    #[test]
    fn nothing_is_fetched_from_the_network() {
        for text in [
            "![a](https://example.org/a.png)",
            "<img src=\"http://example.org/a.png\">",
            "<script src='//example.org/a.js'></script>",
        ] {
            assert!(fault_of(text).contains("fetched from the network"), "{text}");
        }
    }

    #[test]
    fn the_page_for_lost_readers_is_checked_too() {
        let fixture = Fixture::new();
        fixture.write(
            "book/404.md",
            "# Lost\n\n[a](01-dice/index.md) [b](toc.html)\n\n[c](gone.md)\n",
        );
        let faults: Vec<String> =
            fixture.faults("Text.\n").iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("book/404.md:5: `gone.md` leads nowhere"), "{faults:?}");
        assert!(!fixture.warnings("Text.\n").iter().any(|w| w.contains("404.md")));
    }

    #[test]
    fn figures_can_be_linked_by_hand() {
        bind_text("[a](#figure-mean)\n\n{{#figure dice/mean}}\n");
    }

    #[test]
    fn medians_of_other_code_are_a_warning() {
        let fixture = Fixture::new();
        let told = || {
            fixture
                .warnings("Text.\n")
                .iter()
                .any(|w| w.contains("the medians of `dice` are older"))
        };
        assert!(!told());
        let path = "chapters-code/01-dice/src/lib.rs";
        fixture.write(path, &(fixture.read(path) + "\n/// A comment.\n"));
        assert!(!told());
        fixture.write(path, &(fixture.read(path) + "pub const SIDES: u32 = 6;\n"));
        assert!(told());
    }

    #[test]
    fn what_nobody_uses_is_a_warning() {
        let fixture = Fixture::new();
        let warnings = fixture.warnings("Text.\n");
        let told = |text: &str| warnings.iter().any(|w| w.contains(text));
        assert!(
            told("book/SUMMARY.md:3: warning: no page uses experiment `dice/rolls`"),
            "{warnings:?}"
        );
        assert!(told("no page shows figure `dice/mean`"));
        assert!(told("no page uses the claim `dice/rolls settles`"));
        assert!(told(
            "chapters-code/01-dice/src/lib.rs:3: warning: no page includes anchor `roll`"
        ));
        assert!(told("book/references.bib:8: warning: nothing cites `pascal1654`"));
        assert!(fixture.faults("Text.\n").is_empty());
        fixture.write("book/01-dice/lost.md", "# Lost\n");
        let warnings = fixture.warnings("{{#term die}} {{#term die}}\n");
        let told = |text: &str| warnings.iter().any(|w| w.contains(text));
        assert!(told(
            "book/01-dice/index.md:1: warning: the term `die` is defined in book/01-dice/index.md already"
        ));
        assert!(
            told("book/01-dice/lost.md:1: warning: is not listed in book/SUMMARY.md"),
            "{warnings:?}"
        );
    }

    #[test]
    fn a_chapter_has_a_crate_and_a_crate_a_chapter() {
        let fixture = Fixture::new();
        fixture.write("chapters-code/02-lost/Cargo.toml", "[package]\nname = \"lost\"\n");
        fixture.write("book/03-bare/index.md", "# Bare\n");
        fixture.write(
            "book/SUMMARY.md",
            &fixture.read("book/SUMMARY.md").replace("[Not yet]()", "[Bare](03-bare/index.md)"),
        );
        let faults: Vec<String> =
            fixture.faults("Text.\n").iter().map(ToString::to_string).collect();
        assert!(faults[0].contains("02-lost/results/chapter.json: not recorded yet"), "{faults:?}");
        assert!(
            faults[1].starts_with(
                "book/SUMMARY.md:4: chapter “Bare” has no crate; add the crate chapters-code/03-bare"
            ),
            "{faults:?}"
        );
        assert!(
            faults[2].starts_with(
                "chapters-code/02-lost/Cargo.toml:1: crate `lost` has no page; write book/02-lost/index.md"
            ),
            "{faults:?}"
        );
    }

    #[test]
    fn a_stale_result_is_told_where_it_is_first_used() {
        let fixture = Fixture::new();
        fixture.write("chapters-code/01-dice/src/lib.rs", "pub fn roll() -> u8 { 5 }\n");
        let faults = fixture.faults("One\n\n{{#value dice/rolls mean | fixed 1}}\n");
        assert_eq!(
            faults[0].to_string(),
            "book/01-dice/index.md:3: dice/rolls is stale: the code of `dice` changed; run `cargo run --release -p dice -- run rolls`"
        );
        fixture.write("chapters-code/01-dice/results/rolls.json", "{");
        let faults = fixture
            .faults("One\n\n{{#value dice/rolls mean | fixed 1}}\n\n{{#figure dice/mean}}\n");
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(
            faults[0].to_string().starts_with(
                "book/01-dice/index.md:3: chapters-code/01-dice/results/rolls.json: is damaged"
            ),
            "{faults:?}"
        );
    }

    #[test]
    fn a_false_claim_stops_the_build_wherever_it_is() {
        let fixture = Fixture::new().with_false_claim();
        let faults = fixture.faults("Text.\n");
        assert!(
            faults[0]
                .to_string()
                .starts_with("book/SUMMARY.md:3: the claim `loaded` of dice/rolls is false"),
            "{faults:?}"
        );
    }
}
