//! `vague-reference`: "see below" and "the table above", where a reference could lead there.

use super::{Findings, Manuscript};

/// Tells of figures, tables, equations and "see" beside "above" or "below".
pub fn check(manuscript: &Manuscript<'_>, findings: &mut Findings<'_>) {
    const THINGS: [&str; 7] =
        ["see", "figure", "table", "equation", "listing", "formula", "chapter"];
    for (page, prose, block) in manuscript.blocks() {
        for pair in block.tokens.windows(2) {
            let (thing, place) = (prose.lower(&pair[0]), prose.lower(&pair[1]));
            if THINGS.contains(&thing.as_str()) && matches!(place.as_str(), "above" | "below") {
                let message =
                    format!("`{thing} {place}` does not say which; write `{{{{#ref label}}}}`");
                findings.add(page, pair[0].range.start, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::fired;

    #[test]
    fn places_on_the_page_are_told() {
        assert_eq!(fired("Look at the table\nbelow. See above."), ["vague-reference"; 2]);
        assert_eq!(
            fired("Below each picture stands one, see {{#ref figure:a}} above."),
            Vec::<&str>::new()
        );
    }
}
