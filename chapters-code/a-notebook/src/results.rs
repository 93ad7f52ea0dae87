//! What a run leaves behind: one JSON file an experiment, read by figures and pages alike.
//!
//! The schema is versioned by [`SCHEMA`]. A file that is damaged, or written by a later version of
//! the notebook, is an error that names the file and the command that records it anew. What a run
//! *computes* (values, series, tables, claims) stands apart from what it *times* (timings): the
//! first is deterministic and may go stale, the second is dated and never blocks a build.

use std::path::Path;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::provenance::Provenance;
use crate::scalar::{Scalar, Value};
use crate::store::{self, StoreError};

/// Version of the file format. A reader refuses any other.
pub const SCHEMA: u32 = 1;

/// Everything that one run of one experiment recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Version of the file format, [`SCHEMA`].
    pub schema: u32,
    /// Package name of the chapter, for example `parameters`.
    pub chapter: String,
    /// Name of the experiment within its chapter, for example `lecture`.
    pub experiment: String,
    /// What the experiment asks, in a few words.
    pub title: String,
    /// Where the numbers come from.
    pub provenance: Provenance,
    // ANCHOR: computed
    /// Single numbers or words.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub values: IndexMap<String, Value>,
    /// Relations that the run asserted.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub claims: IndexMap<String, Claim>,
    /// Rows of cells.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tables: IndexMap<String, Table>,
    /// Curves: one x for many y.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub series: IndexMap<String, Series>,
    /// Seconds, measured on the machine that the provenance names.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub timings: IndexMap<String, Timing>,
    // ANCHOR_END: computed
}

/// A relation that the run asserted, with what it was asserted of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The claim in words, a whole sentence.
    pub statement: String,
    /// Did it hold?
    pub holds: bool,
    /// The numbers that were compared, in words: `60,192,808 > 6,000,000`.
    pub evidence: String,
}

/// Rows and columns, with a format for each column.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Heads of the columns.
    pub columns: Vec<Column>,
    /// One cell for each column.
    pub rows: Vec<Vec<Scalar>>,
}

/// Head of a column and how its numbers are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Head of the column.
    pub name: String,
    /// A [`Format`](crate::Format), as a page would write it; numbers are aligned right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

impl Table {
    /// A table without rows. A column is `name`, or `name | format`.
    ///
    /// ```
    /// let mut table = notebook::Table::new(["Model", "Parameters | count 1"]);
    /// table.row(["ResNet-152".into(), 60_192_808.into()]);
    /// assert_eq!(table.cells()[0][1], "60.2\u{a0}M"); // a no-break space
    /// ```
    pub fn new(columns: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let column = |head: &str| {
            let (name, format) = match head.split_once('|') {
                Some((name, format)) => (name.trim(), Some(format.trim().to_owned())),
                None => (head.trim(), None),
            };
            Column { name: name.to_owned(), format }
        };
        Table {
            columns: columns.into_iter().map(|head| column(head.as_ref())).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row: one cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Scalar>) -> &mut Self {
        self.rows.push(cells.into_iter().collect());
        self
    }

    /// The cells as a person reads them, each in its column's format.
    pub fn cells(&self) -> Vec<Vec<String>> {
        let formats: Vec<_> = self.columns.iter().map(Column::parsed).collect();
        let cell = |(scalar, format): (&Scalar, &crate::Format)| match scalar {
            Scalar::Text(_) | Scalar::Empty(()) => scalar.to_string(),
            number => format.apply(number).unwrap_or_else(|_| number.to_string()),
        };
        self.rows.iter().map(|row| row.iter().zip(&formats).map(cell).collect()).collect()
    }

    /// Position of the column called `name`.
    fn position(&self, name: &str) -> Result<usize, Missing> {
        self.columns.iter().position(|c| c.name == name).ok_or_else(|| {
            Missing::new("column", name, self.columns.iter().map(|c| c.name.as_str()))
        })
    }

    /// The numbers of a column, in row order; cells without a number are left out.
    ///
    /// # Errors
    /// [`Missing`] where there is no such column.
    pub fn numbers(&self, column: &str) -> Result<Vec<f64>, Missing> {
        let at = self.position(column)?;
        Ok(self.rows.iter().filter_map(|row| row.get(at)?.number()).collect())
    }

    /// The texts of a column, in row order.
    ///
    /// # Errors
    /// [`Missing`] where there is no such column.
    pub fn texts(&self, column: &str) -> Result<Vec<String>, Missing> {
        let at = self.position(column)?;
        Ok(self.rows.iter().filter_map(|row| Some(row.get(at)?.to_string())).collect())
    }
}

impl Column {
    /// The column's format, [`Format::Plain`](crate::Format::Plain) if it has none or a broken one.
    pub fn parsed(&self) -> crate::Format {
        self.format.as_deref().and_then(|f| f.parse().ok()).unwrap_or(crate::Format::Plain)
    }

    /// Are the cells numbers, to be aligned right?
    pub fn is_numeric(&self) -> bool {
        self.format.is_some()
    }
}

/// Curves over one x: `y[i].values[j]` belongs to `x[j]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// What x is, with its unit.
    pub x_name: String,
    /// The x of every point.
    pub x: Vec<f64>,
    /// The curves.
    pub y: Vec<Curve>,
}

/// One curve of a [`Series`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// What the curve is.
    pub name: String,
    /// One value for each x.
    pub values: Vec<f64>,
    /// Lower ends of the band, empty where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub low: Vec<f64>,
    /// Upper ends of the band, empty where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub high: Vec<f64>,
}

impl Series {
    /// Adds a curve without a band.
    pub fn curve(&mut self, name: &str, values: impl IntoIterator<Item = f64>) -> &mut Self {
        let values = values.into_iter().collect();
        self.y.push(Curve { name: name.to_owned(), values, ..Curve::default() });
        self
    }

    /// Adds a curve with a band around it, such as a confidence interval.
    pub fn banded(&mut self, name: &str, points: impl IntoIterator<Item = [f64; 3]>) -> &mut Self {
        let mut curve = Curve { name: name.to_owned(), ..Curve::default() };
        for [low, value, high] in points {
            curve.low.push(low);
            curve.values.push(value);
            curve.high.push(high);
        }
        self.y.push(curve);
        self
    }

    /// Adds the losses of one run or of several, smoothed: means of consecutive groups of `size`, over
    /// the middle of each group. What is left over at the end is left out. Several runs give a band
    /// from the lowest to the highest of them around their mean.
    ///
    /// The first curve of a series without x says where the groups are.
    ///
    /// ```
    /// # let mut recorder = notebook::Recorder::new("chapter", "experiment", "An example", 1, 1);
    /// let losses = [vec![4.0, 2.0, 1.0, 1.0], vec![2.0, 0.0, 0.0, 0.0]];
    /// let series = recorder.series("loss", "Step", []).smoothed("sgd", &losses, 2);
    /// assert_eq!(series.x, [1.0, 3.0]);
    /// assert_eq!(series.y[0].values, [2.0, 0.5]);
    /// ```
    pub fn smoothed(&mut self, name: &str, runs: &[Vec<f64>], size: usize) -> &mut Self {
        let size = size.max(1);
        let groups = runs.iter().map(|losses| losses.len() / size).min().unwrap_or(0);
        if self.x.is_empty() {
            self.x = (0..groups).map(|i| (i as f64 + 0.5) * size as f64).collect();
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let group = |i: usize| -> [f64; 3] {
            let means: Vec<f64> =
                runs.iter().map(|losses| mean(&losses[i * size..(i + 1) * size])).collect();
            let low = means.iter().copied().fold(f64::INFINITY, f64::min);
            let high = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            [low, mean(&means), high]
        };
        let points = (0..groups).map(group);
        if runs.len() == 1 {
            self.curve(name, points.map(|[_, value, _]| value))
        } else {
            self.banded(name, points)
        }
    }

    /// From the least x to the largest, as a description says it: `100 to 60,000`.
    pub fn span(&self, format: crate::Format) -> String {
        let least = self.x.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = self.x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        format!("{} to {}", format.number(least), format.number(largest))
    }

    /// The curve called `name`.
    ///
    /// # Errors
    /// [`Missing`] where there is no such curve.
    pub fn get(&self, name: &str) -> Result<&Curve, Missing> {
        self.y
            .iter()
            .find(|c| c.name == name)
            .ok_or_else(|| Missing::new("curve", name, self.y.iter().map(|c| c.name.as_str())))
    }
}

/// A measured duration: the median with the interval that the measuring tool gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Median, in seconds.
    pub seconds: f64,
    /// Ends of its interval in seconds, low then high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
}

/// Something that was asked for by name and is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {kind} `{name}`{hint}")]
pub struct Missing {
    kind: &'static str,
    name: String,
    hint: String,
}

impl Missing {
    /// `name` is not among `known`: suggests the nearest, or lists what there is.
    pub fn new<'a>(kind: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.collect();
        let nearest = known
            .iter()
            .map(|k| (strsim::jaro_winkler(name, k), k))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(similarity, _)| *similarity > 0.8);
        let hint = match nearest {
            Some((_, k)) => format!("; did you mean `{k}`?"),
            None if known.is_empty() => "; none is recorded".to_owned(),
            None => format!("; there are: {}", known.join(", ")),
        };
        Missing { kind, name: name.to_owned(), hint }
    }
}

impl Results {
    /// Reads a result file and checks its schema.
    ///
    /// `command` is what records the file anew; every error names it.
    ///
    /// # Errors
    /// [`StoreError::Absent`] and [`StoreError::Damaged`].
    pub fn read(path: &Path, command: &str) -> Result<Self, StoreError> {
        let text = store::read_text(path, command)?;
        Self::parse(&text).map_err(|fault| store::damaged(path, command, fault))
    }

    /// Reads the text of a result file.
    fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        let damaged = |e: serde_json::Error| format!("is damaged ({e})");
        let Version { schema } = serde_json::from_str(text).map_err(damaged)?;
        if schema != SCHEMA {
            let age = if schema > SCHEMA { "a later" } else { "an earlier" };
            return Err(format!(
                "has schema {schema}, of {age} notebook than this one, which reads {SCHEMA}"
            ));
        }
        serde_json::from_str(text).map_err(damaged)
    }

    /// Writes the file, in one step.
    ///
    /// # Errors
    /// [`StoreError::Write`].
    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        store::write_json(path, self).map(|_| ())
    }

    /// The number recorded as `key`, among the values and then the timings (in seconds).
    ///
    /// # Errors
    /// [`Missing`] where there is none, or where it is a text.
    pub fn number(&self, key: &str) -> Result<f64, Missing> {
        self.value(key)?
            .value
            .number()
            .ok_or_else(|| Missing::new("number", key, std::iter::empty()))
    }

    /// The text recorded as `key`.
    ///
    /// # Errors
    /// [`Missing`] where there is no value of that name.
    pub fn text(&self, key: &str) -> Result<String, Missing> {
        Ok(self.value(key)?.value.to_string())
    }

    /// The value recorded as `key`; a timing is a value in seconds.
    ///
    /// # Errors
    /// [`Missing`] where there is none.
    pub fn value(&self, key: &str) -> Result<Value, Missing> {
        if let Some(value) = self.values.get(key) {
            return Ok(value.clone());
        }
        if let Some(t) = self.timings.get(key) {
            let value = Scalar::Real(t.seconds);
            return Ok(Value { value, interval: t.interval, unit: Some("seconds".into()) });
        }
        Err(Missing::new(
            "value",
            key,
            self.values.keys().chain(self.timings.keys()).map(String::as_str),
        ))
    }

    /// The table recorded as `key`.
    ///
    /// # Errors
    /// [`Missing`] where there is none.
    pub fn table(&self, key: &str) -> Result<&Table, Missing> {
        find("table", &self.tables, key)
    }

    /// The series recorded as `key`.
    ///
    /// # Errors
    /// [`Missing`] where there is none.
    pub fn series(&self, key: &str) -> Result<&Series, Missing> {
        find("series", &self.series, key)
    }

    /// The claim recorded as `id`.
    ///
    /// # Errors
    /// [`Missing`] where there is none.
    pub fn claim(&self, id: &str) -> Result<&Claim, Missing> {
        find("claim", &self.claims, id)
    }

    /// The claims that did not hold, with their ids.
    pub fn false_claims(&self) -> impl Iterator<Item = (&str, &Claim)> {
        self.claims.iter().filter(|(_, c)| !c.holds).map(|(id, c)| (id.as_str(), c))
    }

    /// Where two runs of one experiment computed something else; timings and provenance are not compared.
    ///
    /// Gives one line for each difference, `values.accuracy: 0.91 became 0.92`.
    pub fn differences(&self, other: &Results) -> Vec<String> {
        let mut found = Vec::new();
        compare("values", &self.values, &other.values, &mut found);
        compare("claims", &self.claims, &other.claims, &mut found);
        compare("tables", &self.tables, &other.tables, &mut found);
        compare("series", &self.series, &other.series, &mut found);
        found
    }
}

fn find<'a, T>(
    kind: &'static str,
    map: &'a IndexMap<String, T>,
    key: &str,
) -> Result<&'a T, Missing> {
    map.get(key).ok_or_else(|| Missing::new(kind, key, map.keys().map(String::as_str)))
}

fn compare<T: PartialEq + Serialize>(
    kind: &str,
    old: &IndexMap<String, T>,
    new: &IndexMap<String, T>,
    found: &mut Vec<String>,
) {
    let short = |x: &T| {
        let text = serde_json::to_string(x).unwrap_or_default();
        if text.chars().count() <= 100 {
            text
        } else {
            text.chars().take(99).chain(['…']).collect()
        }
    };
    for (key, was) in old {
        match new.get(key) {
            None => found.push(format!("{kind}.{key}: gone")),
            Some(is) if is != was => {
                found.push(format!("{kind}.{key}: {} became {}", short(was), short(is)))
            }
            Some(_) => {}
        }
    }
    let added = new.keys().filter(|k| !old.contains_key(*k));
    found.extend(added.map(|key| format!("{kind}.{key}: new")));
}
