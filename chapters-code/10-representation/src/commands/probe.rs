//! `probe`: how well the middle of the network tells a reader's own classes apart.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use learning::Confusion;
use ndarray::{Array2, Axis, concatenate};
use notebook::fault::FileFault;
use notebook::results::Column;
use notebook::terminal::write_table;
use notebook::{Context, Table};
use serde_json::json;

use super::cross_validation::{Probed, cross_validate, largest};
use super::files::{Reading, shown};
use super::network::Network;
use crate::features::Tap;

/// Where the features are taken: behind the middle of the network, four parts of each channel. The page `layers` of the chapter
/// measures why: of garments, which ImageNet does not name, the middle tells more than the end.
const TAP: Tap = Tap { after: 10, grid: 2 };
/// The fewest photographs of a class.
const FEWEST: usize = 4;
/// The most classes.
const MOST_CLASSES: usize = 256;
/// Classes of which a whole table of confusions is told.
const TABLE: usize = 12;

/// How well does the network tell your own classes apart? Trains a head on your labelled photographs
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  probe --labels garden.csv

garden.csv names a photograph and its class in each line below the first:
  file,label
  rose-1.jpg,rose
  tulips/may.png,tulip

Paths are meant from the folder of the CSV. Each class needs four photographs, and each photograph of another scene: two of a burst
would be one that is learned and one that is asked for.")]
pub(super) struct Probe {
    /// Photographs and their classes: columns `file` and `label`
    #[arg(long, value_name = "CSV")]
    labels: PathBuf,
    /// Decides which photographs are in which fold
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Photographs with a label each, from 0, and the names of the classes.
#[derive(Debug)]
struct Labels {
    paths: Vec<PathBuf>,
    labels: Vec<u8>,
    names: Vec<String>,
}

/// Trains, tests and tells.
///
/// # Errors
/// A list or a photograph that cannot be read; too few classes or photographs.
pub(super) fn probe(args: Probe, context: &Context<'_>, out: &mut dyn Write) -> Result<()> {
    let Labels { paths, labels, names } = Labels::read(&args.labels)?;
    let network = Network::read(context)?;
    let mut reading = Reading::of(paths, context.threads)?;
    let mut parts: Vec<Array2<f32>> = Vec::new();
    reading.each(
        |pictures| network.features(pictures, TAP),
        |_, features| {
            parts.push(features);
            Ok(())
        },
    )?;
    if reading.failed() > 0 {
        return reading.end();
    }
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    let x = concatenate(Axis(0), &views)?;
    let probed = reading.pool().install(|| cross_validate(x.view(), &labels, args.seed))?;
    let told = Told { labels: &labels, names: &names, probed: &probed };
    if args.json { told.json(out) } else { told.words(out) }
}

impl Labels {
    /// Reads a list and looks at it before anything runs.
    fn read(path: &Path) -> Result<Labels> {
        let list = shown(path);
        let fault = |fault: String, fix| FileFault { path: list.clone(), fault, fix };
        let columns = "give a CSV with the columns file and label";
        let bytes = std::fs::read(path)
            .map_err(|e| fault(format!("cannot be read: {}", e.kind()), columns))?;
        // Spreadsheets begin a file with a mark of its encoding.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let unreadable = |e: csv::Error| fault(format!("cannot be read: {e}"), columns);
        let head = reader.headers().map_err(unreadable)?.clone();
        let column = |name: &str| head.iter().position(|head| head.eq_ignore_ascii_case(name));
        let (Some(file), Some(label)) = (column("file"), column("label")) else {
            let missing = if column("file").is_none() { "file" } else { "label" };
            return Err(fault(format!("has no column {missing}"), columns).into());
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let (mut rows, mut seen) = (Vec::new(), HashSet::new());
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let line = record.position().map_or(0, csv::Position::line);
            let (file, label) = (&record[file], &record[label]);
            if file.is_empty() || label.is_empty() {
                return Err(
                    fault(format!("line {line} lacks a file or a label"), "fill it in").into()
                );
            }
            let photograph = folder.join(file);
            if !photograph.is_file() {
                let said = format!("line {line}: there is no file {}", shown(&photograph));
                return Err(fault(
                    said,
                    "mend the path, which is meant from the folder of the CSV",
                )
                .into());
            }
            if !seen.insert(photograph.canonicalize().unwrap_or_else(|_| photograph.clone())) {
                let said = format!("line {line}: {} is listed twice", shown(Path::new(file)));
                return Err(fault(
                    said,
                    "list each photograph once, or it is learned and asked for",
                )
                .into());
            }
            rows.push((photograph, label.to_owned()));
        }
        Labels::of(rows).map_err(|(said, fix)| fault(said, fix).into())
    }

    /// Numbers the classes by name.
    fn of(rows: Vec<(PathBuf, String)>) -> Result<Labels, (String, &'static str)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        rows.iter().for_each(|(_, label)| *counts.entry(label).or_default() += 1);
        if !(2..=MOST_CLASSES).contains(&counts.len()) {
            let said = format!("has {} classes", counts.len());
            return Err((said, "give photographs of 2 to 256 classes"));
        }
        if let Some((name, count)) = counts.iter().find(|(_, count)| **count < FEWEST) {
            let name = shown(Path::new(name));
            let said = format!("has {count} of class {name:?} and needs {FEWEST}");
            return Err((said, "add photographs of it, or leave the class out"));
        }
        let names: Vec<String> = counts.into_keys().map(|name| shown(Path::new(name))).collect();
        let place = |label: &str| names.partition_point(|name| name.as_str() < label) as u8;
        let labels = rows.iter().map(|(_, label)| place(label)).collect();
        Ok(Labels { paths: rows.into_iter().map(|(path, _)| path).collect(), labels, names })
    }
}

/// What was found, for a person or a program.
struct Told<'a> {
    labels: &'a [u8],
    names: &'a [String],
    probed: &'a Probed,
}

impl Told<'_> {
    fn words(&self, out: &mut dyn Write) -> Result<()> {
        let Probed { predicted, accuracy, baseline, gain, strengths, .. } = self.probed;
        let (n, k) = (self.labels.len(), self.names.len());
        let folds = strengths.len();
        let percent = |x: f64| format!("{:5.1} %", 100.0 * x);
        writeln!(
            out,
            "{n} photographs of {k} classes; each is named by a head that never saw it, in {folds} folds"
        )?;
        writeln!(
            out,
            "  accuracy  {}   95 % interval {:.1} to {:.1}",
            percent(accuracy.estimate),
            100.0 * accuracy.low,
            100.0 * accuracy.high
        )?;
        let most = &self.names[largest(self.labels)];
        writeln!(out, "  baseline  {}   always \"{most}\"", percent(*baseline))?;
        writeln!(
            out,
            "  gain      {:5.1} points, 95 % interval {:.1} to {:.1}",
            100.0 * gain.estimate,
            100.0 * gain.low,
            100.0 * gain.high
        )?;
        let strengths: Vec<String> = strengths.iter().map(f64::to_string).collect();
        writeln!(
            out,
            "  C of each fold, chosen among its other photographs: {}",
            strengths.join(", ")
        )?;
        writeln!(out)?;
        let confusion = Confusion::of(self.labels, predicted);
        if k <= TABLE {
            write_table(out, &self.table(&confusion))?;
        } else {
            self.worst(&confusion, out)?;
        }
        Ok(())
    }

    /// A row for each class, a column for each that it was taken for.
    fn table(&self, confusion: &Confusion) -> Table {
        let number = Some("int".to_owned());
        let heads = self.names.iter();
        let heads = heads.map(|name| Column { name: format!("as {name}"), format: number.clone() });
        let first = Column { name: "class".to_owned(), format: None };
        let columns = std::iter::once(first).chain(heads).collect();
        let mut table = Table { columns, rows: Vec::new() };
        for (name, counts) in self.names.iter().zip(&confusion.counts) {
            let counts = counts.iter().map(|&n| n.into());
            table.row(std::iter::once(name.as_str().into()).chain(counts));
        }
        table
    }

    /// The pairs that are confused most often.
    fn worst(&self, confusion: &Confusion, out: &mut dyn Write) -> Result<()> {
        let rows = confusion.counts.iter().enumerate();
        let mut pairs: Vec<(usize, usize, usize)> = rows
            .flat_map(|(t, row)| row.iter().enumerate().map(move |(p, &n)| (n, t, p)))
            .filter(|&(n, t, p)| n > 0 && t != p)
            .collect();
        pairs.sort_by(|a, b| b.0.cmp(&a.0).then(a.cmp(b)));
        for (n, t, p) in pairs.into_iter().take(TABLE) {
            writeln!(out, "  {n:4} of \"{}\" taken for \"{}\"", self.names[t], self.names[p])?;
        }
        Ok(())
    }

    fn json(&self, out: &mut dyn Write) -> Result<()> {
        let Probed { predicted, accuracy, baseline, gain, strengths } = self.probed;
        let confusion = Confusion::of(self.labels, predicted);
        let written = json!({
            "photographs": self.labels.len(),
            "classes": self.names,
            "accuracy": accuracy.estimate,
            "interval": [accuracy.low, accuracy.high],
            "baseline": baseline,
            "gain": gain.estimate,
            "gain_interval": [gain.low, gain.high],
            "c": strengths,
            "confusion": confusion.counts,
        });
        Ok(writeln!(out, "{}", serde_json::to_string_pretty(&written)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_numbered_by_name() {
        let rows = ["b", "a", "b", "a", "a", "b", "b", "a"];
        let rows = rows.iter().map(|label| (PathBuf::new(), (*label).to_owned())).collect();
        let read = Labels::of(rows).unwrap_or_else(|(fault, _)| panic!("{fault}"));
        assert_eq!(read.names, ["a", "b"]);
        assert_eq!(read.labels, [1, 0, 1, 0, 0, 1, 1, 0]);
    }
}
