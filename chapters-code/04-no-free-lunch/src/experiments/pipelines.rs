//! What is measured of pipelines on real data.

use notebook::Chapter;

/// Adds the experiments on pipelines.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
}
