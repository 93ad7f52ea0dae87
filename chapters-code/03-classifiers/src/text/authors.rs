//! Three authors, and which of their passages are tested, so that no tested work is learned from.

use super::library::Work;
use super::passages::Passage;

/// The authors, in the order of their classes.
pub const AUTHORS: [&str; 3] = ["Austen", "Melville", "a president"];

/// The class of a work: 0 for Austen, 1 for Melville, 2 for a president.
pub fn author(work: &Work) -> u8 {
    match work.author.as_str() {
        "Jane Austen" => 0,
        "Herman Melville" => 1,
        _ => 2,
    }
}

/// For each work the place of the first passage that is tested: all of two novels and of every third president, and
/// the last third of Moby-Dick, which is the only work of its author. `O(works · (works + passages))`.
pub fn tested_from(works: &[Work], cut: &[Passage]) -> Vec<usize> {
    let mut presidents: Vec<&str> = Vec::new();
    for work in works.iter().filter(|work| author(work) == 2) {
        if !presidents.contains(&work.author.as_str()) {
            presidents.push(&work.author);
        }
    }
    let from = |(place, work): (usize, &Work)| {
        let turn = presidents.iter().position(|name| *name == work.author);
        let whole = match turn {
            Some(turn) => turn % 3 == 2,
            None => matches!(work.title.as_str(), "Northanger Abbey" | "Persuasion"),
        };
        if whole {
            return 0;
        }
        let all = cut.iter().filter(|passage| passage.work == place).count();
        if work.title == "Moby-Dick" { 2 * all / 3 } else { usize::MAX }
    };
    works.iter().enumerate().map(from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(author: &str, title: &str) -> Work {
        Work { author: author.into(), title: title.into(), year: 1800, text: String::new() }
    }

    #[test]
    fn a_president_who_came_back_has_one_turn() {
        let works = ["A", "B", "A", "C", "D"].map(|name| work(name, "Address"));
        // A, B, C, D: the third is C.
        let most = usize::MAX;
        assert_eq!(tested_from(&works, &[]), [most, most, most, 0, most]);
    }

    #[test]
    fn a_part_of_moby_dick_is_tested() {
        let works = [work("Herman Melville", "Moby-Dick"), work("Jane Austen", "Persuasion")];
        let cut: Vec<Passage> =
            (0..9).map(|place| Passage { work: 0, place, text: String::new() }).collect();
        assert_eq!(tested_from(&works, &cut), [6, 0]);
        assert_eq!(works.map(|work| author(&work)), [1, 0]);
    }
}
