//! Is it the skip, the normalisation, the start or the rate? One of them changed at a time, at one depth.

use learning::bootstrap::mean;
use notebook::{Estimate, Recorder, Table};

use super::sweep::words;
use super::training::{self, FEW, RATE, Setting, Trained, apart, errors, train_all};
use crate::networks::{Stack, Way};

/// Layers of all of them.
pub const DEPTH: usize = 20;
/// The noise of a start as identity: a share of the weights that were drawn.
pub const NOISE: f64 = 0.1;

/// The rate without normalisation, as a share of that with it.
pub const BARE: f64 = 0.4;

/// A setting with its key and its name.
pub struct Control {
    /// The key.
    pub key: &'static str,
    /// The name.
    pub name: &'static str,
    setting: Setting,
}

/// All that is compared.
pub fn all() -> Vec<Control> {
    let (plain, residual) = (Way::plain(), Way::residual());
    let stack = |way| Setting::new(Stack::new(DEPTH, way).small());
    let bare = |setting: Setting| Setting { rate: BARE * RATE, ..setting };
    let start = |setting: Setting| Setting { noise: Some(NOISE), ..setting };
    let rate = |factor: f64| Setting { rate: factor * RATE, ..stack(plain) };
    let scaled = |way, alpha| Setting::new(Stack::new(DEPTH, way).small().scaled(alpha));
    let [bare_plain, bare_residual] = [plain, residual].map(Way::without_norm);
    [
        ("plain", "plain", stack(plain)),
        ("plain-slower", "plain, a third of the rate", rate(1.0 / 3.0)),
        ("plain-faster", "plain, three times the rate", rate(3.0)),
        ("plain-identity", "plain, identity start", start(stack(plain))),
        ("plain-bare", "plain, no normalisation", bare(stack(bare_plain))),
        (
            "plain-bare-identity",
            "plain, no normalisation, identity start",
            start(bare(stack(bare_plain))),
        ),
        ("residual", "residual", stack(residual)),
        ("residual-0.3", "residual, α = 0.3", scaled(residual, 0.3)),
        ("residual-0.1", "residual, α = 0.1", scaled(residual, 0.1)),
        ("residual-bare", "residual, no normalisation", bare(stack(bare_residual))),
        (
            "residual-bare-0.1",
            "residual, no normalisation, α = 0.1",
            bare(scaled(bare_residual, 0.1)),
        ),
    ]
    .into_iter()
    .map(|(key, name, setting)| Control { key, name, setting })
    .collect()
}

/// All controls, every seed.
pub fn controls(recorder: &mut Recorder) -> anyhow::Result<()> {
    let [train, test] = training::data(recorder, &FEW)?;
    let controls = all();
    let settings: Vec<Setting> = controls.iter().map(|control| control.setting.clone()).collect();
    let trained = train_all(recorder, &settings, &train, &FEW)?;
    let errors = errors(&settings, &trained, &test)?;
    recorder.value("depth", DEPTH);
    recorder.value("noise", NOISE);
    recorder.value("bare-rate", BARE * RATE);
    let mut table = Table::new([
        "Setting",
        "Training loss | fixed 3",
        "Test error | percent 1",
        "Diverged | int",
    ]);
    for ((control, runs), errors) in controls.iter().zip(&trained).zip(&errors) {
        let losses: Vec<f64> = runs.iter().map(Trained::loss).collect();
        let diverged = runs.iter().filter(|run| !run.whole).count();
        let key = |what: &str| format!("{}/{what}", control.key);
        recorder.estimate(&key("loss"), Estimate::over_runs(&losses));
        recorder.estimate(&key("error"), Estimate::over_runs(errors));
        recorder.value(&key("diverged"), diverged);
        let first: Vec<f64> = runs.iter().filter_map(|run| run.losses.first().copied()).collect();
        recorder.value(&key("first"), mean(&first));
        let cells = [mean(&losses).into(), mean(errors).into(), diverged.into()];
        table.row(std::iter::once(control.name.into()).chain(cells).collect::<Vec<_>>());
    }
    recorder.table("controls", table);
    let of = |key: &str| -> Vec<f64> {
        let runs = controls.iter().zip(&trained).find(|(control, _)| control.key == key);
        runs.map(|(_, runs)| runs.iter().map(Trained::loss).collect()).unwrap_or_default()
    };
    for (key, a, b) in PAIRS {
        recorder.estimate(&format!("pair/{key}"), apart(&of(a), &of(b)));
    }
    for (id, statement, a, b) in CLAIMS {
        let found = apart(&of(a), &of(b));
        recorder.claim(id, statement).record(found.low > 0.0, words(found));
    }
    Ok(())
}

/// Differences of training losses that the page speaks of: key, and which less which.
const PAIRS: [(&str, &str, &str); 9] = [
    ("skip", "plain", "residual"),
    ("slower", "plain-slower", "residual"),
    ("faster", "plain-faster", "residual"),
    ("identity", "plain-identity", "residual"),
    ("start", "plain", "plain-identity"),
    ("bare-identity", "plain-bare-identity", "residual"),
    ("bare", "residual-bare", "residual"),
    ("bare-0.1", "residual-bare-0.1", "residual"),
    ("alpha-0.1", "residual-0.1", "residual"),
];

/// What is asserted: the first has a higher training loss than the second.
const CLAIMS: [(&str, &str, &str, &str); 2] = [
    (
        "small-branch-costs",
        "With a tenth of each branch, the residual stack ends with a higher training loss than with the whole.",
        "residual-0.1",
        "residual",
    ),
    (
        "start-without-norm-is-not-enough",
        "The plain stack that starts as the identity, without normalisation, ends with a higher training loss than the residual one with it.",
        "plain-bare-identity",
        "residual",
    ),
];
