//! One figure of each kind, held byte by byte, and what no figure may do.
//!
//! To look at them: `cargo test -p notebook figures::` writes each to `target/tmp/figures/`.

use std::fs;
use std::path::Path;

use notebook::figure::{
    Axis, Bar, BarChart, Figure, FigureError, HeatMap, ImageGrid, LineChart, Point, ScatterPlot,
    StackedBars, Tile,
};
use notebook::{Format, Series};
use proptest::prelude::*;

/// Snapshot of the figure as a page and as a file take it.
fn held(name: &str, figure: Result<Figure, FigureError>) {
    let figure = figure
        .expect("it can be drawn")
        .caption("A caption that states a finding.")
        .description("What is to be seen, with <angles> & \"quotes\".");
    assert_eq!(figure.faults(), Vec::<String>::new());
    let svg = figure.layouts("it");
    assert_eq!(svg.matches("<svg ").count(), 2, "{name} has two layouts");
    assert_eq!(figure.crowded(), Vec::<String>::new(), "{name}");
    ids_are_unique_and_known(&svg);
    assert!(!svg.contains("\n\n") && !svg.contains("NaN") && !svg.contains("inf\""), "{name}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    fs::create_dir_all(&folder).expect("a folder for figures");
    fs::write(folder.join(format!("{name}.svg")), figure.standalone())
        .expect("a file for a figure");
    insta::assert_snapshot!(name, svg);
    insta::assert_snapshot!(format!("{name}-data"), table(&figure));
}

/// Every id once, and every reference to one of them.
fn ids_are_unique_and_known(svg: &str) {
    let after = |mark: &str| -> Vec<String> {
        let rest = svg.split(mark).skip(1);
        rest.map(|r| r.split('"').next().unwrap_or_default().to_owned()).collect()
    };
    let mut ids = after(" id=\"");
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands twice: {ids:?}");
    for id in after("href=\"#") {
        assert!(ids.contains(&id), "{id} is referred to and is not there: {ids:?}");
    }
}

/// The sizes of all words of a drawing.
fn sizes(drawing: &str) -> Vec<f64> {
    let sizes = drawing.split("font-size=\"").skip(1);
    sizes.map(|s| s.split('"').next().and_then(|s| s.parse().ok()).expect("a size")).collect()
}

/// The width of the canvas of a drawing.
fn canvas(drawing: &str) -> f64 {
    let numbers = drawing.split('"').nth(1).expect("a viewBox");
    numbers.split(' ').nth(2).and_then(|w| w.parse().ok()).expect("a width")
}

#[test]
fn on_a_phone_words_are_eleven_pixels_and_more() {
    let charts = [
        learning_curves().draw(),
        losses().draw(),
        parameters().draw(),
        accuracies().draw(),
        memory().draw(),
        shares().draw(),
        models().draw(),
        invariances().draw(),
        garments().draw(),
    ];
    for figure in charts {
        let figure = figure.expect("it can be drawn");
        assert_eq!((canvas(&figure.drawing), canvas(&figure.narrow)), (640.0, 360.0));
        let least = sizes(&figure.narrow).into_iter().fold(f64::INFINITY, f64::min);
        assert!(least >= 11.0, "`{}` has words of {least} pixels", figure.title);
    }
}

#[test]
fn pictures_are_embedded_once() {
    let svg = garments().draw().unwrap().layouts("it");
    assert_eq!((svg.matches("data:image/png").count(), svg.matches("<use ").count()), (6, 6));
}

#[test]
fn words_that_do_not_fit_are_told() {
    let long = "a name that is longer than any drawing is wide ".repeat(3).replace(' ', "_");
    let figure = BarChart::new("T", Axis::linear(long)).bar("a", 1.0).draw().unwrap();
    assert_eq!(figure.crowded().len(), 2, "{:?}", figure.crowded());
}

/// The data of a figure as words.
fn table(figure: &Figure) -> String {
    let heads: Vec<&str> = figure.data.columns.iter().map(|c| c.name.as_str()).collect();
    let rows = figure.data.cells().into_iter().map(|row| row.join(" | "));
    std::iter::once(heads.join(" | ")).chain(rows).collect::<Vec<_>>().join("\n")
}

fn learning_curves() -> LineChart {
    let mut series =
        Series { x_name: "Images".into(), x: vec![1e2, 3e2, 1e3, 3e3, 1e4, 3e4, 6e4], y: vec![] };
    let band = |low: f64, high: f64, width: f64| {
        (0..7).map(move |i| {
            let y = low + (high - low) * (1.0 - (-0.45 * f64::from(i)).exp());
            let half = width / f64::from(i + 1);
            [y - half, y, y + half]
        })
    };
    series.banded("gradients", band(0.62, 0.92, 0.04));
    series.banded("co-occurrence", band(0.52, 0.87, 0.04));
    series.banded("raw pixels", band(0.55, 0.86, 0.03));
    LineChart::new(
        "Accuracy by number of training images",
        Axis::log("Training images").format(Format::Count(0)),
        Axis::linear("Accuracy on the test images").format(Format::Percent(0)),
    )
    .series(&series)
    .reference(0.5, "nearest mean")
}

fn losses() -> LineChart {
    let steps = (0..=40).map(f64::from);
    let decay = |rate: f64, floor: f64| {
        steps.clone().map(move |t| (t, floor + 2.3 * (-rate * t).exp())).collect::<Vec<_>>()
    };
    LineChart::new(
        "Loss by epoch",
        Axis::linear("Epoch").format(Format::Int),
        Axis::linear("Cross-entropy").from_zero(),
    )
    .curve("SGD", decay(0.04, 0.45))
    .curve("momentum", decay(0.11, 0.32))
    .curve("Adam", decay(0.2, 0.30))
    .curve("Adam with weight decay", decay(0.19, 0.27))
}

fn parameters() -> BarChart {
    BarChart::new(
        "Parameters: counted and as printed",
        Axis::log("Parameters").format(Format::Count(1)),
    )
    .bar("MobileNetV3-Large", Bar::new(5_483_032.0).mark(5e6))
    .bar("ResNet-152", Bar::new(60_192_808.0).mark(6e6))
    .bar("ViT-L/32", Bar::new(306_535_400.0).mark(306e6))
    .bar("Llama 3 8B", Bar::new(8_030_261_248.0).mark(8e9))
    .bar("GPT-3", Bar::new(174_600_000_000.0).mark(175e9))
    .marks("as the lecture prints it")
}

fn accuracies() -> BarChart {
    BarChart::new("Accuracy by features", Axis::linear("Accuracy").format(Format::Percent(0)))
        .values(Format::Percent(1))
        .bar("Gradients and raw pixels", Bar::new(0.917).interval(0.911, 0.922))
        .bar("Gradients", Bar::new(0.883).interval(0.876, 0.889))
        .bar("Raw pixels", Bar::new(0.842).interval(0.835, 0.849))
        .bar("Colour histogram", Bar::new(0.31).interval(0.29, 0.33))
        .reference(0.1, "guessing")
}

fn memory() -> BarChart {
    BarChart::new(
        "Memory of the weights by type",
        Axis::linear("Memory").format(Format::Gibibytes(1)),
    )
    .groups(["float32", "bfloat16", "int4"])
    .row("Llama 3 8B", [32.12e9, 16.06e9, 4.5e9])
    .row("Llama 2 13B", [52.06e9, 26.03e9, 7.3e9])
    .row("GPT-2 XL", [6.23e9, 3.11e9, 0.9e9])
    .reference(24.0 * 1024f64.powi(3), "24 GiB")
    .reference(32.0 * 1024f64.powi(3), "32 GiB")
}

fn shares() -> StackedBars {
    StackedBars::new("Where the parameters sit")
        .parts(["embedding", "attention", "feed-forward", "norms and biases"])
        .row("GPT-2", [39.4e6, 28.3e6, 56.6e6, 0.1e6])
        .row("GPT-2 XL", [82.0e6, 491.5e6, 983.0e6, 1.1e6])
        .row("GPT-3 175B", [0.62e9, 58.0e9, 116.0e9, 0.01e9])
        .totals("Parameters", Format::Count(0))
}

fn models() -> ScatterPlot {
    let point = Point::new;
    ScatterPlot::new(
        "Operations by parameters",
        Axis::log("Parameters").format(Format::Count(0)),
        Axis::log("Operations for an image or a token").format(Format::Count(0)),
    )
    .group(
        "convolutional",
        [
            point("ResNet-18", 11.7e6, 3.6e9),
            point("ResNet-34", 21.8e6, 7.3e9),
            point("ResNet-50", 25.6e6, 8.2e9),
            point("ResNet-101", 44.5e6, 15.6e9),
            point("ResNet-152", 60.2e6, 23.0e9),
            point("MobileNetV3-L", 5.5e6, 0.43e9),
            point("MobileNetV3-S", 2.5e6, 0.11e9),
        ],
    )
    .group(
        "vision transformer",
        [
            point("ViT-B/16", 86.6e6, 35.0e9),
            point("ViT-B/32", 88.2e6, 8.8e9),
            point("ViT-L/32", 306.5e6, 30.6e9),
            point("ViT-H/14", 632e6, 334e9),
        ],
    )
    .group(
        "language model",
        [
            point("GPT-2", 124e6, 0.29e9),
            point("GPT-2 XL", 1.56e9, 3.4e9),
            point("Llama 3 8B", 8.0e9, 16e9),
            point("GPT-3", 175e9, 360e9),
        ],
    )
    .line("two a parameter", [(20e6, 40e6), (175e9, 350e9)])
    .vertical(6e9, "24 GB in float32")
}

fn invariances() -> HeatMap {
    HeatMap::new("Accuracy by extractor and problem", "Accuracy", Format::Percent(0))
        .columns(["rotated shapes", "textures", "colours", "photographs"])
        .row("colour histogram", [Some(0.11), Some(0.32), Some(0.99), None])
        .row("local binary patterns", [Some(0.45), Some(0.93), Some(0.21), Some(0.66)])
        .row("oriented gradients", [Some(0.72), Some(0.81), Some(0.18), Some(0.88)])
        .row("Hu moments", [Some(0.97), Some(0.25), Some(0.14), Some(0.34)])
        .range(0.0, 1.0)
}

fn garments() -> ImageGrid {
    let tile = |k: u32| {
        let ring = move |i: u32| {
            let (x, y) = (f64::from(i % 28) - 13.5, f64::from(i / 28) - 13.5);
            let away = ((x * x + y * y).sqrt() - f64::from(k % 5) * 2.0 - 3.0).abs();
            (255.0 * (1.0 - away / 4.0).max(0.0)) as u8
        };
        Tile::grey(28, 28, (0..28 * 28).map(ring).collect::<Vec<_>>())
    };
    ImageGrid::new("Rings that were mistaken")
        .columns(["sure and right", "unsure", "sure and wrong"])
        .row(
            "small rings",
            [tile(0).caption("0.99"), tile(1).caption("0.51"), tile(2).caption("0.97")],
        )
        .row(
            "large rings",
            [tile(2).caption("0.98"), tile(3).caption("0.55"), tile(4).caption("0.96")],
        )
}

#[test]
fn lines_with_bands() {
    held("lines", learning_curves().draw());
}

#[test]
fn lines_with_dashes() {
    held("lines-dashed", losses().draw());
}

#[test]
fn what_has_no_zero_has_no_bars() {
    let drawn = |axis: Axis| BarChart::new("T", axis).bar("a", 0.9).draw().unwrap().layouts("it");
    let share = || Axis::share("Right");
    let bars = |svg: &str| svg.matches("<rect").count();
    let (whole, part) = (drawn(share()), drawn(share().range(0.8, 1.0)));
    assert_eq!(bars(&whole), bars(&part) + 2);
    assert!(part.contains("<circle") && !whole.contains("<circle"), "{part}");
}

#[test]
fn bars_on_a_log_axis() {
    held("bars-log", parameters().draw());
}

#[test]
fn bars_with_intervals() {
    held("bars", accuracies().draw());
}

#[test]
fn grouped_bars() {
    held("bars-grouped", memory().draw());
}

#[test]
fn stacked_proportions() {
    held("stacked", shares().draw());
}

#[test]
fn scatter_on_log_axes() {
    held("scatter", models().draw());
}

#[test]
fn heat_map() {
    held("heat-map", invariances().draw());
}

#[test]
fn image_grid() {
    held("image-grid", garments().draw());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(models().draw(), models().draw());
    assert_eq!(garments().draw(), garments().draw());
}

/// What an error says, and that it names the figure.
fn refused(result: Result<Figure, FigureError>, expected: &str) {
    let error = result.expect_err(expected).to_string();
    assert!(error.starts_with("figure `T`: ") && error.contains(expected), "{error}");
}

#[test]
fn what_cannot_be_drawn_is_an_error_that_names_the_figure() {
    let (x, y) = (|| Axis::linear("x"), || Axis::log("y"));
    refused(LineChart::new("T", x(), y()).draw(), "has no curves");
    refused(LineChart::new("T", x(), y()).curve("c", []).draw(), "`c` has no points");
    refused(LineChart::new("T", x(), y()).curve("c", [(1.0, 0.0)]).draw(), "no place for 0");
    refused(LineChart::new("T", x(), x()).curve("c", [(1.0, f64::NAN)]).draw(), "no place for NaN");
    refused(
        LineChart::new("T", x(), x().range(0.0, 1.0)).curve("c", [(1.0, 2.0)]).draw(),
        "outside the range",
    );
    let mut ragged = Series { x_name: "x".into(), x: vec![1.0, 2.0], y: vec![] };
    ragged.curve("c", [1.0]);
    refused(LineChart::new("T", x(), x()).series(&ragged).draw(), "2 x but 1 values");
    refused(BarChart::new("T", x()).draw(), "has no bars");
    refused(BarChart::new("T", y()).bar("b", -1.0).draw(), "no place for -1");
    refused(BarChart::new("T", x()).row("a", [1.0, 2.0]).draw(), "names of groups");
    refused(StackedBars::new("T").draw(), "has no parts");
    refused(StackedBars::new("T").parts(["a"]).row("r", [0.0]).draw(), "sums to 0");
    refused(StackedBars::new("T").parts(["a"]).row("r", [-1.0]).draw(), "-1");
    refused(ScatterPlot::new("T", x(), y()).group("g", []).draw(), "has no points");
    refused(
        ScatterPlot::new("T", x(), y()).group("g", [Point::new("p", 1.0, 0.0)]).draw(),
        "no place for 0",
    );
    refused(HeatMap::new("T", "q", Format::Plain).draw(), "has no cells");
    refused(
        HeatMap::new("T", "q", Format::Plain).columns(["a"]).row("r", [None::<f64>]).draw(),
        "has no value",
    );
    refused(ImageGrid::new("T").draw(), "has no tiles");
    refused(
        ImageGrid::new("T").row("r", [Tile::grey(2, 2, vec![0; 3])]).draw(),
        "has 3 bytes, not 4",
    );
    refused(ImageGrid::new("T").row("r", [Tile::rgb(0, 2, vec![])]).draw(), "0 × 2 pixels");
}

#[test]
fn faults_are_named() {
    let bare = garments().draw().unwrap();
    let faults = bare.faults().join("\n");
    assert!(faults.contains("has no caption") && faults.contains("has no description"), "{faults}");
    let repeated = bare.caption("A finding.").description("rings that were mistaken.");
    assert!(repeated.faults().join("\n").contains("repeats its title"));
    assert!(
        !repeated
            .description("Six rings in two rows.")
            .data(notebook::Table::default())
            .faults()
            .is_empty()
    );
}

#[test]
fn ids_are_unique_to_the_figure() {
    let figure = Figure {
        drawing: "<svg viewBox=\"0 0 1 1\"><g id=\"a\"/><use href=\"#a\"/></svg>".into(),
        ..garments().draw().unwrap()
    };
    let svg = figure.svg("fig-x");
    assert!(svg.contains("id=\"fig-x-a\"") && svg.contains("href=\"#fig-x-a\""), "{svg}");
}

/// Numbers of every size and sign, and what is none.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => -10.0..10.0f64, 1 => any::<f64>(), 1 => Just(0.0), 1 => 1e-12..1e15f64]
}

proptest! {
    #[test]
    fn no_input_panics_or_leaves_a_nan(
        points in proptest::collection::vec((any_number(), any_number()), 0..20),
        (log_x, log_y) in any::<(bool, bool)>(),
        format in prop_oneof![Just(Format::Plain), Just(Format::Int), Just(Format::Bytes(0)), Just(Format::Duration), Just(Format::Count(1)), Just(Format::Percent(0)), Just(Format::Gibibytes(1))],
        name in "\\PC{0,40}",
    ) {
        let axis = |log: bool| if log { Axis::log(&name) } else { Axis::linear(&name) }.format(format);
        let named = points.iter().map(|(x, y)| Point::new(&name, *x, *y)).collect::<Vec<_>>();
        let ys = points.iter().map(|p| p.1);
        let drawn = [
            LineChart::new("T", axis(log_x), axis(log_y)).curve(&name, points.clone()).draw(),
            ScatterPlot::new("T", axis(log_x), axis(log_y)).group(&name, named).draw(),
            BarChart::new("T", axis(log_x)).row(&name, ys.clone().take(1)).draw(),
            StackedBars::new("T").parts(ys.clone().map(|y| y.to_string())).row(&name, ys.clone()).totals(&name, format).draw(),
            HeatMap::new("T", &name, format).columns(ys.clone().map(|y| y.to_string())).row(&name, ys.clone()).draw(),
        ];
        for figure in drawn.into_iter().flatten() {
            let svg = figure.layouts("x");
            let coordinates = svg.split('"').skip(1).step_by(2);
            for text in coordinates {
                prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{text} in {svg}");
            }
            prop_assert!(!svg.contains("\n\n"));
        }
    }
}
