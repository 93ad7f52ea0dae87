//! Drawings of how attention works.

use notebook::figure::schematic::{Edge, Frame, Grid, Meaning, Node, Schematic, Words};
use notebook::{Chapter, Figure, Format, Recorded};

use crate::experiments::words::{KEYS, QUERIES, VALUES, WORDS};

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("head", head)
        .figure("tokens", tokens)
        .figure("block", block)
        .figure("tiles", tiles)
        .figure("heads", heads)
}

/// Rows of numbers as words.
fn whole<const N: usize>(rows: &[[f32; N]]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|x| format!("{x:.0}")).collect()).collect()
}

/// One head: queries, keys, scores, weights, values, outputs.
fn head(recorded: &Recorded<'_>) -> anyhow::Result<Figure> {
    let results = recorded.experiment("words")?;
    let read = |key: &str, digits: usize| -> anyhow::Result<Vec<Vec<String>>> {
        let row = |word: &str| {
            let cell = |other: &str| {
                let x = results.number(&format!("{key}/{word}/{other}"))?;
                anyhow::Ok(Format::Fixed(digits).number(x))
            };
            WORDS.iter().map(|other| cell(other)).collect()
        };
        WORDS.iter().map(|word| row(word)).collect()
    };
    let (scores, weights) = (read("scores", 0)?, read("weights/all", 2)?);
    let output = |word: &str| -> anyhow::Result<Vec<String>> {
        let of = |part: &str| results.number(&format!("output/all/{word}/{part}"));
        Ok(vec![Format::Fixed(2).number(of("dog")?), Format::Fixed(2).number(of("ball")?)])
    };
    let outputs: Vec<Vec<String>> =
        WORDS.iter().map(|word| output(word)).collect::<anyhow::Result<_>>()?;
    let shades: Vec<Vec<f64>> = weights
        .iter()
        .map(|row| row.iter().map(|x| x.parse().unwrap_or_default()).collect())
        .collect();
    let figure = Schematic::new("One head, five words", (17.6, 11.4)).narrow((9.4, 26.0));
    let figure = figure.draw(|sheet| {
        let at = |wide, narrow| sheet.pick(wide, narrow);
        let (q, k, v) =
            (at((1.3, 1.6), (1.5, 1.6)), at((6.3, 1.6), (6.0, 1.6)), at((10.6, 7.0), (1.5, 20.4)));
        let (z, p, y) = (
            at((11.5, 1.6), (1.5, 7.6)),
            at((1.3, 7.0), (1.5, 14.0)),
            at((14.9, 7.0), (6.4, 20.4)),
        );
        let cell = at((0.8, 0.8), (0.8, 0.8)).0;
        let wide = at((1.15, 1.15), (1.3, 1.3)).0;
        let small = |at, cells, title: &str| {
            Grid::new(at, cell, cells).height(0.75).title(title).sides(WORDS)
        };
        let queries = small(q, whole(&QUERIES), "queries Q").window((3, 0), (1, 4), Meaning::Focus);
        let keys = small(k, whole(&KEYS), "keys K").window((1, 0), (1, 4), Meaning::Value);
        let values = small(v, whole(&VALUES), "values V").window((1, 0), (1, 2), Meaning::Value);
        let scores =
            Grid::new(z, 1.15, scores.clone()).height(0.75).title("scores QKᵀ/2").sides(WORDS);
        let scores = scores.heads(WORDS).window((3, 0), (1, 5), Meaning::Focus);
        let weights =
            Grid::new(p, wide, weights.clone()).height(0.75).title("weights P").sides(WORDS);
        let weights = weights.heads(WORDS).shade(|r, c| Some(shades[r][c])).window(
            (3, 0),
            (1, 5),
            Meaning::Focus,
        );
        let outputs =
            Grid::new(y, 1.15, outputs.clone()).height(0.75).title("outputs PV").sides(WORDS);
        let outputs = outputs.window((3, 0), (1, 2), Meaning::Focus);
        sheet.all([queries, keys, values, scores, weights, outputs]);
    })?;
    Ok(figure
        .caption("A query asks, a key is found, a value is handed over. Each score is the product of a query with a key, over the root of the count of its terms; a softmax makes weights of each row of scores; the output is the mean of the values with these weights. The row of \"its\" is framed, and so are the key and the value of \"dog\".")
        .description("Six tables with a row for each of five words. Queries and keys have four numbers for each word, scores and weights five, values and outputs two. In the row of its the largest weight stands under dog."))
}

/// A picture that becomes tokens.
fn tokens(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let figure = Schematic::new("From patches to tokens", (17.0, 8.4)).narrow((9.4, 14.6));
    let figure = figure.draw(|sheet| {
        let narrow = sheet.is_narrow();
        let names = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]];
        let picture = sheet.pick((0.4, 2.0), (0.4, 1.6));
        sheet.add(Grid::new(picture, 1.2, names).title("a picture in patches").window(
            (1, 1),
            (1, 1),
            Meaning::Focus,
        ));
        let product = sheet.pick((5.6, 2.9), (4.9, 2.0));
        let layer = Frame::new(product, sheet.pick((3.8, 1.8), (4.3, 2.8)), "one linear layer")
            .note("for every patch")
            .meaning(Meaning::Weight);
        sheet.add(Edge::new(sheet.pick((4.1, 3.8), (4.1, 3.4)), &layer));
        let top = sheet.pick((10.4, 1.6), (0.4, 7.4));
        let rows: Vec<Vec<String>> = std::iter::once("class".to_owned())
            .chain((1..=9).map(|i| format!("patch {i}")))
            .map(|name| vec![name])
            .collect();
        let tokens = Grid::new(top, sheet.pick(2.2, 2.6), rows)
            .height(0.56)
            .title("tokens")
            .window((5, 0), (1, 1), Meaning::Focus)
            .tint(0, 0, Meaning::Weight);
        let places: Vec<Vec<String>> = (0..10).map(|i| vec![format!("place {i}")]).collect();
        let at = sheet.pick((14.2, 1.6), (5.2, 7.4));
        let places = Grid::new(at, sheet.pick(2.2, 2.6), places)
            .height(0.56)
            .title("positions")
            .tint(0, 0, Meaning::Weight);
        let plus = sheet.pick((13.4, 4.4), (4.1, 10.2));
        if narrow {
            sheet.add(Edge::new(&layer, (1.7, 6.6)).through([(7.0, 5.7), (1.7, 5.7)]));
        } else {
            sheet.add(Edge::new(&layer, (10.3, 3.8)));
        }
        sheet.add(layer);
        sheet.all([tokens, places]);
        sheet.add(Words::middle(plus, "+"));
        let foot = sheet.pick((8.5, 7.9), (4.7, 13.9));
        sheet.add(Words::middle(foot, "the sum enters the first block").small());
    })?;
    Ok(figure
        .caption("A picture is cut into patches, and one layer makes a token of the pixels of each. A learned token for the class stands before them. To each token the learned numbers of its place are added: nothing else says where a patch was.")
        .description("A square of nine numbered patches, an arrow through a box for a linear layer, and a column of ten tokens, the class first. Beside it a column of ten positions with a plus sign between."))
}

/// One block of the encoder.
fn block(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let figure = Schematic::new("A block of the encoder", (17.4, 5.4)).narrow((9.0, 16.2));
    let figure = figure.draw(|sheet| {
        let narrow = sheet.is_narrow();
        let at = |i: usize| match narrow {
            false => (1.0 + 2.2 * i as f64, 2.8),
            true => (4.5, 0.7 + 1.95 * i as f64),
        };
        let size = sheet.pick((1.5, 1.5), (4.6, 1.1));
        let frame = |i: usize, label: &str, meaning| {
            let (x, y) = at(i);
            Frame::new((x - size.0 / 2.0, y - size.1 / 2.0), size, label).meaning(meaning)
        };
        let (x, end) = (Node::new(at(0), "X"), Node::new(at(7), "Y").square());
        let x = x.square();
        let first = frame(1, "norm", Meaning::Plain);
        let heads = frame(2, sheet.pick("heads", "attention, all heads"), Meaning::Focus);
        let (plus, again) = (Node::new(at(3), "+"), Node::new(at(6), "+"));
        let second = frame(4, "norm", Meaning::Plain);
        let mlp = frame(5, sheet.pick("MLP", "two layers, GELU"), Meaning::Weight);
        sheet.add(Edge::new(&x, &first));
        sheet.add(Edge::new(&first, &heads));
        sheet.add(Edge::new(&heads, &plus));
        sheet.add(Edge::new(&plus, &second));
        sheet.add(Edge::new(&second, &mlp));
        sheet.add(Edge::new(&mlp, &again));
        sheet.add(Edge::new(&again, &end));
        for (from, to, i, j) in [(&x, &plus, 0, 3), (&plus, &again, 3, 6)] {
            // One above and one below, so that each is seen to begin where it does.
            let (high, side) = if i == 0 { (0.9, 8.3) } else { (4.7, 0.7) };
            let corners = match narrow {
                false => [(at(i).0, high), (at(j).0, high)],
                true => [(side, at(i).1), (side, at(j).1)],
            };
            sheet.add(Edge::new(from, to).through(corners).meaning(Meaning::Value));
        }
        sheet.all([x, plus, again, end]);
        sheet.all([first, heads, second, mlp]);
    })?;
    Ok(figure
        .caption("Two residual branches. In the first, tokens look at each other; in the second, each token goes through two layers by itself. Both begin with layer normalisation, and what enters a branch is added to what leaves it.")
        .description("A line of parts from X to Y: norm, heads, plus, norm, MLP, plus. From X a line leads above the first two parts to the first plus, and from there another below the next two to the second plus."))
}

/// A matrix of scores that is never all there.
fn tiles(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let figure = Schematic::new("Scores, a tile at a time", (16.0, 8.6)).narrow((9.4, 15.4));
    let figure = figure.draw(|sheet| {
        let at = sheet.pick((1.2, 2.0), (1.2, 2.0));
        let done = |r: usize, c: usize| r < 2 || (2..4).contains(&r) && c < 2;
        let grid = Grid::empty(at, 0.85, 6, 6)
            .hollow(move |r, c| !(done(r, c) || (2..4).contains(&r) && (2..4).contains(&c)));
        let grid = grid
            .title("scores, queries by keys")
            .window((2, 2), (2, 2), Meaning::Focus)
            .window((2, 0), (2, 2), Meaning::Quiet);
        sheet.add(grid);
        let x = sheet.pick(8.6, 0.6);
        let y = sheet.pick(1.2, 8.4);
        let size = sheet.pick((7.2, 1.7), (8.2, 1.9));
        let largest =
            Frame::new((x, y), size, "m: largest score so far").note("one for each query");
        let sum = Frame::new((x, y + 2.3), size, "s: sum so far")
            .note("× exp(old m − new m), + sum of tile");
        let held = Frame::new((x, y + 4.6), size, "o: outputs so far")
            .note("× the same factor, + tile × V");
        sheet.add(Edge::new(&largest, &sum));
        sheet.add(Edge::new(&sum, &held));
        sheet.all([largest, sum.meaning(Meaning::Value), held.meaning(Meaning::Value)]);
        let foot = sheet.pick((4.0, 7.9), (4.7, 14.8));
        sheet.add(Words::middle(foot, "only the framed tile is in memory").small());
    })?;
    Ok(figure
        .caption("Tiles are computed from left to right, and each is forgotten when the next one comes. What remains of it is one largest score and one sum for each query, and the outputs. When a larger score turns up, what was added up before is made smaller by one factor. At the end the outputs are divided by the sums.")
        .description("A square of six by six cells. Those before are drawn with lines, those to come are dotted, and four cells in the middle are framed. Three boxes say what is kept: the largest score, the sum, the outputs."))
}

/// Several heads side by side.
fn heads(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let figure = Schematic::new("Several heads", (16.6, 7.2)).narrow((9.4, 15.6));
    let figure = figure.draw(|sheet| {
        let narrow = sheet.is_narrow();
        let x =
            Frame::new(sheet.pick((0.3, 2.7), (2.9, 0.4)), sheet.pick((2.2, 1.5), (3.6, 1.4)), "X")
                .note("(T, C)");
        let packed = Frame::new(
            sheet.pick((3.7, 2.7), (2.4, 3.0)),
            sheet.pick((2.8, 1.5), (4.6, 1.6)),
            "one layer",
        )
        .note("to (T, 3C)")
        .meaning(Meaning::Weight);
        let out = Frame::new(
            sheet.pick((12.4, 2.45), (2.2, 12.2)),
            sheet.pick((3.9, 2.0), (5.0, 2.4)),
            "one layer",
        )
        .note("side by side, to (T, C)")
        .meaning(Meaning::Weight);
        sheet.add(Edge::new(&x, &packed));
        for i in 0..3 {
            let at = match narrow {
                false => (7.7, 0.4 + 2.3 * i as f64),
                true => (0.2 + 3.05 * i as f64, 7.2),
            };
            let label = ["head 1", "head 2", "head h"][i];
            let size = sheet.pick((3.2, 1.6), (2.9, 2.4));
            let head = Frame::new(at, size, label).note("Q, K, V: C/h");
            let head = head.meaning(Meaning::Focus);
            let (x, y) = (at.0 + size.0 / 2.0, at.1 + size.1 / 2.0);
            let [from, to, on, end] = match narrow {
                false => [(6.5, 3.45), (at.0, y), (at.0 + size.0, y), (12.4, 3.45)],
                true => [(4.7, 4.6), (x, at.1), (x, at.1 + size.1), (4.7, 12.2)],
            };
            sheet.add(Edge::new(from, to));
            sheet.add(Edge::new(on, end));
            sheet.add(head);
        }
        sheet.all([x, packed, out]);
    })?;
    Ok(figure
        .caption("One layer makes queries, keys and values for all heads. Each head has its own C/h columns of each, looks where it wants, and hands back C/h numbers for every token. They stand side by side and go through another layer.")
        .description("A box X, an arrow to a box for one layer, arrows from there to three heads above each other, and from these to a last layer."))
}
