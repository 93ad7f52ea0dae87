//! Every page, in every theme, on a laptop, on a phone and on paper.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use book_tests::browser::Tab;
use book_tests::site::{Faults, Site};
use flate2::Compression;
use flate2::write::GzEncoder;
use notebook::testing::say;
use serde_json::json;

use super::{NARROW, THEMES, WIDE, accessibility};

/// No letter of a figure is smaller on the screen than this, in CSS pixels.
const SMALLEST: u32 = 11;

/// What A4 leaves between margins of 15 mm, in CSS pixels.
const PAPER: (u32, u32) = (680, 1000);

/// What a page may weigh with all that it needs, compressed, without the search's index: kB.
const HEAVIEST: usize = 300;

/// The page that is open must not move after it has loaded. One that moves does so each time; on a busy machine
/// a font may come late once, so it is opened up to twice more.
fn holds_still(faults: &mut Faults, tab: &Tab, address: &str, place: &str) {
    let mut found = tab.evaluate("book.shifts()");
    for _ in 0..2 {
        if found.as_array().is_some_and(|found| found.is_empty()) {
            return;
        }
        tab.open(address);
        tab.settle();
        found = tab.evaluate("book.shifts()");
    }
    faults.take(tab, place, &found);
}

fn look(faults: &mut Faults, tab: &Tab, place: &str, checks: &[&str]) {
    for check in checks {
        let check = format!("book.{check}");
        let mut found = tab.evaluate(&check);
        // On a busy machine a page may still move when it is measured, once in some hundred pages. What is a fault stays one.
        if found.as_array().is_some_and(|found| !found.is_empty()) {
            thread::sleep(Duration::from_secs(1));
            tab.settle();
            found = tab.evaluate(&check);
        }
        faults.take(tab, place, &found);
    }
}

/// What must hold in a theme and at a width.
fn fits(faults: &mut Faults, tab: &Tab, page: &str, theme: &str, width: u32) {
    tab.theme(theme);
    tab.settle();
    let place = format!("{page} {theme} at {width} px");
    let figures = format!("figures({SMALLEST})");
    look(faults, tab, &place, &["fit()", "formulas()", &figures]);
}

/// Each kind of page once: loaded at either width, each in a theme that goes round, on paper, weighed.
/// `accessibility.rs` holds them to WCAG.
#[test]
fn every_kind_of_page_is_fit_to_read() {
    let Some(site) = Site::shared() else { return };
    are_fit_to_read(&site, &site.kinds(), None);
}

#[test]
#[ignore = "takes minutes: every page"]
fn every_page_is_fit_to_read() {
    let Some(site) = Site::shared() else { return };
    are_fit_to_read(&site, &site.pages(), accessibility::ready(&site).as_deref());
}

fn are_fit_to_read(site: &Site, pages: &[String], axe: Option<&str>) {
    let weights = Weights::default();
    let visit = |tab: &Tab, number: usize, page: &str, faults: &mut Faults| {
        let sizes = if number.is_multiple_of(2) { [WIDE, NARROW] } else { [NARROW, WIDE] };
        for (turn, (width, height)) in sizes.into_iter().enumerate() {
            // The first is a first visit: what a page needs is asked for, and weighed.
            let first = turn == 0;
            tab.call("Network.setCacheDisabled", json!({ "cacheDisabled": first }));
            tab.size(width, height);
            tab.open(&site.http(page));
            let place = format!("{page} {width} px");
            faults.loading(site, tab, &place);
            look(faults, tab, &place, &["faces()"]);
            if first {
                weights.weigh(site, tab, page, faults);
                formulas_are_in_their_fonts(tab, page, faults);
            }
            holds_still(faults, tab, &site.http(page), &place);
            fits(faults, tab, page, THEMES[(number / 2 + 2 * turn) % THEMES.len()], width);
            if let Some(axe) = axe.filter(|_| first) {
                accessibility::look(tab, axe, faults, page, number / 2, width);
            }
        }
        // Paper is to be light, whatever the screen was.
        tab.theme("navy");
        tab.media("print", &[]);
        tab.size(PAPER.0, PAPER.1);
        tab.settle();
        look(faults, tab, &format!("{page} in print"), &["print()"]);
        tab.media("", &[]);
    };
    let faults = site.each(pages, |_| (), visit);
    weights.say();
    faults.finish();
}

/// Every kind of page in each theme: at one width and the other in turn, so that each theme meets both.
#[test]
fn every_kind_of_page_fits_in_every_theme() {
    let Some(site) = Site::shared() else { return };
    let each = |tab: &Tab, number: usize, page: &str, faults: &mut Faults| {
        for (turn, (width, height)) in [WIDE, NARROW].into_iter().enumerate() {
            tab.size(width, height);
            tab.open(&site.http(page));
            for theme in THEMES.into_iter().skip((number + turn) % 2).step_by(2) {
                fits(faults, tab, page, theme, width);
            }
        }
    };
    let kinds = site.kinds();
    assert!(kinds.len() > 5, "pages differ in {} kinds", kinds.len());
    site.each(&kinds, |_| (), each).finish();
}

#[test]
#[ignore = "takes minutes: every page in every theme and width"]
fn every_page_fits_in_every_theme_and_width() {
    let Some(site) = Site::shared() else { return };
    let all = |tab: &Tab, _: usize, page: &str, faults: &mut Faults| {
        for (width, height) in [WIDE, NARROW] {
            tab.size(width, height);
            tab.open(&site.http(page));
            for theme in THEMES {
                fits(faults, tab, page, theme, width);
            }
        }
    };
    site.each(&site.pages(), |_| (), all).finish();
}

/// Formulas are set in KaTeX's fonts, where there are any: the first is looked at that is not in a folded answer.
fn formulas_are_in_their_fonts(tab: &Tab, place: &str, faults: &mut Faults) {
    let is_shown = tab.holds(
        "(() => { const shown = [...document.querySelectorAll('main .katex-html .mord:not(:has(*))')].find((one) => one.checkVisibility());
        shown?.setAttribute('data-looked-at', ''); return shown; })()",
    );
    if !is_shown {
        return;
    }
    let fonts = tab.fonts("[data-looked-at]");
    let own = fonts.iter().any(|(name, own)| *own && name.starts_with("KaTeX"));
    let found = fonts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    faults.expect(own, place, format!("formulas are set in {found:?}; load KaTeX's fonts"));
}

/// What the pages weigh on their way, and what each file does.
#[derive(Default)]
struct Weights {
    files: Mutex<BTreeMap<PathBuf, usize>>,
    pages: Mutex<Vec<(usize, String)>>,
}

impl Weights {
    /// Weighs the page that was opened with all that it asked for, in an empty cache.
    fn weigh(&self, site: &Site, tab: &Tab, page: &str, faults: &mut Faults) {
        let mut parts = Vec::new();
        for address in tab.seen().requests {
            // The browser asks for an icon even where a page names none.
            let Some(file) = site.local(&address).filter(|f| f.is_file()) else { continue };
            if !file.to_string_lossy().contains("searchindex") {
                let known = self.files.lock().unwrap().get(&file).copied();
                let own = known.unwrap_or_else(|| weight(&file));
                parts.push((own / 1000, file.file_name().unwrap().to_owned()));
                self.files.lock().unwrap().insert(file, own);
            }
        }
        parts.sort();
        parts.reverse();
        let total = parts.iter().map(|(own, _)| own).sum::<usize>();
        parts.truncate(4);
        faults.expect(
            total < HEAVIEST,
            page,
            format!("weighs {total} kB, more than {HEAVIEST}; its heaviest parts are {parts:?}"),
        );
        self.pages.lock().unwrap().push((total, page.to_owned()));
    }

    fn say(self) {
        let mut pages = self.pages.into_inner().unwrap();
        pages.sort();
        let mean = pages.iter().map(|(total, _)| total).sum::<usize>() / pages.len();
        let (most, heaviest) = pages.last().unwrap();
        say(&format!(
            "weight of a page, compressed, without the search's index: {mean} kB on average, {most} kB at most ({heaviest})"
        ));
        // A page that needs nothing would be a page that was not seen.
        assert!(pages[0].0 > 20, "{pages:?}");
    }
}

/// What a server sends of a file: texts compressed, fonts and pictures as they are.
fn weight(file: &Path) -> usize {
    let bytes = fs::read(file).unwrap();
    let packed = matches!(file.extension().and_then(|e| e.to_str()), Some("woff2" | "png" | "jpg"));
    if packed {
        return bytes.len();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    std::io::Write::write_all(&mut encoder, &bytes).unwrap();
    encoder.finish().unwrap().len()
}

/// From disk a page has other addresses than from a server, and the browser other rules for scripts and
/// fonts: a matter of what the page is made of, so every kind of page is opened.
#[test]
fn pages_open_from_disk_without_a_network() {
    let Some(site) = Site::shared() else { return };
    let offline = |tab: &Tab| {
        tab.size(WIDE.0, WIDE.1);
        let offline = json!({ "offline": true, "latency": 0, "downloadThroughput": -1,
            "uploadThroughput": -1 });
        tab.call("Network.emulateNetworkConditions", offline);
    };
    let figures = Mutex::new(0);
    let open = |tab: &Tab, _: usize, page: &str, faults: &mut Faults| {
        // The page for addresses that do not exist is for a server.
        if page == "404.html" {
            return;
        }
        tab.open(&site.file(page));
        let place = format!("{page} from disk");
        faults.loading(&site, tab, &place);
        look(faults, tab, &place, &["fit()", "formulas()", "figures(0)", "faces()"]);
        holds_still(faults, tab, &site.file(page), &place);
        let styled = tab.holds("book.styled()");
        faults.expect(styled, &place, "styles are missing; mend their addresses");
        *figures.lock().unwrap() += tab.evaluate("book.drawings()").as_u64().unwrap();
        formulas_are_in_their_fonts(tab, &place, faults);
    };
    let faults = site.each(&site.kinds(), offline, open);
    let figures = figures.into_inner().unwrap();
    assert!(figures >= 3, "{figures} figures are visible from disk");
    faults.finish();
}
