//! How long an image takes, read from the benches, and the products of a tile.

use notebook::figure::schematic::{Edge, Grid, Meaning, Schematic, Words};
use notebook::figure::{Axis, BarChart, LineChart};
use notebook::{Chapter, Figure, Format, Recorded, Series, TIMINGS, Table};

use crate::fast::kernels::winograd::{Form as _, Two};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("speed-products", products)
        .figure("speed-resnet", |recorded| ladder(recorded, "ResNet-152", "resnet152"))
        .figure("speed-mobilenet", |recorded| {
            ladder(recorded, "MobileNetV3-Large", "mobilenet_v3_large")
        })
        .figure("speed-sides", sides)
}

/// Four inputs and three weights of the example.
const EXAMPLE: ([f32; 4], [f64; 3]) = ([1.0, 2.0, 3.0, 5.0], [2.0, -1.0, 4.0]);

/// Two outputs from four products, with numbers.
fn products(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let ([a, b, c, d], weights) = EXAMPLE;
    let inputs = Two::input([a, b, c, d, 0.0, 0.0]);
    let there = Two::weights(weights).map(|w| w as f32);
    let mut products = [0.0; 6];
    (0..4).for_each(|i| products[i] = inputs[i] * there[i]);
    let outputs = Two::output(products);
    let text = |x: f32| Format::Plain.number(f64::from(x)).replace('-', "−");
    let row = |x: &[f32]| vec![x.iter().map(|&x| text(x)).collect::<Vec<_>>()];
    let rows = [
        ("inputs d", row(&[a, b, c, d]), Meaning::Value),
        ("inputs, transformed", row(&inputs[..4]), Meaning::Value),
        ("weights, transformed", row(&there[..4]), Meaning::Weight),
        ("four products", row(&products[..4]), Meaning::Focus),
        ("two outputs", row(&outputs[..2]), Meaning::Value),
    ];
    let figure = Schematic::new("Two outputs from four products", (14.0, 8.6)).narrow((9.0, 8.6));
    let figure = figure.draw(|sheet| {
        let (left, cell) = sheet.pick((6.0, 1.6), (4.1, 1.15));
        for (i, (name, cells, meaning)) in rows.iter().enumerate() {
            let top = 0.3 + 1.75 * i as f64;
            let mut grid = Grid::new((left, top), cell, cells.clone()).height(1.0);
            for column in 0..cells[0].len() {
                grid = grid.tint(0, column, *meaning);
            }
            sheet.add(grid);
            sheet.add(Words::end((left - 0.3, top + 0.5), *name));
            let middle = left + 2.0 * cell;
            let arrow = |from: f64| Edge::new((middle, from), (middle, from + 0.65));
            match i {
                0 => sheet.add(arrow(top + 1.05)),
                1 => sheet.add(Words::middle((middle, top + 1.37), "×")),
                2 => sheet.add(Words::middle((middle, top + 1.37), "=")),
                3 => sheet.add(Edge::new((left + cell, top + 1.05), (left + cell, top + 1.7))),
                _ => {}
            }
        }
    })?;
    Ok(figure
        .caption("Two outputs of a window of three weights, from four multiplications. The transforms need additions and subtractions only; that of the weights is made once, when the network is read.")
        .description("Five rows of boxes, one below another: four inputs, the same transformed, four transformed weights, their four products, and two outputs."))
}

/// Our rungs: a name, the id among the bench's timings, threads.
const RUNGS: [(&str, &str, usize); 7] = [
    ("plain", "plain", 1),
    ("packed, any processor", "portable", 1),
    ("packed, AVX2 and FMA", "apart", 1),
    ("fused", "gathered", 1),
    ("tiles of two", "twos", 1),
    ("best way, one thread", "one_thread", 1),
    ("best way, two threads", "two_threads", 2),
];

/// Rungs that only networks with convolutions of 3 × 3 have.
const TILES: [&str; 2] = ["gathered", "twos"];

/// The others: a name, and what the script calls them.
const OTHERS: [(&str, &str); 5] = [
    ("PyTorch", "torch_eager"),
    ("PyTorch, folded", "torch_folded"),
    ("PyTorch, compiled", "torch_compiled"),
    ("ONNX Runtime", "onnxruntime"),
    ("OpenVINO", "openvino"),
];

/// The same pass in several ways, ours and others' on two threads.
fn ladder(recorded: &Recorded<'_>, called: &str, name: &str) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let peers = recorded.experiment("speed-peers")?;
    let peak = |threads: usize| {
        let id = if threads == 1 { "one_thread" } else { "two_threads" };
        timings.number(&format!("residual_peak/{id}/{name}"))
    };
    let mut rows = Vec::new();
    for (label, id, threads) in RUNGS {
        let seconds = timings.number(&format!("residual/{id}/{name}_forward"));
        match seconds {
            Ok(seconds) => rows.push((label.to_owned(), threads, seconds)),
            // Without convolutions of 3 × 3 there are no tiles.
            Err(_) if TILES.contains(&id) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    let ours = rows.last().map_or(f64::NAN, |row| row.2);
    let first = rows.first().map_or(f64::NAN, |row| row.2);
    for (label, id) in OTHERS {
        let seconds = peers.number(&format!("{name}/two_threads/{id}"))?;
        rows.push((format!("{label}, two threads"), 2, seconds));
    }
    let mut table = Table::new(["Way", "Time | duration", "Share of peak | percent 0"]);
    let title = format!("An image's pass through {called}");
    let mut chart =
        BarChart::new(title, Axis::log("Time").format(Format::Duration)).values(Format::Duration);
    for (label, threads, seconds) in &rows {
        chart = chart.bar(label.as_str(), *seconds);
        table.row([label.as_str().into(), (*seconds).into(), (peak(*threads)? / seconds).into()]);
    }
    let turns = |id: &str| peers.number(&format!("ratio/{name}/two_threads/{id}"));
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

/// Networks whose images grow.
const GROWING: [(&str, &str); 2] =
    [("resnet50", "ResNet-50"), ("mobilenet_v3_large", "MobileNetV3-Large")];

/// Sides of the images.
const SIDES: [usize; 4] = [96, 160, 224, 320];

/// Time against the side of the image.
fn sides(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let timings = recorded.experiment(TIMINGS)?;
    let x = SIDES.iter().map(|&side| side as f64).collect();
    let mut series = Series { x_name: "Side".into(), x, y: Vec::new() };
    let (mut factors, mut ends) = (Vec::new(), Vec::new());
    for (name, called) in GROWING {
        let seconds = SIDES.map(|side| timings.number(&format!("residual_sides/{name}/{side}")));
        let seconds = seconds.into_iter().collect::<Result<Vec<_>, _>>()?;
        let [first, last] = [seconds[0], seconds[SIDES.len() - 1]];
        factors.push(last / first);
        let duration = |x| Format::Duration.number(x);
        ends.push(format!("that of {called} from {} to {}", duration(first), duration(last)));
        series.curve(called, seconds);
    }
    let factor = |x: f64| Format::Fixed(1).number(x).to_string();
    let pixels = (SIDES[SIDES.len() - 1] as f64 / SIDES[0] as f64).powi(2);
    Ok(LineChart::new(
        "Time against the size of the image, two threads",
        Axis::log("Side of the image").format(Format::Int),
        Axis::log("Time").format(Format::Duration),
    )
    .series(&series)
    .draw()?
    .caption(format!(
        "From the smallest image to the largest, the number of pixels grows by a factor of {}; the time of ResNet-50 by {}, that of MobileNetV3-Large by {}.",
        factor(pixels),
        factor(factors[0]),
        factor(factors[1]),
    ))
    .description(format!(
        "Two rising lines over the side of the image, both axes logarithmic: {}.",
        ends.join(", "),
    )))
}
