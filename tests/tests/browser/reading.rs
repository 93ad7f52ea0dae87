//! What a reader does with a page: searches, switches themes, opens folds, enlarges figures; with
//! the keyboard alone, too.

use std::collections::BTreeSet;

use book_tests::browser::Tab;
use book_tests::site::{Faults, Site, picture};
use serde_json::{Value, json};

use super::{NARROW, WIDE};

/// The figures with a fold, formulas and listings that the tests of one page look at.
const PAGE: &str = "14-parameters/where.html";

fn opened(site: &Site, address: &str, (width, height): (u32, u32)) -> Tab {
    let tab = site.tab();
    tab.size(width, height);
    tab.open(address);
    tab
}

/// Searches with the keyboard; gives the results' titles and what is said above them.
fn search(tab: &Tab, word: &str) -> (Vec<String>, String) {
    tab.press("/");
    assert!(
        tab.becomes("document.activeElement.id === 'mdbook-searchbar'"),
        "the key / does not lead to the search"
    );
    tab.evaluate("document.activeElement.select()");
    for letter in word.chars() {
        tab.press(&letter.to_string());
    }
    // A key let go starts the search, once the index has come.
    let done = format!(
        "(document.getElementById('mdbook-searchbar').dispatchEvent(new KeyboardEvent('keyup')), \
         document.getElementById('mdbook-searchresults-header').textContent.includes(\"'{word}'\"))"
    );
    assert!(tab.becomes(&done), "the search for {word} does not end");
    let found = tab.evaluate(
        "[...document.querySelectorAll('#mdbook-searchresults a')].map((a) => a.textContent)",
    );
    let found = found.as_array().unwrap().iter().map(|t| t.as_str().unwrap().to_owned()).collect();
    let said = tab.evaluate("document.getElementById('mdbook-searchresults-header').textContent");
    (found, said.as_str().unwrap().to_owned())
}

fn finds_words(site: &Site, address: &str) {
    let tab = opened(site, address, WIDE);
    let (found, said) = search(&tab, "squeeze");
    assert!(!found.is_empty(), "the search says {said:?} of a word of the prose");
    tab.press("Enter");
    tab.await_load();
    tab.settle();
    let landed = tab.evaluate("location.pathname").as_str().unwrap().to_owned();
    assert!(landed.contains("11-residual/"), "the search leads to {landed}");
    assert!(tab.becomes("document.querySelector('main mark')"), "the word is not marked");
}

#[test]
fn search_finds_a_word_and_leads_to_it() {
    let Some(site) = Site::shared() else { return };
    finds_words(&site, &site.http("preface.html"));
}

#[test]
fn search_works_from_disk() {
    let Some(site) = Site::shared() else { return };
    finds_words(&site, &site.file("preface.html"));
}

#[test]
fn search_does_not_find_the_debris_of_formulas() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site, &site.http("preface.html"), WIDE);
    search(&tab, "tape");
    let mut faults = Faults::default();
    // Commands that the book's formulas use, none of them a word. The index is asked, not the search,
    // which forgives a wrong letter.
    for debris in
        ["mathbf", "mathrm", "operatorname", "cdot", "qquad", "tfrac", "vlist", "katex-html"]
    {
        let found = tab.evaluate(&format!(
            "window.search.index.sections.filter((s) => /\\b{debris}\\b/i.test(s.slice(0, 3).join(' '))).map((s) => s[0])"
        ));
        faults.expect(
            found.as_array().unwrap().is_empty(),
            "the search",
            format!("{debris} is found in {found}; keep formulas out of the index"),
        );
    }
    let index = tab.evaluate(
        "window.search.index.sections.filter(([, body]) => /\\u200b|\\\\(frac|mathbf|sum|hat)\\b/.test(body)).map(([title]) => title)",
    );
    for page in index.as_array().unwrap() {
        faults.add("the search's index", format!("debris of a formula in {page}; keep it out"));
    }
    faults.finish();
}

#[test]
fn a_change_of_theme_recolours_every_figure_at_once() {
    let Some(site) = Site::shared() else { return };
    let pages = site.pages_with("class=\"figure\"");
    assert!(pages.len() > 5, "figures on {} pages", pages.len());
    let recolours = |tab: &Tab, _: usize, page: &str, faults: &mut Faults| {
        tab.open(&site.http(page));
        let [light, navy] = ["light", "navy"].map(|theme| {
            tab.theme(theme);
            tab.settle();
            tab.evaluate("book.colours()")
        });
        let pairs = light.as_array().unwrap().iter().zip(navy.as_array().unwrap());
        for (number, (light, navy)) in pairs.enumerate() {
            faults.expect(
                light != navy,
                page,
                format!("drawing {} has the same colours in light and navy; use the variables of figure.css", number + 1),
            );
        }
    };
    site.each(&pages, |tab| tab.size(WIDE.0, WIDE.1), recolours).finish();
}

#[test]
fn a_fold_opens_and_closes_by_key() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site, &site.http(PAGE), WIDE);
    let fold = "document.querySelector('main details')";
    assert!(tab.holds(fold), "{PAGE} has no fold");
    tab.evaluate(&format!("{fold}.querySelector('summary').focus()"));
    assert!(!tab.holds(&format!("{fold}.open")), "the fold is open before a key is pressed");
    tab.press("Enter");
    assert!(tab.becomes(&format!("{fold}.open")), "Enter does not open a fold");
    assert!(tab.holds(&format!("{fold}.querySelector('table').checkVisibility()")));
    tab.press(" ");
    assert!(tab.becomes(&format!("!{fold}.open")), "the space bar does not close a fold");
}

#[test]
fn the_skip_link_is_reached_first_and_leads_to_the_text() {
    let Some(site) = Site::shared() else { return };
    let mut faults = Faults::default();
    for (page, size) in [("index.html", WIDE), (PAGE, WIDE), (PAGE, NARROW), ("404.html", WIDE)] {
        let tab = opened(&site, &site.http(page), size);
        let place = format!("{page} at {} px", size.0);
        tab.press("Tab");
        tab.settle();
        let focus = tab.evaluate("book.focus()");
        let href = focus["href"].as_str().unwrap_or_default();
        if !href.contains('#') || focus["inside"] != true {
            faults.add(
                &place,
                format!(
                    "Tab reaches {} first; begin the body with a link to #…, visible in focus",
                    focus["name"]
                ),
            );
            picture(&tab, &place);
            continue;
        }
        tab.press("Enter");
        tab.settle();
        tab.press("Tab");
        let inside = tab.holds("document.activeElement?.closest('main')");
        let focus = tab.evaluate("book.focus()");
        faults.expect(
            inside,
            &place,
            format!(
                "after the skip link Tab reaches {}; let it lead to main, with tabindex=-1",
                focus["name"]
            ),
        );
    }
    faults.finish();
}

#[test]
fn the_focus_is_seen() {
    let Some(site) = Site::shared() else { return };
    let mut faults = Faults::default();
    for theme in ["light", "navy"] {
        let tab = opened(&site, &site.http(PAGE), WIDE);
        tab.theme(theme);
        let mut seen = BTreeSet::new();
        for _ in 0..120 {
            tab.press("Tab");
            let focus = tab.evaluate("book.focus()");
            if focus.is_null() {
                break;
            }
            let name = focus["name"].to_string();
            if seen.insert(name.clone()) {
                let place = format!("{PAGE} {theme}");
                faults.expect(
                    focus["ring"] == true,
                    &place,
                    format!("{name} shows no focus; give it an outline under :focus-visible"),
                );
            }
        }
        assert!(seen.len() > 20, "Tab reaches {} things: {seen:?}", seen.len());
    }
    faults.finish();
}

#[test]
fn a_figure_is_enlarged_by_click_and_by_key() {
    let Some(site) = Site::shared() else { return };
    let open = "document.querySelector('dialog[open]')";
    let button = "main figure.figure button[aria-haspopup=dialog]";
    for size in [WIDE, NARROW] {
        let tab = opened(&site, &site.http(PAGE), size);
        let there = tab.holds(&format!("document.querySelector('{button}')?.checkVisibility()"));
        assert!(there, "{PAGE}: no button enlarges a figure");
        tab.click(button);
        assert!(tab.becomes(open), "a click does not enlarge a figure");
        tab.settle();
        let whole = tab.holds(
            "(() => { const b = document.querySelector('dialog[open]').getBoundingClientRect(); \
             return b.left >= 0 && b.right <= innerWidth && b.width > innerWidth * 0.6; })()",
        );
        assert!(whole, "the dialog does not fill a window of {} px", size.0);
        assert!(
            tab.holds(&format!("{open}.querySelector('svg').getBoundingClientRect().width > 100"))
        );
        let name = tab.holds(&format!(
            "{open}.getAttribute('aria-labelledby') || {open}.getAttribute('aria-label')"
        ));
        assert!(name, "the dialog has no name");
        tab.press("Escape");
        assert!(tab.becomes(&format!("!{open}")), "Escape does not close the figure");
        let back = format!("document.activeElement === document.querySelector('{button}')");
        assert!(tab.becomes(&back), "the focus does not return to the button");
        tab.press("Enter");
        assert!(tab.becomes(open), "Enter does not enlarge a figure");
        let inside = "document.querySelector('dialog[open]').contains(document.activeElement)";
        assert!(tab.becomes(inside), "the focus is not in the dialog");
        tab.press("Escape");
        assert!(tab.becomes(&back), "the focus does not return to the button");
    }
}

#[test]
fn the_contents_open_and_close_by_key() {
    let Some(site) = Site::shared() else { return };
    for size in [WIDE, NARROW] {
        let tab = opened(&site, &site.http(PAGE), size);
        let shown = "document.documentElement.classList.contains('sidebar-visible')";
        let before = tab.holds(shown);
        tab.evaluate("document.getElementById('mdbook-sidebar-toggle').focus()");
        assert!(
            tab.holds("document.activeElement.id === 'mdbook-sidebar-toggle'"),
            "the contents' button takes no focus: make it a button"
        );
        for key in ["Enter", " "] {
            let now = tab.holds(shown);
            tab.press(key);
            assert!(
                tab.becomes(&format!("{shown} !== {now}")),
                "{key:?} does not turn the contents"
            );
            let said = "document.getElementById('mdbook-sidebar-toggle').getAttribute('aria-expanded') === String(";
            assert!(tab.becomes(&format!("{said}{shown})")), "aria-expanded does not follow");
        }
        assert_eq!(tab.holds(shown), before);
    }
}

#[test]
fn a_fold_of_the_contents_shows_and_hides_its_pages() {
    let Some(site) = Site::shared() else { return };
    for page in ["index.html", "a-notebook/results.html"] {
        let tab = opened(&site, &site.http(page), WIDE);
        let wrong = tab.evaluate(
            "[...document.querySelectorAll('#mdbook-sidebar .chapter-fold-toggle')].filter((fold) => {
                if (!fold.checkVisibility()) return false; // in one that is folded itself
                const pages = fold.closest('li').querySelector(':scope > ol');
                return !pages || ['open', 'close'].some(() => {
                    fold.click();
                    return (fold.getAttribute('aria-expanded') === 'true') !== pages.checkVisibility();
                });
            }).map((fold) => fold.getAttribute('aria-label'))",
        );
        assert_eq!(wrong.as_array().unwrap().len(), 0, "{page}: {wrong}");
        let own = "document.querySelector('#mdbook-sidebar a.active').checkVisibility()";
        assert!(tab.holds(own), "{page} is folded away");
    }
}

#[test]
fn what_scrolls_has_a_name_of_its_own() {
    let Some(site) = Site::shared() else { return };
    for (page, size) in
        [("05-neurons/perceptron.html", WIDE), ("05-neurons/xor.html", NARROW), (PAGE, NARROW)]
    {
        let tab = opened(&site, &site.http(page), size);
        let names = tab.evaluate(
            "[...document.querySelectorAll('main [role=region]')].map((e) => e.getAttribute('aria-label'))",
        );
        let names: Vec<_> = names.as_array().unwrap().iter().map(ToString::to_string).collect();
        let different: BTreeSet<_> = names.iter().collect();
        assert!(names.len() > 1, "{page}: {names:?}");
        assert_eq!(different.len(), names.len(), "{page}: {names:?}");
    }
}

#[test]
fn a_drawing_is_described_once_and_its_figure_is_named() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site, &site.http(PAGE), WIDE);
    tab.call("Accessibility.enable", json!({}));
    let tree = tab.call("Accessibility.getFullAXTree", json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let with = |role: &'static str| nodes.iter().filter(move |n| n["role"]["value"] == role);
    let word = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
    let figures: Vec<_> = with("figure").map(|node| word(&node["name"])).collect();
    assert!(!figures.is_empty() && figures.iter().all(|n| n.contains("Figure")), "{figures:?}");
    let mut described = 0;
    for node in with("image").filter(|node| !node["description"].is_null()) {
        let (name, description) = (word(&node["name"]), word(&node["description"]));
        assert!(!name.is_empty() && !name.contains(&description), "{name:?}: {description:?}");
        described += 1;
    }
    assert!(described >= figures.len(), "{described} of {} are described", figures.len());
}

#[test]
fn nothing_moves_for_readers_who_prefer_that() {
    let Some(site) = Site::shared() else { return };
    let tab = site.tab();
    tab.size(WIDE.0, WIDE.1);
    tab.media("", &[("prefers-reduced-motion", "reduce")]);
    let mut faults = Faults::default();
    for page in ["index.html", PAGE, "references.html"] {
        tab.open(&site.http(page));
        faults.take(&tab, page, &tab.evaluate("book.moving()"));
        tab.evaluate("document.getElementById('mdbook-sidebar-toggle').click()");
        let moves = "document.getAnimations().filter((a) => a.effect.getComputedTiming().duration > 20).length";
        let moves = tab.evaluate(moves);
        faults.expect(
            moves == 0,
            page,
            "the contents slide; stop them under prefers-reduced-motion",
        );
    }
    faults.finish();
}

#[test]
fn a_missing_page_is_answered_below_a_sub_path() {
    let Some(site) = Site::shared() else { return };
    for lost in ["nothing.html", "14-parameters/deeper/nothing.html"] {
        let tab = opened(&site, &site.http(lost), NARROW);
        let seen = tab.seen();
        // The page itself is answered with 404; all that it needs must come.
        let failed: Vec<_> = seen.failed.iter().filter(|f| !f.ends_with(lost)).collect();
        assert!(failed.is_empty(), "{lost}: {failed:?}");
        assert_eq!(site.strangers(&tab), Vec::<String>::new());
        assert!(tab.holds("document.querySelector('main h1')"), "{lost}: no heading");
        assert!(tab.holds("book.styled()"), "{lost}: no styles");
        assert!(tab.evaluate("book.fit()").as_array().unwrap().is_empty(), "{lost} does not fit");
        // A way on: a link of the page leads into the book.
        let link = tab.evaluate("document.querySelector('main a[href]:not(.header)')?.href");
        let link = link.as_str().unwrap_or_default().to_owned();
        assert!(link.starts_with(&site.http("")), "{lost}: the page offers {link:?}");
        tab.open(&link);
        assert!(tab.seen().failed.is_empty(), "{link}: {:?}", tab.seen().failed);
    }
}

#[test]
fn a_missing_page_finds_a_book_that_knows_no_path() {
    let Some(site) = Site::shared() else { return };
    let book = site.unaware();
    for lost in ["nothing.html", "14-parameters/deeper/nothing.html"] {
        let tab = opened(&site, &format!("{book}{lost}"), NARROW);
        assert!(tab.holds("book.styled()"), "{lost}: no styles");
        assert!(tab.holds("document.querySelector('#mdbook-sidebar a')"), "{lost}: no contents");
        let link = tab.evaluate("document.querySelector('main a[href]:not(.header)')?.href");
        assert_eq!(link.as_str(), Some(format!("{book}index.html").as_str()), "{lost}");
    }
}
