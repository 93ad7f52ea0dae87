//! One entry of the file, in the fields that the list of references shows.

use biblatex::{ChunksExt, ChunksRef, DateValue, EntryType, PermissiveType, RetrievalError};
use biblatex::{Entry as Typed, TypeError};

/// What a reader is told of a work. A text that is empty is a field that the entry lacks.
#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub authors: Vec<Person>,
    pub title: String,
    pub year: Option<i32>,
    /// What contains the work: a journal, a book, a conference's proceedings, a series.
    pub container: String,
    /// Whether the container is a journal, which needs no "In" before it.
    pub journal: bool,
    pub volume: String,
    pub issue: String,
    pub pages: String,
    /// The kind of work where it is said: a thesis, a report.
    pub kind: String,
    /// Who published it.
    pub publisher: String,
    pub doi: Option<String>,
    pub url: Option<String>,
    pub arxiv: Option<String>,
    pub isbn: String,
}

/// An author.
#[derive(Debug, Clone)]
pub struct Person {
    name: String,
    given: String,
    /// `van der`, in front of the name.
    prefix: String,
    /// `Jr.`, after it.
    suffix: String,
}

impl Entry {
    /// Reads the fields of a parsed entry.
    ///
    /// # Errors
    ///
    /// A year that is no number, or a month or day out of its range.
    pub fn of(entry: &Typed) -> Result<Self, TypeError> {
        let inside = Inside::of(&entry.entry_type);
        let contained = match inside {
            Inside::Journal => present(entry.issue_title())
                .or(present(entry.journal_title()))
                .or(present(entry.book_title())),
            Inside::Book => present(entry.book_title()).or(present(entry.eventtitle())),
            Inside::Nothing => present(entry.series()),
        };
        let issue = present(entry.number()).or(match inside {
            Inside::Journal => present(entry.issue()),
            _ => None,
        });
        // A report's number belongs to its house, and a book's volume to its series: neither is shown.
        let issue = issue.filter(|_| inside != Inside::Nothing || !is_numbered(&entry.entry_type));
        let volume = present(entry.volume()).filter(|_| inside != Inside::Nothing);
        Ok(Self {
            key: entry.key.clone(),
            authors: present(entry.author()).unwrap_or_default().iter().map(Person::of).collect(),
            title: present(entry.title()).map(plain).unwrap_or_default(),
            year: year(entry)?,
            container: contained.map(plain).unwrap_or_default(),
            journal: inside == Inside::Journal,
            volume: volume.map(number).unwrap_or_default(),
            issue: issue.map(span).unwrap_or_default(),
            pages: present(entry.pages()).map(pages).unwrap_or_default(),
            kind: kind(entry),
            publisher: publisher(entry),
            doi: present(entry.doi()),
            url: present(entry.url()).as_deref().and_then(address),
            arxiv: arxiv(entry),
            isbn: present(entry.isbn())
                .map(|isbn| tidy(&isbn.format_verbatim()))
                .unwrap_or_default(),
        })
    }
}

impl Person {
    fn of(person: &biblatex::Person) -> Self {
        Self {
            name: person.name.clone(),
            given: person.given_name.clone(),
            prefix: person.prefix.clone(),
            suffix: person.suffix.clone(),
        }
    }

    /// Whether there is a name to show.
    pub fn is_named(&self) -> bool {
        !self.name.trim().is_empty()
    }

    /// Whether this stands for the authors that the entry does not name.
    pub fn is_others(&self) -> bool {
        self.name == "others" && self.given.is_empty()
    }

    /// The family name as it is cited: `van der Maaten`.
    pub fn family(&self) -> String {
        match self.prefix.as_str() {
            "" => self.name.clone(),
            prefix => format!("{prefix} {}", self.name),
        }
    }

    /// The name as it is listed: `van der Maaten, L. J. P.`
    pub fn listed(&self) -> String {
        let mut listed = self.family();
        for part in [initials(&self.given), self.suffix.clone()] {
            if !part.is_empty() {
                listed.push_str(", ");
                listed.push_str(&part);
            }
        }
        listed
    }
}

/// `Jean-Paul Émile` as `J.-P. É.`; a word without capitals stays whole, as `von` in `Anna von B.`
fn initials(given: &str) -> String {
    let words = given.split_whitespace().map(|word| {
        let parts: Vec<String> =
            word.split('-').filter(|part| !part.is_empty()).map(initial).collect();
        parts.join("-")
    });
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A word up to its first capital, and a full stop; a word without one as it is.
fn initial(word: &str) -> String {
    let accent = |letter: &char| ('\u{300}'..='\u{36f}').contains(letter);
    let capital = word.char_indices().find(|(_, letter)| !letter.to_lowercase().eq([*letter]));
    let Some((at, letter)) = capital else { return word.to_owned() };
    let end = at + letter.len_utf8();
    let accents: String = word[end..].chars().take_while(accent).collect();
    format!("{}{accents}.", &word[..end])
}

/// What an entry's kind says of what contains the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Journal,
    Book,
    Nothing,
}

impl Inside {
    fn of(kind: &EntryType) -> Self {
        match kind {
            EntryType::Article | EntryType::SuppPeriodical => Self::Journal,
            EntryType::InBook
            | EntryType::InCollection
            | EntryType::InProceedings
            | EntryType::InReference
            | EntryType::BookInBook
            | EntryType::SuppBook
            | EntryType::SuppCollection => Self::Book,
            _ => Self::Nothing,
        }
    }
}

/// Whether a work of this kind has a number of its own, which is not its place in a series.
fn is_numbered(kind: &EntryType) -> bool {
    use EntryType::{Manual, MvReference, Patent, Reference, Report, TechReport};
    matches!(kind, Report | TechReport | Patent | Manual | Reference | MvReference)
}

/// A field, if the entry has it in a form that can be read.
fn present<T>(field: Result<T, RetrievalError>) -> Option<T> {
    field.ok()
}

/// The words of a field. Mathematics in it stays as it is typed, without its dollar signs.
fn plain(field: ChunksRef<'_>) -> String {
    let words: String = field.iter().map(|chunk| chunk.v.get()).collect();
    tidy(&words)
}

/// One line, single spaces, and the dashes that TeX writes with hyphens.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("---", "—").replace("--", "–")
}

/// The year, of a span of years the last.
fn year(entry: &Typed) -> Result<Option<i32>, TypeError> {
    let date = match entry.date() {
        Ok(PermissiveType::Typed(date)) => date,
        Ok(PermissiveType::Chunks(_)) | Err(RetrievalError::Missing(_)) => return Ok(None),
        Err(RetrievalError::TypeError(error)) => return Err(error),
    };
    Ok(Some(match date.value {
        DateValue::At(date) | DateValue::After(date) | DateValue::Before(date) => date.year,
        DateValue::Between(_, last) => last.year,
    }))
}

fn number(field: PermissiveType<i64>) -> String {
    match field {
        PermissiveType::Typed(number) => number.to_string(),
        PermissiveType::Chunks(words) => span(&words),
    }
}

/// A number, or several: `1–2`. A name with a hyphen keeps it.
fn span(words: ChunksRef<'_>) -> String {
    let text = tidy(&words.format_verbatim());
    let digits = text.chars().all(|character| character.is_ascii_digit() || character == '-');
    if digits { text.replace('-', "–") } else { text }
}

/// `436–444`, or what the entry says where that is no range of numbers.
fn pages(field: PermissiveType<Vec<std::ops::Range<u32>>>) -> String {
    match field {
        PermissiveType::Typed(ranges) => {
            let range = |range: &std::ops::Range<u32>| match (range.start, range.end) {
                (first, last) if first == last => first.to_string(),
                (first, last) => format!("{first}–{last}"),
            };
            ranges.iter().map(range).collect::<Vec<_>>().join(", ")
        }
        PermissiveType::Chunks(words) => tidy(&words.format_verbatim()).replace('-', "–"),
    }
}

/// The kind of work, as the entry says it or as BibLaTeX's manual does.
fn kind(entry: &Typed) -> String {
    if let Some(said) = present(entry.type_()) {
        return tidy(&said);
    }
    match entry.entry_type {
        EntryType::MastersThesis => "Master's thesis",
        EntryType::PhdThesis => "Doctoral dissertation",
        EntryType::Thesis => "Thesis",
        EntryType::TechReport => "technical report",
        _ => "",
    }
    .to_owned()
}

/// Who published the work: the publisher, else the organisation, else the institution or school.
fn publisher(entry: &Typed) -> String {
    let houses = present(entry.publisher()).or(present(entry.organization()));
    match houses {
        Some(houses) => {
            tidy(&houses.iter().map(|house| plain(house)).collect::<Vec<_>>().join(", "))
        }
        None => present(entry.institution()).map(plain).unwrap_or_default(),
    }
}

/// An address of the web as a browser shows it: with a path, if it is only `/`.
fn address(url: &str) -> Option<String> {
    let url = url.trim();
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    if url.contains(|character: char| character.is_whitespace() || character.is_control()) {
        return None;
    }
    Some(if host == rest { format!("{url}/") } else { url.to_owned() })
}

/// The number of the work at arXiv.
fn arxiv(entry: &Typed) -> Option<String> {
    let at = present(entry.eprint_type())?.format_verbatim();
    let number = present(entry.eprint())?;
    at.eq_ignore_ascii_case("arxiv").then(|| number.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_names_become_initials() {
        for (given, short) in [
            ("Tom B.", "T. B."),
            ("Jean-Paul Émile", "J.-P. É."),
            ("E\u{301}mile", "E\u{301}."),
            ("Anna von Berg", "A. von B."),
            ("d'Alembert", "d'A."),
            ("勇気", "勇気"),
            ("  ", ""),
            ("-", ""),
        ] {
            assert_eq!(initials(given), short, "{given}");
        }
    }

    #[test]
    fn an_address_is_one_of_the_web() {
        assert_eq!(address("https://a.example").as_deref(), Some("https://a.example/"));
        assert_eq!(address(" http://a.example/b?c ").as_deref(), Some("http://a.example/b?c"));
        for none in ["https://", "https:///path", "ftp://a.example/", "https://a.example/b c", ""] {
            assert_eq!(address(none), None, "{none}");
        }
    }
}
