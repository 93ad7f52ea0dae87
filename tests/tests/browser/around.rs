//! What stands around the text: previews of what is referred to, the contents of the page, what was
//! read, and the keys of the sidebar.

use book_tests::browser::Tab;
use book_tests::site::{Faults, Site};
use serde_json::json;

use super::{NARROW, WIDE, accessibility};

/// A page with references, terms and claims, some of them to other pages.
const PAGE: &str = "05-neurons/perceptron.html";

/// A window that has room beside the text.
const WIDEST: (u32, u32) = (1500, 900);

fn opened(address: &str, site: &Site, (width, height): (u32, u32)) -> Tab {
    let tab = site.tab();
    tab.size(width, height);
    tab.open(address);
    tab
}

/// Gives the first link of a kind the focus, as a key does.
fn focus(tab: &Tab, link: &str) {
    tab.press("Tab");
    tab.evaluate(&format!("document.querySelector('main {link}').focus({{ focusVisible: true }})"));
}

#[test]
fn what_is_referred_to_is_previewed_on_focus_and_said() {
    let Some(site) = Site::shared() else { return };
    for address in [site.http(PAGE), site.file(PAGE)] {
        let tab = opened(&address, &site, WIDE);
        for (link, words) in
            [("a.citation", "1958"), ("a.claim", "mistakes"), ("dfn.term a", "Perceptron")]
        {
            focus(&tab, link);
            let shown = "document.querySelector('.preview')?.textContent.length > 20";
            assert!(tab.becomes(shown), "{address}: {link} has no preview");
            let said = "document.getElementById(document.activeElement.getAttribute('aria-describedby'))?.textContent";
            let said = tab.evaluate(said);
            let said = said.as_str().unwrap_or_default();
            assert!(said.contains(words), "{link}: {said:?} does not say {words:?}");
            tab.press("Escape");
            assert!(tab.becomes("!document.querySelector('.preview')"), "Escape closes no preview");
            let here = format!("document.activeElement === document.querySelector('main {link}')");
            assert!(tab.holds(&here), "the focus has left {link}");
        }
        assert_eq!(site.strangers(&tab), Vec::<String>::new());
        let errors = tab.seen().errors;
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn the_pointer_moves_into_a_preview_and_nothing_moves_for_it() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site.http(PAGE), &site, WIDE);
    tab.evaluate("document.querySelector('main a.citation').scrollIntoView({ block: 'center', behavior: 'instant' })");
    tab.settle();
    let at = |selector: &str| tab.evaluate(&format!("book.middle({})", json!(selector)));
    let over = |middle: &serde_json::Value| {
        let event = json!({ "type": "mouseMoved", "x": middle[0], "y": middle[1] });
        tab.call("Input.dispatchMouseEvent", event);
    };
    let height = tab.evaluate("document.documentElement.scrollHeight");
    over(&at("main a.citation"));
    assert!(tab.becomes("document.querySelector('.preview')"), "hovering shows nothing");
    over(&at(".preview"));
    assert!(tab.becomes("document.querySelector('.preview:hover')"), "it goes as it is reached");
    assert_eq!(tab.evaluate("document.documentElement.scrollHeight"), height);
    over(&json!([5, 300]));
    assert!(tab.becomes("!document.querySelector('.preview')"), "it stays when it is left");
}

#[test]
fn a_preview_and_the_contents_of_the_page_meet_wcag() {
    let Some(site) = Site::shared() else { return };
    let Some(axe) = accessibility::ready(&site) else { return };
    let mut faults = Faults::default();
    for (theme, size) in [(0, WIDEST), (1, NARROW)] {
        let tab = opened(&site.http(PAGE), &site, size);
        focus(&tab, "a.citation");
        assert!(tab.becomes("document.querySelector('.preview')"));
        accessibility::look(&tab, &axe, &mut faults, PAGE, theme, size.0);
    }
    faults.finish();
}

#[test]
fn the_contents_of_a_page_stand_beside_it_where_there_is_room() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site.http(PAGE), &site, WIDEST);
    let beside = "(() => { const nav = document.querySelector('.page-contents').getBoundingClientRect(); \
        const text = document.querySelector('main').getBoundingClientRect(); \
        return nav.width > 100 && nav.left >= text.right && nav.right <= innerWidth; })()";
    assert!(tab.holds(beside), "the contents of the page are not beside it");
    tab.click(".page-contents li:nth-child(3) a");
    let current = "document.querySelector('.page-contents li:nth-child(3) a').getAttribute('aria-current') === 'location'";
    assert!(tab.becomes(current), "the section is not marked");
    let tab = opened(&site.http(PAGE), &site, WIDE);
    assert!(!tab.holds("document.querySelector('.page-contents').checkVisibility()"));
}

#[test]
fn what_was_read_is_marked_and_forgotten() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site.http(PAGE), &site, WIDE);
    let bar = "document.querySelector('.progress').checkVisibility()";
    assert!(!tab.holds(bar), "there is a bar before a page has been read");
    tab.evaluate("scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' })");
    assert!(tab.becomes(bar), "the end of the page does not count");
    assert!(tab.holds("document.querySelector('#mdbook-sidebar a.active .read-mark')"));
    assert_eq!(tab.evaluate("document.querySelector('.progress progress').value"), 1);
    tab.open(&site.http("index.html"));
    let back = "document.querySelector('.go-on a').href.includes('05-neurons/perceptron.html')";
    assert!(tab.holds(back), "the first page does not lead back");
    tab.click(".progress button");
    assert!(tab.becomes(&format!("!{bar} && !document.querySelector('.read-mark, .go-on')")));
}

#[test]
fn the_sidebar_is_one_stop_and_arrows_lead_through_it() {
    let Some(site) = Site::shared() else { return };
    let tab = opened(&site.http("index.html"), &site, WIDE);
    let stops = "document.querySelectorAll('#mdbook-sidebar [tabindex=\"0\"]').length";
    assert_eq!(tab.evaluate(stops), 1);
    tab.press("Tab");
    tab.press("Tab");
    assert!(tab.holds("document.activeElement.matches('#mdbook-sidebar a.active')"));
    let chapter = "document.activeElement.getAttribute('href').includes('01-learning/index.html')";
    // The pages that come before the first chapter are few.
    let mut left = 8;
    while left > 0 && !tab.holds(chapter) {
        tab.press("ArrowDown");
        left -= 1;
    }
    assert!(tab.holds(chapter), "arrows do not lead through the sidebar");
    for key in ["ArrowRight", "ArrowDown"] {
        tab.press(key);
    }
    let section = "document.activeElement.href.includes('01-learning/data.html') && document.activeElement.checkVisibility()";
    assert!(tab.holds(section), "an arrow does not open a chapter");
    for key in ["ArrowLeft", "ArrowLeft"] {
        tab.press(key);
    }
    let closed = "document.activeElement.closest('li').querySelector('[aria-expanded]').getAttribute('aria-expanded') === 'false'";
    assert!(tab.holds(closed), "an arrow does not close a chapter");
    tab.press("Tab");
    assert!(tab.holds("!document.activeElement.closest('#mdbook-sidebar')"));
}
