//! References: from `references.bib` to the citations in the text and the list at the end.
//!
//! The crate `biblatex` parses the file; [`entry`] keeps what a reader is told of a work, and
//! [`reference`] writes it as the house does. Authors and year make the citation, and the same two with title, venue
//! and a link that leads there make the entry of the list. Works that would be cited alike get a
//! letter after the year, in both places.
//!
//! ```text
//! @article{lecun2015,                              LeCun et al., 2015
//!   author = {LeCun, Yann and Bengio, Yoshua
//!             and Hinton, Geoffrey},       ─>      LeCun, Y., Bengio, Y., and Hinton, G. (2015).
//!   title = {Deep learning}, …                     Deep learning. Nature, 521(7553), 436–444. …
//! ```

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::path::Path;

mod entry;
mod reference;

use entry::{Entry, Person};
use reference::{bare_doi, link, reference, who};

/// The works that the book may cite, each complete enough to be found.
#[derive(Debug, Clone)]
pub struct Bibliography {
    /// In the order of the list: first author, year, title.
    works: Vec<Work>,
    by_key: HashMap<String, usize>,
}

/// One work, formatted.
#[derive(Debug, Clone)]
struct Work {
    key: String,
    /// `Brown et al., 2020`
    cite: String,
    /// `Brown, T. B., … (2020). Language models are …`
    html: String,
}

/// A bibliography that cannot be read, or with entries that a reader could not follow.
///
/// Displayed, it is one line with the first fault; [`BibliographyError::faults`] has all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BibliographyError {
    faults: Vec<Fault>,
}

/// One fault of a bibliography: where it is, what it is and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}; {fix}")]
pub struct Fault {
    /// The file, with the line where that is known.
    pub place: String,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The entry, and what is wrong with it.
    pub fault: String,
    /// What to do about it.
    pub fix: String,
}

impl BibliographyError {
    /// Every fault, in the order of the file. There is at least one.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for BibliographyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.faults.first() else {
            return out.write_str("the bibliography has a fault");
        };
        write!(out, "{first}")?;
        match self.faults.len() - 1 {
            0 => Ok(()),
            1 => out.write_str(" (and one more fault)"),
            more => write!(out, " (and {more} more faults)"),
        }
    }
}

impl std::error::Error for BibliographyError {}

impl Bibliography {
    /// Reads a file in BibLaTeX's format.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or parsed, and entries without author, title, year, or anything
    /// that leads to the work: a DOI, an address, an arXiv number or an ISBN.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, BibliographyError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| BibliographyError {
            faults: vec![Fault {
                place: file.clone(),
                line: None,
                fault: format!("the references cannot be read: {error}"),
                fix: "the book keeps them there, as UTF-8 text in BibLaTeX's format".to_owned(),
            }],
        })?;
        Self::of(&text, &file)
    }

    /// Reads a bibliography that is already in memory.
    ///
    /// # Errors
    ///
    /// As [`Bibliography::read`].
    pub fn parse(text: &str) -> Result<Self, BibliographyError> {
        Self::of(text, "the bibliography")
    }

    fn of(text: &str, file: &str) -> Result<Self, BibliographyError> {
        let source = Source { text, file };
        let parsed = biblatex::Bibliography::parse(text).map_err(|error| BibliographyError {
            faults: vec![source.syntax(error.span.start, &error.kind)],
        })?;
        let (mut entries, mut faults) = (Vec::with_capacity(parsed.len()), Vec::new());
        for entry in parsed.iter() {
            match Entry::of(entry) {
                Ok(entry) => entries.push(entry),
                Err(error) => faults.push(source.syntax(error.span.start, &error.kind)),
            }
        }
        if faults.is_empty() {
            faults = entries.iter().flat_map(|entry| source.gaps(entry)).collect();
        }
        if faults.is_empty() {
            Ok(Self::sorted(entries))
        } else {
            Err(BibliographyError { faults })
        }
    }

    /// Sorts, tells works apart that would be cited alike, and formats each.
    fn sorted(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_cached_key(|entry| {
            (
                entry.authors.first().map(|person| person.family().to_lowercase()),
                entry.year,
                who(entry).to_lowercase(),
                entry.title.to_lowercase(),
                entry.key.clone(),
            )
        });
        let label = |entry: &Entry| (who(entry), entry.year.unwrap_or_default());
        let mut alike: BTreeMap<(String, i32), usize> = BTreeMap::new();
        for entry in &entries {
            *alike.entry(label(entry)).or_default() += 1;
        }
        let mut given: BTreeMap<(String, i32), usize> = BTreeMap::new();
        let works: Vec<Work> = entries
            .into_iter()
            .map(|entry| {
                let label = label(&entry);
                let mut when = label.1.to_string();
                if alike.get(&label).is_some_and(|&count| count > 1) {
                    let place = given.entry(label.clone()).or_default();
                    when.push_str(&letters(*place));
                    *place += 1;
                }
                Work {
                    cite: format!("{}, {when}", label.0),
                    html: reference(&entry, &when),
                    key: entry.key,
                }
            })
            .collect();
        let by_key =
            works.iter().enumerate().map(|(place, work)| (work.key.clone(), place)).collect();
        Self { works, by_key }
    }

    /// The citation of a work as plain text, without parentheses: `Brown et al., 2020`.
    pub fn cite(&self, key: &str) -> Option<String> {
        self.work(key).map(|work| work.cite.clone())
    }

    /// The entry of a work in the list of references: one line of inline HTML that may stand in
    /// Markdown or in a block of HTML.
    pub fn entry_html(&self, key: &str) -> Option<String> {
        self.work(key).map(|work| work.html.clone())
    }

    /// The keys of all works in the order of the list: by first author, then year, then title.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.works.iter().map(|work| work.key.as_str())
    }

    fn work(&self, key: &str) -> Option<&Work> {
        self.by_key.get(key).and_then(|&place| self.works.get(place))
    }
}

/// The text that is read, to say where a fault is.
struct Source<'a> {
    text: &'a str,
    file: &'a str,
}

impl Source<'_> {
    fn place(&self, line: Option<usize>) -> String {
        match line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.to_owned(),
        }
    }

    /// What the parser complains of, from the byte `start` on.
    fn syntax(&self, start: usize, fault: &impl fmt::Display) -> Fault {
        let before = self.text.get(..start).unwrap_or(self.text);
        let line = Some(before.matches('\n').count() + 1);
        let entry = key_of_last_entry(before)
            .or_else(|| key_of_last_entry(self.text))
            .map(|key| format!("entry `{key}`: "))
            .unwrap_or_default();
        Fault {
            place: self.place(line),
            line,
            fault: format!("{entry}{fault}"),
            fix: "mend this entry, or the end of the one before it".to_owned(),
        }
    }

    /// What an entry lacks to be found by a reader.
    fn gaps(&self, entry: &Entry) -> Vec<Fault> {
        let mut gaps = Vec::new();
        if !entry.authors.iter().any(Person::is_named) {
            gaps.push((
                "no author",
                "add `author = {Family, Given and …}`, or the organisation in double braces",
            ));
        }
        if entry.title.is_empty() {
            gaps.push(("no title", "add `title = {…}`"));
        }
        if entry.year.is_none() {
            gaps.push(("no year", "add `year = {…}` in digits"));
        }
        if entry.doi.as_deref().is_some_and(|doi| bare_doi(doi).is_none()) {
            gaps.push(("a DOI that is none", "write it as `doi = {10.1038/nature14539}`"));
        } else if link(entry).is_none() && entry.isbn.is_empty() {
            gaps.push((
                "nothing that leads to the work",
                "add `doi`, `url` (http or https), `eprint` with `eprinttype = {arxiv}`, or `isbn`",
            ));
        }
        let line = self.line_of(&entry.key);
        gaps.into_iter()
            .map(|(gap, fix)| Fault {
                place: self.place(line),
                line,
                fault: format!("entry `{}` has {gap}", entry.key),
                fix: fix.to_owned(),
            })
            .collect()
    }

    /// The line on which an entry begins.
    fn line_of(&self, key: &str) -> Option<usize> {
        self.text
            .lines()
            .position(|line| key_of_last_entry(line) == Some(key))
            .map(|place| place + 1)
    }
}

/// The key of the last entry that begins in `text`.
fn key_of_last_entry(text: &str) -> Option<&str> {
    text.rmatch_indices('@').find_map(|(at, _)| {
        let (kind, rest) = text.get(at + 1..)?.split_once('{')?;
        let kind = kind.trim();
        let named = !kind.is_empty() && kind.chars().all(char::is_alphanumeric);
        let end = rest.find([',', '}', '\n', '=']).unwrap_or(rest.len());
        let key = rest.get(..end)?.trim();
        (named && !key.is_empty()).then_some(key)
    })
}

/// The letter that tells works of one year apart: a, b, … z, aa, ab, …
fn letters(place: usize) -> String {
    let mut rest = place;
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'a' + (rest % 26) as u8));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: &str = r#"
@inproceedings{brown2020,
  author = {Brown, Tom B. and Mann, Benjamin and Ryder, Nick and others},
  title = {Language models are few-shot learners},
  booktitle = {Advances in Neural Information Processing Systems},
  volume = {33}, pages = {1877--1901}, year = {2020},
  url = {https://arxiv.org/abs/2005.14165}
}
@article{lecun2015,
  author = {LeCun, Yann and Bengio, Yoshua and Hinton, Geoffrey},
  title = {Deep learning}, journaltitle = {Nature}, volume = {521}, number = {7553},
  pages = {436-444}, date = {2015-05-28}, doi = {https://doi.org/10.1038/nature14539}
}
@book{goodfellow2016,
  author = {Goodfellow, Ian and Bengio, Yoshua and Courville, Aaron},
  title = {Deep Learning}, publisher = {MIT Press}, year = 2016, isbn = {9780262035613}
}
@misc{llama1, author = {Touvron, Hugo and others}, title = {{LLaMA}: open \& <b>efficient</b> $x_i$ models},
  year = {2023}, eprint = {2302.13971}, eprinttype = {arxiv}}
@misc{llama2, author = {Touvron, Hugo and Martin, Louis and Stone, Kevin}, title = {Llama 2}, year = {2023},
  eprint = {2307.09288}, archiveprefix = {arXiv}}
@article{two, author = {Vaswani, Ashish and Shazeer, Noam}, title = {Is {\"u}ber all you need?}, journal = {J},
  year = 2017, doi = {10.1/x_y<z>}}
@online{meta, author = {{Meta AI}}, title = {Llama 3}, year = 2024, url = {https://example.org/blog_x?a=1&b=2}}
@article{tsne, author = {van der Maaten, Laurens and Hinton, Geoffrey}, title = {Visualizing data},
  journal = {JMLR}, volume = 9, year = 2008, url = {https://jmlr.org/v9.html}}
@incollection{part, author = {Adams, Ann}, editor = {Dee, Dan}, booktitle = {A big book}, title = {A chapter},
  year = 1999, publisher = {Press}, pages = {1--9}, doi = {10.5/y}}
@phdthesis{thesis, author = {Quinn, Rae}, title = {A thesis}, school = {MIT}, year = 1990, url = {http://a.example/}}
"#;

    fn sample() -> Bibliography {
        Bibliography::parse(SAMPLE).expect("the sample is complete")
    }

    #[test]
    fn works_are_cited_by_author_and_year() {
        let works = sample();
        for (key, cite) in [
            ("brown2020", "Brown et al., 2020"),
            ("lecun2015", "LeCun et al., 2015"),
            ("two", "Vaswani and Shazeer, 2017"),
            ("meta", "Meta AI, 2024"),
            ("tsne", "van der Maaten and Hinton, 2008"),
            ("llama2", "Touvron et al., 2023a"),
            ("llama1", "Touvron et al., 2023b"),
            ("part", "Adams, 1999"),
        ] {
            assert_eq!(works.cite(key).as_deref(), Some(cite));
        }
        assert_eq!(works.cite("nobody1900"), None);
        assert_eq!(works.entry_html("nobody1900"), None);
    }

    #[test]
    fn entries_read_as_references() {
        let works = sample();
        for (key, html) in [
            (
                "lecun2015",
                r#"LeCun, Y., Bengio, Y., and Hinton, G. (2015). Deep learning. <em>Nature</em>, 521(7553), 436–444. <a href="https://doi.org/10.1038/nature14539">https://doi.org/10.1038/nature14539</a>"#,
            ),
            (
                "brown2020",
                r#"Brown, T. B., Mann, B., Ryder, N., et al. (2020). Language models are few-shot learners. In <em>Advances in Neural Information Processing Systems</em>, 33, 1877–1901. <a href="https://arxiv.org/abs/2005.14165">https://arxiv.org/abs/2005.14165</a>"#,
            ),
            (
                "goodfellow2016",
                "Goodfellow, I., Bengio, Y., and Courville, A. (2016). <em>Deep Learning</em>. MIT Press. ISBN 9780262035613",
            ),
            (
                "llama1",
                r#"Touvron, H., et al. (2023b). <em>LLaMA: open &amp; &lt;b&gt;efficient&lt;/b&gt; x&#95;i models</em>. <a href="https://arxiv.org/abs/2302.13971">https://arxiv.org/abs/2302.13971</a>"#,
            ),
            (
                "two",
                r#"Vaswani, A., and Shazeer, N. (2017). Is über all you need? <em>J</em>. <a href="https://doi.org/10.1/x&#95;y%3Cz%3E">https://doi.org/10.1/x&#95;y%3Cz%3E</a>"#,
            ),
            (
                "meta",
                r#"Meta AI (2024). <em>Llama 3</em>. <a href="https://example.org/blog&#95;x?a=1&amp;b=2">https://example.org/blog&#95;x?a=1&amp;b=2</a>"#,
            ),
            (
                "part",
                r#"Adams, A. (1999). A chapter. In <em>A big book</em>, 1–9. Press. <a href="https://doi.org/10.5/y">https://doi.org/10.5/y</a>"#,
            ),
            (
                "thesis",
                r#"Quinn, R. (1990). <em>A thesis</em>. Doctoral dissertation, MIT. <a href="http://a.example/">http://a.example/</a>"#,
            ),
        ] {
            assert_eq!(works.entry_html(key).as_deref(), Some(html));
        }
    }

    #[test]
    fn the_list_is_by_first_author_then_year() {
        assert_eq!(
            sample().keys().collect::<Vec<_>>(),
            [
                "part",
                "brown2020",
                "goodfellow2016",
                "lecun2015",
                "meta",
                "thesis",
                "llama2",
                "llama1",
                "tsne",
                "two"
            ]
        );
        assert_eq!(Bibliography::parse("").unwrap().keys().count(), 0);
    }

    #[test]
    fn many_authors_are_cut() {
        let list = |count: usize| {
            let names: Vec<String> = (0..count).map(|n| format!("N{n}, A. B.")).collect();
            let text = format!(
                "@book{{many, author = {{{}}}, title = {{T}}, year = 2000, isbn = {{1}}}}",
                names.join(" and ")
            );
            Bibliography::parse(&text).unwrap().entry_html("many").unwrap()
        };
        assert!(list(8).contains("N6, A. B., and N7, A. B. (2000)"), "{}", list(8));
        assert!(list(31).contains("N5, A. B., et al. (2000)"), "{}", list(31));
    }

    #[test]
    fn letters_do_not_run_out() {
        let seen: Vec<String> = [0, 1, 25, 26, 27, 701, 702].into_iter().map(letters).collect();
        assert_eq!(seen, ["a", "b", "z", "aa", "ab", "zz", "aaa"]);
    }

    #[test]
    fn what_a_reader_needs_is_required() {
        let error = Bibliography::parse(
            "@book{a,\n  title = {T}, author = {B, C}, year = 2000, doi = {none}\n}\n@misc{b,\n  note = {x}\n}\n",
        )
        .unwrap_err();
        let lines: Vec<String> = error.faults().iter().map(Fault::to_string).collect();
        assert_eq!(lines.len(), 5, "{lines:#?}");
        for (line, says) in lines.iter().zip([
            "the bibliography:1: entry `a` has a DOI that is none",
            "the bibliography:4: entry `b` has no author",
            "the bibliography:4: entry `b` has no title",
            "the bibliography:4: entry `b` has no year",
            "the bibliography:4: entry `b` has nothing that leads to the work",
        ]) {
            assert!(line.starts_with(says), "{line}");
        }
        let shown = error.to_string();
        assert!(shown.ends_with("(and 4 more faults)") && !shown.contains('\n'), "{shown}");
        let script = "@misc{a, author={B, C}, title={T}, year=2000, url={javascript:alert(1)}}";
        assert!(Bibliography::parse(script).is_err());
    }

    #[test]
    fn a_text_that_does_not_parse_names_line_entry_and_fix() {
        for (text, says) in [
            ("@book{good, title = {T}}\n\n@book{bad,\n  title = {T,\n", "entry `bad`"),
            ("@book{one,title={A}}\n@book{one,title={B}}\n", "duplicate key \"one\""),
            ("@book{one,\n title = nowhere\n}", "unknown abbreviation"),
        ] {
            let error = Bibliography::parse(text).unwrap_err();
            let fault = &error.faults()[0];
            assert!(fault.to_string().contains(says), "{fault}");
            assert!(fault.line.is_some() && !fault.fix.is_empty());
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let error = Bibliography::read("no/such/references.bib").unwrap_err().to_string();
        assert!(
            error.starts_with("no/such/references.bib: the references cannot be read"),
            "{error}"
        );
        assert!(!error.contains('\n'));
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _ = Bibliography::parse(&text);
        }

        #[test]
        fn arbitrary_fields_never_panic_and_stay_escaped(
            author in "[A-Za-z ,.'-]{1,20}", title in "[ -z|~é]{1,30}", year in "[0-9-]{1,8}", doi in "[ -z|~]{0,20}",
        ) {
            let text = format!("@article{{k, author = {{{author}}}, title = {{{title}}}, year = {{{year}}}, doi = {{{doi}}}, isbn = {{1}}}}");
            if let Ok(works) = Bibliography::parse(&text) {
                let html = works.entry_html("k").unwrap();
                prop_assert!(!html.contains('\n'));
                prop_assert!(!html.contains(['*', '_', '`', '|']));
            }
        }
    }
}
