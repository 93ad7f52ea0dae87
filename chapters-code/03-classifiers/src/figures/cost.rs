//! What the models cost: our times beside those of others, and how they grow.

use notebook::figure::{Axis, BarChart, LineChart};
use notebook::{Figure, Format, Recorded, TIMINGS};

use crate::experiments::{AXES, MIDDLE, WORKERS};

/// A timed job: in words, its bench, and the others with each of their ways to do it.
struct Job {
    name: &'static str,
    group: &'static str,
    bench: &'static str,
    others: &'static [(&'static str, &'static [&'static str])],
}

const JOBS: [Job; 6] = [
    Job {
        name: "neighbours",
        group: "classifiers",
        bench: "knn_predict_10k_of_60k",
        others: &[("faiss", &["faiss", "faiss-bytes"]), ("scikit-learn", &["scikit-learn"])],
    },
    Job {
        name: "softmax regression",
        group: "classifiers",
        bench: "logreg_fit_60k",
        others: &[("scikit-learn", &["scikit-learn"])],
    },
    Job {
        name: "linear SVM, dual",
        group: "classifiers",
        bench: "linear_svm_fit_10k",
        others: &[("LIBLINEAR", &["LIBLINEAR", "LIBLINEAR-two-threads"])],
    },
    Job {
        name: "linear SVM, primal",
        group: "classifiers",
        bench: "linear_svm_primal_10k",
        others: &[("LIBLINEAR", &["LIBLINEAR", "LIBLINEAR-two-threads"])],
    },
    Job {
        name: "random forest",
        group: "trees",
        bench: "random_forest_fit_60k",
        others: &[("scikit-learn", &["scikit-learn"]), ("LightGBM", &["LightGBM"])],
    },
    Job {
        name: "boosting",
        group: "trees",
        bench: "boosting_fit_10k",
        others: &[("scikit-learn", &["scikit-learn"]), ("LightGBM", &["LightGBM"])],
    },
];

/// Our times beside the peers', each at its fastest way.
pub fn speed(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let ours = recorded.experiment(TIMINGS)?;
    let peers = recorded.experiment("peers")?;
    let mut chart = BarChart::new("Six jobs", Axis::log("Time").format(Format::Duration))
        .values(Format::Duration);
    let (mut told, mut bars) = (Vec::new(), Vec::new());
    for Job { name, group, bench, others } in &JOBS {
        let own = ours.number(&format!("{group}/{bench}"))?;
        let mut rows = vec![(format!("{name}, ours"), own)];
        let mut times = Vec::new();
        for (whose, ways) in *others {
            let ways = ways.iter().map(|way| peers.number(&format!("{bench}/{way}")));
            let fastest =
                ways.collect::<Result<Vec<_>, _>>()?.into_iter().fold(f64::INFINITY, f64::min);
            rows.push((format!("{name}, {whose}"), fastest));
            times.push(format!("{whose} {}", Format::Ratio(1).number(fastest / own)));
        }
        told.push(format!("{name}: {}", times.join(", ")));
        for (label, seconds) in rows {
            bars.push(format!("{label} {}", Format::Duration.number(seconds)));
            chart = chart.bar(label, seconds);
        }
    }
    Ok(chart
        .draw()?
        .caption(format!(
            "What others take, as a multiple of ours: {}. Of several ways to do a job each program has its fastest. All have two threads. Ours on {}; the others on {}, of {}.",
            told.join("; "),
            ours.provenance.machine.describe(),
            peers.text("processor")?,
            peers.text("date")?,
        ))
        .description(format!(
            "Horizontal bars on a logarithmic axis of time: {}.",
            bars.join(", ")
        )))
}

/// Seconds by the number of samples.
pub fn growth_samples(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    growth(recorded, 0, "Samples")
}

/// Seconds by the number of features.
pub fn growth_features(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    growth(recorded, 1, "Features")
}

/// Seconds by the number of classes.
pub fn growth_classes(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    growth(recorded, 2, "Classes")
}

fn growth(recorded: &Recorded<'_>, place: usize, axis: &str) -> anyhow::Result<Figure> {
    let results = recorded.experiment("growth")?;
    let (key, steps) = AXES[place];
    let mut chart = LineChart::new(
        format!("Seconds by {key}"),
        Axis::log(axis).format(Format::Int),
        Axis::log("Time").format(Format::Duration),
    )
    .markers(true);
    let (first, last) = (steps[0], steps[steps.len() - 1]);
    let mut slopes = Vec::new();
    for worker in &WORKERS {
        let seconds = steps.map(|at| results.number(&format!("{key}/{}/{at}", worker.key)));
        let seconds = seconds.into_iter().collect::<Result<Vec<_>, _>>()?;
        let grown = seconds[seconds.len() - 1] / seconds[0];
        slopes.push((worker.name, grown.ln() / (last as f64 / first as f64).ln()));
        chart = chart.curve(worker.name, steps.iter().map(|at| *at as f64).zip(seconds));
    }
    let others = AXES.iter().enumerate().filter(|(other, _)| *other != place);
    let others: Vec<String> = others
        .map(|(_, (key, steps))| format!("{} {key}", Format::Int.number(steps[MIDDLE] as f64)))
        .collect();
    slopes.sort_by(|a, b| a.1.total_cmp(&b.1));
    let told: Vec<String> = slopes
        .iter()
        .map(|(name, slope)| format!("{name} {}", Format::Fixed(1).number(*slope)))
        .collect();
    Ok(chart
        .draw()?
        .caption(format!(
            "From {} to {} {key}, with {}. The slopes on the two logarithmic axes, between the ends: {}.",
            Format::Int.number(first as f64),
            Format::Int.number(last as f64),
            others.join(" and "),
            told.join(", ")
        ))
        .description(format!(
            "{} lines over the number of {key}, on two logarithmic axes. The flattest is that of {}, the steepest that of {}.",
            WORKERS.len(),
            slopes[0].0,
            slopes[slopes.len() - 1].0,
        )))
}
