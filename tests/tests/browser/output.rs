//! What comes over a slow line, and that the pages stand below any path.

use std::fs;

use book_tests::site::{BELOW, Faults, Site};
use serde_json::json;

use super::{NARROW, WIDE};

/// On a slow line fonts and scripts come late; what a reader reads must not jump when they do.
#[test]
fn pages_hold_still_on_a_slow_line() {
    let Some(site) = Site::shared() else { return };
    let tab = site.tab();
    tab.call("Network.setCacheDisabled", json!({ "cacheDisabled": true }));
    let slow = json!({ "offline": false, "latency": 80, "downloadThroughput": 400_000,
        "uploadThroughput": 100_000 });
    tab.call("Network.emulateNetworkConditions", slow);
    let mut faults = Faults::default();
    for size in [WIDE, NARROW] {
        tab.size(size.0, size.1);
        for page in ["index.html", "14-parameters/where.html", "01-learning/metrics.html"] {
            tab.open(&site.http(page));
            let place = format!("{page} at {} px on a slow line", size.0);
            faults.take(&tab, &place, &tab.evaluate("book.shifts()"));
        }
    }
    faults.finish();
}

#[test]
fn the_output_stands_below_any_path() {
    // Every address in a page is relative; the page for missing addresses, which is served from
    // any depth, has the site's path as its base.
    let Some(site) = Site::shared() else { return };
    let address = regex::Regex::new(r#"\s(?:href|src)\s*=\s*["']?(/[^"'\s>]*)"#).unwrap();
    let css = regex::Regex::new(r#"url\(\s*["']?(/[^"')]*)"#).unwrap();
    let mut faults = Faults::default();
    for page in site.pages().into_iter().chain(["print.html".to_owned(), "toc.html".to_owned()]) {
        let text = fs::read_to_string(site.folder().join(&page)).unwrap();
        for found in address.captures_iter(&text) {
            let own = page == "404.html" && found[1].starts_with(BELOW);
            faults.expect(
                own,
                &page,
                format!("has the absolute address {}; make it relative", &found[1]),
            );
        }
    }
    for file in book_tests::files(site.folder(), ".css") {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(site.folder()).unwrap().display().to_string();
        for found in css.captures_iter(&text) {
            faults.add(&name, format!("has the absolute address {}; make it relative", &found[1]));
        }
    }
    faults.finish();
}
