//! Cuts a work into passages of whole sentences, of letters and spaces only.

use super::library::Work;

/// Some sentences that follow each other in a work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The place of the work in the library.
    pub work: usize,
    /// The passage's place in its work, from 0.
    pub place: usize,
    /// Small letters from a to z, with one space between words.
    pub text: String,
}

/// Passages of at least `least` letters and spaces, each ending with a sentence; what is left at the end of a
/// work is left out.
///
/// Two of the sources have no line breaks, so that paragraphs cannot be taken as their authors made them.
/// Time `O(characters)`.
// ANCHOR: passages
pub fn passages(works: &[Work], least: usize) -> Vec<Passage> {
    let mut all = Vec::new();
    for (work, Work { text, .. }) in works.iter().enumerate() {
        let mut passage = String::new();
        let mut place = 0;
        for sentence in text.split_inclusive(['.', '!', '?']) {
            passage.push(' ');
            passage.push_str(sentence);
            let told = letters(&passage);
            if told.len() >= least {
                all.push(Passage { work, place, text: told });
                place += 1;
                passage.clear();
            }
        }
    }
    all
}
// ANCHOR_END: passages

/// Small letters from a to z. Whatever stands between them is one space: a digit, a dash, a letter with an accent.
/// Apostrophes are left out.
pub fn letters(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    for character in text.chars() {
        let small = character.to_ascii_lowercase();
        if small.is_ascii_lowercase() {
            told.push(small);
        } else if !matches!(character, '\'' | '’') && !told.is_empty() && !told.ends_with(' ') {
            told.push(' ');
        }
    }
    told.truncate(told.trim_end().len());
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_are_left() {
        assert_eq!(letters("  It's 4 o’clock -- \"Really?\"\n_Yes_."), "its oclock really yes");
        assert_eq!(letters("1815."), "");
    }

    #[test]
    fn passages_end_with_sentences() {
        let text = "One two. Three!\nFour five six seven? Eight.".to_owned();
        let (title, author) = ("A".to_owned(), "B".to_owned());
        let cut = passages(&[Work { title, author, year: 1811, text }], 10);
        let texts: Vec<&str> = cut.iter().map(|passage| passage.text.as_str()).collect();
        assert_eq!(texts, ["one two three", "four five six seven"]);
        assert_eq!(cut[1].place, 1);
    }
}
