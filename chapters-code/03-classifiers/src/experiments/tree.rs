//! Where does a tree ask, and what does it cost to ask until nothing is left?

use learning::bootstrap::mean;
use learning::{Bootstrap, FashionMnist, correct, fashion};
use ndarray::{Array2, ArrayView2, array};
use notebook::{Recorder, Table};
use rayon::prelude::*;

use super::pixels;
use crate::trees::{DecisionTree, FittedTree, PlainTree, Stop, Tree};
use crate::{Classifier as _, Fit as _, Inputs};

/// The deepest question that is allowed; the last tree has no limit.
const DEPTHS: [usize; 9] = [1, 2, 4, 6, 8, 10, 12, 16, 24];

/// Six samples by hand, then the first questions about a garment, and trees of every depth.
pub fn tree(recorder: &mut Recorder) -> anyhow::Result<()> {
    by_hand(recorder)?;
    let data = FashionMnist::of(recorder)?;
    let (x, y) = (pixels(&data.train)?, data.train.y());
    let (new, truth) = (pixels(&data.test)?, data.test.y());
    let mut rng = recorder.rng();
    let (mut train, mut test, mut leaves) = (Vec::new(), Vec::new(), Vec::new());
    let mut rights = Vec::new();
    let depths: Vec<Option<usize>> = DEPTHS.into_iter().map(Some).chain([None]).collect();
    let grow = |depth: &Option<usize>| {
        DecisionTree { stop: Stop { depth: *depth, ..Stop::default() } }.fit(Inputs::Bytes(x), y)
    };
    let trees: Vec<FittedTree> = depths.par_iter().map(grow).collect::<Result<_, _>>()?;
    for (depth, fitted) in depths.into_iter().zip(trees) {
        let right = correct(truth, &fitted.predict(Inputs::Bytes(new))?);
        train.push(mean(&correct(y, &fitted.predict(Inputs::Bytes(x))?)));
        test.push(Bootstrap::default().mean(&right, &mut rng));
        leaves.push(fitted.tree().leaves());
        rights.push(right);
        if depth == Some(2) {
            first_questions(recorder, x, y, &fitted);
        }
        if depth.is_none() {
            recorder.value("whole/depth", fitted.tree().depth());
            recorder.value("whole/leaves", fitted.tree().leaves());
        }
    }
    let best = (0..test.len()).max_by(|a, b| test[*a].estimate.total_cmp(&test[*b].estimate));
    let (best, last) = (best.unwrap_or(0), test.len() - 1);
    // The whole tree stands where its own depth is.
    let depths = DEPTHS.map(|depth| depth as f64);
    recorder
        .series("depth", "Most questions", depths)
        .curve("training garments", train[..last].iter().copied())
        .banded("test garments", test[..last].iter().map(|found| found.band()));
    recorder.value("best/depth", DEPTHS.get(best).copied().unwrap_or_default());
    recorder.value("best/leaves", leaves[best]);
    recorder.estimate("best/test", test[best]);
    recorder.estimate("whole/test", test[last]);
    recorder.value("whole/train", train[last]);
    let lost = Bootstrap::default().paired(&rights[best], &rights[last], &mut rng);
    recorder.estimate("whole/lost", lost);
    recorder
        .claim("whole-tree-knows-all", "The whole tree is right for every training garment.")
        .equal(train[last], 1.0);
    recorder.claim("rises", "Each deeper tree is right for more training garments.").all(
        train.windows(2).filter(|pair| pair[0] < pair[1]).count(),
        last,
        "steps down",
    );
    Ok(())
}

/// Six samples of two features: every cut of the root, and the tree.
fn by_hand(recorder: &mut Recorder) -> anyhow::Result<()> {
    // ANCHOR: six
    let x: Array2<f32> = array![[1., 4.], [2., 1.], [3., 3.], [4., 2.], [5., 6.], [6., 5.]];
    let y = [0, 0, 0, 1, 0, 1];
    // ANCHOR_END: six
    let heads = ["Feature | int", "Threshold | fixed 1", "Left", "Right", "Impurity | fixed 3"];
    let mut cuts = Table::new(heads);
    for feature in 0..2 {
        for value in 1..6 {
            let threshold = value as f32 + 0.5;
            let side = |left: bool| {
                let here = (0..6).filter(|&row| (x[[row, feature]] <= threshold) == left);
                here.fold([0_usize; 2], |mut counts, row| {
                    counts[usize::from(y[row])] += 1;
                    counts
                })
            };
            let (left, right) = (side(true), side(false));
            let impurity = (weighted(&left) + weighted(&right)) / 6.0;
            let show = |[a, b]: [usize; 2]| format!("{a} + {b}");
            cuts.row([
                (feature + 1).into(),
                f64::from(threshold).into(),
                show(left).into(),
                show(right).into(),
                impurity.into(),
            ]);
        }
    }
    recorder.table("six/cuts", cuts);
    let mut samples = Table::new(["Sample | int", "x₁ | int", "x₂ | int", "Class | int"]);
    for (place, (row, class)) in x.rows().into_iter().zip(y).enumerate() {
        let [first, second] = [0, 1].map(|feature| f64::from(row[feature]));
        samples.row([(place + 1).into(), first.into(), second.into(), usize::from(class).into()]);
    }
    recorder.table("six/samples", samples);
    recorder.value("six/impurity", weighted(&[4, 2]) / 6.0);
    let plain = PlainTree::grow(x.view(), &y, &[0, 1, 2, 3, 4, 5], 2);
    let fast = DecisionTree::default().fit(Inputs::Reals(x.view()), &y)?;
    recorder.value("six/leaves", fast.tree().leaves());
    let asked: Vec<f64> = fast
        .tree()
        .nodes()
        .iter()
        .filter(|node| !node.is_leaf())
        .map(|node| node.threshold.into())
        .collect();
    for (key, threshold) in ["six/first", "six/second"].into_iter().zip(asked) {
        recorder.value(key, threshold);
    }
    let alike = x.rows().into_iter().zip(fast.predict(Inputs::Reals(x.view()))?);
    let alike = alike.filter(|(row, answer)| plain.leaf(*row)[usize::from(*answer)] > 0).count();
    recorder
        .claim("six-alike", "The plain tree and the fast one give all six samples one answer.")
        .all(alike, 6, "samples");
    Ok(())
}

/// The samples of a side times its Gini impurity.
fn weighted(counts: &[usize]) -> f64 {
    let n: usize = counts.iter().sum();
    let squares: usize = counts.iter().map(|count| count * count).sum();
    n as f64 - squares as f64 / n.max(1) as f64
}

/// The questions of a tree of depth two, and the impurity of every cut through the root's pixel.
fn first_questions(recorder: &mut Recorder, x: ArrayView2<'_, u8>, y: &[u8], fitted: &FittedTree) {
    let tree: &Tree = fitted.tree();
    let heads =
        ["Node | int", "Row | int", "Column | int", "Threshold | fixed 1", "Garments | int"];
    let mut asked = Table::new(heads);
    let mut answers =
        Table::new(["Node | int", "Garments | int", "Likeliest", "Share | percent 0"]);
    for (place, node) in tree.nodes().iter().enumerate() {
        let garments = node.weight as usize;
        if node.is_leaf() {
            let shares = tree.values_of(node);
            let best = (0..shares.len()).fold(0, |a, b| if shares[b] > shares[a] { b } else { a });
            let share = f64::from(shares[best]);
            answers.row([
                place.into(),
                garments.into(),
                fashion::CLASSES[best].into(),
                share.into(),
            ]);
        } else {
            let (row, column) =
                (node.feature as usize / fashion::SIDE, node.feature as usize % fashion::SIDE);
            let threshold = f64::from(node.threshold);
            asked.row([place.into(), row.into(), column.into(), threshold.into(), garments.into()]);
        }
    }
    recorder.table("first/questions", asked);
    recorder.table("first/answers", answers);
    let root = tree.nodes()[0];
    let mut counts = vec![[0_usize; 10]; 256];
    for (&value, &class) in x.column(root.feature as usize).iter().zip(y) {
        counts[usize::from(value)][usize::from(class)] += 1;
    }
    let all = counts.iter().fold([0; 10], added);
    let mut left = [0; 10];
    let mut cuts = Vec::new();
    for (value, here) in counts.iter().enumerate().take(255) {
        left = added(left, here);
        let right = std::array::from_fn::<_, 10, _>(|class| all[class] - left[class]);
        cuts.push((value as f64 + 0.5, (weighted(&left) + weighted(&right)) / y.len() as f64));
    }
    recorder
        .series("first/impurity", "Threshold", cuts.iter().map(|cut| cut.0))
        .curve("both sides", cuts.iter().map(|cut| cut.1));
    recorder.value("first/before", weighted(&all) / y.len() as f64);
    let after = cuts.iter().fold(f64::INFINITY, |least, cut| least.min(cut.1));
    recorder.value("first/after", after);
    recorder.value("first/threshold", f64::from(root.threshold));
}

fn added(mut sum: [usize; 10], more: &[usize; 10]) -> [usize; 10] {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    sum
}
