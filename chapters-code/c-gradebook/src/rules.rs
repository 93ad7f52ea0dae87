//! The rules of an assignment, from a TOML file: what each exercise is worth, and what it costs to be late.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use toml::value::Datetime;

use crate::exercise::Exercise;
use crate::grade::{Penalty, Student, round};
use crate::handin::{HandIn, Origin};
use crate::library::nearest;

pub mod moment;

use moment::Moment;

/// What the file says.
// ANCHOR: rules
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// What the assignment is called where its grades go.
    pub title: Option<String>,
    /// Points of an exercise, where they are not the book's.
    #[serde(default)]
    pub points: BTreeMap<String, u32>,
    /// What it costs to be late; nothing where nothing is said.
    pub late: Option<Late>,
    /// When it is due for whom it is not due like for all, by name.
    #[serde(default)]
    pub extensions: BTreeMap<String, Datetime>,
    /// When somebody handed in, where no other file says it, by name.
    #[serde(default)]
    pub submitted: BTreeMap<String, Datetime>,
}

/// What it costs to be late.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Late {
    /// Up to and with this minute, one is in time.
    pub due: Datetime,
    /// So many minutes more are forgiven.
    #[serde(default)]
    pub grace: u32,
    /// Per cent of what was earned that are lost for each day or hour
    /// begun, or once.
    pub percent: f64,
    /// What begins again and again.
    pub per: Per,
    /// The most per cent that are lost.
    #[serde(default = "all")]
    pub most: f64,
    /// After this, everything is lost.
    pub until: Option<Datetime>,
}
// ANCHOR_END: rules

/// How often a penalty grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// With each hour begun.
    Hour,
    /// With each day begun.
    Day,
    /// Never.
    Once,
}

fn all() -> f64 {
    100.0
}

impl Rules {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// Where it cannot be read, or says something that makes no sense.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
        let rules: Rules = toml::from_str(&text).with_context(|| path.display().to_string())?;
        rules.check().with_context(|| path.display().to_string())?;
        Ok(rules)
    }

    fn check(&self) -> anyhow::Result<()> {
        if let Some((name, _)) = self.points.iter().find(|(_, points)| **points == 0) {
            bail!("points.{name} is 0; leave the exercise out with --only");
        }
        let moments = self.extensions.iter().chain(&self.submitted);
        for (name, moment) in
            moments.map(|(n, m)| (n.as_str(), m)).chain(self.late.iter().flat_map(|late| {
                [("due", &late.due)].into_iter().chain(late.until.as_ref().map(|u| ("until", u)))
            }))
        {
            moment_of(name, *moment)?;
        }
        let Some(late) = &self.late else {
            if !self.extensions.is_empty() {
                bail!("has extensions, but no [late] with `due`");
            }
            return Ok(());
        };
        for (name, percent) in [("percent", late.percent), ("most", late.most)] {
            if !(0.0..=100.0).contains(&percent) {
                bail!("late.{name} is {percent}; it is per cent, from 0 to 100");
            }
        }
        Ok(())
    }

    /// Refuses points for what is not graded, and names of nobody: each would change a grade without a word.
    ///
    /// # Errors
    /// The name, and the nearest that there is.
    pub fn check_names(
        &self,
        exercises: &[&Exercise],
        people: &dyn Fn(&str) -> bool,
    ) -> anyhow::Result<()> {
        let names = || exercises.iter().map(|e| e.name.as_str());
        if let Some(name) = self.points.keys().find(|n| !names().any(|e| e == n.as_str())) {
            bail!(
                "points.{name}: no exercise that is graded is called so{}",
                nearest(name, names())
            );
        }
        let people_named = self.extensions.keys().chain(self.submitted.keys());
        if let Some(name) = people_named.into_iter().find(|n| !people(n)) {
            bail!("`{name}` in the rules is nobody's name; take it from grades.csv or the roster");
        }
        Ok(())
    }

    /// What being late costs whoever handed in `hand_in`: `named` looks for an entry of one of the two lists, and `known` is what a
    /// roster says. Nothing where it was in time.
    ///
    /// # Errors
    /// Where it is not known when that was, or in which zone.
    pub fn lateness(
        &self,
        hand_in: &HandIn,
        named: &dyn Fn(&BTreeMap<String, Datetime>) -> Option<Datetime>,
        known: Option<Moment>,
    ) -> anyhow::Result<Option<(i64, f64)>> {
        let Some(late) = &self.late else { return Ok(None) };
        let name = hand_in.name.as_str();
        let submitted = match named(&self.submitted) {
            Some(submitted) => Some(moment_of(name, submitted)?),
            None => known,
        };
        let Some(submitted) = submitted else {
            // Canvas says who was late, but not how late.
            if matches!(hand_in.origin, Origin::Canvas { late: false, .. }) {
                return Ok(None);
            }
            bail!(
                "{name}: nothing says when this was handed in; give a roster with a column `submitted`, or write it into [submitted] of the rules"
            );
        };
        let after = |due: Moment| {
            submitted.minutes_since(due).with_context(|| {
                format!("{name}: {submitted} and {due}: either both say their zone or none")
            })
        };
        let due = moment_of(name, named(&self.extensions).unwrap_or(late.due))?;
        let minutes = after(due)? - i64::from(late.grace);
        if minutes <= 0 {
            return Ok(None);
        }
        // Whoever got an extension beyond the end has it.
        if let Some(until) = late.until
            && named(&self.extensions).is_none()
            && after(moment_of(name, until)?)? > 0
        {
            return Ok(Some((minutes, 100.0)));
        }
        let times = match late.per {
            Per::Once => 1,
            Per::Hour => (minutes + 59) / 60,
            Per::Day => (minutes + 24 * 60 - 1) / (24 * 60),
        };
        Ok(Some((minutes, (late.percent * times as f64).min(late.most))))
    }

    /// Gives each exercise its points, and each student what was earned of them. The share is that of the kinds, so nothing is rounded twice.
    pub fn weigh(&self, students: &mut [Student]) {
        for student in students {
            for answer in &mut student.answers {
                if let Some(&points) = self.points.get(&answer.exercise) {
                    answer.mark = answer.mark.out_of(points);
                }
            }
            student.earned = round(student.answers.iter().map(|a| a.mark.earned).sum());
            student.points = student.answers.iter().map(|a| a.mark.points).sum();
        }
    }
}

/// Takes what it costs to be late from what a student earned.
pub fn charge(student: &mut Student, (minutes, percent): (i64, f64)) {
    let before = student.earned;
    student.earned = round(before * (100.0 - percent) / 100.0);
    student.late = Some(Penalty { minutes, percent, before });
}

fn moment_of(name: &str, moment: Datetime) -> anyhow::Result<Moment> {
    let of = Moment::of_toml(moment);
    of.with_context(|| {
        format!("{name}: {moment} wants a date and a time, like 2026-10-01T23:59:00")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "title = \"Homework 2\"\n[points]\nlbp = 10\n[late]\ndue = 2026-10-01T23:59:00\ngrace = 10\n\
        percent = 10\nper = \"day\"\nmost = 50\nuntil = 2026-10-20T00:00:00\n[extensions]\n\"Bob Roe\" = 2026-10-03T23:59:00\n\
        [submitted]\n\"Eva\" = 2026-10-04T00:10:00\n";

    fn rules(text: &str) -> anyhow::Result<Rules> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        Rules::read(file.path())
    }

    fn lost(text: &str, name: &str, at: Option<&str>) -> anyhow::Result<Option<(i64, f64)>> {
        let hand_in = HandIn::missing(name, &[]);
        let named = |list: &BTreeMap<String, Datetime>| list.get(name).copied();
        rules(text)?.lateness(&hand_in, &named, at.map(|a| a.parse().unwrap()))
    }

    #[test]
    fn being_late_costs_what_the_rules_say() {
        let of = |at: &str| lost(TEXT, "Ann", Some(at)).unwrap();
        assert_eq!(of("2026-10-01 12:00"), None);
        assert_eq!(of("2026-10-02 00:09"), None);
        assert_eq!(of("2026-10-02 00:10"), Some((1, 10.0)));
        assert_eq!(of("2026-10-03 00:09"), Some((24 * 60, 10.0)));
        assert_eq!(of("2026-10-03 00:10"), Some((24 * 60 + 1, 20.0)));
        assert_eq!(of("2026-10-15 00:00").unwrap().1, 50.0);
        assert_eq!(of("2026-10-20 00:01").unwrap().1, 100.0);
        // An extension, and a time that the rules know better than the roster.
        assert_eq!(lost(TEXT, "Bob Roe", Some("2026-10-03 23:59")).unwrap(), None);
        assert_eq!(lost(TEXT, "Eva", None).unwrap(), Some((2 * 24 * 60 + 1, 30.0)));
        for (per, percent) in [("hour", 30.0), ("once", 10.0)] {
            let text = TEXT.replace("\"day\"", &format!("\"{per}\""));
            assert_eq!(lost(&text, "Ann", Some("2026-10-02 02:10")).unwrap().unwrap().1, percent);
        }
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        assert!(lost(TEXT, "Ann", None).unwrap_err().to_string().contains("submitted"));
        let zoned = TEXT.replace("2026-10-01T23:59:00", "2026-10-01T23:59:00+02:00");
        let said = lost(&zoned, "Ann", Some("2026-10-01 12:00")).unwrap_err().to_string();
        assert!(said.contains("zone"), "{said}");
        let mut hand_in = HandIn::missing("Ann", &[]);
        for (late, is_known) in [(false, true), (true, false)] {
            hand_in.origin = Origin::Canvas { user: 7, late };
            assert_eq!(rules(TEXT).unwrap().lateness(&hand_in, &|_| None, None).is_ok(), is_known);
        }
        assert_eq!(rules("").unwrap().lateness(&hand_in, &|_| None, None).unwrap(), None);
    }

    #[test]
    fn rules_that_make_no_sense_are_refused() {
        for (from, to, word) in [
            ("lbp = 10", "lbp = 0", "points.lbp"),
            ("percent = 10", "percent = 110", "late.percent"),
            ("percent = 10", "per_cent = 10", "per_cent"),
            ("\"day\"", "\"week\"", "week"),
            ("2026-10-01T23:59:00", "2026-10-01", "due"),
        ] {
            let said = format!("{:#}", rules(&TEXT.replace(from, to)).unwrap_err());
            assert!(said.contains(word), "{said}");
        }
        let rules = rules(TEXT).unwrap();
        let said = rules.check_names(&[], &|_| true).unwrap_err().to_string();
        assert!(said.contains("points.lbp"), "{said}");
        let rules = Rules { points: BTreeMap::new(), ..rules };
        assert!(rules.check_names(&[], &|_| true).is_ok());
        let said = rules.check_names(&[], &|name| name == "Bob Roe").unwrap_err().to_string();
        assert!(said.contains("Eva"), "{said}");
    }

    #[test]
    fn a_penalty_is_told_in_words() {
        let penalty = Penalty { minutes: 24 * 60 + 61, percent: 20.0, before: 12.5 };
        let said = "1 day 1 hour 1 minute late: 20 per cent of 12.5 are lost";
        assert_eq!(penalty.to_string(), said);
    }
}
