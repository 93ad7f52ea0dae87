//! Five-minute checks: answered by key and by pointer, by ear, without scripts and on paper.

use book_tests::browser::Tab;
use book_tests::site::{Faults, Site};

use super::{NARROW, WIDE, accessibility};

/// The page with a check of each kind: one right option, and several.
const PAGE: &str = "b-bookbinder/directives.html";

fn opened(site: &Site, (width, height): (u32, u32)) -> Tab {
    let tab = site.tab();
    tab.size(width, height);
    tab.open(&site.http(PAGE));
    tab
}

/// What is said in the first check and in the second.
fn said(tab: &Tab) -> Vec<String> {
    let said =
        tab.evaluate("[...document.querySelectorAll('.check-said')].map((p) => p.textContent)");
    said.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_choice_is_answered_by_key() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site, WIDE);
    tab.evaluate("document.querySelector('.check-option input').focus()");
    let open = "document.querySelector('.check-answer').open";
    tab.press("ArrowDown");
    tab.settle();
    // An arrow passes over options; it answers nothing.
    assert!(!tab.holds(open) && said(&tab)[0].contains("to answer"), "{:?}", said(&tab));
    tab.press("Enter");
    assert!(tab.becomes(open), "the answer does not open");
    assert!(said(&tab)[0].starts_with("Right: B."), "{:?}", said(&tab));
    let marks = "[...document.querySelectorAll('.check-mark')].slice(0, 2).map((m) => m.textContent).join('|')";
    assert_eq!(tab.evaluate(marks), "|right");
    let role = "document.querySelector('.check-said').getAttribute('role')";
    assert_eq!(tab.evaluate(role), "status");
}

#[test]
fn a_wrong_option_is_said_to_be_wrong_and_several_are_asked_for_together() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site, NARROW);
    tab.click("#five-minute-1 .check-option");
    assert!(tab.becomes("document.querySelector('#five-minute-1 .check-answer').open"));
    assert!(said(&tab)[0].starts_with("A is not right."), "{:?}", said(&tab));
    let second = "#five-minute-2";
    tab.click(&format!("{second} .check-option"));
    assert_eq!(said(&tab)[1], "");
    tab.click(&format!("{second} .check-button"));
    assert!(said(&tab)[1].starts_with("A is right, and one more is."), "{:?}", said(&tab));
    tab.click(&format!("{second} .check-option:nth-of-type(3)"));
    tab.click(&format!("{second} .check-button"));
    assert!(said(&tab)[1].starts_with("Right: A and C."), "{:?}", said(&tab));
}

#[test]
fn an_answered_check_meets_wcag() {
    let Some(site) = Site::shared() else { return };
    let Some(axe) = accessibility::ready(&site) else { return };
    let mut faults = Faults::default();
    for (theme, size) in [(0, WIDE), (1, NARROW)] {
        let tab = opened(&site, size);
        tab.evaluate("document.querySelectorAll('.check-option').forEach((o) => o.click())");
        tab.evaluate("document.querySelectorAll('.check-button').forEach((b) => b.click())");
        // Nothing half below the menu.
        tab.evaluate("scrollTo({ top: 0, behavior: 'instant' })");
        tab.settle();
        accessibility::look(&tab, &axe, &mut faults, PAGE, theme, size.0);
    }
    faults.finish();
}

#[test]
fn without_scripts_and_on_paper_a_check_is_a_list_with_its_answer() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site, WIDE);
    tab.media("print", &[]);
    tab.settle();
    let paper = "document.querySelector('.check-list').checkVisibility() && \
        !document.querySelector('.check-options').checkVisibility() && \
        document.querySelector('.check-right').checkVisibility({ contentVisibilityAuto: true }) && \
        document.querySelector('.check-right').getBoundingClientRect().height > 5";
    assert!(tab.holds(paper), "on paper a check is not a list with its answer");
    tab.media("", &[]);
    // In a frame that may run no scripts, and that its neighbour may look into.
    tab.evaluate(
        "document.body.insertAdjacentHTML('beforeend', \
         `<iframe id=silent sandbox=allow-same-origin src=\"${location.href}\"></iframe>`)",
    );
    let list = "(() => { const page = document.getElementById('silent').contentDocument; \
        const list = page.querySelector('#five-minute-1 .check-question > ul'); \
        return list && list.checkVisibility() && !page.querySelector('.check-options') && \
        page.defaultView.getComputedStyle(list).listStyleType === 'upper-alpha' && \
        !page.querySelector('.check-answer').open; })()";
    assert!(tab.becomes(list), "without scripts the options are not a list with letters");
}
