//! What a server has to send: how heavy the pages are, and that they stand below any path.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use book_tests::browser::say;
use book_tests::site::{BELOW, Faults, Site};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::{NARROW, WIDE};

/// What a page may weigh with all that it needs, compressed, without the search's index: kB.
const HEAVIEST: usize = 300;

/// What a server sends of a file: texts compressed, fonts and pictures as they are.
fn weight(file: &Path) -> usize {
    let bytes = fs::read(file).unwrap();
    let packed = matches!(file.extension().and_then(|e| e.to_str()), Some("woff2" | "png" | "jpg"));
    if packed {
        return bytes.len();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&bytes).unwrap();
    encoder.finish().unwrap().len()
}

#[test]
fn no_page_is_heavy() {
    let Some(site) = Site::shared() else { return };
    let tab = site.tab();
    // A first visit: nothing is in the cache.
    tab.call("Network.setCacheDisabled", json!({ "cacheDisabled": true }));
    let mut weights: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut faults = Faults::default();
    let mut pages = Vec::new();
    for page in site.pages() {
        tab.size(WIDE.0, WIDE.1);
        tab.open(&site.http(&page));
        let mut parts = Vec::new();
        for address in tab.seen().requests {
            // The browser asks for an icon even where a page names none.
            let Some(file) = site.local(&address).filter(|f| f.is_file()) else { continue };
            if !file.to_string_lossy().contains("searchindex") {
                let own = *weights.entry(file.clone()).or_insert_with(|| weight(&file));
                parts.push((own / 1000, file.file_name().unwrap().to_owned()));
            }
        }
        parts.sort();
        parts.reverse();
        let total = parts.iter().map(|(own, _)| own).sum::<usize>();
        parts.truncate(4);
        faults.expect(
            total < HEAVIEST,
            &page,
            format!("weighs {total} kB, more than {HEAVIEST}; its heaviest parts are {parts:?}"),
        );
        pages.push((total, page));
    }
    pages.sort();
    let mean = pages.iter().map(|(total, _)| total).sum::<usize>() / pages.len();
    let (most, heaviest) = pages.last().unwrap();
    say(&format!(
        "weight of a page, compressed, without the search's index: {mean} kB on average, {most} kB at most ({heaviest})"
    ));
    // A page that needs nothing would be a page that was not seen.
    assert!(pages[0].0 > 20, "{pages:?}");
    faults.finish();
}

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
    for file in book_tests::files(&site.folder(), ".css") {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(site.folder()).unwrap().display().to_string();
        for found in css.captures_iter(&text) {
            faults.add(&name, format!("has the absolute address {}; make it relative", &found[1]));
        }
    }
    faults.finish();
}
