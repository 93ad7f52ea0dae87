//! The chapter as the book sees it: what is recorded is there, and every figure can be drawn.

use std::path::Path;

use notebook::Workspace;

use @crate@::chapter;

#[test]
fn what_is_recorded_holds_and_can_be_drawn() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let chapter = chapter();
    for experiment in &chapter.experiments {
        let results = chapter.read(&workspace, experiment.name).unwrap();
        assert_eq!(results.false_claims().count(), 0, "{}", experiment.name);
    }
    for (name, _) in &chapter.figures {
        let figure = chapter.draw(&workspace, name).unwrap();
        assert!(figure.faults().is_empty(), "{name}: {:?}", figure.faults());
    }
}
