//! How much is there to decide? The settings say it themselves.

use std::fmt::Debug;

/// One thing that somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The name of the setting, with those of the settings that it is a part of.
    pub name: String,
    /// What was decided.
    pub value: String,
}

/// Every field of `settings`, and of the settings within it, that holds a value.
///
/// They are read off the settings' own `Debug` text, so a setting that somebody adds is counted without a change
/// here. A pair counts once. Seeds do not count: a seed is drawn, not decided. What the code fixed and gave no
/// setting for, such as the radius of a local binary pattern, was decided too, and is not seen.
///
/// ```
/// use no_free_lunch::pipelines::decisions;
/// let found = decisions(&classifiers::LinearSvm::default());
/// let names: Vec<&str> = found.iter().map(|d| d.name.as_str()).collect();
/// assert_eq!(names, ["c", "method", "passes", "tolerance", "constant"]);
/// ```
// ANCHOR: decisions
pub fn decisions(settings: &dyn Debug) -> Vec<Decision> {
    let text = format!("{settings:#?}");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let (mut within, mut found) = (Vec::new(), Vec::new());
    for (place, line) in lines.iter().enumerate() {
        let field = line.split_once(": ");
        if line.starts_with('}') {
            within.pop();
        } else if let Some(inner) = line.strip_suffix('{') {
            // A struct: its fields follow, under its name where it has one.
            within.push(inner.split_once(": ").map_or("", |(name, _)| name));
        } else if let Some((name, value)) = field.filter(|(name, _)| *name != "seed") {
            let path = within.iter().copied().filter(|name| !name.is_empty());
            let name = path.chain([name]).collect::<Vec<_>>().join(".");
            found.push(Decision { name, value: value_of(value, &lines[place + 1..]) });
        }
    }
    found
}
// ANCHOR_END: decisions

/// A value as it is read: the parts of a pair, and what stands inside `Some(…)`, are on the lines that follow.
fn value_of(value: &str, rest: &[&str]) -> String {
    let parts = || rest.iter().take_while(|line| !line.starts_with(')'));
    let joined = || parts().map(|part| part.trim_end_matches(',')).collect::<Vec<_>>().join(" × ");
    match value.strip_suffix('(') {
        Some("") | Some("Some") => joined(),
        Some(name) => name.to_owned(),
        None => value.trim_end_matches(',').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipelines::{Extractor, Pipeline, Settings};
    use classifiers::trees::{DecisionTree, RandomForest, Stop};
    use features::Hog;

    fn of(extractor: Extractor, classifier: Settings) -> Vec<Decision> {
        decisions(&Pipeline { extractor, standardise: true, classifier })
    }

    #[test]
    fn every_setting_is_found_once() {
        let stop = Stop { depth: Some(7), ..Stop::default() };
        let found = of(Extractor::Hog(Hog::DEFAULT), Settings::Tree(DecisionTree { stop }));
        let expected = [
            ("extractor", "Hog"),
            ("orientations", "9"),
            ("cell", "8 × 8"),
            ("block", "2 × 2"),
            ("standardise", "true"),
            ("classifier", "Tree"),
            ("stop.depth", "7"),
            ("stop.leaves", "None"),
            ("stop.split", "2"),
            ("stop.leaf", "1"),
        ];
        let found: Vec<(&str, &str)> =
            found.iter().map(|d| (d.name.as_str(), d.value.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn seeds_are_not_decisions() {
        let found = of(Extractor::Pixels, Settings::Forest(RandomForest::default()));
        assert!(found.iter().all(|d| !d.name.contains("seed")), "{found:?}");
        let settings = ["trees", "tried", "bootstrap", "depth", "leaves", "split", "leaf"];
        assert_eq!(found.len(), 3 + settings.len());
    }
}
