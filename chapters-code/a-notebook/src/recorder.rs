//! The recorder: what an experiment writes its values, series, tables and claims into.

use std::path::{Path, PathBuf};
use std::time::Instant;

use rand::rngs::ChaCha12Rng;
use rand::{RngExt as _, SeedableRng as _};
use rayon::prelude::*;

use crate::progress::Progress;
use crate::provenance::{Machine, Provenance};
use crate::results::{Claim, Results, SCHEMA, Series, Table, Timing};
use crate::scalar::{Scalar, Value};
use crate::staleness::Fingerprint;
use crate::workspace::Data;
use crate::{Estimate, Format};

/// The generator of every experiment: ChaCha with twelve rounds, whose stream is the same on every
/// machine and in every version of `rand` (Bernstein, 2008; RFC 8439 describes its core).
pub type Rng = ChaCha12Rng;

/// Takes what an experiment finds.
///
/// Mistakes in recording (a key used twice, a number that is not finite, a row of the wrong length)
/// are collected and fail the run at its end, all at once.
#[derive(Debug)]
pub struct Recorder {
    results: Results,
    faults: Vec<String>,
    started: Instant,
    root: PathBuf,
}

impl Recorder {
    /// A recorder for one run of `experiment` of `chapter`.
    pub fn new(chapter: &str, experiment: &str, title: &str, seed: u64, threads: usize) -> Self {
        let provenance = Provenance {
            seed,
            fingerprint: Fingerprint::default(),
            machine: Machine::this(threads),
            date: String::new(),
            seconds: 0.0,
        };
        let results = Results {
            schema: SCHEMA,
            chapter: chapter.to_owned(),
            experiment: experiment.to_owned(),
            title: title.to_owned(),
            provenance,
            values: Default::default(),
            claims: Default::default(),
            tables: Default::default(),
            series: Default::default(),
            timings: Default::default(),
        };
        Recorder { results, faults: Vec::new(), started: Instant::now(), root: PathBuf::from(".") }
    }

    /// States the workspace's root, from which data files are named.
    pub(crate) fn in_folder(mut self, root: &Path) -> Self {
        self.root = root.to_owned();
        self
    }

    /// A data file of the experiment, by its path from the workspace's root.
    pub fn data(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A fresh generator, seeded by the experiment's seed: the same stream at every call.
    pub fn rng(&self) -> Rng {
        Rng::seed_from_u64(self.results.provenance.seed)
    }

    /// Threads that the run may use. Results must not depend on it.
    pub fn threads(&self) -> usize {
        self.results.provenance.machine.threads
    }

    /// A progress bar of `total` steps, drawn only on a terminal and only after two seconds.
    pub fn progress(&self, total: u64, what: &str) -> Progress {
        Progress::new(total, what)
    }

    /// Runs `studies` studies on all threads, each with a generator of its own, seeded from `rng`. What
    /// they find comes back in order, whatever the number of threads.
    ///
    /// ```
    /// # use rand::RngExt as _;
    /// # let recorder = notebook::Recorder::new("chapter", "experiment", "An example", 1, 1);
    /// let throws = recorder.repeat(100, &mut recorder.rng(), |rng| rng.random_range(1..=6));
    /// assert_eq!(throws.len(), 100);
    /// ```
    pub fn repeat<T: Send>(
        &self,
        studies: usize,
        rng: &mut Rng,
        study: impl Fn(&mut Rng) -> T + Sync,
    ) -> Vec<T> {
        let seeds: Vec<u64> = (0..studies).map(|_| rng.random()).collect();
        let progress = self.progress(studies as u64, "studies");
        let mut found = Vec::with_capacity(studies);
        for seeds in seeds.chunks(20) {
            let done = seeds.par_iter().map(|&seed| study(&mut Rng::seed_from_u64(seed)));
            found.extend(done.collect::<Vec<T>>());
            progress.advance(seeds.len() as u64);
        }
        found
    }

    /// Records a number or a text.
    ///
    /// ```
    /// # let mut recorder = notebook::Recorder::new("chapter", "experiment", "An example", 1, 1);
    /// recorder.value("accuracy", 0.918).interval(0.912, 0.923);
    /// ```
    pub fn value(&mut self, key: &str, value: impl Into<Scalar>) -> &mut Value {
        let value = value.into();
        self.check_finite("value", key, [&value]);
        insert(&mut self.results.values, "value", key, Value::from(value), &mut self.faults)
    }

    /// Records a number with its interval.
    ///
    /// ```
    /// # let mut recorder = notebook::Recorder::new("chapter", "experiment", "An example", 1, 1);
    /// recorder.estimate("accuracy", [0.912, 0.918, 0.923]);
    /// ```
    pub fn estimate(&mut self, key: &str, found: impl Into<Estimate>) -> &mut Value {
        let found = found.into();
        self.value(key, found.value).interval(found.low, found.high)
    }

    /// Records a table; see [`Table::new`] for how to write columns.
    pub fn table(&mut self, key: &str, table: Table) {
        for (i, row) in table.rows.iter().enumerate() {
            self.check_finite("table", key, row);
            if row.len() != table.columns.len() {
                let (cells, columns) = (row.len(), table.columns.len());
                self.faults.push(format!(
                    "table `{key}`: row {i} has {cells} cells for {columns} columns"
                ));
            }
        }
        for column in &table.columns {
            if let Some(Err(e)) = column.format.as_deref().map(str::parse::<Format>) {
                self.faults.push(format!("table `{key}`, column `{}`: {e}", column.name));
            }
        }
        insert(&mut self.results.tables, "table", key, table, &mut self.faults);
    }

    /// Records curves over `x`, named `x_name`; add them with [`Series::curve`] and [`Series::banded`].
    pub fn series(
        &mut self,
        key: &str,
        x_name: &str,
        x: impl IntoIterator<Item = f64>,
    ) -> &mut Series {
        let series =
            Series { x_name: x_name.to_owned(), x: x.into_iter().collect(), y: Vec::new() };
        insert(&mut self.results.series, "series", key, series, &mut self.faults)
    }

    /// Records seconds that were measured. They are shown with their date and machine, take no
    /// part in `--verify`, and no claim may rest on them.
    pub fn timing(&mut self, key: &str, seconds: f64) {
        self.insert_timing(key, Timing { seconds, interval: None });
    }

    /// As [`timing`](Self::timing), with the interval of the seconds.
    pub fn timing_within(&mut self, key: &str, found: impl Into<Estimate>) {
        let Estimate { low, value, high } = found.into();
        self.insert_timing(key, Timing { seconds: value, interval: Some((low, high)) });
    }

    fn insert_timing(&mut self, key: &str, timing: Timing) {
        self.check_finite("timing", key, [&Scalar::Real(timing.seconds)]);
        insert(&mut self.results.timings, "timing", key, timing, &mut self.faults);
    }

    /// Records seconds that were measured `seconds.len()` times: their median, with an interval between two
    /// of them that holds the true median in 95 of 100 cases, whatever the distribution. Of nine, these are the
    /// second and the last but one; fewer than six give the shortest and the longest.
    ///
    /// ```
    /// # let mut recorder = notebook::Recorder::new("chapter", "experiment", "An example", 1, 1);
    /// recorder.timings("step", &[0.9, 0.1, 0.3, 0.4, 0.2, 0.5, 0.8, 0.6, 0.7]);
    /// # let results = recorder.finish(Default::default()).unwrap();
    /// assert_eq!(results.value("step").unwrap().interval, Some((0.2, 0.8)));
    /// ```
    pub fn timings(&mut self, key: &str, seconds: &[f64]) {
        let mut sorted = seconds.to_vec();
        sorted.sort_by(f64::total_cmp);
        let Some(last) = sorted.len().checked_sub(1) else {
            self.faults.push(format!("timing `{key}`: was not measured once"));
            return;
        };
        self.timing(key, (sorted[last / 2] + sorted[last.div_ceil(2)]) / 2.0);
        // The chance that more than n − k of n values lie on one side of the median.
        let (mut out, mut chance) = (0, 0.5_f64.powi(sorted.len() as i32));
        let mut outside = 2.0 * chance;
        while out < last / 2 {
            chance *= (sorted.len() - out) as f64 / (out + 1) as f64;
            outside += 2.0 * chance;
            if outside > 0.05 {
                break;
            }
            out += 1;
        }
        if let Some(timing) = self.results.timings.get_mut(key) {
            timing.interval = Some((sorted[out], sorted[last - out]));
        }
    }

    /// Asserts a relation: `statement` in a whole sentence, then what it is asserted of.
    ///
    /// A claim that turns out false is recorded as false, with its evidence; the run then exits
    /// with 1 and the book refuses to bind.
    ///
    /// ```
    /// # let mut recorder = notebook::Recorder::new("chapter", "experiment", "An example", 1, 1);
    /// recorder
    ///     .claim("not-six-million", "ResNet-152 has more than six million parameters.")
    ///     .greater(60_192_808, 6_000_000);
    /// ```
    pub fn claim(&mut self, id: &str, statement: &str) -> ClaimBuilder<'_> {
        ClaimBuilder { recorder: self, id: id.to_owned(), statement: statement.to_owned() }
    }

    fn check_finite<'a>(
        &mut self,
        kind: &str,
        key: &str,
        scalars: impl IntoIterator<Item = &'a Scalar>,
    ) {
        if scalars.into_iter().any(|s| !s.is_finite()) {
            self.faults.push(format!("{kind} `{key}`: a number is infinite or not a number"));
        }
    }

    /// Ends the run: checks the series, stamps date and duration, and hands the results over.
    ///
    /// # Errors
    /// Every mistake in recording, one a line.
    pub fn finish(mut self, fingerprint: Fingerprint) -> Result<Results, Vec<String>> {
        for (key, series) in &self.results.series {
            for curve in &series.y {
                let lengths = [curve.values.len(), curve.low.len(), curve.high.len()];
                let points = series.x.len();
                if lengths[0] != points || lengths[1..].iter().any(|&l| l != 0 && l != points) {
                    self.faults.push(format!(
                        "series `{key}`, curve `{}`: not one value for each of {points} x",
                        curve.name
                    ));
                }
                let numbers = [&series.x, &curve.values, &curve.low, &curve.high];
                if numbers.into_iter().flatten().any(|x| !x.is_finite()) {
                    self.faults.push(format!(
                        "series `{key}`, curve `{}`: a number is infinite or not a number",
                        curve.name
                    ));
                }
            }
        }
        for (key, value) in &self.results.values {
            if value
                .interval
                .is_some_and(|(low, high)| !(low <= high && low.is_finite() && high.is_finite()))
            {
                self.faults.push(format!("value `{key}`: its interval is empty or not finite"));
            }
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        let provenance = &mut self.results.provenance;
        provenance.fingerprint = fingerprint;
        provenance.date = crate::provenance::now();
        // Milliseconds: more would only make noise in the file.
        provenance.seconds = (self.started.elapsed().as_secs_f64() * 1e3).ceil() / 1e3;
        Ok(self.results)
    }
}

impl Data for Recorder {
    fn data(&self, path: &str) -> PathBuf {
        self.data(path)
    }
}

/// Inserts what was recorded; a key that is taken is a fault, and the later one wins.
fn insert<'a, T>(
    map: &'a mut indexmap::IndexMap<String, T>,
    kind: &str,
    key: &str,
    item: T,
    faults: &mut Vec<String>,
) -> &'a mut T {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if key.is_empty() || !key.chars().all(allowed) {
        faults.push(format!("{kind} `{key}`: a key has letters, digits, - _ . and / only"));
    }
    if map.contains_key(key) {
        faults.push(format!("{kind} `{key}`: recorded twice"));
    }
    let entry = map.entry(key.to_owned()).insert_entry(item);
    entry.into_mut()
}

/// A claim that waits for what it is asserted of. Each method records it.
#[derive(Debug)]
#[must_use = "a claim is recorded by the relation that follows it"]
pub struct ClaimBuilder<'a> {
    recorder: &'a mut Recorder,
    id: String,
    statement: String,
}

impl ClaimBuilder<'_> {
    /// Asserts `left > right`.
    pub fn greater(self, left: impl Into<Scalar>, right: impl Into<Scalar>) {
        self.relation(left.into(), ">", right.into(), |l, r| l > r);
    }

    /// Asserts `left < right`.
    pub fn less(self, left: impl Into<Scalar>, right: impl Into<Scalar>) {
        self.relation(left.into(), "<", right.into(), |l, r| l < r);
    }

    /// Asserts that two scalars are the same, to the last digit or letter.
    pub fn equal(self, left: impl Into<Scalar>, right: impl Into<Scalar>) {
        let (left, right) = (left.into(), right.into());
        let sign = if left == right { "=" } else { "≠" };
        let evidence = format!("{} {sign} {}", in_words(&left), in_words(&right));
        self.record(left == right, evidence);
    }

    /// Asserts that a difference of shares lies above `bound` with its whole interval. The evidence is
    /// the interval in points.
    ///
    /// ```
    /// # let mut recorder = notebook::Recorder::new("chapter", "experiment", "An example", 1, 1);
    /// recorder
    ///     .claim("beats", "The network is right more often than the nearest neighbour.")
    ///     .above([0.051, 0.058, 0.065], 0.0);
    /// ```
    pub fn above(self, difference: impl Into<Estimate>, bound: f64) {
        let found = difference.into();
        self.bounded(found, found.low > bound, "above", bound);
    }

    /// Asserts that a difference of shares lies below `bound` with its whole interval. The evidence is
    /// the interval in points.
    pub fn below(self, difference: impl Into<Estimate>, bound: f64) {
        let found = difference.into();
        self.bounded(found, found.high < bound, "below", bound);
    }

    /// Asserts that the whole interval of one difference of shares lies above that of another. Each is
    /// paired, and comes with the words that follow it in the evidence.
    ///
    /// ```
    /// # let mut recorder = notebook::Recorder::new("chapter", "experiment", "An example", 1, 1);
    /// let (place, edge) = ([0.11, 0.12, 0.13], [0.01, 0.02, 0.03]);
    /// recorder
    ///     .claim("place", "Most of what is lost is lost to the place and not to the edge.")
    ///     .exceeds((place, "to the place"), (edge, "to the edge"));
    /// ```
    pub fn exceeds(
        self,
        larger: (impl Into<Estimate>, &str),
        smaller: (impl Into<Estimate>, &str),
    ) {
        let (a, b): (Estimate, Estimate) = (larger.0.into(), smaller.0.into());
        let [a_words, b_words] = [a, b].map(|x| x.in_words(Format::Points(2)));
        let evidence = format!("{a_words} {}, {b_words} {}", larger.1, smaller.1);
        self.record(a.low > b.high, evidence);
    }

    fn bounded(self, found: Estimate, holds: bool, side: &str, bound: f64) {
        let mut evidence = found.in_words(Format::Points(2));
        if bound != 0.0 {
            let not = if holds { "" } else { "not " };
            let bound = Format::Points(2).number(bound).replace('\u{a0}', " ");
            evidence = format!("{evidence}, {not}{side} {bound}");
        }
        self.record(holds, evidence);
    }

    /// Asserts `|left − right| ≤ tolerance`.
    pub fn close(self, left: impl Into<Scalar>, right: impl Into<Scalar>, tolerance: f64) {
        let (left, right) = (left.into(), right.into());
        let distance = match (left.number(), right.number()) {
            (Some(l), Some(r)) => (l - r).abs(),
            _ => f64::NAN,
        };
        let holds = distance <= tolerance;
        let sign = if holds { "≤" } else { ">" };
        let [left, right, distance] = [&left, &right, &Scalar::Real(distance)].map(in_words);
        self.record(holds, format!("|{left} − {right}| = {distance} {sign} {tolerance}"));
    }

    /// Asserts that `share`, of `total` cases, is all of them; `cases` says what they are.
    pub fn all(self, share: usize, total: usize, cases: &str) {
        // Nothing is not evidence: a claim about no cases does not hold.
        self.record(share == total && total > 0, format!("{share} of {total} {cases}"));
    }

    /// Records a verdict that no other relation expresses, with its evidence in words.
    pub fn record(self, holds: bool, evidence: String) {
        let Recorder { results, faults, .. } = self.recorder;
        let claim = Claim { statement: self.statement, holds, evidence };
        if !claim.statement.ends_with('.') {
            faults.push(format!(
                "claim `{}`: the statement is not a sentence with a full stop",
                self.id
            ));
        }
        insert(&mut results.claims, "claim", &self.id, claim, faults);
    }

    fn relation(self, left: Scalar, sign: &str, right: Scalar, test: fn(f64, f64) -> bool) {
        let holds = matches!((left.number(), right.number()), (Some(l), Some(r)) if test(l, r));
        let not = if holds { "" } else { "not " };
        self.record(holds, format!("{not}{} {sign} {}", in_words(&left), in_words(&right)));
    }
}

/// A scalar as evidence: at most four decimals, or four significant digits where it is smaller.
fn in_words(scalar: &Scalar) -> String {
    match *scalar {
        Scalar::Real(x) if x != 0.0 && x.abs() < 0.1 => {
            // Through a decimal text: the nearest number with four significant digits.
            format!("{x:.3e}").parse::<f64>().unwrap_or(x).to_string()
        }
        Scalar::Real(x) => format!("{}", (x * 1e4).round() / 1e4),
        ref other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng as _;

    fn recorder() -> Recorder {
        Recorder::new("chapter", "experiment", "A test", 7, 2)
    }

    fn faults(record: impl FnOnce(&mut Recorder)) -> Vec<String> {
        let mut r = recorder();
        record(&mut r);
        r.finish(Fingerprint::default()).err().unwrap_or_default()
    }

    #[test]
    fn what_is_recorded_comes_back() {
        let mut r = recorder();
        r.value("n", 3_u64).unit("images");
        r.series("loss", "step", [1.0, 2.0])
            .curve("train", [0.5, 0.4])
            .banded("test", [[0.4, 0.6, 0.8]; 2]);
        r.timing("fit", 0.25);
        let results = r.finish(Fingerprint::default()).unwrap();
        assert_eq!(results.number("n"), Ok(3.0));
        assert_eq!(results.number("fit"), Ok(0.25));
        assert_eq!(results.series("loss").unwrap().get("test").unwrap().high, [0.8, 0.8]);
        assert!(results.number("m").unwrap_err().to_string().contains("there are: n, fit"));
    }

    #[test]
    fn mistakes_in_recording_fail_the_run() {
        assert_eq!(faults(|_| {}), Vec::<String>::new());
        assert_eq!(
            faults(|r| {
                r.value("a", 1);
                r.value("a", 2);
            }),
            ["value `a`: recorded twice"]
        );
        assert_eq!(
            faults(|r| {
                r.value("a", f64::NAN);
            })
            .len(),
            1
        );
        assert_eq!(
            faults(|r| {
                r.value("a b", 1);
            })
            .len(),
            1
        );
        assert_eq!(
            faults(|r| {
                r.value("a", 1).interval(2.0, 1.0);
            })
            .len(),
            1
        );
        assert_eq!(
            faults(|r| {
                r.series("s", "x", [1.0]).curve("y", []);
            })
            .len(),
            1
        );
        assert_eq!(
            faults(|r| {
                r.series("s", "x", [1.0]).curve("y", [f64::INFINITY]);
            })
            .len(),
            1
        );
        assert_eq!(
            faults(|r| r.table("t", Table { rows: vec![vec![]], ..Table::new(["a"]) })).len(),
            1
        );
        assert_eq!(faults(|r| r.table("t", Table::new(["a | furlongs"]))).len(), 1);
        assert_eq!(faults(|r| r.claim("c", "no sentence").less(1, 2)).len(), 1);
    }

    #[test]
    fn a_false_claim_is_recorded_as_false() {
        let mut r = recorder();
        r.claim("less", "One is less than two.").less(1, 2);
        r.claim("more", "One is more than two.").greater(1, 2);
        r.claim("text", "A word is less than two.").less("one", 2);
        r.claim("none", "All of nothing holds.").all(0, 0, "cases");
        r.claim("close", "One is close to two.").close(1, 2, 0.5);
        let results = r.finish(Fingerprint::default()).unwrap();
        let wrong: Vec<_> =
            results.false_claims().map(|(id, c)| (id, c.evidence.as_str())).collect();
        assert_eq!(
            wrong,
            [
                ("more", "not 1 > 2"),
                ("text", "not one < 2"),
                ("none", "0 of 0 cases"),
                ("close", "|1 − 2| = 1 > 0.5")
            ]
        );
    }

    #[test]
    fn a_claim_on_an_interval_writes_its_evidence() {
        let mut r = recorder();
        r.claim("above", "The gain is above zero.").above([0.01, 0.02, 0.03], 0.0);
        r.claim("touches", "The gain is above zero.").above([0.0, 0.02, 0.03], 0.0);
        r.claim("below", "The gain is below two.").below([-0.01, 0.0, 0.03], 0.02);
        r.claim("more", "One is more.")
            .exceeds(([0.3, 0.4, 0.5], "here"), ([0.1, 0.2, 0.3], "there"));
        let results = r.finish(Fingerprint::default()).unwrap();
        let found: Vec<_> =
            results.claims.values().map(|c| (c.holds, c.evidence.as_str())).collect();
        assert_eq!(
            found,
            [
                (true, "2.00 points (1.00 to 3.00)"),
                (false, "2.00 points (0.00 to 3.00)"),
                (false, "0.00 points (−1.00 to 3.00), not below 2.00 points"),
                (false, "40.00 points (30.00 to 50.00) here, 20.00 points (10.00 to 30.00) there"),
            ]
        );
    }

    #[test]
    fn studies_come_back_in_order() {
        let r = recorder();
        let found = r.repeat(45, &mut r.rng(), |rng| rng.next_u32());
        let mut rng = r.rng();
        let expected: Vec<u32> =
            (0..45).map(|_| Rng::seed_from_u64(rng.random()).next_u32()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_stream_is_portable() {
        // The first numbers of the stream, written down: a change of generator would break every seed.
        let mut rng = recorder().rng();
        let drawn: [u32; 3] = std::array::from_fn(|_| rng.next_u32());
        assert_eq!(drawn, [1_789_459_390, 130_212_073, 612_261_766]);
    }
}
