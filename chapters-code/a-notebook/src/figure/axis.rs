//! Axes: a name, a scale, and ticks at numbers that people count in.
//!
//! An [`Axis`] is what a chapter asks for. Fitted to the values drawn it becomes a [`Ruler`], which
//! plotters takes as a coordinate: it maps, says where the grid goes and how a tick is written.
//! Linear ticks lie at 1, 2 or 5 times a power of ten (powers of two for bytes), logarithmic ones at
//! powers of ten (1 KiB, 1 MiB, 1 GiB for bytes; 1 s, 1 min, 1 h for durations).

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, ValueFormatter};
use plotters::prelude::Ranged;

use super::Fault;
use crate::Format;

/// An axis as a chapter asks for it.
///
/// ```
/// use notebook::{figure::Axis, Format};
/// let memory = Axis::log("Memory").format(Format::Bytes(0));
/// let accuracy = Axis::linear("Accuracy").format(Format::Percent(0)).range(0.5, 1.0);
/// let loss = Axis::linear("Loss").from_zero();
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub(super) name: String,
    pub(super) format: Format,
    log: bool,
    zero: bool,
    range: Option<(f64, f64)>,
}

/// How far an axis reaches beyond its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// From the first value to the last.
    Values,
    /// On to the next tick, or on a logarithmic axis a little further.
    Tick,
}

impl Axis {
    /// An axis with equal steps. Numbers are written plainly until [`format`](Self::format) is set.
    pub fn linear(name: impl Into<String>) -> Self {
        Axis { name: name.into(), format: Format::Plain, log: false, zero: false, range: None }
    }

    /// An axis with equal ratios; every value must be positive.
    pub fn log(name: impl Into<String>) -> Self {
        Axis { log: true, ..Axis::linear(name) }
    }

    /// A linear axis of shares, in whole per cent.
    pub fn share(name: impl Into<String>) -> Self {
        Axis::linear(name).format(Format::Percent(0))
    }

    /// A linear axis of counts.
    pub fn count(name: impl Into<String>) -> Self {
        Axis::linear(name).format(Format::Int)
    }

    /// How numbers are written, at ticks (with as many decimals as they need) and in the data table.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Fixes both ends, instead of fitting them to the values.
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Begins a linear axis at zero.
    pub fn from_zero(mut self) -> Self {
        self.zero = true;
        self
    }

    pub(super) fn is_log(&self) -> bool {
        self.log
    }

    /// Whether zero has a place on it, so that a length from there means something.
    pub(super) fn has_zero(&self) -> bool {
        !self.log && self.range.is_none_or(|(low, high)| (low..=high).contains(&0.0))
    }

    /// Fits the axis to what is drawn, with at most about `ticks` ticks.
    pub(super) fn fit(
        &self,
        values: impl IntoIterator<Item = f64>,
        reach: Reach,
        ticks: usize,
    ) -> Result<Ruler, Fault> {
        let (low, high) = self.extent(values)?;
        let (mut low, mut high) = match self.range {
            Some(range) => self.fixed(range, (low, high))?,
            None => self.widened(low, high, reach),
        };
        let mut at = if self.log { log_ticks(self.format, low, high, ticks) } else { Vec::new() };
        if at.len() < 2 {
            let step = linear_step(self.format, (high - low) / ticks.max(1) as f64);
            if reach == Reach::Tick && self.range.is_none() && !self.log {
                (low, high) =
                    ((low / step + 1e-9).floor() * step, (high / step - 1e-9).ceil() * step);
            }
            at = linear_ticks(step, low, high);
        }
        if !(low.is_finite() && high.is_finite() && low < high) {
            return Err(format!("the axis `{}` cannot reach from {low:e} to {high:e}", self.name));
        }
        let ticks = at.into_iter().map(|x| (x, tick_text(self.format, x))).collect();
        Ok(Ruler { log: self.log, low, high, ticks })
    }

    /// The ruler with a tick at each of the values, where these are few round counts on a logarithmic
    /// axis: there the ticks that people count in miss most of the points.
    pub(super) fn at_values(
        &self,
        ruler: Ruler,
        values: impl IntoIterator<Item = f64>,
        most: usize,
    ) -> Ruler {
        let mut at: Vec<f64> = values.into_iter().collect();
        at.sort_by(f64::total_cmp);
        at.dedup();
        let counts = at.iter().all(|x| x.fract() == 0.0);
        if !(ruler.log && self.format == Format::Int && counts && (2..=most).contains(&at.len())) {
            return ruler;
        }
        let ticks = at.into_iter().map(|x| (x, tick_text(self.format, x))).collect();
        Ruler { ticks, ..ruler }
    }

    /// Smallest and largest value; refuses what has no place on the axis.
    fn extent(&self, values: impl IntoIterator<Item = f64>) -> Result<(f64, f64), Fault> {
        let mut extent = None;
        for x in values {
            if !x.is_finite() {
                return Err(format!("the axis `{}` has no place for {x}", self.name));
            }
            if self.log && x <= 0.0 {
                return Err(format!(
                    "the logarithmic axis `{}` has no place for {x}; leave the value out or use a linear axis",
                    self.name
                ));
            }
            let (low, high) = extent.unwrap_or((x, x));
            extent = Some((x.min(low), x.max(high)));
        }
        extent.ok_or_else(|| format!("there is nothing to draw along the axis `{}`", self.name))
    }

    /// The range that was asked for, if it is one and holds the values.
    fn fixed(&self, range: (f64, f64), (least, most): (f64, f64)) -> Result<(f64, f64), Fault> {
        let (low, high) = range;
        if !(low < high && low.is_finite() && high.is_finite()) || (self.log && low <= 0.0) {
            return Err(format!("the axis `{}` cannot have the range {low} to {high}", self.name));
        }
        if least < low || most > high {
            let outside = if least < low { least } else { most };
            return Err(format!(
                "{outside} lies outside the range {low} to {high} of the axis `{}`",
                self.name
            ));
        }
        Ok(range)
    }

    /// Room around the values, so that a single value has an axis too.
    fn widened(&self, low: f64, high: f64, reach: Reach) -> (f64, f64) {
        if self.log {
            let ratio = high / low;
            let factor = match reach {
                _ if ratio < 1.0 + 1e-9 => 3.0,
                Reach::Values => 1.0,
                Reach::Tick => ratio.powf(0.06),
            };
            return (low / factor, high * factor);
        }
        let low = if self.zero { low.min(0.0) } else { low };
        let high = if self.zero { high.max(0.0) } else { high };
        if high - low <= 1e-12 * high.abs().max(low.abs()) {
            let half = if low == 0.0 { 1.0 } else { 0.5 * low.abs() };
            return (low - half, high + half);
        }
        (low, high)
    }
}

/// An axis fitted to its values: the coordinate that plotters maps with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ruler {
    log: bool,
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

impl Ruler {
    /// A ruler from 0 to `length` without ticks, for rows and columns.
    pub(super) fn bare(length: f64) -> Self {
        Ruler { log: false, low: 0.0, high: length, ticks: Vec::new() }
    }

    /// Where `x` lies, 0 at the low end and 1 at the high end.
    pub(super) fn fraction(&self, x: f64) -> f64 {
        let place = |x: f64| if self.log { x.ln() } else { x };
        (place(x) - place(self.low)) / (place(self.high) - place(self.low))
    }

    /// The low end.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// The high end.
    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// The ticks and what is written at them.
    pub(super) fn ticks(&self) -> &[(f64, String)] {
        &self.ticks
    }
}

impl Ranged for Ruler {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let length = f64::from(limit.1) - f64::from(limit.0);
        limit.0 + (self.fraction(*value) * length).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|(x, _)| *x).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Ruler {
    fn format_ext(&self, value: &f64) -> String {
        self.ticks
            .iter()
            .find(|(x, _)| x == value)
            .map(|(_, text)| text.clone())
            .unwrap_or_default()
    }
}

/// What the format counts in: GiB are counted in 2³⁰.
fn unit(format: Format) -> f64 {
    match format {
        Format::Gibibytes(_) => f64::from(1 << 30),
        _ => 1.0,
    }
}

/// The smallest step that people count in and that is at least `least`.
fn linear_step(format: Format, least: f64) -> f64 {
    if let Format::Bytes(_) = format {
        return 2f64.powi(least.log2().ceil().clamp(0.0, 1000.0) as i32);
    }
    let least = least / unit(format);
    let power = least.log10().floor().clamp(-300.0, 300.0) as i32;
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| scaled(m, power))
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(scaled(10.0, power));
    let step = if format == Format::Int { step.max(1.0) } else { step };
    step * unit(format)
}

/// `x` times a power of ten, by division where the power is negative: 3 tenths are 0.3.
fn scaled(x: f64, power: i32) -> f64 {
    if power < 0 { x / 10f64.powi(-power) } else { x * 10f64.powi(power) }
}

/// The multiples of `step` from `low` to `high`.
fn linear_ticks(step: f64, low: f64, high: f64) -> Vec<f64> {
    let (first, last) = ((low / step - 1e-6).ceil(), (high / step + 1e-6).floor());
    // More ticks than this come of a step that is lost in the size of its values.
    if !(first.is_finite() && last.is_finite() && last - first <= 100.0) {
        return Vec::new();
    }
    let per_one = (1.0 / step).round();
    // Where the step is one part of `per_one`, dividing leaves no trail of binary digits.
    let divides = step < 1.0 && (per_one * step - 1.0).abs() < 1e-12;
    let tick = |k: f64| if divides { k / per_one } else { k * step };
    (0..=(last - first).max(0.0) as usize)
        .map(|k| tick(first + k as f64).clamp(low, high))
        .collect()
}

/// The finest set of round numbers from `low` to `high` that has at most `most` members.
fn log_ticks(format: Format, low: f64, high: f64, most: usize) -> Vec<f64> {
    let inside = |x: &f64| *x >= low * (1.0 - 1e-9) && *x <= high * (1.0 + 1e-9);
    if format == Format::Duration && high >= 60.0 {
        let long = [60.0, 600.0, 3600.0, 36_000.0, 360_000.0, 3_600_000.0, 36_000_000.0];
        let short = (-12..=1).map(|p| scaled(1.0, p));
        let ticks: Vec<f64> = short.chain(long).filter(inside).collect();
        let step = ticks.len().div_ceil(most.max(1)).max(1);
        return ticks.into_iter().step_by(step).collect();
    }
    // Each set: mantissas, and the powers of the base that they multiply.
    let sets: [(f64, i32, &[f64]); 6] = match format {
        Format::Bytes(_) => [
            (2.0, 1, &[1.0]),
            (2.0, 2, &[1.0]),
            (2.0, 5, &[1.0]),
            (2.0, 10, &[1.0]),
            (2.0, 20, &[1.0]),
            (2.0, 40, &[1.0]),
        ],
        _ => [
            (10.0, 1, &[1.0, 2.0, 5.0]),
            (10.0, 1, &[1.0, 3.0]),
            (10.0, 1, &[1.0]),
            (10.0, 2, &[1.0]),
            (10.0, 3, &[1.0]),
            (10.0, 6, &[1.0]),
        ],
    };
    let unit = unit(format);
    for (base, every, mantissas) in sets {
        let power = |x: f64| (x / unit).log(base) / f64::from(every);
        // Numbers near the ends of what an f64 holds have no power at all: theirs is infinite.
        let most_extreme = (if base == 10.0 { 300 } else { 1000 }) / every;
        let within = |p: f64| (p as i32).clamp(-most_extreme, most_extreme);
        let (first, last) = (within(power(low).floor()), within(power(high).ceil()));
        let powers = (first..=last).map(|p| p * every);
        let ticks: Vec<f64> = powers
            .flat_map(|p| {
                mantissas.iter().map(move |m| {
                    unit * if base == 10.0 { scaled(*m, p) } else { m * base.powi(p) }
                })
            })
            .filter(inside)
            .collect();
        if ticks.len() <= most {
            return ticks;
        }
    }
    Vec::new()
}

/// A tick with as many decimals as it needs and no more: `1.5 M`, `20 %`, `1 ms`.
pub(super) fn tick_text(format: Format, x: f64) -> String {
    let full = match format {
        Format::Plain | Format::Int | Format::Duration => format,
        Format::Fixed(_) => Format::Fixed(6),
        Format::Percent(_) => Format::Percent(6),
        Format::Points(_) => Format::Points(6),
        Format::Count(_) => Format::Count(6),
        Format::Si(_) => Format::Si(6),
        Format::Bytes(_) => Format::Bytes(6),
        Format::Gigabytes(_) => Format::Gigabytes(6),
        Format::Gibibytes(_) => Format::Gibibytes(6),
        Format::Ratio(_) => Format::Ratio(6),
        Format::PerMinute(_) => Format::PerMinute(6),
        Format::Scientific(_) => Format::Scientific(6),
    };
    let text = full.number(x);
    if format == Format::Plain {
        return text.replace('-', "−");
    }
    let end = text.find('\u{a0}').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    let unit = unit.strip_suffix(" 0\u{a0}min").unwrap_or(unit);
    if format == Format::Duration && (x == 60.0 || x == 3600.0) {
        return if x == 60.0 { "1\u{a0}min".into() } else { "1\u{a0}h".into() };
    }
    format!("{number}{unit}").replace("1\u{a0}×\u{a0}10", "10")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(axis: &Axis, low: f64, high: f64) -> Vec<String> {
        let ruler = axis.fit([low, high], Reach::Tick, 6).unwrap();
        ruler.ticks.into_iter().map(|(_, text)| text.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn the_smallest_and_largest_numbers_have_few_ticks() {
        for format in
            [Format::Count(0), Format::Gibibytes(1), Format::Gigabytes(1), Format::Bytes(0)]
        {
            for (low, high) in
                [(5e-324, 1e-323), (5e-324, 1.0), (1e300, f64::MAX), (5e-324, f64::MAX)]
            {
                assert!(
                    log_ticks(format, low, high, 6).len() <= 6,
                    "{format} from {low} to {high}"
                );
            }
        }
    }

    #[test]
    fn ticks_lie_where_people_count() {
        let cases = [
            (Axis::linear("").format(Format::Fixed(0)), 0.0, 1.0, "0, 0.2, 0.4, 0.6, 0.8, 1"),
            (
                Axis::linear("").format(Format::Percent(0)),
                0.5,
                0.93,
                "50 %, 60 %, 70 %, 80 %, 90 %, 100 %",
            ),
            (Axis::linear(""), 1998.0, 2023.0, "1995, 2000, 2005, 2010, 2015, 2020, 2025"),
            (
                Axis::linear("").format(Format::Bytes(0)),
                0.0,
                3.0e9,
                "0 B, 512 MiB, 1 GiB, 1.5 GiB, 2 GiB, 2.5 GiB, 3 GiB",
            ),
            (
                Axis::linear("").format(Format::Count(0)),
                -2e6,
                1e6,
                "−2 M, −1.5 M, −1 M, −500 K, 0, 500 K, 1 M",
            ),
            (
                Axis::log("").format(Format::Count(0)),
                2e6,
                4e11,
                "1 M, 10 M, 100 M, 1 B, 10 B, 100 B",
            ),
            (Axis::log("").format(Format::Bytes(0)), 2e6, 4e11, "1 MiB, 32 MiB, 1 GiB, 32 GiB"),
            (Axis::log("").format(Format::Duration), 1e-3, 7e4, "1 ms, 100 ms, 10 s, 10 min, 10 h"),
            (Axis::log("").format(Format::Duration), 7.0, 3600.0, "10 s, 1 min, 10 min, 1 h"),
            (
                Axis::log("").format(Format::Gibibytes(2)),
                2e8,
                4e10,
                "0.3 GiB, 1 GiB, 3 GiB, 10 GiB, 30 GiB",
            ),
            (Axis::log(""), 3.0, 3.0, "1, 2, 5"),
            (
                Axis::log("").format(Format::Scientific(0)),
                1e20,
                1e24,
                "10²⁰, 10²¹, 10²², 10²³, 10²⁴",
            ),
        ];
        for (axis, low, high, expected) in cases {
            assert_eq!(
                ticks(&axis, low, high).join(", "),
                expected,
                "{:?} from {low} to {high}",
                axis.format
            );
        }
    }

    #[test]
    fn what_has_no_place_is_an_error() {
        assert!(Axis::log("a").fit([1.0, 0.0], Reach::Tick, 5).is_err());
        assert!(Axis::linear("a").fit([f64::NAN], Reach::Tick, 5).is_err());
        assert!(Axis::linear("a").fit([], Reach::Tick, 5).is_err());
        assert!(Axis::linear("a").range(1.0, 1.0).fit([1.0], Reach::Tick, 5).is_err());
        assert!(Axis::linear("a").range(0.0, 1.0).fit([2.0], Reach::Tick, 5).is_err());
        assert!(Axis::linear("a").fit([-f64::MAX, f64::MAX], Reach::Tick, 5).is_err());
    }
}
