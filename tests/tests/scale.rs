//! A book larger than the one that is written: it binds, and what is saved is rendered alone. How the
//! time grows with the book is measured by `benches/growth.rs`.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::fs;
use std::sync::{Arc, RwLock};

use book_tests::{Copy, synthetic};
use bookbinder::serve::server::Site;
use bookbinder::serve::site::Binder;
use bookbinder::serve::state::State;
use notebook::Workspace;

#[test]
fn a_saved_page_is_rendered_alone() {
    let copy = Copy::new();
    synthetic::enlarge(&copy, 8);
    let workspace = Workspace::open(copy.root()).unwrap();
    let target = copy.root().join("target/serve/0");
    let site = Arc::new(Site {
        folder: target.join("book"),
        hostname: "127.0.0.1".into(),
        state: State::new("test".into()),
        files: RwLock::default(),
    });
    let mut binder = Binder::new(&workspace, Arc::clone(&site), &target);
    let mut bound = || binder.bind().result.expect("the book binds");
    assert!(bound().all);
    for i in 0..2 {
        copy.append("book/14-parameters/where.md", &format!("Sentence {i}."));
        let update = bound();
        // The work is what grows with the book, and it is not done.
        assert_eq!(update.pages, ["14-parameters/where.html"], "and nothing else changed");
        assert!(!update.all);
    }
    // The page is what a whole build with the same settings makes of it.
    let served = fs::read_to_string(site.folder.join("14-parameters/where.html")).unwrap();
    assert!(Binder::new(&workspace, Arc::clone(&site), &target).bind().result.is_ok());
    let whole = fs::read_to_string(site.folder.join("14-parameters/where.html")).unwrap();
    assert!(served == whole, "a page rendered alone differs");
}
