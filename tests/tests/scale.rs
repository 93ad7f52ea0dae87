//! A book larger than the one that is written: it binds, and what is saved is rendered alone. How the
//! time grows with the book is measured by `benches/growth.rs`.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use book_tests::served::Served;

#[test]
fn a_saved_page_is_rendered_alone() {
    let mut book = Served::new(8);
    assert!(book.bind().result.unwrap().all);
    for i in 0..2 {
        book.save(&format!("Sentence {i}."));
        let update = book.bind().result.unwrap();
        // The work is what grows with the book, and it is not done.
        assert_eq!(update.pages, [book.address()], "and nothing else changed");
        assert!(!update.all);
    }
    // The page is what a whole build with the same settings makes of it.
    let served = book.page();
    assert!(book.bind_whole().result.is_ok());
    assert!(served == book.page(), "a page rendered alone differs");
}
