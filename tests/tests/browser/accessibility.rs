//! Every page held to WCAG 2.2, A and AA, by axe-core: every rule with those tags, no element left
//! out.

use std::env;
use std::fs;
use std::path::PathBuf;

use book_tests::browser::Tab;
use book_tests::checkout;
use book_tests::site::{Faults, Site, picture};
use notebook::testing::skip;

use super::{NARROW, WIDE};

/// The oldest axe-core that knows what we hold pages to.
const AXE: (u32, u32) = (4, 11);

/// Runs axe-core; gives for each fault rule, impact, selector, and what it asks for.
const RUN: &str = "(async () => {
    const found = await axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
        rules: { 'target-size': { enabled: true } },
        resultTypes: ['violations'],
    });
    return found.violations.flatMap((rule) => rule.nodes.map((node) => [
        `${rule.id} (${rule.impact})`,
        node.target.flat().join(' '),
        [...node.any, ...node.all, ...node.none].map((check) => check.message).join('; '),
    ]));
})()";

/// axe-core's script: in `$BOOK_AXE`, or where `.ci/run` puts it.
fn axe() -> Option<String> {
    let ours = checkout().join("target/axe/node_modules/axe-core/axe.min.js");
    let file = env::var_os("BOOK_AXE").map_or(ours, PathBuf::from);
    let script = fs::read_to_string(&file).ok();
    if script.is_none() {
        skip(
            "accessibility tests",
            "no axe-core found (npm install --no-save --prefix target/axe axe-core@4.11)",
        );
    }
    script
}

fn hold(tab: &Tab, faults: &mut Faults, place: &str) {
    tab.settle();
    let found = tab.evaluate(RUN);
    let found = found.as_array().unwrap();
    for fault in found {
        let part = |i: usize| fault[i].as_str().unwrap_or_default();
        faults.add(place, format!("{}: {}: {}", part(0), part(1), part(2)));
    }
    if !found.is_empty() {
        picture(tab, &format!("axe {place}"));
    }
}

/// The themes that are held to WCAG, a light one and a dark one.
const THEMES: [&str; 2] = ["light", "navy"];

/// axe-core, once it has shown that it knows what it is asked for.
pub fn ready(site: &Site) -> Option<String> {
    let axe = axe()?;
    let tab = site.tab();
    tab.open(&site.http("index.html"));
    tab.evaluate(&axe);
    let version = tab.evaluate("axe.version.split('.').map(Number)");
    let part = |i: usize| version[i].as_u64().unwrap() as u32;
    assert!((part(0), part(1)) >= AXE, "axe-core {version} is too old");
    finds_planted_faults(&tab);
    Some(axe)
}

/// Holds the page that is open to WCAG, in one of the two themes.
pub fn look(tab: &Tab, axe: &str, faults: &mut Faults, page: &str, theme: usize, width: u32) {
    let theme = THEMES[theme % THEMES.len()];
    tab.theme(theme);
    tab.evaluate(axe);
    hold(tab, faults, &format!("{page} {theme} at {width} px"));
}

/// Every kind of page at both widths and in both themes. In `pages.rs` each page has its turn.
#[test]
fn every_kind_of_page_meets_wcag_2_2_aa() {
    let Some(site) = Site::shared() else { return };
    let Some(axe) = ready(&site) else { return };
    let both = |tab: &Tab, number: usize, page: &str, faults: &mut Faults| {
        for (theme, size) in [(number, WIDE), (number + 1, NARROW)] {
            tab.size(size.0, size.1);
            tab.open(&site.http(page));
            look(tab, &axe, faults, page, theme, size.0);
        }
    };
    site.each(&site.kinds(), |_| (), both).finish();
}

#[test]
#[ignore = "takes minutes: every page in both themes and widths"]
fn every_page_meets_wcag_2_2_aa_in_every_theme_and_width() {
    let Some(site) = Site::shared() else { return };
    let Some(axe) = ready(&site) else { return };
    let all = |tab: &Tab, _: usize, page: &str, faults: &mut Faults| {
        for size in [WIDE, NARROW] {
            tab.size(size.0, size.1);
            tab.open(&site.http(page));
            for theme in 0..THEMES.len() {
                look(tab, &axe, faults, page, theme, size.0);
            }
        }
    };
    site.each(&site.pages(), |_| (), all).finish();
}

/// What is open in use: the contents on a phone, the search's results, folds, an enlarged figure.
#[test]
fn what_opens_meets_wcag_2_2_aa() {
    let Some(site) = Site::shared() else { return };
    let Some(axe) = ready(&site) else { return };
    let tab = site.tab();
    let mut faults = Faults::default();
    let states = [
        ("contents", "document.getElementById('mdbook-sidebar-toggle').click()"),
        ("themes", "document.getElementById('mdbook-theme-toggle').click()"),
        ("search", "document.getElementById('mdbook-search-toggle').click()"),
        ("folds", "document.querySelectorAll('main details').forEach((d) => { d.open = true; })"),
        (
            "figure",
            "document.querySelector('main figure.figure button[aria-haspopup=dialog]')?.click()",
        ),
    ];
    let page = "14-parameters/where.html";
    for (number, (name, open)) in states.into_iter().enumerate() {
        // Each state at both widths and in both themes.
        for (theme, size) in [(number, WIDE), (number + 1, NARROW)] {
            tab.size(size.0, size.1);
            tab.open(&site.http(page));
            let theme = THEMES[theme % THEMES.len()];
            tab.theme(theme);
            tab.evaluate(&axe);
            tab.evaluate(open);
            hold(&tab, &mut faults, &format!("{page} {theme} at {} px, {name} open", size.0));
        }
    }
    faults.finish();
}

/// The check itself is checked: planted faults must be found, small targets among them.
fn finds_planted_faults(tab: &Tab) {
    tab.evaluate(
        "document.querySelector('main').insertAdjacentHTML('afterbegin', \
         '<img src=\"data:,\"><button style=\"width:9px;height:9px;padding:0;font-size:1px\">a</button>\
         <button style=\"width:9px;height:9px;padding:0;font-size:1px\">b</button>\
         <p style=\"color:#aaa;background:#fff\">pale</p>')",
    );
    let found = tab.evaluate(RUN).to_string();
    for rule in ["image-alt", "target-size", "color-contrast"] {
        assert!(found.contains(rule), "axe-core does not find a planted fault of {rule}");
    }
}
