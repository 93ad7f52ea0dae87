//! Schematics of the chapter: the trainer's loop, the rules as a family, and the way to a fault.

use notebook::figure::schematic::{Edge, Frame, Meaning, Schematic, Words};
use notebook::{Chapter, Figure, Recorded};

/// Adds them.
pub fn add(chapter: Chapter) -> Chapter {
    chapter.figure("loop", trainers_loop).figure("family", family).figure("search", search)
}

fn trainers_loop(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    Ok(Schematic::new("A step of the trainer", (12.0, 4.6))
        .narrow((6.4, 8.6))
        .draw(|sheet| {
            let at = |wide, narrow| sheet.pick(wide, narrow);
            let size = (2.6, 1.0);
            let order = Frame::new(at((0.2, 0.4), (0.2, 0.3)), size, "order").note("seed, epoch");
            let batch = Frame::new(at((3.2, 0.4), (3.6, 0.3)), size, "mini-batch").note("B samples");
            let loss = Frame::new(at((6.2, 0.4), (3.6, 2.2)), size, "loss").note("forward");
            let gradient = Frame::new(at((9.2, 0.4), (3.6, 4.1)), size, "gradient")
                .note("backward")
                .meaning(Meaning::Gradient);
            let weights = Frame::new(at((6.2, 3.0), (0.2, 4.1)), size, "weights")
                .meaning(Meaning::Weight);
            let rule = Frame::new(at((9.2, 3.0), (3.6, 6.0)), size, "rule").note("rate of the step");
            let watch = Frame::new(at((3.2, 3.0), (0.2, 7.3)), size, "watch").note("save, stop");
            sheet.add(Edge::new(&order, &batch));
            sheet.add(Edge::new(&batch, &loss));
            sheet.add(Edge::new(&loss, &gradient).meaning(Meaning::Gradient));
            sheet.add(Edge::new(&gradient, &rule).meaning(Meaning::Gradient));
            sheet.add(Edge::new(&rule, &weights).meaning(Meaning::Weight));
            sheet.add(Edge::new(&weights, &loss).meaning(Meaning::Weight));
            sheet.add(Edge::new(&weights, &watch));
            sheet.all([order, batch, loss, gradient, weights, rule, watch]);
        })?
        .caption("One turn of the loop. The number of steps taken decides the epoch, the place in its order and the rate.")
        .description("Boxes and arrows: from the order to the mini-batch, to the loss, to the gradient, to the rule, to the weights, and back to the loss; from the weights to somebody who watches, saves and stops."))
}

fn family(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    Ok(Schematic::new("What each rule adds to the one before", (12.0, 4.4))
        .narrow((6.4, 8.4))
        .draw(|sheet| {
            let at = |wide, narrow| sheet.pick(wide, narrow);
            let size = (2.6, 1.0);
            let frame = |wide, narrow, name: &str, note: &str| {
                Frame::new(at(wide, narrow), size, name).note(note)
            };
            let sgd = frame((0.2, 1.7), (1.9, 0.2), "SGD", "nothing");
            let momentum = frame((3.4, 0.4), (0.2, 2.0), "momentum", "fading sum of g");
            let nesterov = frame((9.2, 0.4), (0.2, 7.2), "Nesterov", "looks ahead");
            let adagrad = frame((3.4, 3.0), (3.6, 2.0), "AdaGrad", "sum of g²");
            let rmsprop = frame((6.3, 3.0), (3.6, 3.8), "RMSProp", "mean of g²");
            let adam = frame((6.3, 1.7), (1.9, 5.5), "Adam", "both means");
            let adamw = frame((9.2, 1.7), (3.6, 7.2), "AdamW", "decay beside");
            for (from, to) in [
                (&sgd, &momentum),
                (&sgd, &adagrad),
                (&momentum, &nesterov),
                (&adagrad, &rmsprop),
                (&momentum, &adam),
                (&rmsprop, &adam),
                (&adam, &adamw),
            ] {
                sheet.add(Edge::new(from, to));
            }
            sheet.all([sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw]);
        })?
        .caption("The rules as a family. Below each name stands what it remembers, or what it changes.")
        .description("Boxes and arrows: from SGD to momentum and to AdaGrad; from momentum to Nesterov's rule; from AdaGrad to RMSProp; from momentum and RMSProp to Adam; from Adam to AdamW."))
}

fn search(_: &Recorded<'_>) -> anyhow::Result<Figure> {
    let steps = [
        ("first loss ≈ ln k?", "no: inputs, first", "weights, loss"),
        ("one batch by heart?", "no: gradient, its", "reset, the loss"),
        ("epoch below ln k?", "no: labels beside", "their inputs"),
        ("above a linear rule?", "no: activations,", "dead units"),
    ];
    Ok(Schematic::new("Where to look when it does not learn", (10.0, 6.6))
        .narrow((6.4, 9.0))
        .draw(|sheet| {
            let gap = sheet.pick(1.6, 2.2);
            let wide = sheet.pick(4.2, 3.1);
            let mut before: Option<Frame> = None;
            for (i, (question, no, more)) in steps.into_iter().enumerate() {
                let y = 0.3 + gap * i as f64;
                let frame = Frame::new((0.2, y), (wide, 1.0), question).meaning(Meaning::Focus);
                if let Some(before) = &before {
                    sheet.add(Edge::new(before, &frame).above("yes"));
                }
                let x = wide + sheet.pick(0.6, 0.3);
                sheet.add(Words::new((x, y + 0.3), no));
                sheet.add(Words::new((x, y + 0.8), more));
                sheet.add(frame.clone());
                before = Some(frame);
            }
        })?
        .caption("Four questions from top to bottom, each a matter of seconds or minutes. The first that is answered by no says where the fault is.")
        .description("Four boxes, one below another, joined by arrows that say yes: is the first loss the logarithm of the number of classes, is one mini-batch learned by heart, is the loss of an epoch below a guess, is the accuracy above that of a linear rule. Beside each stands where to look if not."))
}
