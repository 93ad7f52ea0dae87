//! The copier: its embedding, its plain forward pass beside the engine's, scores of maps, and maps that give one output.

use attention::experiments::induction::hand::by_hand;
use attention::induction::opened::unchanged;
use attention::induction::repeats::{TOKENS, WORDS};
use attention::induction::{Copier, Opened, Repeats, Sequence, scores};
use attention::operations::Embedding;
use attention::same::{distance, farthest};
use backprop::check::check;
use backprop::fixtures::assert_close;
use backprop::{Engine, Linear, Network, Options, Sequences, Shape};
use ndarray::{Array2, arr2};
use notebook::{Rng, Stream, stream};
use optimization::{Initialisation, Samples as _};

fn rng(seed: u64) -> Rng {
    stream(seed, Stream::Weights)
}

fn engine(model: Copier) -> Engine<f32> {
    let options = Options { batch: 4, shards: 2, threads: 2, training: true };
    let mut engine = Engine::new(model.network().unwrap(), options).unwrap();
    Initialisation::Glorot.draw(&mut engine, &mut rng(1)).unwrap();
    engine
}

/// Sequences as a mini-batch.
fn batch(repeats: &Repeats) -> (Vec<f32>, Vec<Option<usize>>) {
    let (mut x, mut labels) = (vec![0.0; repeats.len() * TOKENS], Vec::new());
    for (i, x) in x.chunks_exact_mut(TOKENS).enumerate() {
        repeats.input(0, i, x);
        labels.extend((0..TOKENS).map(|t| repeats.label(i, t)));
    }
    (x, labels)
}

#[test]
fn the_gradient_of_tables_is_that_of_differences() {
    let table = Embedding { words: 5, width: 3, deviation: 1.0 };
    let network = Network::<f64>::new(Shape::sequence(4, 1)).then("words", table).unwrap();
    let network = network.then("next", Linear::new(3, 5)).unwrap();
    let options = Options { batch: 3, shards: 2, threads: 1, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    Initialisation::Normal(0.7).draw(&mut engine, &mut rng(2)).unwrap();
    let x: Vec<f64> = (0..12).map(|i| f64::from(i * 3 % 5)).collect();
    let labels: Vec<Option<usize>> = (0..12).map(|i| (i != 7).then_some(i * 2 % 5)).collect();
    let batch = Sequences { x: &x, labels: &labels, tokens: 4 };
    let worst = check(&mut engine, &batch).unwrap().unwrap();
    assert!(worst.error < 1e-6, "{worst:?}");
}

#[test]
fn tables_refuse_what_they_cannot_look_up() {
    let table = Embedding { words: 5, width: 3, deviation: 1.0 };
    let said = |input: Shape, table: Embedding| {
        Network::<f32>::new(input).then("words", table).unwrap_err().to_string()
    };
    assert!(said(Shape::sequence(4, 2), table).contains("it takes the numbers of words"));
    assert!(said(Shape::row(4), table).contains("it takes the numbers of words"));
    let none = Embedding { words: 0, ..table };
    assert!(said(Shape::sequence(4, 1), none).contains("a table without numbers"));
    let mut engine = engine(Copier { layers: 1, heads: 1, width: 8, spread: 0.5 });
    let (x, labels) = (vec![WORDS as f32; TOKENS], vec![Some(0); TOKENS]);
    assert!(engine.loss(&Sequences { x: &x, labels: &labels, tokens: TOKENS }).is_err());
}

#[test]
fn opened_it_answers_as_the_engine_does() {
    for model in [
        Copier { layers: 2, heads: 1, width: 16, spread: 0.5 },
        Copier { layers: 1, heads: 3, width: 24, spread: 0.5 },
        Copier { layers: 3, heads: 2, width: 20, spread: 0.5 },
    ] {
        let mut engine = engine(model);
        let repeats = Repeats::draw(4, 8..=16, &mut rng(3));
        let (x, labels) = batch(&repeats);
        let batch = Sequences { x: &x, labels: &labels, tokens: TOKENS };
        let mut logits = vec![0.0; repeats.len() * TOKENS * WORDS];
        engine.predict(&batch, &mut logits).unwrap();
        let opened = Opened::new(model, &engine.weights()).unwrap();
        for (sequence, expected) in repeats.0.iter().zip(logits.chunks_exact(TOKENS * WORDS)) {
            let trace = opened.run(sequence.input(), &unchanged).unwrap();
            let found: Vec<f32> = trace.logits.iter().copied().collect();
            assert_close("logits", &found, expected, 1e-4);
        }
        let parameters = engine.weights().iter().map(|tensor| tensor.data.len()).sum::<usize>();
        assert_eq!(parameters, model.parameters());
    }
}

#[test]
fn faults_are_told() {
    let model = Copier { layers: 1, heads: 1, width: 8, spread: 0.5 };
    let mut weights = engine(model).weights();
    let opened = Opened::new(model, &weights).unwrap();
    assert!(opened.run(&[0; TOKENS + 1], &unchanged).is_err());
    assert!(opened.run(&[WORDS], &unchanged).is_err());
    weights.pop();
    let fault = Opened::new(model, &weights).unwrap_err().to_string();
    assert!(fault.starts_with("next.weight: "), "{fault}");
    assert!(farthest(&[0.5, 0.5], arr2(&[[1.0]]).view()).is_err());
}

#[test]
fn sequences_repeat_themselves() {
    for seed in 0..20 {
        let sequence = Sequence::draw(5..=20, &mut rng(seed));
        let period = sequence.answered().start;
        assert!((5..=20).contains(&period));
        for t in sequence.answered() {
            assert_eq!(sequence.input()[t], sequence.input()[t - period]);
            assert_eq!(sequence.next(t), sequence.input()[t - period + 1]);
        }
        for t in sequence.unanswered() {
            assert!(!sequence.input()[..=t].contains(&sequence.next(t)));
        }
    }
}

#[test]
fn maps_are_measured() {
    let words = [7, 3, 7, 3, 3];
    let mut map = Array2::zeros((5, 5));
    scores::only_previous(&mut map);
    assert_eq!(scores::previous(&map), 1.0);
    // Places 2, 3 and 4 have earlier occurrences; the places after these are 1, then 2, then 2 and 4.
    assert_eq!(scores::after_earlier(&words, 4).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(scores::prefix(&map, &words), (1.0 + 1.0 + 0.0) / 3.0);
    scores::uniform(&mut map);
    let expected = (1.0 / 3.0 + 1.0 / 4.0 + 2.0 / 5.0) / 3.0;
    assert!((scores::prefix(&map, &words) - expected).abs() < 1e-7);
    assert_eq!(scores::prefix(&map, &[1, 2, 3, 4, 5]), 0.0);
}

#[test]
fn heads_made_by_hand_copy_in_every_order() {
    // A, B and C in every order behind S, then one of them again: the next one is said, or S if it stood last.
    for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
        for at in 0..2 {
            let words = [0, order[0], order[1], order[2], order[at]];
            let [_, [_, said]] = by_hand(&words, 4).unwrap();
            let last = said.row(4);
            let most = (0..4).max_by(|&a, &b| last[a].total_cmp(&last[b])).unwrap();
            assert_eq!(most, order[at + 1], "{words:?}: {last}");
        }
    }
}

/// One layer of one head, before division by the sum of its exponentials, adds something for each word at its place. Two
/// sequences in which B follows A and two in which D does have the same words at the same places in all.
#[test]
fn what_one_head_adds_up_is_the_same_for_both_answers() {
    let b = [["A", "B", "C", "D"], ["C", "D", "A", "B"]];
    let d = [["A", "D", "C", "B"], ["C", "B", "A", "D"]];
    let all = |sequences: [[&'static str; 4]; 2]| {
        let mut all: Vec<(&str, usize)> = sequences
            .iter()
            .flat_map(|words| words.iter().enumerate().map(|(t, &word)| (word, t)))
            .collect();
        all.sort_unstable();
        all
    };
    assert_eq!(all(b), all(d));
}

#[test]
fn the_farthest_map_of_three_words() {
    // The first two tokens hand over the same, so that their weights may be exchanged for each other.
    let v = arr2(&[[1.0], [1.0], [0.0]]);
    let q = farthest(&[0.5, 0.2, 0.3], v.view()).unwrap();
    assert!(distance(&q, &[0.0, 0.7, 0.3]) < 1e-9, "{q:?}");
    let only = farthest(&[0.2, 0.8], arr2(&[[1.0], [0.0]]).view()).unwrap();
    assert!(distance(&only, &[0.2, 0.8]) < 1e-9, "{only:?}");
}

proptest::proptest! {
    #[test]
    fn a_farthest_map_is_a_map_with_that_output(n in 2..9_usize, d in 1..4_usize, seed in 0..99_u64) {
        let rng = &mut rng(seed);
        let v = Array2::from_shape_simple_fn((n, d), || learning::normal(rng));
        let shares: Vec<f64> = (0..n).map(|_| learning::normal(rng).exp()).collect();
        let sum: f64 = shares.iter().sum();
        let p: Vec<f64> = shares.iter().map(|share| share / sum).collect();
        let q = farthest(&p, v.view()).unwrap();
        let output = |p: &[f64], c: usize| (0..n).map(|j| p[j] * v[[j, c]]).sum::<f64>();
        assert!(q.iter().all(|&q| q >= 0.0) && (q.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        assert!((0..d).all(|c| (output(&p, c) - output(&q, c)).abs() < 1e-6));
        if n <= d + 1 {
            assert!(distance(&p, &q) < 1e-6);
        }
    }
}
