//! How long a picture takes, read from the benches, and a head as two layers.

use notebook::figure::schematic::{Edge, Grid, Meaning, Schematic, Words};
use notebook::figure::{Axis, BarChart, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Results, Series, TIMINGS, Table};

use crate::experiments::speed::TIMED;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("speed-head", head)
        .figure("speed-bounds", bounds)
        .figure("speed-ladder", ladder)
        .figure("speed-length", length)
}

/// Letters from one on, row by row or, turned, column by column; none where there is none to begin with.
fn named(letter: char, rows: usize, columns: usize, turned: bool) -> Vec<Vec<String>> {
    let number = |r: usize, c: usize| if turned { c * rows + r } else { r * columns + c };
    let name = |i: usize| match letter {
        ' ' => String::new(),
        letter => char::from_u32(u32::from(letter) + i as u32).unwrap_or(letter).to_string(),
    };
    (0..rows).map(|r| (0..columns).map(|c| name(number(r, c))).collect()).collect()
}

/// A head as two products, whose weights are keys and values.
fn head(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let figure = Schematic::new("A head as two layers", (17.0, 7.0)).narrow((9.4, 13.4));
    let figure = figure.draw(|sheet| {
        let places = sheet.pick(
            [(0.4, 1.2), (0.4, 4.6), (4.6, 4.9), (9.0, 1.2), (14.6, 4.6), (14.6, 1.2)],
            [(0.8, 5.8), (0.8, 1.3), (5.6, 1.6), (5.6, 5.8), (0.8, 10.4), (5.6, 10.4)],
        );
        let parts = [
            ("queries", named('a', 3, 2, false), Meaning::Value),
            ("keys", named('g', 3, 2, false), Meaning::Value),
            ("turned", named('g', 2, 3, true), Meaning::Weight),
            ("scores", named(' ', 3, 3, false), Meaning::Focus),
            ("values", named('m', 3, 2, false), Meaning::Weight),
            ("outputs", named(' ', 3, 2, false), Meaning::Value),
        ];
        for (at, (title, cells, meaning)) in places.into_iter().zip(parts) {
            let (rows, columns) = (cells.len(), cells[0].len());
            let grid = Grid::new(at, 0.8, cells).height(0.62).title(title);
            sheet.add(
                (0..rows * columns)
                    .fold(grid, |grid, i| grid.tint(i / columns, i % columns, meaning)),
            );
        }
        sheet.all(sheet.pick(
            vec![
                Edge::new((2.2, 2.1), (8.8, 2.1)),
                Edge::new((2.2, 5.5), (4.4, 5.5)),
                Edge::new((7.2, 5.5), (10.2, 3.3)).through([(10.2, 5.5)]),
                Edge::new((11.6, 2.1), (14.4, 2.1)).above("softmax"),
                Edge::new((15.4, 3.9), (15.4, 3.3)),
            ],
            vec![
                Edge::new((2.6, 2.2), (5.4, 2.2)),
                Edge::new((2.6, 6.7), (5.4, 6.7)),
                Edge::new((6.8, 3.1), (6.8, 5.0)),
                Edge::new((2.6, 11.3), (5.4, 11.3)),
                Edge::new((6.4, 7.9), (6.4, 9.6)),
            ],
        ));
        if sheet.is_narrow() {
            sheet.add(Words::new((6.7, 8.8), "softmax"));
        }
    })?;
    Ok(figure
        .caption("A head with three tokens and two numbers, here letters, in each query, key and value. The keys, turned, are the weights of a layer that makes scores of queries. After the softmax, the values are the weights of a layer that makes outputs of scores, and they lie in memory as that layer reads them.")
        .description("Tables of numbers with arrows: queries and turned keys lead to scores, scores and values to outputs. The table of keys has a row for each of three tokens, the turned one a column."))
}

/// Seconds of a bench of the timed network.
fn timed(timings: &Results, id: &str) -> anyhow::Result<f64> {
    let end = if id.starts_with("attention/") { "_forward" } else { "" };
    Ok(timings.number(&format!("{id}/{TIMED}{end}"))?)
}

/// What bounds a pass: reading, multiplying.
fn bounds(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let axis = Axis::linear("Time").format(Format::Duration);
    let mut chart = BarChart::new("Reading, multiplying, and both", axis).values(Format::Duration);
    let mut table = Table::new(["What", "Time | duration"]);
    let mut shares = Vec::new();
    for (threads, called) in [("one_thread", "one thread"), ("two_threads", "two threads")] {
        let [read, sums, pass] = [
            timed(&timings, &format!("attention_memory/{threads}"))?,
            timed(&timings, &format!("attention_peak/{threads}"))?,
            timed(&timings, &format!("attention/{threads}"))?,
        ];
        for (what, seconds) in
            [("weights read", read), ("sums at the peak", sums), ("the pass", pass)]
        {
            let row = format!("{what}, {called}");
            chart = chart.bar(row.as_str(), seconds);
            table.row([row.as_str().into(), seconds.into()]);
        }
        shares.push((read / sums, sums / pass));
    }
    let percent = |x: f64| Format::Percent(0).number(x);
    Ok(chart
        .draw()?
        .caption(format!(
            "ViT-L/32: all weights read and nothing done with them; as many multiply-adds as the pass has, in products that lie in the cache; and the pass. On two threads reading takes {} of the time of the sums, and the sums {} of that of the pass.",
            percent(shares[1].0),
            percent(shares[1].1),
        ))
        .description("Six bars, three for one thread and three for two: weights read, sums at the peak, the pass.")
        .data(table))
}

/// Our rungs: a name, the id among the bench's timings, threads.
const RUNGS: [(&str, &str, usize); 5] = [
    ("plain", "plain", 1),
    ("packed, any processor", "portable", 1),
    ("packed, AVX2 and FMA", "all", 1),
    ("what is read, one thread", "one_thread", 1),
    ("what is read, two threads", "two_threads", 2),
];

/// The others: a name, and what the script calls them.
const OTHERS: [(&str, &str); 4] = [
    ("PyTorch", "torch_eager"),
    ("PyTorch, compiled", "torch_compiled"),
    ("ONNX Runtime", "onnxruntime"),
    ("OpenVINO", "openvino"),
];

/// The same pass in several ways, ours and others' on two threads.
fn ladder(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let peers = recorded.experiment("speed-peers")?;
    let peak = |threads: usize| {
        let id = if threads == 1 { "one_thread" } else { "two_threads" };
        timed(&timings, &format!("attention_peak/{id}"))
    };
    let mut rows = Vec::new();
    for (label, id, threads) in RUNGS {
        rows.push((label.to_owned(), threads, timed(&timings, &format!("attention/{id}"))?));
    }
    let ours = rows.last().map_or(f64::NAN, |row| row.2);
    let first = rows.first().map_or(f64::NAN, |row| row.2);
    for (label, id) in OTHERS {
        let seconds = peers.number(&format!("{TIMED}/two_threads/{id}"))?;
        rows.push((format!("{label}, two threads"), 2, seconds));
    }
    let mut table = Table::new(["Way", "Time | duration", "Share of peak | percent 0"]);
    let axis = Axis::log("Time").format(Format::Duration);
    let mut chart =
        BarChart::new("A picture's pass through ViT-L/32", axis).values(Format::Duration);
    for (label, threads, seconds) in &rows {
        chart = chart.bar(label.as_str(), *seconds);
        table.row([label.as_str().into(), (*seconds).into(), (peak(*threads)? / seconds).into()]);
    }
    let turns = |id: &str| peers.number(&format!("ratio/{TIMED}/two_threads/{id}"));
    let compared = OTHERS.iter().filter_map(|(label, id)| Some((*label, turns(id).ok()?)));
    let (label, ratio) = compared.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(("none", f64::NAN));
    Ok(chart
        .draw()?
        .caption(format!(
            "From the first row to the last of ours is a factor of {}. By turns, the fastest of the others ({}) took {} as long as ours on two \
             threads. Measured on {}; the others (PyTorch {}, ONNX Runtime {}, OpenVINO {}) on {}, of {}.",
            Format::Fixed(0).number(first / ours),
            label,
            Format::Ratio(2).number(ratio),
            timings.provenance.machine.describe(),
            peers.text("version/torch")?,
            peers.text("version/onnxruntime")?,
            peers.text("version/openvino")?,
            peers.text("processor")?,
            peers.text("date")?,
        ))
        .description(format!(
            "Horizontal bars on a logarithmic axis of time: {}.",
            rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>().join("; ")
        ))
        .data(table))
}

/// Lengths of a head.
const LENGTHS: [usize; 3] = [256, 1024, 4096];

/// Time of a head against its length, in matrices and in tiles.
fn length(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let x = LENGTHS.iter().map(|&t| t as f64).collect();
    let mut series = Series { x_name: "Tokens".into(), x, y: Vec::new() };
    let mut last = Vec::new();
    for (id, called) in [("matrices", "in matrices"), ("tiles", "in tiles")] {
        let seconds = LENGTHS.map(|t| timings.number(&format!("attention_length/{id}/{t}")));
        let seconds = seconds.into_iter().collect::<Result<Vec<_>, _>>()?;
        last.push(seconds[LENGTHS.len() - 1]);
        series.curve(called, seconds);
    }
    let duration = |x: f64| Format::Duration.number(x);
    Ok(LineChart::new(
        "Time of one head, by length",
        Axis::log("Tokens").format(Format::Int),
        Axis::log("Time").format(Format::Duration),
    )
    .series(&series)
    .draw()?
    .caption(format!(
        "The plain code of the chapter on one thread. At the greatest length a head takes {} in matrices and {} in tiles.",
        duration(last[0]),
        duration(last[1]),
    ))
    .description(format!(
        "Two rising lines over {} tokens, both axes logarithmic: in matrices and in tiles.",
        series.span(Format::Int),
    )))
}
