//! What a convolution reads and writes, forward and backward, and over what a normalisation goes.

use notebook::figure::schematic::{Edge, Grid, Meaning, Place, Schematic, Sketch, Words};
use notebook::{Figure, Format, Recorded, Table};

use crate::operations::definition::{self, Sizes};

fn number(x: impl Into<f64>) -> String {
    Format::Plain.number(x.into()).replace('-', "−")
}

/// One channel in, one out.
fn one_channel(side: usize, kernel: usize, stride: usize, padding: usize) -> Sizes {
    Sizes { samples: 1, channels: 1, image: [side; 2], outputs: 1, kernel, stride, padding }
}

/// Stride and padding, and beside them a dilation.
pub fn window(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let padded = one_channel(5, 3, 2, 1);
    let [rows, columns] = padded.output();
    // A dilated kernel of three sees every other of five pixels.
    let (dilation, side) = (2, 7);
    let reach = dilation * (padded.kernel - 1) + 1;
    let [dilated, _] = one_channel(side, reach, 1, 0).output();
    let figure = Schematic::new("What a window sees", (16.0, 5.6)).narrow((9.0, 11.4));
    let figure = figure.draw(|sheet| {
        let cell = 0.58;
        let whole = padded.image[0] + 2 * padded.padding;
        let (first, second) = sheet.pick(((0.2, 1.2), (8.6, 1.2)), ((0.3, 1.0), (0.3, 6.7)));
        let rim = |i: usize| i < padded.padding || i >= padded.padding + padded.image[0];
        let out = |at: Place| (at.0 + 5.3, at.1 + 1.1);
        let image = Grid::empty(first, cell, whole, whole)
            .title(format!("padding {}, stride {}", padded.padding, padded.stride))
            .hollow(|r, c| rim(r) || rim(c))
            .window((0, 0), (padded.kernel, padded.kernel), Meaning::Focus)
            .window((0, padded.stride), (padded.kernel, padded.kernel), Meaning::Value);
        let outputs = Grid::empty(out(first), cell, rows, columns)
            .window((0, 0), (1, 1), Meaning::Focus)
            .window((0, 1), (1, 1), Meaning::Value);
        let seen = (0..padded.kernel)
            .flat_map(|u| (0..padded.kernel).map(move |v| (dilation * u, dilation * v)));
        let wide = Grid::empty(second, cell, side, side).title(format!("dilation {dilation}"));
        let wide = seen.fold(wide, |grid, (r, c)| grid.tint(r, c, Meaning::Focus));
        let wide = wide.window((0, 0), (reach, reach), Meaning::Quiet);
        let answer =
            Grid::empty(out(second), cell, dilated, dilated).window((0, 0), (1, 1), Meaning::Focus);
        for (at, grids) in [(first, [image, outputs]), (second, [wide, answer])] {
            sheet.add(Edge::new((at.0 + 4.25, at.1 + 2.0), (at.0 + 5.15, at.1 + 2.0)));
            sheet.all(grids);
        }
    })?;
    let mut data = Table::new(["Window", "Padding", "Stride", "Dilation", "Image", "Outputs"]);
    for (padding, stride, dilation, image, outputs) in [
        (padded.padding, padded.stride, 1, padded.image[0], columns),
        (0, 1, dilation, side, dilated),
    ] {
        let row = [padded.kernel, padding, stride, dilation, image, outputs];
        data.row(row.map(Into::into));
    }
    Ok(figure
        .data(data)
        .caption(format!(
            "Two windows of side {0}. Dotted cells are the zeros of the padding. From one window, thick, to the next the step is the stride, so an image of side {1} has {2} outputs in a row. A dilated window leaves out pixels between those that it sees: it has {0} by {0} weights and reaches over {3} by {3} pixels.",
            padded.kernel, padded.image[0], columns, reach,
        ))
        .description(format!(
            "First, a grid of {0} by {0} pixels with a dotted rim and two overlapping frames at its top, and a grid of {1} by {1} outputs whose first two \
             cells are framed. Second, a grid of {2} by {2} pixels, of which every other pixel of the upper left {3} by {3} is tinted, and {4} by {4} outputs.",
            padded.image[0], columns, side, reach, dilated,
        )))
}

/// The convolution by hand of the page, forward and backward.
pub fn window_back(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let sizes = one_channel(3, 2, 1, 0);
    let x = [1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 3.0, 0.0, 1.0];
    let w = [1.0, 2.0, 3.0, 4.0];
    let delta = [1.0, -1.0, 0.0, 2.0];
    let y = definition::forward(sizes, &x, &w, &[0.0]);
    let gradients = definition::backward(sizes, &x, &w, &delta);
    let rows = |numbers: &[f32], side: usize| -> Vec<Vec<String>> {
        numbers.chunks(side).map(|row| row.iter().map(|&n| number(n)).collect()).collect()
    };
    let terms: Vec<String> = delta
        .iter()
        .zip(w.iter().rev())
        .map(|(d, w)| format!("{}·{}", number(*w), bracketed(*d)))
        .collect();
    let sum = format!("{} = {}", terms.join(" + "), number(gradients.x[4]));
    let figure = Schematic::new("A convolution, and back", (16.0, 10.1)).narrow((9.0, 9.4));
    let figure = figure.draw(|sheet| {
        let cell = sheet.pick(1.0, 0.82);
        let columns = sheet.pick([1.4, 6.6, 11.8], [0.15, 3.55, 6.9]);
        let (top, foot) = (1.1, sheet.pick(5.4, 5.2));
        let small = |c: usize, row: f64| (columns[c], row + cell / 2.0);
        sheet.add(Grid::new((columns[0], top), cell, rows(&x, 3)).title("x").window(
            (0, 0),
            (2, 2),
            Meaning::Value,
        ));
        sheet.add(Grid::new(small(1, top), cell, rows(&w, 2)).title("w"));
        sheet.add(Grid::new(small(2, top), cell, rows(&y, 2)).title("y").window(
            (0, 0),
            (1, 1),
            Meaning::Value,
        ));
        sheet.add(
            Grid::new((columns[0], foot), cell, rows(&gradients.x, 3)).title("∂L/∂x").window(
                (1, 1),
                (1, 1),
                Meaning::Gradient,
            ),
        );
        sheet.add(Grid::new(small(1, foot), cell, rows(&gradients.w, 2)).title("∂L/∂w"));
        sheet.add(Grid::new(small(2, foot), cell, rows(&delta, 2)).title("δ = ∂L/∂y").window(
            (0, 0),
            (2, 2),
            Meaning::Gradient,
        ));
        let middle = [top, foot].map(|row| row + 1.5 * cell);
        let ends = [columns[0] + 3.0 * cell, columns[1] + 2.0 * cell];
        for (sign, (from, to)) in
            ["∗", "="].into_iter().zip(ends.into_iter().zip([columns[1], columns[2]]))
        {
            sheet.add(Words::middle(((from + to) / 2.0, middle[0]), sign));
        }
        let gap = sheet.pick(0.35, 0.12);
        let back = Meaning::Gradient;
        sheet.add(
            Edge::new((columns[2] - gap, middle[1]), (ends[1] + gap, middle[1])).meaning(back),
        );
        // Round the gradient of w to that of x.
        let (from, to) = (columns[2] + cell, columns[0] + 1.5 * cell);
        let low = foot + 3.0 * cell + 0.75;
        let around = Edge::new((from, foot + 2.5 * cell + 0.1), (to, foot + 3.0 * cell + 0.1));
        sheet.add(around.through([(from, low), (to, low)]).meaning(back));
        sheet.add(Words::middle(((from + to) / 2.0, low + 0.6), sum.clone()).meaning(back));
    })?;
    let said = |numbers: &[f32]| numbers.iter().map(|&n| number(n)).collect::<Vec<_>>().join(" ");
    Ok(figure
        .caption(format!(
            "The convolution by hand. Above, forward: the framed window gives the framed output. Below, backward, for a gradient δ that we made up: four windows saw the pixel in the middle, each through another weight, and its gradient is the sum of what they hand back, {sum}.",
        ))
        .description(format!(
            "Two rows of grids. Above, from left to right, x with {}, w with {}, y with {}. Below, from right to left, delta with {}, the gradient of w \
             with {}, the gradient of x with {}.",
            said(&x), said(&w), said(&y), said(&delta), said(&gradients.w), said(&gradients.x),
        )))
}

fn bracketed(x: f32) -> String {
    if x < 0.0 { format!("({})", number(x)) } else { number(x) }
}

/// Over which numbers batch, layer and group normalisation take their mean.
pub fn axes(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let figure = Schematic::new("Over what is normalised", (23.0, 6.5)).narrow((9.0, 19.3));
    let figure = figure.draw(|sheet| {
        let [first, second, third] = sheet
            .pick([(3.2, 1.9), (9.8, 1.9), (16.4, 1.9)], [(2.7, 1.8), (2.7, 8.2), (2.7, 14.6)]);
        // Side by side, the first names the samples for all.
        let named = sheet.pick(false, true);
        images(sheet, first, "batch", true, |_, channel| channel == 1);
        images(sheet, second, "layer", named, |sample, _| sample == 1);
        images(sheet, third, "group", named, |sample, channel| sample == 1 && channel < 2);
    })?;
    Ok(figure
        .caption("A mini-batch: a row for each sample, a column for each channel, a small grid for the pixels. Each normalisation takes one mean and one variance over everything that is tinted. For batch normalisation that is one channel of all samples, for layer normalisation all channels of one sample, for group normalisation, here with two groups, half of the channels of one sample.")
        .description("Three arrangements of small grids, three samples by four channels. In the first, the grids of the second channel are tinted for all samples; in the second, those of the second sample for all channels; in the third, those of the second sample for the first two channels."))
}

/// Three samples by four channels of three by three pixels; some are tinted.
fn images(
    sheet: &mut Sketch,
    (left, top): Place,
    name: &str,
    named: bool,
    holds: impl Fn(usize, usize) -> bool,
) {
    const COUNT: usize = 3;
    let (cell, step) = (0.36, 1.4);
    sheet.add(Words::middle((left + 2.64, top - 1.45), name));
    for sample in 0..COUNT {
        let y = top + step * sample as f64;
        if named {
            let sample = format!("sample {}", sample + 1);
            sheet.add(Words::end((left - 0.2, y + 0.54), sample).small());
        }
        for channel in 0..=COUNT {
            let grid = Grid::empty((left + step * channel as f64, y), cell, COUNT, COUNT);
            sheet.add(match holds(sample, channel) {
                true => grid.window((0, 0), (COUNT, COUNT), Meaning::Focus),
                false => grid,
            });
        }
    }
    sheet.add(Words::new((left, top - 0.5), "channels 1, 2, 3, 4").small());
}
