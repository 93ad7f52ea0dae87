//! Every page, in every theme, on a laptop, on a phone and on paper.

use book_tests::browser::Tab;
use book_tests::site::{Faults, Site};

use crate::{NARROW, THEMES, WIDE};

/// No letter of a figure is smaller on the screen than this, in CSS pixels.
const SMALLEST: u32 = 11;

/// What A4 leaves between margins of 15 mm, in CSS pixels.
const PAPER: (u32, u32) = (680, 1000);

fn look(faults: &mut Faults, tab: &Tab, place: &str, checks: &[&str]) {
    for check in checks {
        faults.take(tab, place, &tab.evaluate(&format!("book.{check}")));
    }
}

#[test]
fn every_page_fits_in_every_theme_and_width() {
    let Some(site) = Site::shared() else { return };
    let tab = site.tab();
    let mut faults = Faults::default();
    for page in site.pages() {
        for (width, height) in [WIDE, NARROW] {
            tab.size(width, height);
            tab.open(&site.http(&page));
            let place = format!("{page} {width} px");
            faults.loading(&site, &tab, &place);
            look(&mut faults, &tab, &place, &["shifts()", "faces()"]);
            for theme in THEMES {
                tab.theme(theme);
                tab.settle();
                let place = format!("{page} {theme} at {width} px");
                let figures = format!("figures({SMALLEST})");
                look(&mut faults, &tab, &place, &["fit()", "formulas()", &figures]);
            }
        }
        // The last theme is a dark one: paper is to be light all the same.
        tab.media("print", &[]);
        tab.size(PAPER.0, PAPER.1);
        tab.settle();
        look(&mut faults, &tab, &format!("{page} in print"), &["print()"]);
        tab.media("", &[]);
    }
    faults.finish();
}

#[test]
fn formulas_are_set_in_their_own_fonts() {
    let Some(site) = Site::shared() else { return };
    let tab = site.tab();
    let mut faults = Faults::default();
    let pages = site.pages_with("class=\"katex\"");
    assert!(pages.len() > 5, "formulas on {} pages", pages.len());
    tab.size(WIDE.0, WIDE.1);
    for page in pages {
        tab.open(&site.http(&page));
        let fonts = tab.fonts("main .katex-html .mord:not(:has(*))");
        let own = fonts.iter().any(|(name, own)| *own && name.starts_with("KaTeX"));
        let found = fonts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        faults.expect(own, &page, format!("formulas are set in {found:?}; load KaTeX's fonts"));
    }
    faults.finish();
}

#[test]
fn pages_open_from_disk_without_a_network() {
    let Some(site) = Site::shared() else { return };
    let tab = site.tab();
    tab.size(WIDE.0, WIDE.1);
    let offline = serde_json::json!({ "offline": true, "latency": 0, "downloadThroughput": -1,
        "uploadThroughput": -1 });
    tab.call("Network.emulateNetworkConditions", offline);
    let mut faults = Faults::default();
    let mut figures = 0;
    for page in site.pages() {
        // The page for addresses that do not exist is for a server.
        if page == "404.html" {
            continue;
        }
        tab.open(&site.file(&page));
        let place = format!("{page} from disk");
        faults.loading(&site, &tab, &place);
        look(
            &mut faults,
            &tab,
            &place,
            &["fit()", "formulas()", "figures(0)", "faces()", "shifts()"],
        );
        faults.expect(
            tab.holds("book.styled()"),
            &place,
            "styles are missing; mend their addresses",
        );
        figures += tab.evaluate("book.drawings()").as_u64().unwrap();
        let formula = tab.holds("document.querySelector('main .katex-html .mord')");
        let katex = || {
            let fonts = tab.fonts("main .katex-html .mord:not(:has(*))");
            fonts.iter().any(|(name, own)| *own && name.starts_with("KaTeX"))
        };
        faults.expect(
            !formula || katex(),
            &place,
            "formulas lack KaTeX's fonts; mend their addresses",
        );
    }
    assert!(figures >= 12, "{figures} figures are visible from disk");
    faults.finish();
}
