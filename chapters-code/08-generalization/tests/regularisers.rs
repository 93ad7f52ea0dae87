//! Regularisers in the engine: gradients that differences confirm, dropout that
//! neither threads nor shards change, hooks that follow a training.

#![allow(clippy::unwrap_used)] // a test may panic

use backprop::check::check;
use backprop::fixtures::numbers;
use backprop::{Activation, Engine, Linear, Network, Options, Real, Rows, Sgd, Shape};
use generalization::averages::{Average, Kind};
use generalization::corruption::Corruption;
use generalization::dropout::Dropout;
use generalization::ensemble;
use generalization::fit::{Training, unseen};
use generalization::mixing::{Mixed, own_share};
use generalization::regularisers::Regularisers;
use generalization::smoothing::Smoothed;
use generalization::stopping::Stopping;
use learning::Labelled;
use ndarray::{Array1, Array3, array};
use notebook::Rng;
use optimization::{Garments, Samples};
use proptest::prelude::{prop_assert, proptest};
use rand::{RngExt as _, SeedableRng as _};

/// Two layers with dropout between them, under a smoothed loss.
fn network<T: Real>() -> Network<T> {
    Network::new(Shape::row(9))
        .then("0", Linear::new(9, 40).with(Activation::Tanh))
        .and_then(|n| n.then("1", Dropout::new(0.4, 0)))
        .and_then(|n| n.then("2", Linear::new(40, 4)))
        .unwrap()
        .with_loss(Smoothed { share: 0.2 })
}

fn engine<T: Real>(network: Network<T>, shards: usize, threads: usize) -> Engine<T> {
    let options = Options { batch: 13, shards, threads, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    let mut weights = engine.weights();
    for (seed, tensor) in (0..).zip(&mut weights) {
        let data = numbers(seed, tensor.data.len());
        tensor.data = data.into_iter().map(|x| T::of(x.into())).collect();
    }
    engine.set_weights(&weights).unwrap();
    (engine.moment.seed, engine.moment.step) = (5, 7);
    engine
}

fn rows<T: Real>(n: usize) -> (Vec<T>, Vec<usize>) {
    let x = numbers(9, n * 9).into_iter().map(|x| T::of(x.into())).collect();
    (x, (0..n).map(|i| i % 4).collect())
}

#[test]
fn the_gradients_of_dropout_and_smoothing_are_those_of_differences() {
    let mut engine = engine::<f64>(network(), 3, 2);
    let (x, labels) = rows(13);
    let found = check(&mut engine, &Rows { x: &x, labels: &labels }).unwrap().unwrap();
    assert!(found.error < 1e-6, "{}: {}", found.name, found.error);
}

#[test]
fn dropout_of_images_has_the_gradients_of_differences() {
    let network = Network::<f64>::new(Shape::image(3, 2, 3))
        .then("0", Dropout::new(0.3, 0))
        .and_then(|n| n.then("1", Linear::new(18, 5)))
        .unwrap();
    let mut engine = engine(network, 2, 1);
    let x: Vec<f64> = numbers(3, 7 * 18).into_iter().map(f64::from).collect();
    let found = check(&mut engine, &Rows { x: &x, labels: &[0, 1, 2, 3, 4, 0, 1] });
    let found = found.unwrap().unwrap();
    assert!(found.error < 1e-6, "{}: {}", found.name, found.error);
}

#[test]
fn dropout_is_the_same_for_any_threads_and_shards() {
    let (x, labels) = rows(13);
    let batch = Rows { x: &x, labels: &labels };
    let train = |shards, threads| {
        let mut engine = engine::<f32>(network(), shards, threads);
        for _ in 0..4 {
            engine.step(&batch, &Sgd { rate: 0.3 }).unwrap();
        }
        engine.weights()
    };
    let one = train(1, 1);
    for (shards, threads) in [(1, 2), (3, 1), (3, 2), (8, 4), (13, 3)] {
        assert_eq!(train(shards, threads), one, "{shards} shards, {threads} threads");
    }
}

#[test]
fn what_is_dropped_changes_with_step_layer_sample_and_seed_and_not_in_prediction() {
    let drawn = |seed, step, layer| {
        let mut network = Network::<f32>::new(Shape::row(64));
        let dropped =
            network.push("0", Dropout::new(0.5, layer), &[Network::<f32>::INPUT]).unwrap();
        network.keep(dropped).unwrap();
        let options = Options { batch: 2, ..Options::default() };
        let mut engine = Engine::new(network, options).unwrap();
        (engine.moment.seed, engine.moment.step) = (seed, step);
        let batch = Rows { x: &[1.0; 128], labels: &[0, 0] };
        engine.loss(&batch).unwrap();
        let mut y = vec![0.0; 128];
        engine.read(dropped, &mut y).unwrap();
        let mut asked = vec![0.0; 128];
        engine.predict(&batch, &mut asked).unwrap();
        assert_eq!(asked, [1.0; 128], "prediction drops nothing");
        y
    };
    let first = drawn(1, 0, 0);
    assert!(first.iter().all(|&y| y == 0.0 || y == 2.0));
    assert!((30..98).contains(&first.iter().filter(|&&y| y == 0.0).count()));
    assert_ne!(first[..64], first[64..], "another sample");
    assert_eq!(first, drawn(1, 0, 0));
    for other in [drawn(2, 0, 0), drawn(1, 1, 0), drawn(1, 0, 1)] {
        assert_ne!(first, other);
    }
}

#[test]
fn a_share_of_all_is_refused() {
    for share in [1.0, -0.1, f64::NAN] {
        let network = Network::<f32>::new(Shape::row(3)).then("0", Dropout::new(share, 0));
        let error = network.unwrap_err().to_string();
        assert!(error.contains("give a number from 0"), "{error}");
    }
}

#[test]
fn stopping_waits_and_goes_back() {
    let mut engine = engine::<f32>(network(), 1, 1);
    let mut stopping = Stopping::new(2);
    let best = engine.weights();
    assert!(!stopping.see(f64::NAN, &engine) && stopping.best().is_none());
    assert!(!stopping.see(0.5, &engine));
    let (x, labels) = rows(13);
    engine.step(&Rows { x: &x, labels: &labels }, &Sgd { rate: 0.3 }).unwrap();
    // Equal is no gain.
    assert!(!stopping.see(0.5, &engine));
    assert!(stopping.see(0.6, &engine));
    assert_ne!(engine.weights(), best);
    stopping.restore(&mut engine).unwrap();
    assert_eq!(engine.weights(), best);
    assert_eq!(stopping.best().map(|best| (best.epoch, best.value)), Some((2, 0.5)));
}

#[test]
fn averages_of_weights_that_stay_are_the_weights() {
    let mut engine = engine::<f32>(network(), 1, 1);
    for kind in [Kind::Plain, Kind::Exponential { keep: 0.9 }] {
        let mut average = Average::new(kind);
        let before = engine.weights();
        average.give(&mut engine).unwrap();
        assert_eq!(engine.weights(), before, "nothing was seen");
        for _ in 0..5 {
            average.see(&engine);
        }
        assert_eq!((average.weights(), average.seen()), (&before[..], 5));
    }
}

/// So many garments of noise, with classes in turn.
fn garments(n: usize, seed: u64) -> Labelled {
    let mut rng = Rng::seed_from_u64(seed);
    let images = Array3::from_shape_simple_fn((n, 28, 28), || rng.random());
    Labelled { images, labels: Array1::from_shape_fn(n, |i| (i % 10) as u8) }
}

#[test]
fn with_any_regularisers_threads_do_not_matter() {
    let learn = garments(300, 1);
    let all = "decay=0.5,dropout=0.2,smoothing=0.1,shift=1,mixing=0.4,stop-error=2,average=0.9";
    let train = |threads| {
        let widths = &[784, 20, 10];
        let training = Training { learn: &learn, widths, epochs: 3, seed: 3 };
        let fitted = training.fit(&all.parse().unwrap(), threads, &mut unseen).unwrap();
        (fitted.engine.weights(), fitted.best)
    };
    assert_eq!(train(1), train(3));
}

#[test]
fn nothing_is_the_training_of_chapter_seven() {
    use optimization::{Optimizer, Recipe, Schedule, mlp, unwatched};
    let learn = garments(300, 2);
    let training = Training { learn: &learn, widths: &mlp::WIDTHS, epochs: 2, seed: 4 };
    let ours = training.fit(&Regularisers::default(), 2, &mut unseen).unwrap();
    let recipe = Recipe {
        optimizer: Optimizer::ADAM,
        schedule: Schedule::constant(1e-3),
        epochs: 2,
        seed: 4,
        ..Recipe::new(mlp::mlp as optimization::recipe::Make, Garments::new(&learn))
    };
    let theirs = recipe.train(1, &mut unwatched).unwrap();
    assert_eq!(ours.engine.weights(), theirs.engine.weights());
}

#[test]
fn mixtures_lie_between_two_garments_and_keep_their_label() {
    let learn = garments(50, 3);
    let samples = Garments::new(&learn);
    let mixed = |alpha| Mixed { samples, alpha, seed: 1, name: "mixed".into() };
    let pixels = |samples: &dyn Samples, epoch, i| {
        let mut to = vec![0.0; 784];
        samples.input(epoch, i, &mut to);
        to
    };
    assert_eq!(pixels(&mixed(0.0), 3, 7), pixels(&samples, 3, 7), "α = 0 mixes nothing");
    let one = mixed(1.0);
    assert_eq!(pixels(&one, 3, 7), pixels(&one, 3, 7));
    assert_ne!(pixels(&one, 3, 7), pixels(&one, 4, 7), "another epoch, another mixture");
    assert_eq!(one.label(7, 0), samples.label(7, 0));
    // Some other garment and some share explain all pixels.
    let (mixture, own) = (pixels(&one, 3, 7), pixels(&samples, 0, 7));
    let explained = (0..50).filter(|&j| j != 7).any(|j| {
        let other = pixels(&samples, 0, j);
        let share = (mixture[0] - other[0]) / (own[0] - other[0]);
        let near = |i: usize| (share * own[i] + (1.0 - share) * other[i] - mixture[i]).abs() < 1e-3;
        (0.0..=1.0).contains(&share) && (0..784).all(near)
    });
    assert!(explained);
}

#[test]
fn own_shares_have_the_moments_of_their_distribution() {
    for alpha in [0.1, 0.3, 1.0, 4.0] {
        let mut rng = Rng::seed_from_u64(7);
        let shares: Vec<f64> = (0..40_000).map(|_| own_share(alpha, &mut rng)).collect();
        assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{alpha}");
        // The moments of Beta(a, b): a / (a + b), and that times (a + 1) / (a + b + 1).
        let (a, sum) = (alpha + 1.0, 2.0 * alpha + 1.0);
        let expected = [a / sum, a * (a + 1.0) / (sum * (sum + 1.0))];
        for (power, expected) in (1..).zip(expected) {
            let found = shares.iter().map(|share| share.powi(power)).sum::<f64>() / 40_000.0;
            assert!((found - expected).abs() < 5e-3, "{alpha}: {found} for {expected}");
        }
    }
}

#[test]
fn corruption_does_what_it_says() {
    let data = garments(2_000, 4);
    let apply = |how: Corruption| how.apply(&data, &mut Rng::seed_from_u64(9));
    assert_eq!(apply(Corruption::Labels(0.0)), data);
    let half = apply(Corruption::Labels(0.5));
    let changed = half.y().iter().zip(data.y()).filter(|(a, b)| a != b).count();
    // Half are drawn, and a tenth of these stay.
    assert!((800..1000).contains(&changed), "{changed}");
    let sorted = |labelled: &Labelled, i| {
        let mut pixels: Vec<u8> =
            labelled.images.outer_iter().nth(i).unwrap().iter().copied().collect();
        pixels.sort_unstable();
        pixels
    };
    let order = |labelled: &Labelled, i: usize| -> Vec<usize> {
        // Garments of noise have equal pixels, so follow those whose value stands once.
        let image = |of: &Labelled| {
            of.images.outer_iter().nth(i).unwrap().iter().copied().collect::<Vec<u8>>()
        };
        let (now, before) = (image(labelled), image(&data));
        let once = |v: &u8| before.iter().filter(|&w| w == v).count() == 1;
        now.iter()
            .map(|v| if once(v) { before.iter().position(|w| w == v).unwrap() } else { 784 })
            .collect()
    };
    let agree = |how| {
        let shuffled = apply(how);
        assert_eq!(sorted(&shuffled, 3), sorted(&data, 3));
        assert_ne!(shuffled.images, data.images);
        let both = order(&shuffled, 3).into_iter().zip(order(&shuffled, 4));
        both.filter(|&(a, b)| a < 784 && b < 784).all(|(a, b)| a == b)
    };
    assert!(agree(Corruption::OneShuffle));
    assert!(!agree(Corruption::OwnShuffle));
}

#[test]
fn an_ensemble_of_one_is_that_one_and_of_none_is_none() {
    let p = array![[0.2, 0.8], [0.5, 0.5]];
    assert_eq!(ensemble::mean(std::slice::from_ref(&p)), Some(p.clone()));
    assert_eq!(ensemble::mean(&[]), None);
    assert_eq!(
        ensemble::mean(&[p, array![[0.6, 0.4], [0.1, 0.9]]]),
        Some(array![[0.4, 0.6000000000000001], [0.3, 0.7]])
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(decay in 0.0..10.0_f64, dropout in 0.0..0.9_f64, shift in 0..9_usize, patience in 1..99_u64, falling: bool) {
        let falling = if falling { ",falling" } else { "" };
        let text = format!("decay={decay},dropout={dropout},shift={shift},stop-loss={patience}{falling}");
        let all: Regularisers = text.parse().unwrap();
        let again: Regularisers = all.to_string().parse().unwrap();
        prop_assert!(all == again);
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for (text, word) in [
        ("drop=0.5", "no regulariser"),
        ("dropout", "give a share"),
        ("dropout=1", "give a share"),
        ("dropout=NaN", "give a share"),
        ("decay=-1", "0 to 100"),
        ("shift=29", "0 to 28"),
        ("stop-error=0", "epochs"),
        ("stop-error=3,stop-loss=3", "twice"),
        ("falling=1", "no regulariser"),
    ] {
        let error = text.parse::<Regularisers>().unwrap_err().to_string();
        assert!(error.contains(word) && !error.contains('\n'), "{text}: {error}");
    }
    assert_eq!("".parse(), Ok(Regularisers::default()));
}
