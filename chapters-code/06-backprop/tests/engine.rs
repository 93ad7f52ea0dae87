//! What the engine promises: the same bits for any number of threads, clear errors, weights that a bad step leaves alone.

#![allow(clippy::unwrap_used)]

use backprop::fixtures::{assert_close, fill, numbers};
use backprop::{
    Activation, Addition, Backward, Engine, Error, First, Forward, Linear, Loss, Matrix, Needs,
    Network, Operation, Options, Outline, Piece, Place, Real, Reshape, Result, Rows, Sequences,
    Sgd, Shape, Tensor, Weight, Whole, exactly,
};

fn mlp() -> Network<f32> {
    Network::new(Shape::row(150))
        .then("0", Linear::new(150, 40).with(Activation::Relu))
        .and_then(|n| n.then("2", Linear::new(40, 10)))
        .unwrap()
}

fn engine(shards: usize, threads: usize) -> Engine<f32> {
    let mut engine =
        Engine::new(mlp(), Options { batch: 37, shards, threads, training: true }).unwrap();
    fill(&mut engine);
    engine
}

fn train(mut engine: Engine<f32>) -> Vec<Tensor<f32>> {
    for step in 0..5 {
        // Mini-batches of all sizes, shards that do not divide them.
        let n = 37 - 9 * step;
        let labels: Vec<usize> = (0..n).map(|i| i % 10).collect();
        let x = numbers(step as u64, n * 150);
        engine.step(&Rows { x: &x, labels: &labels }, &Sgd { rate: 0.1 }).unwrap();
    }
    engine.weights()
}

#[test]
fn the_same_bits_with_1_2_and_8_threads() {
    let one = train(engine(8, 1));
    assert_ne!(one, engine(8, 1).weights(), "training changes weights");
    for threads in [2, 8] {
        assert_eq!(train(engine(8, threads)), one, "{threads} threads");
    }
}

#[test]
fn about_the_same_for_any_number_of_shards() {
    let one = train(engine(1, 1));
    for (a, b) in one.iter().zip(train(engine(5, 2))) {
        assert_close(&a.name, &b.data, &a.data, 1e-5);
    }
}

#[test]
fn a_loss_that_is_not_finite_leaves_the_weights() {
    let mut engine = engine(4, 2);
    let before = engine.weights();
    let mut x = numbers(1, 2 * 150);
    x[170] = f32::NAN;
    let bad = engine.step(&Rows { x: &x, labels: &[0, 1] }, &Sgd { rate: 0.1 });
    assert!(matches!(bad, Err(Error::NotFinite { .. })), "{bad:?}");
    assert_eq!(engine.weights(), before);
}

#[test]
fn what_does_not_fit_is_named() {
    let network = || Network::<f32>::new(Shape::row(5));
    let message = |e: Error| e.to_string();
    let wrong = network().then("a", Linear::new(6, 2)).map(|_| ()).map_err(message);
    assert_eq!(
        wrong,
        Err("linear \"a\": it takes 6 numbers and its input is 5; make the two agree".into())
    );
    let wrong =
        network().then("b", Reshape::new(Shape::image(2, 2, 2))).map(|_| ()).map_err(message);
    assert!(wrong.unwrap_err().starts_with("reshape \"b\": 5 has 5 numbers and 2 × 2 × 2 has 8"));
    let mut engine = engine(4, 1);
    let rule = Sgd { rate: 0.1 };
    for (labels, fault) in
        [(&[][..], "0 samples"), (&[10], "class 10 of 10"), (&[0; 38], "38 samples")]
    {
        let x = vec![0.0; 150 * labels.len()];
        let error = engine.step(&Rows { x: &x, labels }, &rule).unwrap_err().to_string();
        assert!(error.contains(fault), "{error}");
    }
    let mut weights = engine.weights();
    weights[0].shape.reverse();
    let error = engine.set_weights(&weights).unwrap_err().to_string();
    assert!(error.contains("0.weight") && error.contains("[150, 40]"), "{error}");
    weights.remove(0);
    assert!(engine.set_weights(&weights).unwrap_err().to_string().contains("missing"));
}

#[test]
fn to_predict_takes_less_memory_than_to_train() {
    let options = Options { batch: 37, shards: 2, threads: 1, training: true };
    let training = Engine::new(mlp(), options).unwrap();
    let predicting = Engine::new(mlp(), Options { training: false, ..options }).unwrap();
    assert!(predicting.arena_bytes() < training.arena_bytes());
    // The weights alone, with panels filled up to sixteen outputs: no gradient, and no second copy.
    assert_eq!(predicting.weight_bytes(), 4 * (150 * 48 + 40 + 40 * 16 + 10));
    assert!(training.weight_bytes() > 2 * predicting.weight_bytes());
}

/// A row of the table for each id: `(ids, width)`.
#[derive(Debug)]
struct Lookup {
    ids: usize,
    width: usize,
}

impl<T: Real> Operation<T> for Lookup {
    fn name(&self) -> &'static str {
        "lookup"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Outline> {
        let [input] = exactly(inputs)?;
        let output = Shape::sequence(input.width, self.width);
        Ok(Outline { ids: Some(self.ids), ..output.into() })
    }

    fn needs(&self, _: &Place) -> Needs<T> {
        let table = Matrix::new(self.width, self.ids);
        let weight = Weight::matrix("weight", vec![self.ids, self.width], 0, table);
        Needs { weights: vec![weight.first(First::Normal(1.0))], ..Needs::default() }
    }

    fn forward(&self, place: &Place, at: Forward<'_, T>) {
        let table = Matrix::new(self.width, self.ids);
        let (tokens, stride) = place.output.vectors(at.rows);
        at.y.fill(T::ZERO);
        for (id, y) in at.x[0].iter().zip(at.y.chunks_exact_mut(stride)).take(tokens) {
            for (i, y) in y[..self.width].iter_mut().enumerate() {
                let (block, at_number) = table.at(id.to_index(), i);
                *y = at.weights.get(0)[block].weights[at_number];
            }
        }
    }

    fn backward(&self, _: &Place, _: Backward<'_, T>) {}

    fn gradient(&self, place: &Place, of: Piece, whole: Whole<'_, T>, gradient: &mut [T]) {
        let table = Matrix::new(self.width, self.ids);
        let (tokens, stride) = place.output.vectors(whole.rows);
        if !of.add {
            gradient.fill(T::ZERO);
        }
        for (id, dy) in whole.x[0].iter().zip(whole.dy.chunks_exact(stride)).take(tokens) {
            for (i, &dy) in dy[..self.width].iter().enumerate() {
                let (block, at) = table.at(id.to_index(), i);
                if block == of.block {
                    gradient[at] += dy;
                }
            }
        }
    }
}

/// Words, looked up, through a layer, and back by the same table: `tokens` of 11 words.
fn language<T: Real>(tokens: usize, tied: bool) -> Network<T> {
    let mut network = Network::new(Shape::sequence(tokens, 1));
    let lookup = Lookup { ids: 11, width: 20 };
    let x = network.push("table", lookup, &[Network::<T>::INPUT]).unwrap();
    let layer = Linear::new(20, 20).with(Activation::Tanh);
    let h = network.push("layer", layer, &[x]).unwrap();
    let h = network.push("sum", Addition::default(), &[x, h]).unwrap();
    let ties: &[_] = if tied { &[("weight", "table.weight")] } else { &[] };
    network.push_tied("head", Linear::new(20, 11), &[h], ties).unwrap();
    network
}

fn words(n: usize) -> (Vec<f32>, Vec<Option<usize>>) {
    let ids = (0..n).map(|i| (i * 7 % 11) as f32).collect();
    // Some words are not asked for.
    (ids, (0..n).map(|i| (i % 4 != 2).then_some(i * 3 % 11)).collect())
}

#[test]
fn a_shared_table_and_masked_labels_have_the_gradient_of_differences() {
    let options = Options { batch: 3, shards: 2, threads: 2, training: true };
    let mut engine = Engine::<f64>::new(language(5, true), options).unwrap();
    let names: Vec<&str> = engine.parameters().map(|(name, _)| name).collect();
    assert_eq!(names, ["table.weight", "layer.weight", "layer.bias", "head.bias"]);
    let mut weights = engine.weights();
    for (seed, tensor) in weights.iter_mut().enumerate() {
        tensor.data = numbers(seed as u64, tensor.data.len()).iter().map(|&x| x.into()).collect();
    }
    engine.set_weights(&weights).unwrap();
    assert_eq!(engine.weights(), weights, "what is packed is unpacked");
    let (ids, labels) = words(15);
    let x: Vec<f64> = ids.iter().map(|&x| x.into()).collect();
    let batch = Sequences { x: &x, labels: &labels, tokens: 5 };
    let worst = backprop::check::check(&mut engine, &batch).unwrap().unwrap();
    assert!(worst.error < 1e-5, "{worst:?}");
    assert_eq!(language::<f64>(5, true).parameters() + 220, language::<f64>(5, false).parameters());
}

#[test]
fn tokens_of_a_sequence_are_rows() {
    let layers = |input| {
        Network::<f32>::new(input)
            .then("0", Linear::new(20, 33).with(Activation::Relu))
            .and_then(|n| n.then("1", Linear::new(33, 7)))
            .unwrap()
    };
    let options = Options { batch: 12, shards: 3, threads: 2, training: true };
    let mut rows = Engine::new(layers(Shape::row(20)), options).unwrap();
    let mut sequences = Engine::new(layers(Shape::sequence(4, 20)), options).unwrap();
    fill(&mut rows);
    fill(&mut sequences);
    let x = numbers(5, 12 * 20);
    let labels: Vec<usize> = (0..12).map(|i| i % 7).collect();
    let some: Vec<Option<usize>> = labels.iter().map(|&label| Some(label)).collect();
    let loss = rows.gradients(&Rows { x: &x, labels: &labels }).unwrap();
    let same = sequences.gradients(&Sequences { x: &x, labels: &some, tokens: 4 }).unwrap();
    assert!((loss - same).abs() < 1e-6, "{loss} {same}");
    for (a, b) in rows.gradient().iter().zip(sequences.gradient()) {
        assert_close(&a.name, &b.data, &a.data, 1e-5);
    }
}

#[test]
fn two_halves_are_a_step() {
    let batch = |seed| (numbers(seed, 10 * 150), (0..10).collect::<Vec<usize>>());
    let (mut whole, mut halves) = (engine(4, 2), engine(4, 1));
    let rule = Sgd { rate: 0.1 };
    assert!(halves.update(&rule).unwrap_err().to_string().contains("call `gradients`"));
    for seed in 0..5 {
        let (x, labels) = batch(seed);
        let batch = Rows { x: &x, labels: &labels };
        let loss = whole.step(&batch, &rule).unwrap();
        assert_eq!(halves.gradients(&batch).unwrap(), loss);
        halves.update(&rule).unwrap();
        assert!(halves.update(&rule).is_err(), "a gradient of other weights");
        assert_eq!(halves.moment.step, seed + 1);
    }
    assert_eq!(whole.weights(), halves.weights());
    let (x, labels) = batch(9);
    let batch = Rows { x: &x, labels: &labels };
    assert_eq!(whole.evaluate(&batch).unwrap(), whole.loss(&batch).unwrap());
}

#[test]
fn what_is_kept_can_be_read_and_so_can_the_gradient_of_the_input() {
    let network = || {
        let mut network = Network::<f64>::new(Shape::row(5));
        let h = Linear::new(5, 6).with(Activation::Tanh);
        let h = network.push("0", h, &[Network::<f64>::INPUT]).unwrap();
        network.push("1", Linear::new(6, 3), &[h]).unwrap();
        network.keep(h).unwrap();
        (network.with_input_gradient(), h)
    };
    let options = Options { batch: 2, shards: 2, threads: 1, training: true };
    let (network, h) = network();
    let mut engine = Engine::new(network, options).unwrap();
    let mut weights = engine.weights();
    for (seed, tensor) in weights.iter_mut().enumerate() {
        tensor.data = numbers(seed as u64, tensor.data.len()).iter().map(|&x| x.into()).collect();
    }
    engine.set_weights(&weights).unwrap();
    let mut x: Vec<f64> = numbers(7, 10).iter().map(|&x| x.into()).collect();
    engine.loss(&Rows { x: &x, labels: &[1, 2] }).unwrap();
    let (mut hidden, mut gradient) = (vec![0.0; 12], vec![0.0; 10]);
    engine.read(h, &mut hidden).unwrap();
    engine.input_gradient(&mut gradient).unwrap();
    for sample in 0..2 {
        for unit in 0..6 {
            let w = &weights[0].data[unit * 5..][..5];
            let z: f64 = w.iter().zip(&x[sample * 5..]).map(|(w, x)| w * x).sum();
            let a = (z + weights[1].data[unit]).tanh();
            assert!((hidden[sample * 6 + unit] - a).abs() < 1e-12);
        }
    }
    for i in 0..10 {
        let here = x[i];
        let mut loss_at = |moved: f64| {
            x[i] = moved;
            engine.loss(&Rows { x: &x, labels: &[1, 2] }).unwrap()
        };
        let slope = (loss_at(here + 1e-5) - loss_at(here - 1e-5)) / 2e-5;
        x[i] = here;
        assert!((slope - gradient[i]).abs() < 1e-9, "input {i}: {slope} {}", gradient[i]);
    }
    assert!(engine.read(Network::<f64>::INPUT, &mut gradient).is_err());
}

#[test]
fn an_image_as_output_is_not_trained_on_its_first_pixel() {
    let network = Network::<f32>::new(Shape::row(8))
        .then("0", Linear::new(8, 12))
        .and_then(|n| n.then("1", Reshape::new(Shape::image(3, 2, 2))))
        .unwrap();
    let options = Options { batch: 1, shards: 1, threads: 1, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    let batch = Rows { x: &[0.5; 8], labels: &[0] };
    let error = engine.step(&batch, &Sgd { rate: 0.1 }).unwrap_err().to_string();
    assert!(error.contains("its output is an image of 3 × 2 × 2, which has no class"), "{error}");
    engine.predict(&batch, &mut [0.0; 12]).unwrap();
}

#[test]
fn an_id_past_the_table_is_named_before_anything_changes() {
    let options = Options { batch: 3, shards: 3, threads: 2, training: true };
    let mut engine = Engine::<f32>::new(language(5, false), options).unwrap();
    fill(&mut engine);
    let before = engine.weights();
    for wrong in [11.0, -1.0, 0.5, f32::NAN, f32::INFINITY] {
        let (mut x, labels) = words(15);
        (x[7], x[12]) = (wrong, 99.0);
        let batch = Sequences { x: &x, labels: &labels, tokens: 5 };
        let error = engine.step(&batch, &Sgd { rate: 0.1 }).unwrap_err().to_string();
        assert!(error.contains("sample 1, token 2, is"), "{error}");
        assert!(error.contains("has the ids 0 to 10"), "{error}");
        assert!(engine.predict(&batch, &mut vec![0.0; 15 * 11]).is_err());
    }
    assert_eq!(engine.weights(), before);
}

#[test]
fn labels_must_be_there_and_outputs_must_be_read() {
    let options = Options { batch: 3, shards: 3, threads: 2, training: true };
    let mut engine = Engine::<f32>::new(language(5, false), options).unwrap();
    let (x, _) = words(15);
    let batch = Sequences { x: &x, labels: &[None; 15], tokens: 5 };
    assert!(engine.loss(&batch).unwrap_err().to_string().contains("no sample has a label"));
    let mut network = language::<f32>(5, false);
    let mut tie = |own: &str, other: &str| {
        let name = format!("again {own} {other}");
        network.push_tied(&name, Linear::new(11, 11), &[network.last()], &[(own, other)]).unwrap();
        let error = Engine::new(std::mem::replace(&mut network, language(5, false)), options);
        error.unwrap_err().to_string()
    };
    assert!(tie("weight", "nothing").contains("tied to \"nothing\", which no operation"));
    assert!(tie("weight", "table.weight").contains("is [11, 11]"));
    let mut network = language::<f32>(5, false);
    network.push("spare", Linear::new(20, 3), &[Network::<f32>::INPUT]).unwrap_err();
    let first = network.push("spare", Linear::new(11, 3), &[network.last()]).unwrap();
    network.push("other", Linear::new(3, 4), &[first]).unwrap();
    network.push("last", Linear::new(3, 3), &[first]).unwrap();
    let error = Engine::new(network, options).unwrap_err().to_string();
    assert!(error.starts_with("linear \"other\": nothing reads its output"), "{error}");
}

#[test]
fn few_samples_on_many_threads_have_the_same_bits() {
    let predict = |network: &dyn Fn() -> Network<f32>, threads, training, x: &[f32]| {
        let options = Options { batch: 2, shards: 8, threads, training };
        let mut engine = Engine::new(network(), options).unwrap();
        fill(&mut engine);
        let mut outputs = Vec::new();
        for n in [1, 2] {
            let size = engine.input_shape().elements();
            let mut output = vec![0.0; n * engine.outputs()];
            let batch = Rows { x: &x[..n * size], labels: &vec![0; n] };
            engine.predict(&batch, &mut output).unwrap();
            outputs.extend(output);
        }
        outputs
    };
    let wide = || {
        Network::new(Shape::row(150))
            .then("0", Linear::new(150, 200).with(Activation::Relu))
            .and_then(|n| n.then("1", Linear::new(200, 37)))
            .unwrap()
    };
    let (rows, (ids, _)) = (numbers(3, 300), words(10));
    let cases: [(&dyn Fn() -> Network<f32>, &[f32]); 2] =
        [(&wide, &rows), (&|| language(5, false), &ids)];
    for (network, x) in cases {
        let trained = predict(network, 1, true, x);
        for threads in [1, 2, 3, 8] {
            assert_eq!(predict(network, threads, false, x), trained, "{threads} threads");
        }
    }
}

#[test]
fn another_loss() {
    /// `(1 − z)² / 2` of the true class.
    #[derive(Debug)]
    struct Half;
    impl Loss<f64> for Half {
        fn forward(&self, z: &[f64], label: usize) -> f64 {
            0.5 * (1.0 - z[label]).powi(2)
        }
        fn backward(&self, z: &[f64], label: usize, scale: f64, dz: &mut [f64]) {
            dz[label] = scale * (z[label] - 1.0);
        }
    }
    let network = Network::new(Shape::row(4)).then("0", Linear::new(4, 3)).unwrap();
    let options = Options { batch: 2, shards: 1, threads: 1, training: true };
    let mut engine = Engine::new(network.with_loss(Half), options).unwrap();
    let x: Vec<f64> = numbers(2, 8).iter().map(|&x| x.into()).collect();
    let batch = Rows { x: &x, labels: &[1, 0] };
    assert_eq!(engine.loss(&batch).unwrap(), 0.5);
    let worst = backprop::check::check(&mut engine, &batch).unwrap().unwrap();
    assert!(worst.error < 1e-6, "{worst:?}");
}
