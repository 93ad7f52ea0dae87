//! How a pipeline is put together, and what shuffling a column does.

use classifiers::Softmax;
use features::Hog;
use notebook::figure::schematic::{Edge, Frame, Grid, Meaning, Schematic, Words};
use notebook::{Figure, Format, Recorded, Rng};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;

use crate::pipelines::{Decision, Extractor, Pipeline, Settings, decisions};

/// A pipeline, and what was decided at each of its parts.
pub fn parts(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let pipeline = Pipeline {
        extractor: Extractor::Hog(Hog::DEFAULT),
        standardise: true,
        classifier: Settings::Softmax(Softmax::default()),
    };
    let all = decisions(&pipeline);
    let of = |names: &[&str]| -> Vec<Decision> {
        all.iter().filter(|d| names.contains(&d.name.as_str())).cloned().collect()
    };
    let stages = [
        ("extractor", of(&["extractor", "orientations", "cell", "block"])),
        ("scale", of(&["standardise"])),
        ("classifier", of(&["classifier", "c", "iterations", "tolerance"])),
    ];
    let figure = Schematic::new("A pipeline and its decisions", (16.0, 8.9)).narrow((9.0, 17.2));
    let figure = figure.draw(|sheet| {
        let size = sheet.pick((1.5, 1.3), (2.6, 1.2));
        let mut before = Frame::new(sheet.pick((0.1, 1.0), (0.2, 0.2)), size, "case");
        sheet.add(before.clone());
        let mut top = 2.1;
        for (i, (name, decided)) in stages.iter().enumerate() {
            let left = 2.4 + 4.1 * i as f64;
            let size = sheet.pick((3.5, 1.3), (2.6, 1.2));
            let frame = Frame::new(sheet.pick((left, 1.0), (0.2, top)), size, *name);
            let frame = frame.meaning(Meaning::Focus);
            sheet.add(Edge::new(&before, &frame));
            for (j, decision) in decided.iter().enumerate() {
                let j = j as f64;
                let at = sheet.pick((left, 3.2 + 1.4 * j), (3.9, top + 1.35 * j));
                let note = Frame::new(at, sheet.pick((3.5, 1.2), (5.0, 1.2)), &*decision.name)
                    .note(&*decision.value)
                    .meaning(Meaning::Weight);
                if j == 0.0 {
                    sheet.add(Edge::new(&note, &frame).meaning(Meaning::Quiet));
                }
                sheet.add(note);
            }
            top += 1.35 * decided.len() as f64 + 0.5;
            sheet.add(frame.clone());
            before = frame;
        }
        let size = sheet.pick((1.5, 1.3), (2.6, 1.2));
        let end = Frame::new(sheet.pick((14.4, 1.0), (0.2, top)), size, "class");
        sheet.add(Edge::new(&before, &end));
        sheet.add(end);
    })?;
    let said = stages.iter().map(|(name, decided)| {
        let decided = decided.iter().map(|d| format!("{} {}", d.name, d.value));
        format!("{name}: {}", decided.collect::<Vec<_>>().join(", "))
    });
    Ok(figure
        .caption(format!(
            "From a case to its class, and what somebody decided at each part: {} decisions before anything is learned. The names and values are those of the program's own settings.",
            Format::Int.number(all.len() as f64),
        ))
        .description(format!(
            "A row of boxes from a case over extractor, scale and classifier to a class, with boxes of decisions at three of them. {}.",
            said.collect::<Vec<_>>().join(". "),
        )))
}

/// Five cases with two features, before and after the first column was shuffled.
pub fn permuted(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let cases = [[1, 8], [2, 6], [5, 7], [7, 3], [9, 2]];
    let classes = ["A", "A", "A", "B", "B"];
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.shuffle(&mut Rng::seed_from_u64(4));
    let limit = 6;
    let says = |x: i32| if x < limit { "A" } else { "B" };
    let answers = |column: &dyn Fn(usize) -> i32| -> Vec<&str> {
        (0..cases.len()).map(|i| says(column(i))).collect()
    };
    let before = answers(&|i| cases[i][0]);
    let after = answers(&|i| cases[order[i]][0]);
    let right = |answers: &[&str]| answers.iter().zip(classes).filter(|(a, c)| **a == *c).count();
    let figure = Schematic::new("A column is shuffled", (16.0, 8.2)).narrow((9.0, 17.6));
    let figure = figure.draw(|sheet| {
        let cell = 1.2;
        let places = sheet.pick([(0.8, 1.4), (9.4, 1.4)], [(1.2, 1.4), (1.2, 10.2)]);
        let tables = [("as it is", &before, None), ("x₁ shuffled", &after, Some(&order))];
        for (at, (title, answers, order)) in places.into_iter().zip(tables) {
            let row = |i: usize| {
                let x = cases[order.map_or(i, |order| order[i])][0];
                [
                    x.to_string(),
                    cases[i][1].to_string(),
                    classes[i].to_owned(),
                    answers[i].to_owned(),
                ]
            };
            let mut grid = Grid::new(at, cell, (0..cases.len()).map(row))
                .title(title)
                .heads(["x₁", "x₂", "is", "says"]);
            if order.is_some() {
                grid = grid.window((0, 0), (cases.len(), 1), Meaning::Focus);
            }
            for i in (0..cases.len()).filter(|i| answers[*i] != classes[*i]) {
                grid = grid.tint(i, 3, Meaning::Gradient);
            }
            sheet.add(grid);
            let below = (at.0, at.1 + cell * cases.len() as f64 + 0.5);
            sheet.add(Words::new(below, format!("{} of {} right", right(answers), cases.len())));
        }
        let (from, to) = sheet.pick(((6.2, 4.4), (8.6, 4.4)), ((3.6, 8.6), (3.6, 9.3)));
        sheet.add(Edge::new(from, to));
    })?;
    Ok(figure
        .caption(format!(
            "A rule that says A where x₁ is below {limit}. Each case keeps its second feature and its class, and gets the first feature of another. The rule is the same, and right {} times in place of {}: the difference is what x₁ is worth to it. x₂ would be worth nothing, because the rule does not look.",
            right(&after), right(&before),
        ))
        .description(format!(
            "Two tables of five cases with two features, a class and an answer. Left, all as it is, with the answers {}. Right, the first column in the order {}, with the answers {}.",
            before.join(", "),
            order.iter().map(|i| cases[*i][0].to_string()).collect::<Vec<_>>().join(", "),
            after.join(", "),
        )))
}
