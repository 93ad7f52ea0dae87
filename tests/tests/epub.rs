//! The EPUB: a ZIP file in the right order, XML in every document, and no link that leads nowhere.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use book_tests::{Copy, said};
use notebook::testing::skip;
use roxmltree::{Document, Node, ParsingOptions};
use zip::{CompressionMethod, ZipArchive};

/// Where the file is, and the files in it.
type Epub = (PathBuf, Vec<(String, Vec<u8>)>);

/// The file, written once for all tests here, and what is in it, in its order.
fn epub() -> &'static Epub {
    static EPUB: OnceLock<Epub> = OnceLock::new();
    EPUB.get_or_init(|| {
        let copy: &'static Copy = Box::leak(Box::new(Copy::new()));
        let path = copy.root().join("book.epub");
        let output = copy.bookbinder(&["epub", "--out", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let mut archive = ZipArchive::new(File::open(&path).unwrap()).unwrap();
        let mut files = Vec::new();
        for i in 0..archive.len() {
            let mut file = archive.by_index(i).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            files.push((file.name().unwrap().into_owned(), bytes));
        }
        (path, files)
    })
}

/// Every XML document, by its path.
fn documents() -> BTreeMap<&'static str, &'static str> {
    let is_xml = |path: &str| {
        [".xhtml", ".opf", ".ncx", ".xml", ".svg"].iter().any(|ending| path.ends_with(ending))
    };
    let all = epub().1.iter().filter(|(path, _)| is_xml(path));
    all.map(|(path, bytes)| (path.as_str(), std::str::from_utf8(bytes).unwrap())).collect()
}

fn parsed<'a>(path: &str, text: &'a str) -> Document<'a> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// A relative address seen from a file: the file that it names.
fn resolved(from: &str, address: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn is_outside(address: &str) -> bool {
    ["http:", "https:", "mailto:"].iter().any(|scheme| address.starts_with(scheme))
}

#[test]
fn the_type_comes_first_and_is_not_compressed() {
    let mut archive = ZipArchive::new(File::open(&epub().0).unwrap()).unwrap();
    let first = archive.by_index(0).unwrap();
    assert_eq!(
        (first.name().unwrap().as_ref(), first.compression()),
        ("mimetype", CompressionMethod::Stored)
    );
    drop(first);
    assert_eq!(epub().1[0].1, b"application/epub+zip");
    // A reader looks at fixed places of the file: no extra field may stand between.
    let bytes = fs::read(&epub().0).unwrap();
    assert_eq!(&bytes[30..58], b"mimetypeapplication/epub+zip");
}

#[test]
fn every_document_is_xml_with_unique_ids() {
    let documents = documents();
    assert!(documents.len() > 20, "{} documents", documents.len());
    for (path, text) in documents {
        let document = parsed(path, text);
        let mut ids = BTreeSet::new();
        for id in document.descendants().filter_map(|n| n.attribute("id")) {
            assert!(ids.insert(id), "{path}: the id {id} stands twice");
        }
    }
}

#[test]
fn every_link_leads_to_a_file_and_an_id() {
    let documents = documents();
    let files: BTreeSet<&str> = epub().1.iter().map(|(path, _)| path.as_str()).collect();
    let parsed: BTreeMap<_, _> =
        documents.iter().map(|(path, text)| (*path, parsed(path, text))).collect();
    let ids: BTreeMap<_, BTreeSet<_>> = parsed
        .iter()
        .map(|(path, d)| (*path, d.descendants().filter_map(|n| n.attribute("id")).collect()))
        .collect();
    let mut links = 0;
    let mut dead = Vec::new();
    for (path, document) in &parsed {
        let addresses = document
            .descendants()
            .flat_map(|n| n.attributes())
            .filter(|a| ["href", "src"].contains(&a.name()));
        for address in addresses.map(|a| a.value()).filter(|a| !is_outside(a)) {
            links += 1;
            let (file, fragment) = address.split_once('#').unwrap_or((address, ""));
            let file = if file.is_empty() { (*path).to_owned() } else { resolved(path, file) };
            let known = ids.get(file.as_str()).is_none_or(|ids| ids.contains(fragment));
            if !files.contains(file.as_str()) || !(fragment.is_empty() || known) {
                dead.push(format!("{path} -> {address}"));
            }
        }
        for named in ["aria-labelledby", "aria-describedby"] {
            for node in document.descendants() {
                for id in node.attribute(named).unwrap_or("").split_whitespace() {
                    if !ids[path].contains(id) {
                        dead.push(format!("{path}: {named}={id}"));
                    }
                }
            }
        }
    }
    assert!(links > 500, "only {links} links were found");
    assert_eq!(dead, Vec::<String>::new());
}

#[test]
fn the_manifest_lists_every_file_and_says_what_it_holds() {
    let documents = documents();
    let package = parsed("package.opf", documents["EPUB/package.opf"]);
    let items: Vec<Node<'_, '_>> = package
        .descendants()
        .filter(|n| n.has_tag_name(("http://www.idpf.org/2007/opf", "item")))
        .collect();
    let listed: BTreeSet<String> =
        items.iter().map(|n| format!("EPUB/{}", n.attribute("href").unwrap())).collect();
    let expected: BTreeSet<String> = epub()
        .1
        .iter()
        .map(|(path, _)| path.clone())
        .filter(|path| path.starts_with("EPUB/") && path != "EPUB/package.opf")
        .collect();
    assert_eq!(listed, expected);
    let (mut formulas, mut drawings) = (0, 0);
    for item in items.iter().filter(|n| n.attribute("media-type") == Some("application/xhtml+xml"))
    {
        let path = format!("EPUB/{}", item.attribute("href").unwrap());
        let document = parsed(&path, documents[path.as_str()]);
        let properties = item.attribute("properties").unwrap_or("");
        for (property, tag) in [("mathml", "math"), ("svg", "svg")] {
            let holds = document.descendants().any(|n| n.tag_name().name() == tag);
            assert_eq!(properties.contains(property), holds, "{path}: {property}");
        }
        formulas += document.descendants().filter(|n| n.tag_name().name() == "math").count();
        drawings += document.descendants().filter(|n| n.tag_name().name() == "svg").count();
    }
    assert!(formulas >= 100 && drawings >= 12, "{formulas} formulas, {drawings} drawings");
}

#[test]
fn nothing_for_a_screen_with_scripts_is_left() {
    let documents = documents();
    for (path, text) in documents.iter().filter(|(path, _)| path.ends_with(".xhtml")) {
        let document = parsed(path, text);
        for node in document.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            let interactive = ["script", "button", "form", "input", "iframe", "template"];
            assert!(!interactive.contains(&name), "{path}: <{name}>");
            let on = node
                .attributes()
                .find(|a| a.name().starts_with("on") || a.value().contains("var(--"));
            assert_eq!(on, None, "{path}: <{name}>");
            assert!(!node.attribute("class").unwrap_or("").contains("katex-html"), "{path}");
            assert_eq!(node.attribute("viewbox"), None, "{path}: the case of viewBox");
        }
    }
}

#[test]
fn the_contents_list_every_page_in_order() {
    let documents = documents();
    let navigation = parsed("nav", documents["EPUB/nav.xhtml"]);
    let toc = navigation.descendants().find(|n| n.tag_name().name() == "nav").unwrap();
    let listed: Vec<&str> = toc.descendants().filter_map(|n| n.attribute("href")).collect();
    let package = parsed("package.opf", documents["EPUB/package.opf"]);
    let hrefs: BTreeMap<&str, &str> = package
        .descendants()
        .filter_map(|n| Some((n.attribute("id")?, n.attribute("href")?)))
        .collect();
    let spine: Vec<&str> = package
        .descendants()
        .filter_map(|n| hrefs.get(n.attribute("idref")?).copied())
        .filter(|href| href.starts_with("text/"))
        .collect();
    assert_eq!(listed, spine);
    let text: String = toc.descendants().filter_map(|n| n.text()).collect();
    assert!(text.contains("14. ") && text.contains("A. ") && text.contains("Parameter scaling"));
}

#[test]
fn a_second_file_has_the_same_bytes() {
    let copy = Copy::new();
    let path = copy.root().join("again.epub");
    let output = copy.bookbinder(&["epub", "--out", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(fs::read(path).unwrap() == fs::read(&epub().0).unwrap(), "the bytes differ");
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let copy = Copy::new();
    let missing = copy.root().join("none/book.epub");
    let output = copy.bookbinder(&["epub", "--out", missing.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(said(&output).lines().count(), 1, "{}", said(&output));
    copy.append("book/preface.md", "{{#ref section:nowhere}}");
    let path = copy.root().join("book.epub");
    let output = copy.bookbinder(&["epub", "--out", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("book/preface.md:"), "{}", said(&output));
    assert!(!path.exists());
}

/// The checker, where it is installed. Debian's is a Java archive that only some kernels start.
fn epubcheck() -> Option<Command> {
    let folders = std::env::var_os("PATH")?;
    let path =
        std::env::split_paths(&folders).map(|f| f.join("epubcheck")).find(|path| path.is_file())?;
    if fs::read(&path).ok()?.starts_with(b"PK") {
        let mut command = Command::new("java");
        command.arg("-jar").arg(path);
        return Some(command);
    }
    Some(Command::new(path))
}

#[test]
fn epubcheck_finds_no_error() {
    let Some(mut command) = epubcheck() else {
        return skip("the EPUB held to epubcheck", "no epubcheck found");
    };
    let output = command.arg(&epub().0).output().unwrap();
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(!["ERROR(", "FATAL(", "WARNING("].iter().any(|found| text.contains(found)), "{text}");
}
