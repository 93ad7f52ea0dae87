//! `grade`: from hand-ins to a report.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use notebook::cli::plural;
use notebook::{Workspace, terminal};
use toml::value::Datetime;

use super::common::{chosen, println_flushed, sound};
use crate::exercise::Exercise;
use crate::front_matter::points;
use crate::grade::{self, Grader, Status, Student, Times, write_whole};
use crate::handin::{self, HandIn};
use crate::imports::{self, Class};
use crate::kit::Kit;
use crate::library::Library;
use crate::roster::{Checked, Person, Roster, plain};
use crate::rules::{Rules, charge};
use crate::sandbox::Place;
use crate::table::Table;
use crate::{hash, likeness, report};

/// What `grade` is told.
#[derive(Debug, Args)]
pub struct Grade {
    /// A folder of hand-ins, as Moodle and Canvas give it; or several, each a folder, an archive or a .rs file
    #[arg(value_name = "DIR", required = true)]
    hand_ins: Vec<PathBuf>,
    /// The folder of the report; where it holds an earlier one, that is gone on with
    #[arg(long, value_name = "REPORT")]
    out: PathBuf,
    /// DIR is what one student handed in, whatever it looks like
    #[arg(long, conflicts_with = "roster")]
    one: bool,
    /// Grade these exercises [default: those that at least half of the hand-ins hold]
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
    /// Grade these hand-ins anew, whatever an earlier run has kept of them; names as in grades.csv
    #[arg(long, value_name = "NAME", num_args = 1..)]
    regrade: Vec<String>,
    /// Who is expected: Moodle's grading worksheet, Canvas's gradebook, or a table with columns id, name or email
    #[arg(long, value_name = "CSV")]
    roster: Option<PathBuf>,
    /// Points for each exercise, what being late costs, and the title of the assignment
    #[arg(long, value_name = "TOML")]
    rules: Option<PathBuf>,
    /// Call students by numbers; what names them is in REPORT/names
    #[arg(long)]
    anonymous: bool,
    /// Exercises of your own, in the same format, instead of the book's
    #[arg(long, value_name = "DIR")]
    exercises: Option<PathBuf>,
    /// The seed of the cases: choose your own and tell nobody [default: 2026, which everybody knows]
    #[arg(long)]
    seed: Option<u64>,
    /// Answers that are graded at the same time [default: one a core]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Run strangers' code without a sandbox, with all your rights
    #[arg(long)]
    unsafe_no_sandbox: bool,
}

/// The seed that is taken where none is chosen.
const PUBLIC: u64 = 2026;

/// Grades hand-ins and writes the report.
pub fn grade(workspace: &Workspace, wanted: &Grade) -> anyhow::Result<ExitCode> {
    let library = sound(workspace, wanted.exercises.as_deref())?;
    let seed = seed(wanted.seed, &mut |line| eprintln!("{line}"));
    let course = Course::open(wanted, seed)?;
    grade::check_report(&wanted.out)?;
    let exercises = if wanted.only.is_empty() {
        let (held, left) = handed_in(&library, &course.hand_ins)?;
        for exercise in left {
            eprintln!(
                "{}: in fewer than half of the hand-ins, and not graded; --only names what is",
                exercise.name
            );
        }
        held
    } else {
        chosen(&library, &[], &wanted.only)?
    };
    let late = course.lateness(&exercises)?;
    let kit = Kit::build(workspace)?;
    let place = place(&kit, wanted.unsafe_no_sandbox)?;
    let grading = Grading { exercises: &exercises, kit: &kit, place, seed };
    let (mut students, times) = course.grade(wanted, workspace, grading)?;
    course.rules.weigh(&mut students);
    for (student, late) in students.iter_mut().zip(late) {
        if let Some(late) = late {
            charge(student, late);
        }
    }
    for line in course.write(&wanted.out, &exercises, &students, &times)? {
        eprintln!("{line}");
    }
    println_flushed(&summary(&students, exercises.len(), &wanted.out))?;
    Ok(tell_not_graded(&students))
}

/// The seed, and a warning where none was chosen.
fn seed(chosen: Option<u64>, warn: &mut dyn FnMut(&str)) -> u64 {
    chosen.unwrap_or_else(|| {
        warn(&format!(
            "warning: the seed {PUBLIC} is public, and with it every case; choose one with --seed"
        ));
        PUBLIC
    })
}

/// What grading itself needs.
struct Grading<'a> {
    exercises: &'a [&'a Exercise],
    kit: &'a Kit,
    place: Place,
    seed: u64,
}

/// Who handed in, who was expected, and under which rules.
struct Course {
    hand_ins: Vec<HandIn>,
    roster: Option<(Roster, Checked)>,
    rules: Rules,
    /// The name of each row, where rows do not say it.
    names: Option<Table>,
    /// What the assignment is called.
    title: String,
}

impl Course {
    fn open(wanted: &Grade, seed: u64) -> anyhow::Result<Self> {
        let rules = wanted.rules.as_deref().map(Rules::read).transpose()?.unwrap_or_default();
        let mut hand_ins = match wanted.hand_ins.as_slice() {
            [one] if wanted.one => handin::one(one)?,
            _ if wanted.one => bail!("--one is about one hand-in; name just that"),
            several => handin::find_beside(several, Some(&wanted.out))?,
        };
        let roster = wanted.roster.as_deref().map(Roster::read).transpose()?;
        let roster = roster.map(|roster| {
            let checked = roster.check(&mut hand_ins);
            checked.said.iter().for_each(|line| eprintln!("{line}"));
            (roster, checked)
        });
        let folder = wanted.hand_ins.first().and_then(|p| p.canonicalize().ok());
        let folder = folder.and_then(|f| Some(f.file_name()?.to_string_lossy().into_owned()));
        let title = rules.title.clone().or(folder).unwrap_or_else(|| "Exercises".to_owned());
        let mut course = Course { hand_ins, roster, rules, names: None, title };
        if wanted.anonymous {
            course.forget_names(seed);
        }
        let is_row = |name: &&String| course.hand_ins.iter().any(|h| h.student == **name);
        if let Some(name) = wanted.regrade.iter().find(|n| !is_row(n)) {
            bail!("--regrade {name}: no row is called so; take the name from grades.csv");
        }
        Ok(course)
    }

    /// Calls each row by a number that nobody can find who does not know the seed, and puts them into its order.
    fn forget_names(&mut self, seed: u64) {
        let mut names = Table::new(["student", "name"]);
        let mut person_of = BTreeMap::new();
        for hand_in in &mut self.hand_ins {
            let number = hash::short(format!("{seed}/{}", hand_in.student).as_bytes());
            let row = format!("student-{}", &number[..12]);
            let known = self.roster.as_ref().and_then(|(_, c)| c.person_of.get(&hand_in.student));
            person_of.extend(known.map(|&person| (row.clone(), person)));
            names.rows.push(vec![row.clone(), hand_in.name.clone()]);
            hand_in.student = row;
        }
        self.hand_ins.sort_by(|a, b| a.student.cmp(&b.student));
        names.rows.sort();
        if let Some((_, checked)) = &mut self.roster {
            checked.person_of = person_of;
        }
        self.names = Some(names);
    }

    /// The person of the roster whose hand-in it is, if that is known.
    fn person(&self, hand_in: &HandIn) -> Option<&Person> {
        let (roster, checked) = self.roster.as_ref()?;
        roster.people.get(*checked.person_of.get(&hand_in.student)?)
    }

    /// Does `name` mean whoever handed in `hand_in`?
    fn means(&self, name: &str, hand_in: &HandIn) -> bool {
        name == hand_in.student
            || plain(name) == plain(&hand_in.name)
            || self.person(hand_in).is_some_and(|person| person.is_called(name))
    }

    /// How late each hand-in was and what that costs, where it costs anything.
    fn lateness(&self, exercises: &[&Exercise]) -> anyhow::Result<Vec<Option<(i64, f64)>>> {
        self.rules.check_names(exercises, &|name| {
            self.hand_ins.iter().any(|hand_in| self.means(name, hand_in))
        })?;
        let one = |hand_in: &HandIn| {
            if hand_in.paths.is_empty() {
                return Ok(None);
            }
            let named = |list: &BTreeMap<String, Datetime>| {
                list.iter().find(|(name, _)| self.means(name, hand_in)).map(|(_, moment)| *moment)
            };
            let known = self.person(hand_in).and_then(|person| person.submitted);
            self.rules.lateness(hand_in, &named, known)
        };
        self.hand_ins.iter().map(one).collect()
    }

    fn grade(
        &self,
        wanted: &Grade,
        workspace: &Workspace,
        grading: Grading<'_>,
    ) -> anyhow::Result<(Vec<Student>, Times)> {
        let mut pool = rayon::ThreadPoolBuilder::new();
        if let Some(jobs) = wanted.jobs {
            pool = pool.num_threads(jobs.max(1));
        }
        let (bar, state) = (grade::bar(), wanted.out.join(".state"));
        let Grading { exercises, kit, place, seed } = grading;
        let target = workspace.target();
        let graded = pool.build()?.install(|| -> anyhow::Result<_> {
            let grader = Grader::new(exercises, kit, place, seed, &target, state)?;
            let grader = grader.forgetting(&wanted.regrade);
            let students = grader.grade(&self.hand_ins, &bar)?;
            Ok((students, grader.times()))
        })?;
        bar.finish_and_clear();
        Ok(graded)
    }

    /// Writes everything, and gives what an instructor should know.
    fn write(
        &self,
        out: &Path,
        exercises: &[&Exercise],
        students: &[Student],
        times: &Times,
    ) -> anyhow::Result<Vec<String>> {
        let mut said = Vec::new();
        report::write(out, exercises, students)?;
        write_whole(&out.join("times.csv"), &report::times(times).to_bytes()?)?;
        let pairs = likeness::pairs(exercises, &self.hand_ins);
        write_whole(&out.join("alike.csv"), &likeness::table(&pairs).to_bytes()?)?;
        if !pairs.is_empty() {
            let count = plural(pairs.len(), "pair");
            said.push(format!("{count} of answers alike: {}", out.join("alike.csv").display()));
        }
        let of_names = out.join("names");
        let folder = if self.names.is_some() { &of_names } else { out };
        for stale in [imports::WORKSHEET, imports::GRADES, imports::GRADEBOOK, "names.csv"] {
            for path in [out.join(stale), of_names.join(stale)].iter().filter(|p| p.exists()) {
                fs::remove_file(path).with_context(|| path.display().to_string())?;
            }
        }
        let _ = fs::remove_dir(&of_names);
        let roster = self.roster.as_ref().map(|(roster, checked)| (roster, checked));
        let class = Class { hand_ins: &self.hand_ins, students, roster, title: &self.title };
        for import in class.imports() {
            write_whole(&folder.join(import.name), &import.table.to_bytes()?)?;
            said.extend(import.said);
        }
        if let Some(names) = &self.names {
            write_whole(&folder.join("names.csv"), &names.to_bytes()?)?;
        }
        for (hand_in, student) in self.hand_ins.iter().zip(students) {
            if !hand_in.paths.is_empty() && !student.has_answers() {
                let why = report::remark(student);
                said.push(format!("{}: nothing was graded: {why}", student.student));
            }
        }
        Ok(said)
    }
}

/// Says what was not graded and why, and with which status that ends.
fn tell_not_graded(students: &[Student]) -> ExitCode {
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut is_complete = true;
    for answer in students.iter().flat_map(|s| &s.answers) {
        is_complete &= answer.is_graded();
        if let Status::NotGraded(cause) = &answer.status {
            *causes.entry(cause).or_default() += 1;
        }
    }
    for (cause, count) in &causes {
        eprintln!("{} not graded: {cause}", plural(*count, "answer"));
    }
    if is_complete {
        return ExitCode::SUCCESS;
    }
    eprintln!("The report is incomplete; mend that and run the same command again.");
    ExitCode::from(terminal::FAULTS)
}

/// A sandbox, or, where one insists, none.
fn place(kit: &Kit, without: bool) -> anyhow::Result<Place> {
    if without {
        eprintln!("warning: hand-ins run without a sandbox, with all your rights");
        return Ok(Place::open(kit));
    }
    Place::sandbox(kit).context(
        "no sandbox, so nothing is graded (hand-ins that you trust as your own can be graded with --unsafe-no-sandbox)",
    )
}

/// Exercises that are graded, and those that some hand-ins hold, too.
type Held<'a> = (Vec<&'a Exercise>, Vec<&'a Exercise>);

/// The exercises that at least half of the hand-ins hold: one hand-in cannot change what others are asked for.
fn handed_in<'a>(library: &'a Library, hand_ins: &[HandIn]) -> anyhow::Result<Held<'a>> {
    let names: Vec<&str> = library.exercises.iter().map(|e| e.name.as_str()).collect();
    let answers: Vec<_> = hand_ins.iter().map(|h| h.answers(&names)).collect();
    let count =
        |e: &Exercise| answers.iter().filter(|a| a.get(&e.name).is_some_and(|r| r.is_ok())).count();
    // Whoever handed in nothing says nothing about what was asked for.
    let present = hand_ins.iter().filter(|h| !h.paths.is_empty()).count();
    let some = library.exercises.iter().filter(|e| count(e) > 0);
    let (held, left): Held<'_> = some.partition(|e| 2 * count(e) >= present.max(1));
    if held.is_empty() {
        bail!("no exercise is in half of the hand-ins; say with --only what was asked for");
    }
    Ok((held, left))
}

fn summary(students: &[Student], exercises: usize, out: &Path) -> String {
    let total = students.first().map_or(0, |s| s.points);
    let graded: Vec<f64> = students.iter().filter(|s| s.is_graded()).map(|s| s.earned).collect();
    let mean = graded.iter().sum::<f64>() / graded.len().max(1) as f64;
    format!(
        "{}, {}: {mean:.1} of {} on average\n{}",
        plural(students.len(), "row"),
        plural(exercises, "exercise"),
        points(total),
        out.join("grades.csv").display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Words {
        #[command(flatten)]
        grade: Grade,
    }

    fn wanted(words: &[&str]) -> Grade {
        Words::try_parse_from([&["grade"][..], words].concat()).unwrap().grade
    }

    /// A class of Moodle's of so many students, each with the answer files `names`, and its worksheet.
    fn class(students: &[(&str, &[&str])]) -> tempfile::TempDir {
        let room = tempfile::tempdir().unwrap();
        let mut sheet = String::from("Identifier,Full name,Grade,Last modified (submission)\n");
        for (number, (name, answers)) in students.iter().enumerate() {
            let folder = format!("class/{name}_{number}_assignsubmission_file/src");
            fs::create_dir_all(room.path().join(&folder)).unwrap();
            for answer in *answers {
                let file = room.path().join(&folder).join(format!("{answer}.rs"));
                fs::write(file, "pub fn nothing() {}\n").unwrap();
            }
            sheet += &format!(
                "Participant {number},{name},,\"Friday, 2 October 2026, {}:00 AM\"\n",
                number + 1
            );
        }
        fs::write(room.path().join("sheet.csv"), sheet).unwrap();
        room
    }

    fn open(room: &Path, more: &[&str]) -> anyhow::Result<Course> {
        let at = |name: &str| room.join(name).display().to_string();
        let (class, sheet, out) = (at("class"), at("sheet.csv"), at("class/report"));
        let words = [class.as_str(), "--roster", &sheet, "--out", &out];
        Course::open(&wanted(&[&words[..], more].concat()), 7)
    }

    #[test]
    fn an_exercise_in_fewer_than_half_of_the_hand_ins_is_named() {
        let room = class(&[
            ("Ann", &["otsu_threshold", "armijo_step"]),
            ("Bob", &["otsu_threshold"]),
            ("Eva", &[]),
        ]);
        let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let library = Library::of_book(&workspace).unwrap();
        let course = open(room.path(), &[]).unwrap();
        let (held, left) = handed_in(&library, &course.hand_ins).unwrap();
        let names = |found: &[&Exercise]| found.iter().map(|e| e.name.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(&held), names(&left)),
            (vec!["otsu_threshold".into()], vec!["armijo_step".into()])
        );
        assert!(handed_in(&library, &course.hand_ins[2..]).is_err());
    }

    #[test]
    fn the_seed_that_everybody_knows_is_warned_of() {
        let mut said = Vec::new();
        assert_eq!(seed(Some(4711), &mut |line| said.push(line.to_owned())), 4711);
        assert!(said.is_empty());
        assert_eq!(seed(None, &mut |line| said.push(line.to_owned())), PUBLIC);
        assert!(said.len() == 1 && said[0].contains("--seed"), "{said:?}");
    }

    #[test]
    fn who_was_late_is_known_by_any_name() {
        let room = class(&[
            ("Ann Lee", &["otsu_threshold"]),
            ("Bob Roe", &["otsu_threshold"]),
            ("Eva Ott", &["otsu_threshold"]),
        ]);
        let rules = room.path().join("rules.toml");
        let text = "[late]\ndue = 2026-10-02T01:30:00\npercent = 10\nper = \"hour\"\n[extensions]\n\"Ott, Eva\" = 2026-10-02T03:00:00\n";
        fs::write(&rules, text).unwrap();
        let course = open(room.path(), &["--rules", rules.to_str().unwrap()]).unwrap();
        assert_eq!(course.lateness(&[]).unwrap(), [None, Some((30, 10.0)), None]);
        fs::write(&rules, text.replace("Ott, Eva", "Otto, Eva")).unwrap();
        let course = open(room.path(), &["--rules", rules.to_str().unwrap()]).unwrap();
        assert!(course.lateness(&[]).unwrap_err().to_string().contains("Otto, Eva"));
    }

    #[test]
    fn whoever_is_anonymous_is_named_nowhere_but_in_one_folder() {
        let room = class(&[("Ann Lee", &["otsu_threshold"]), ("Bob Roe", &["otsu_threshold"])]);
        let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let library = Library::of_book(&workspace).unwrap();
        let exercises = [library.find("otsu_threshold").unwrap()];
        let out = room.path().join("class/report");
        let run = |more: &[&str]| {
            let course = open(room.path(), more).unwrap();
            let student = |h: &HandIn| {
                let mark = crate::examine::Mark::nothing(exercises[0]);
                let exercise = exercises[0].name.clone();
                let answers = vec![grade::Graded { exercise, status: Status::Run, mark }];
                let student = h.student.clone();
                Student { student, earned: 0.0, points: 8, late: None, answers }
            };
            let students: Vec<Student> = course.hand_ins.iter().map(student).collect();
            let times =
                Times::from([((students[0].student.clone(), "otsu_threshold".into()), 0.5)]);
            course.write(&out, &exercises, &students, &times).unwrap();
            course
        };
        // What an earlier run wrote under their names goes.
        run(&[]);
        assert!(
            out.join("feedback/Ann_Lee.md").is_file() && out.join(imports::WORKSHEET).is_file()
        );
        let course = run(&["--anonymous"]);
        let mut waiting = vec![out.clone()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                assert!(!name.contains("Ann"), "{}", path.display());
                if path.is_file() {
                    assert!(
                        !fs::read_to_string(&path).unwrap().contains("Ann"),
                        "{}",
                        path.display()
                    );
                } else if name != "names" {
                    waiting.push(path);
                }
            }
        }
        let key = fs::read_to_string(out.join("names/names.csv")).unwrap();
        let ann = key.lines().find_map(|l| l.strip_suffix(",Ann Lee")).unwrap();
        assert!(course.hand_ins.iter().any(|h| h.student == ann));
        let sheet = fs::read_to_string(out.join("names").join(imports::WORKSHEET)).unwrap();
        assert!(sheet.contains("Participant 0,Ann Lee,0,"), "{sheet}");
        // The numbers are those of the seed.
        let at = room.path().join("class").display().to_string();
        let again = Course::open(&wanted(&[&at, "--out", "x", "--anonymous"]), 8).unwrap();
        assert!(!again.hand_ins.iter().any(|h| h.student == ann));
        // And the report among the hand-ins was no hand-in.
        assert_eq!(again.hand_ins.len(), 3);
        assert_eq!(course.hand_ins.len(), 2);
    }

    #[test]
    fn a_row_that_is_not_there_cannot_be_graded_anew() {
        let room = class(&[("Ann Lee", &["otsu_threshold"])]);
        assert!(open(room.path(), &["--regrade", "Ann_Lee"]).is_ok());
        let said = open(room.path(), &["--regrade", "Ann"]).err().unwrap().to_string();
        assert!(said.contains("--regrade Ann"), "{said}");
        let at = room.path().join("class").display().to_string();
        let one = Course::open(&wanted(&[&at, "--one", "--out", "x"]), 7).unwrap();
        assert_eq!((one.hand_ins.len(), one.hand_ins[0].student.as_str()), (1, "class"));
    }
}
