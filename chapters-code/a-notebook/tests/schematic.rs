//! Schematics: a graph of a computation, slots over time, one of each part, and what is refused.
//!
//! To look at them: `cargo test -p notebook schematic::` writes each to `target/tmp/figures/`.

use std::fs;
use std::path::Path;

use notebook::figure::schematic::{
    Edge, Frame, Grid, Key, Meaning, Node, Place, Plane, Schematic, Side, Sketch, Span, Strips,
    Words,
};
use notebook::figure::{Figure, FigureError};

/// The tape's example of chapter 6: y = a·b + a, with values below the edges and gradients above.
fn graph() -> Result<Figure, FigureError> {
    let (a, b): (f64, f64) = (2.0, 3.0);
    Schematic::new("y = a·b + a", (12.0, 4.4)).narrow((7.2, 4.6)).draw(|sheet| {
        let at = |wide: Place, narrow: Place| sheet.pick(wide, narrow);
        let x = Node::new(at((1.0, 1.0), (0.6, 0.9)), "a").square();
        let y = Node::new(at((1.0, 3.4), (0.6, 3.7)), "b").square();
        let product = Node::new(at((5.0, 2.8), (3.0, 2.9)), "×");
        let sum = Node::new(at((8.4, 1.6), (5.2, 1.6)), "+");
        let end = at((11.6, 1.6), (7.1, 1.6));
        sheet.add(Edge::new(&x, &product).value("2").gradient("3"));
        sheet.add(Edge::new(&y, &product).value(b.to_string()).gradient(a.to_string()));
        sheet.add(Edge::new(&product, &sum).value("6").gradient("1"));
        sheet.add(Edge::new(&x, &sum).value("2").gradient("1"));
        sheet.add(Edge::new(&sum, end).value((a * b + a).to_string()).gradient("1"));
        sheet.all([x, y, product, sum]);
        let foot = sheet.size().1 - 0.3;
        sheet.add(
            Key::new((0.1, foot))
                .entry(Meaning::Value, "value")
                .entry(Meaning::Gradient, "gradient"),
        );
    })
}

/// Slots of an arena over the steps of a run.
fn slots() -> Result<Figure, FigureError> {
    Schematic::new("Slots over time", (12.0, 3.4)).narrow((7.0, 3.2)).draw(|sheet| {
        let (left, wide) = sheet.pick((1.6, 10.2), (1.2, 5.7));
        sheet.add(
            Strips::new((left, 0.7), (wide, 2.4), 6)
                .heads(1..=6)
                .row("slot 1", [Span::new(0, 6, "x")])
                .row(
                    "slot 2",
                    [Span::new(1, 4, "z"), Span::new(4, 6, "dx").meaning(Meaning::Gradient)],
                )
                .row("slot 3", [Span::new(2, 3, "a").meaning(Meaning::Focus)]),
        );
    })
}

fn every_part() -> Result<Figure, FigureError> {
    Schematic::new("Parts", (16.0, 14.0)).narrow((10.0, 22.0)).draw(|sheet| {
        let first = Frame::new((0.2, 0.5), (3.2, 1.4), "linear").note("(N, d)");
        let second = Frame::new((5.2, 0.5), (3.2, 1.4), "ReLU").meaning(Meaning::Weight);
        sheet.add(Edge::new(&first, &second).above("x₁"));
        sheet.add(Edge::new((1.8, 2.8), &second).through([(6.8, 2.8)]).meaning(Meaning::Quiet));
        sheet.all([first, second]);
        let grid = Grid::new((1.0, 5.4), 0.9, [[1, 2, 3], [4, 5, 6]])
            .title("X")
            .heads(["a", "b", "c"])
            .sides(["p", "q"])
            .shade(|r, c| (r == 0).then_some(c as f64 / 2.0))
            .hollow(|r, _| r == 1)
            .tint(1, 2, Meaning::Gradient)
            .window((0, 0), (2, 2), Meaning::Focus);
        sheet.add(Edge::new(grid.middle(0, 2), (5.6, 5.8)).plain());
        sheet.add(grid);
        sheet.add(Words::new((5.8, 5.8), "a row of cells").within(3.0).small());
        sheet.add(
            Plane::new((1.0, 9.0), (5.0, 3.6), (-1.0, 2.0), (-1.0, 2.0))
                .axes("x₁", "x₂")
                .ticks([0.0, 1.0], [0.0, 1.0])
                .half([1.0, 1.0, -0.5], Meaning::Value)
                .line([1.0, 1.0, -0.5], Meaning::Plain)
                .arrow((0.25, 0.25), (1.0, 1.0), Meaning::Weight)
                .point((0.0, 0.0), 1, "0", Side::Left),
        );
    })
}

fn fault(figure: Result<Figure, FigureError>) -> String {
    figure.expect_err("it is refused").fault
}

fn told(part: impl Fn(&mut Sketch)) -> String {
    fault(Schematic::new("T", (6.0, 4.0)).draw(part))
}

#[test]
fn each_is_legible_in_both_widths_and_the_same_every_time() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    fs::create_dir_all(&folder).unwrap();
    for draw in [graph, slots, every_part] {
        let figure = draw().unwrap();
        assert_eq!(figure, draw().unwrap());
        assert_eq!(figure.crowded(), Vec::<String>::new());
        for (drawing, width) in [(&figure.drawing, 640), (&figure.narrow, 360)] {
            assert!(drawing.starts_with(&format!("<svg viewBox=\"0 0 {width} ")), "{drawing}");
            assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{drawing}");
            let sizes = drawing.split("font-size=\"").skip(1);
            let sizes = sizes.map(|s| s.split('"').next().unwrap().parse::<f64>().unwrap());
            assert!(sizes.fold(f64::MAX, f64::min) >= 11.0, "{drawing}");
        }
        let file = figure.caption("It is seen.").description("What is there.");
        assert_eq!(file.faults(), Vec::<String>::new());
        fs::write(folder.join(format!("{}.svg", file.title)), file.standalone()).unwrap();
        let narrow = Figure { drawing: file.narrow.clone(), ..file.clone() }.standalone();
        fs::write(folder.join(format!("{}, narrow.svg", file.title)), narrow).unwrap();
    }
}

#[test]
fn a_gradient_is_known_without_its_colour() {
    let drawing = graph().unwrap().drawing;
    assert_eq!(drawing.matches("font-style=\"italic\"").count(), 5 + 1, "gradients and the key");
    assert_eq!(drawing.matches("stroke-dasharray").count(), 1, "the sample of the key");
}

#[test]
fn the_data_are_the_words_of_the_parts() {
    let rows = graph().unwrap().data.cells();
    assert!(rows.contains(&vec!["edge a → ×".to_owned(), "3, 2".to_owned()]), "{rows:?}");
    let rows = slots().unwrap().data.cells();
    let second = vec!["slot 2".to_owned(), "z from 2 to 4; dx from 5 to 6".to_owned()];
    assert!(rows.contains(&second), "{rows:?}");
}

#[test]
fn words_that_do_not_fit_are_told() {
    assert_eq!(told(|_| {}), "has no parts; put some on the sheet with `add`");
    let fault = told(|s| s.add(Frame::new((0.0, 0.0), (1.0, 0.5), "a long label")));
    assert!(fault.contains("the box `a long label` is too small for its words"), "{fault}");
    let fault = told(|s| s.add(Grid::new((0.0, 0.0), 0.2, [["1,000"]])));
    assert!(fault.contains("`1,000` is wider than its cell"), "{fault}");
    let fault = told(|s| s.add(Grid::new((0.0, 0.0), 1.0, [vec!["1"], vec!["1", "2"]])));
    assert!(fault.contains("a grid of 1 columns has a row of 2 cells"), "{fault}");
    let fault = told(|s| s.add(Node::new((0.0, 0.0), "x")));
    assert!(fault.is_empty() || fault.contains("reaches beyond"), "{fault}");
    let fault = told(|s| {
        s.add(Node::new((3.0, 2.0), "node"));
        s.add(Words::middle((3.0, 2.2), "words"));
    });
    assert!(fault.contains("`words` covers `node`"), "{fault}");
    let strips = || Strips::new((1.0, 1.0), (4.0, 1.0), 3);
    let fault = told(|s| s.add(strips().row("r", [Span::new(2, 5, "x")])));
    assert!(fault.contains("`x` goes from column 2 to 5 of 3"), "{fault}");
    let fault = told(|s| s.add(strips().row("r", [Span::new(0, 1, "much too long a name")])));
    assert!(fault.contains("`much too long a name` is wider than its strip"), "{fault}");
    let fault = told(|s| s.add(Plane::new((0.0, 0.0), (2.0, 2.0), (1.0, 1.0), (0.0, 1.0))));
    assert!(fault.contains("a plane cannot reach over (1.0, 1.0)"), "{fault}");
}

#[test]
fn lines_end_at_the_edge_of_their_plane() {
    let plane = |line| {
        let drawn = Schematic::new("T", (6.0, 4.0)).draw(|sheet| {
            sheet.add(
                Plane::new((1.0, 1.0), (2.0, 2.0), (0.0, 1.0), (0.0, 1.0))
                    .line(line, Meaning::Focus),
            );
        });
        drawn.unwrap().drawing
    };
    // From the lower left corner of the plane to the upper right one; whole tenths of pixels.
    let unit = 640.0 / 6.0;
    let line = plane([1.0, -1.0, 0.0]);
    let line = line.lines().find(|line| line.contains("--figure-4")).unwrap();
    let points = line.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
    let points: Vec<f64> = points.split([' ', ',']).map(|n| n.parse().unwrap()).collect();
    for (found, place) in points.iter().zip([1.0, 3.0, 3.0, 1.0]) {
        assert!((found - place * unit).abs() < 0.2, "{points:?}");
    }
    assert!(!plane([1.0, 1.0, 5.0]).contains("--figure-4"), "a line that misses the plane");
}

#[test]
fn an_arrow_ends_at_the_rim_of_a_node() {
    let node = Node::new((3.0, 2.0), "x");
    let drawing = Schematic::new("T", (6.0, 4.0))
        .draw(|sheet| {
            sheet.add(Edge::new((1.0, 2.0), &node));
            sheet.add(&node);
        })
        .unwrap()
        .drawing;
    // The circle's left end: the middle, less the radius.
    let radius = 1.05 * 16.0;
    let tip = format!("points=\"{:.1},", 3.0 * 640.0 / 6.0 - radius);
    assert!(drawing.contains(&tip), "no {tip} in {drawing}");
}
