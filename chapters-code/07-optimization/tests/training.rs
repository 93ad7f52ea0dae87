//! Training goes on bit for bit where it stopped, stops at a loss that is not finite, and loses no checkpoint.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use backprop::{Activation, Engine, Linear, Network, Options, Shape};
use optimization::trainer::{generator, order};
use optimization::{
    Checkpoint, Ending, Error, Initialisation, Optimizer, Samples, Schedule, Settings, Trainer,
};
use rand::RngExt as _;

/// Points on the plane; the class is the quadrant. A little different in every epoch.
struct Quadrants(Vec<[f32; 2]>);

impl Samples for Quadrants {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn input(&self, epoch: u64, i: usize, to: &mut [f32]) {
        to.copy_from_slice(&self.0[i]);
        to[0] *= 1.0 + 0.01 * epoch as f32;
    }

    fn label(&self, i: usize) -> usize {
        let [x, y] = self.0[i];
        usize::from(x > 0.0) + 2 * usize::from(y > 0.0)
    }
}

fn quadrants() -> Quadrants {
    let mut rng = generator(1, 0);
    Quadrants(
        (0..100).map(|_| [rng.random_range(-1.0..1.0), rng.random_range(-1.0..1.0)]).collect(),
    )
}

fn engine(threads: usize) -> Engine<f32> {
    let network = Network::new(Shape::row(2))
        .then("0", Linear::new(2, 20).with(Activation::Tanh))
        .and_then(|n| n.then("2", Linear::new(20, 4)))
        .unwrap();
    let options = Options { batch: 16, shards: 4, threads, training: true };
    let mut engine = Engine::new(network, options).unwrap();
    Initialisation::Glorot.draw(&mut engine, &mut generator(2, 0)).unwrap();
    engine
}

fn settings(checkpoint: Option<(PathBuf, u64)>) -> Settings {
    Settings {
        batch: 16,
        epochs: 5,
        seed: 3,
        optimizer: Optimizer::ADAMW,
        schedule: Schedule::cosine(0.02, 4),
        clip: None,
        checkpoint,
    }
}

fn run(trainer: &mut Trainer, stop_at: u64) -> Result<Ending, Error> {
    let stop = AtomicBool::new(false);
    let mut watch = |progress: &optimization::Progress, _: &mut Engine<f32>| {
        stop.store(progress.step == stop_at, Ordering::Relaxed);
    };
    trainer.run(&quadrants(), &stop, &mut watch)
}

#[test]
fn it_goes_on_bit_for_bit_from_any_step_with_any_number_of_threads() {
    let mut whole = Trainer::new(engine(1), settings(None)).unwrap();
    assert_eq!(run(&mut whole, u64::MAX).unwrap(), Ending::Done);
    assert_eq!(whole.steps_taken(), 30);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    for stop_at in [1, 6, 17, 29] {
        let mut first = Trainer::new(engine(2), settings(Some((path.clone(), 0)))).unwrap();
        assert_eq!(run(&mut first, stop_at).unwrap(), Ending::Stopped);
        let saved = Checkpoint::read(&path).unwrap();
        let mut second = Trainer::resume(engine(3), settings(None), &saved).unwrap();
        assert_eq!(run(&mut second, u64::MAX).unwrap(), Ending::Done);
        assert_eq!(
            second.checkpoint().encode(),
            whole.checkpoint().encode(),
            "from step {stop_at}"
        );
    }
    // With other settings it would not be the same training.
    let saved = Checkpoint::read(&path).unwrap();
    let other = Settings { seed: 4, ..settings(None) };
    assert!(
        Trainer::resume(engine(1), other, &saved)
            .unwrap_err()
            .to_string()
            .contains("same settings")
    );
}

#[test]
fn it_learns() {
    let mut trainer = Trainer::new(engine(1), settings(None)).unwrap();
    let mut losses = Vec::new();
    let stop = AtomicBool::new(false);
    trainer.run(&quadrants(), &stop, &mut |p, _| losses.push(p.loss)).unwrap();
    assert!(losses[29] < 0.5 * losses[0], "{losses:?}");
}

#[test]
fn a_loss_that_is_not_finite_stops_it_and_the_last_good_checkpoint_stays() {
    // A NaN reaches the loss. An infinity does not, behind tanh, but it reaches the weights.
    for bad in [f32::NAN, f32::INFINITY] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let mut trainer = Trainer::new(engine(2), settings(Some((path.clone(), 1)))).unwrap();
        let mut samples = quadrants();
        samples.0[order(3, 0, 100)[2 * 16 + 5]][1] = bad;
        let stop = AtomicBool::new(false);
        let error = trainer.run(&samples, &stop, &mut |_, _| {}).unwrap_err();
        assert!(matches!(error, Error::Diverged { step: 3, .. }), "{error}");
        assert!(error.to_string().contains("go on from"), "{error}");
        let saved = Checkpoint::read(&path).unwrap();
        assert_eq!(saved.notes["step"], "2");
        assert!(saved.is_finite());
    }
}

#[test]
fn a_checkpoint_that_cannot_be_written_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let trainer = Trainer::new(engine(1), settings(None)).unwrap();
    trainer.checkpoint().write(&path).unwrap();
    let before = std::fs::read(&path).unwrap();
    let mut broken = trainer.checkpoint();
    broken.weights[0].shape = vec![1];
    let error = broken.write(&path).unwrap_err().to_string();
    assert!(error.contains("cannot be written"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    let nowhere = folder.path().join("no/such/folder/model.safetensors");
    assert!(trainer.checkpoint().write(&nowhere).is_err());
}

#[test]
fn initialisation_keeps_the_spread_its_authors_want() {
    for (way, variance) in
        [(Initialisation::He, 2.0 / 200.0), (Initialisation::Glorot, 2.0 / 500.0)]
    {
        let network =
            Network::<f64>::new(Shape::row(200)).then("0", Linear::new(200, 300)).unwrap();
        let mut engine = Engine::new(network, Options::default()).unwrap();
        way.draw(&mut engine, &mut generator(5, 0)).unwrap();
        let weights = engine.weights();
        let n = weights[0].data.len() as f64;
        let found = weights[0].data.iter().map(|w| w * w).sum::<f64>() / n;
        // Five standard errors of a variance of 60,000 numbers.
        assert!((found / variance - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{way:?}: {found}");
        assert!(weights[1].data.iter().all(|&b| b == 0.0));
    }
}

#[test]
fn schedules_begin_and_end_where_they_should() {
    let cosine = Schedule::cosine(0.1, 10);
    let rates: Vec<f64> = (0..110).map(|step| cosine.at(step, 110)).collect();
    assert!((rates[0] - 0.01).abs() < 1e-12 && (rates[9] - 0.1).abs() < 1e-12);
    assert!(rates[10..].windows(2).all(|two| two[1] < two[0]));
    assert!((rates[60] - 0.05).abs() < 1e-12 && rates[109] < 1e-4);
    let shape = optimization::schedule::Shape::Step { every: 10, factor: 0.5 };
    let step = Schedule { rate: 1.0, warm_up: 0, shape };
    assert_eq!([0, 9, 10, 29].map(|s| step.at(s, 40)), [1.0, 1.0, 0.5, 0.25]);
}
