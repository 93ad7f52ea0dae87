//! The modules of every crate stand in layers: no two use each other, directly
//! or around.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::fs;

use book_tests::checkout;
use book_tests::layers::circles;
use notebook::Workspace;

/// The circle that is left, by its crate and its modules: one thing in three
/// files. A number knows the loops that are fast for it, and they are written for
/// any number.
const LEFT: [(&str, &str); 1] = [("backprop", "kernels, kernels::curves, real")];

#[test]
fn modules_form_no_circle() {
    let workspace = Workspace::open(checkout()).unwrap();
    let chapters = workspace.members().into_iter().map(|c| (c.name.clone(), c.folder.clone()));
    let tests = ("book-tests".to_owned(), checkout().join("tests"));
    let (mut found, mut left) = (String::new(), LEFT.to_vec());
    for (name, folder) in chapters.chain([tests]) {
        for circle in circles(&folder.join("src")) {
            let modules = circle.modules.join(", ");
            match left.iter().position(|known| *known == (name.as_str(), modules.as_str())) {
                Some(known) => drop(left.remove(known)),
                None => found.push_str(&format!("{name}: {circle}")),
            }
        }
    }
    let found = found.replace(&format!("{}/", checkout().display()), "");
    assert!(found.is_empty(), "move what both need to a module below them:\n{found}");
    assert!(left.is_empty(), "these circles are open; strike them from the list: {left:#?}");
}

/// Cargo finds no program in `tests/` where one program has them all, so a file that is not named there would never run.
#[test]
fn every_file_of_tests_is_run() {
    let workspace = Workspace::open(checkout()).unwrap();
    let chapters = workspace.members().into_iter().map(|c| c.folder.clone());
    let mut forgotten = Vec::new();
    for folder in chapters.chain([checkout().join("tests")]) {
        let tests = folder.join("tests");
        let Ok(all) = fs::read_to_string(tests.join("all.rs")) else { continue };
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for entry in fs::read_dir(&tests).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let program =
                path.extension().is_some_and(|e| e == "rs") || path.join("main.rs").exists();
            let named = all.lines().any(|line| line == format!("mod {name};"))
                || manifest.contains(&format!("path = \"tests/{name}.rs\""));
            if program && !named {
                forgotten.push(format!(
                    "{}: name it in {}",
                    path.display(),
                    tests.join("all.rs").display()
                ));
            }
        }
    }
    assert!(forgotten.is_empty(), "{forgotten:#?}");
}

#[test]
fn a_circle_is_found_with_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        let file = folder.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write(
        "lib.rs",
        "mod a;\nmod b;\npub mod c;\nmod d;\npub use b::{B, more as M};\nfn f() { a::f() }\n",
    );
    write("a.rs", "//! Doc.\n\nuse std::fmt;\nuse crate::{B as Other, M};\npub fn f() {}\n");
    write("b.rs", "use super::c::inner::C;\npub struct B;\npub fn more() {}\n");
    // A parent that passes a name of its child on does not use it, nor does an own module inside the file.
    write("c/mod.rs", "pub mod inner;\npub use inner::C;\nmod within { pub use super::C; }\n");
    write("c/inner.rs", "pub struct C;\npub fn f(x: crate::d::D) {}\n");
    // What is for tests alone is not read, and a path in a macro is.
    write(
        "d.rs",
        "pub struct D;\n#[cfg(test)]\nuse crate::c;\n\nfn f() { g!({ 0..crate::a::f() }); }\n#[cfg(all(test, unix))]\nmod tests { use super::*; use crate::c::C; }\n",
    );
    let found = circles(folder.path());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].modules, ["a", "b", "c::inner", "d"]);
    let told = found[0].to_string().replace(&format!("{}/", folder.path().display()), "");
    let expected = "a circle of a, b, c::inner, d:\n  a.rs:4 uses b\n  b.rs:1 uses c::inner\n  c/inner.rs:2 uses d\n  d.rs:5 uses a\n";
    assert_eq!(told, expected);
    // Opened at any place, it is none.
    write("d.rs", "pub struct D;\n");
    assert!(circles(folder.path()).is_empty());
}
