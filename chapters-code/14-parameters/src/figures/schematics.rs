//! How a mixture chooses, what a window hides, who shares a key, where a scale lies.

use notebook::figure::schematic::{Edge, Grid, Key, Meaning, Node, Schematic, Span, Strips, Words};
use notebook::{Figure, Format, Recorded, Table};

use crate::formats::Format as Bits;

/// One token, four experts, two of them chosen.
pub(super) fn mixture(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (width, inner, chosen, weights) =
        (4, 6, [true, false, true, false], ["0.7", "", "0.3", ""]);
    let expert = 3 * width * inner;
    let (all, met) = (chosen.len(), chosen.iter().filter(|c| **c).count());
    let router = all * width;
    let figure = Schematic::new("A mixture of four experts", (12.0, 5.6)).narrow((7.4, 5.6)).draw(
        |sheet| {
            let [left, second, third, last] =
                sheet.pick([0.8, 3.4, 7.2, 10.8], [0.6, 2.1, 4.3, 6.7]);
            let token = Node::new((left, 2.8), "x").square();
            let gate = Node::new((second, 2.8), "R").meaning(Meaning::Weight);
            let sum = Node::new((last, 2.8), "Σ");
            sheet.add(Edge::new(&token, &gate));
            for (i, meets) in chosen.into_iter().enumerate() {
                let at = (third, 0.7 + 1.4 * i as f64);
                let meaning = if meets { Meaning::Weight } else { Meaning::Quiet };
                let node = Node::new(at, format!("E{}", ["₁", "₂", "₃", "₄"][i])).meaning(meaning);
                sheet.add(Edge::new(&gate, &node).meaning(meaning));
                if meets {
                    sheet.add(Edge::new(&node, &sum).weight(weights[i]));
                }
                sheet.add(node);
            }
            sheet.all([token, gate, sum]);
        },
    )?;
    Ok(figure
        .caption(format!(
            "The router R scores all experts and the token x goes to two of them. With a width of {width} and an inner \
             width of {inner}, an expert has {expert} weights and the router {router}: {} in all, and {} that the token \
             meets.",
            router + all * expert,
            router + met * expert,
        ))
        .description(format!(
            "A square x leads to a circle R and from there to four circles, the experts. Lines to the first and the third are \
             thick and lead on to a sum, with the weights {} and {}; those to the others are dotted and end there.",
            weights[0], weights[2],
        )))
}

/// Which tokens each of eight looks back at, with and without a window.
pub(super) fn masks(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let (tokens, window) = (8, 3);
    let seen = |query: usize, limit: usize| move |key: usize| key <= query && query - key < limit;
    let pairs = |limit: usize| -> usize {
        (0..tokens).map(|q| (0..tokens).filter(|k| seen(q, limit)(*k)).count()).sum()
    };
    let mut data = Table::new(["Window", "Pairs of tokens | int"]);
    data.row(["all".into(), pairs(tokens).into()]);
    data.row([window.to_string().into(), pairs(window).into()]);
    let names = || (1..=tokens).map(|n| n.to_string());
    let figure = Schematic::new("What eight tokens look back at", (12.0, 6.2))
        .narrow((7.0, 11.8))
        .draw(|sheet| {
            let cell = sheet.pick(0.52, 0.52);
            let places = sheet.pick([(1.0, 1.3), (7.0, 1.3)], [(1.6, 1.2), (1.6, 6.7)]);
            for (at, limit, title) in
                [(places[0], tokens, "all"), (places[1], window, "a window of three")]
            {
                let mut grid = Grid::empty(at, cell, tokens, tokens)
                    .title(title)
                    .sides(names())
                    .hollow(|q, k| !seen(q, limit)(k));
                for query in 0..tokens {
                    for key in (0..tokens).filter(|key| seen(query, limit)(*key)) {
                        let kept = tokens - 1 - key < limit;
                        let meaning = if kept { Meaning::Focus } else { Meaning::Value };
                        grid = grid.tint(query, key, meaning);
                    }
                }
                sheet.add(grid);
            }
            let key = Key::new(sheet.pick((1.0, 5.9), (0.3, 11.3)));
            let key = key.entry(Meaning::Value, "seen");
            sheet.add(key.entry(Meaning::Focus, "seen, and still in the cache"));
        })?;
    Ok(figure
        .data(data)
        .caption(format!(
            "A row is a token and its filled cells are the tokens that it looks back at. Of {} pairs a window of {window} \
             leaves {}. In the cache the last {window} columns are enough.",
            pairs(tokens),
            pairs(window),
        ))
        .description(format!(
            "Two grids of {tokens} rows and columns. In the left one all cells on and below the diagonal are filled; in the \
             right one only the diagonal and the two cells left of it. Columns that the cache still holds after the last \
             row have another tint: all of them on the left, {window} on the right.",
        )))
}

/// Four heads of queries, with keys of their own, shared in groups, and made of one vector.
pub(super) fn sharing(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let kinds = [("each its own", 4), ("two groups", 2), ("one latent vector", 1)];
    let figure = Schematic::new("Who shares keys and values", (12.0, 4.2))
        .narrow((7.4, 12.0))
        .draw(|sheet| {
            for (i, (name, kept)) in kinds.into_iter().enumerate() {
                let (x, y) = sheet.pick((4.0 * i as f64, 0.0), (1.6, 4.0 * i as f64));
                sheet.add(Words::middle((x + 2.0, y + 0.5), name));
                let place = |j: usize, of: usize, row: f64| {
                    (x + 4.0 * (j as f64 + 0.5) / of as f64, y + row)
                };
                let stored: Vec<Node> = (0..kept)
                    .map(|j| {
                        let label = if kept == 1 { "c" } else { "kv" };
                        Node::new(place(j, kept, 3.2), label).square().meaning(Meaning::Focus)
                    })
                    .collect();
                for j in 0..4 {
                    let query = Node::new(place(j, 4, 1.5), "q");
                    sheet.add(Edge::new(&stored[j * kept / 4], &query).plain());
                    sheet.add(query);
                }
                sheet.all(stored);
            }
        })?;
    Ok(figure
        .caption(
            "What the cache holds for a token, drawn as squares. Four heads of queries, q, have keys and values of their \
             own, or share them in groups, or compute them from one vector c.",
        )
        .description(
            "Three drawings side by side, each with four circles q above squares. In the first each circle has its own \
             square kv, in the second two circles share a square, in the third all four are joined to a single square c.",
        ))
}

/// A block of weights and its scale, in bytes.
pub(super) fn scales(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let formats = [Bits::Q4_0, Bits::MXFP4];
    let bytes = |bits: u64| (bits / 8) as usize;
    let figure = Schematic::new("Thirty-two weights of four bits, and a scale", (12.0, 3.2))
        .narrow((7.4, 3.4))
        .draw(|sheet| {
            let left = sheet.pick(1.9, 1.7);
            let size = (sheet.size().0 - left - 0.1, 1.7);
            let mut strips =
                Strips::new((left, 0.8), size, 18).heads((1..=18).map(|n| match n % 4 {
                    0 => n.to_string(),
                    _ => String::new(),
                }));
            for format in formats {
                let weights = bytes(format.block * format.bits);
                let scale = weights + bytes(format.scale_bits);
                let spans = [
                    Span::new(0, weights, "32 weights").meaning(Meaning::Weight),
                    Span::new(weights, scale, "s").meaning(Meaning::Focus),
                ];
                strips = strips.row(format.name, spans);
            }
            sheet.add(strips);
            let left = sheet.pick(1.9, 0.2);
            sheet.add(
                Key::new((left, 2.9))
                    .entry(Meaning::Weight, "weights")
                    .entry(Meaning::Focus, "s, the scale"),
            );
        })?;
    let bits = |format: Bits| Format::Fixed(2).number(format.bits_per_weight());
    Ok(figure
        .caption(format!(
            "One block in bytes. Both formats store their weights in sixteen bytes. With a scale of two bytes a weight \
             takes {} bits, with a scale of one byte {}.",
            bits(Bits::Q4_0),
            bits(Bits::MXFP4),
        ))
        .description(
            "Two strips over eighteen columns, one for each byte. In both the first sixteen are weights; Q4_0 has a scale of \
             two more bytes, MXFP4 of one.",
        ))
}
