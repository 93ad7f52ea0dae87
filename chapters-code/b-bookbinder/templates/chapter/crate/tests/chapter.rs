//! The chapter as the book sees it.

/// The committed list and figures are those that the code makes from what is recorded.
#[test]
fn what_is_committed_is_what_the_code_draws() {
    notebook::testing::assert_drawn(&@crate@::chapter());
}
