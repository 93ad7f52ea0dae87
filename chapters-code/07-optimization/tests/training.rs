//! Training goes on bit for bit where it stopped, stops at a loss that is not finite, and loses no checkpoint.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, Ordering};

use backprop::{Activation, Engine, Linear, Network, Options, Shape};
use notebook::{Stream, stream};
use optimization::schedule::Course;
use optimization::trainer::order;
use optimization::{
    Checkpoint, Ending, Error, Initialisation, Optimizer, Recipe, Samples, Schedule, Trainer,
    unwatched,
};
use rand::RngExt as _;

/// Points on the plane; the class is the quadrant. A little different in every epoch.
#[derive(Clone, Debug)]
struct Quadrants(Vec<[f32; 2]>);

impl Samples for Quadrants {
    fn name(&self) -> &str {
        "quadrants"
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn input(&self, epoch: u64, i: usize, to: &mut [f32]) {
        to.copy_from_slice(&self.0[i]);
        to[0] *= 1.0 + 0.01 * epoch as f32;
    }

    fn label(&self, i: usize, _position: usize) -> Option<usize> {
        let [x, y] = self.0[i];
        Some(usize::from(x > 0.0) + 2 * usize::from(y > 0.0))
    }
}

fn quadrants() -> Quadrants {
    let mut rng = stream(1, Stream::Sample(0, 0));
    Quadrants(
        (0..100).map(|_| [rng.random_range(-1.0..1.0), rng.random_range(-1.0..1.0)]).collect(),
    )
}

fn network() -> backprop::Result<Network<f32>> {
    Network::new(Shape::row(2))
        .then("0", Linear::new(2, 20).with(Activation::Tanh))?
        .then("2", Linear::new(20, 4))
}

fn recipe() -> Recipe<Quadrants> {
    Recipe {
        initialisation: Initialisation::Glorot,
        optimizer: Optimizer::ADAMW,
        schedule: Schedule::cosine(0.02, 4),
        batch: 16,
        shards: 4,
        epochs: 5,
        seed: 3,
        ..Recipe::new(network as fn() -> _, quadrants())
    }
}

fn run(trainer: &mut Trainer<Quadrants>, stop_at: u64) -> Result<Ending, Error> {
    let stop = AtomicBool::new(false);
    trainer.run(&stop, &mut |step, _| {
        stop.store(step.number == stop_at, Ordering::Relaxed);
        Ok(())
    })
}

#[test]
fn it_goes_on_bit_for_bit_from_any_step_with_any_number_of_threads() {
    let mut whole = Trainer::new(recipe(), 1).unwrap();
    assert_eq!(run(&mut whole, u64::MAX).unwrap(), Ending::Done);
    assert_eq!(whole.steps_taken(), 30);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    for stop_at in [1, 6, 17, 29] {
        let mut first = Trainer::new(recipe(), 2).unwrap().saving(&path, 0).unwrap();
        assert_eq!(run(&mut first, stop_at).unwrap(), Ending::Stopped);
        let mut second = Trainer::resume(recipe(), 3, &path).unwrap();
        assert_eq!(run(&mut second, u64::MAX).unwrap(), Ending::Done);
        assert_eq!(
            second.checkpoint().encode(),
            whole.checkpoint().encode(),
            "from step {stop_at}"
        );
    }
    // With other settings it would not be the same training.
    let other = Recipe { seed: 4, ..recipe() };
    let error = Trainer::resume(other, 1, &path).unwrap_err().to_string();
    assert!(error.starts_with("settings: ") && error.lines().count() == 1, "{error}");
    // Nor with other data, be it a single number.
    let mut other = recipe();
    other.samples.0[99][1] += 1e-3;
    let error = Trainer::resume(other, 1, &path).unwrap_err().to_string();
    assert!(error.starts_with("data: \"quadrants, 100 samples, "), "{error}");
    assert!(error.contains("; give the same") && error.lines().count() == 1, "{error}");
}

#[test]
fn what_watches_may_end_it() {
    let mut steps = 0;
    let mut watch = |_: &optimization::Step, _: &mut Engine<f32>| {
        steps += 1;
        match steps {
            4 => Err(Error::Network(backprop::Error::NotFinite { loss: 0.0 })),
            _ => Ok(()),
        }
    };
    recipe().train(1, &mut watch).unwrap_err();
    assert_eq!(steps, 4);
}

#[test]
fn what_diverges_says_where() {
    let mut recipe = recipe();
    recipe.samples.0[order(3, 0, 100)[2 * 16 + 5]][1] = f32::NAN;
    let run = recipe.train(1, &mut unwatched).unwrap();
    assert_eq!((run.losses.len(), run.diverged.map(|(step, _)| step)), (2, Some(3)));
    assert_eq!(run.last_loss(2), 4_f64.ln());
    assert!(matches!(run.whole(), Err(Error::Diverged { step: 3, .. })));
}

#[test]
fn what_is_written_tensor_by_tensor_is_what_is_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut trainer = Trainer::new(recipe(), 1).unwrap();
    run(&mut trainer, 7).unwrap();
    trainer.save(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), trainer.checkpoint().encode().unwrap());
}

#[test]
fn it_learns() {
    let run = recipe().train(1, &mut unwatched).unwrap().whole().unwrap();
    assert!(run.losses[29] < 0.5 * run.losses[0], "{:?}", run.losses);
    assert_eq!(run.epochs().len(), 5);
    assert_eq!(run.epochs()[4], run.losses[24..].iter().sum::<f64>() / 6.0);
}

#[test]
fn a_loss_that_is_not_finite_stops_it_and_the_last_good_checkpoint_stays() {
    // A NaN reaches the loss. An infinity does not, behind tanh, but it reaches the weights.
    for bad in [f32::NAN, f32::INFINITY] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let mut recipe = recipe();
        recipe.samples.0[order(3, 0, 100)[2 * 16 + 5]][1] = bad;
        let mut trainer = Trainer::new(recipe, 2).unwrap().saving(&path, 1).unwrap();
        let error = run(&mut trainer, u64::MAX).unwrap_err();
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
    let trainer = Trainer::new(recipe(), 1).unwrap();
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
        way.draw(&mut engine, &mut stream(5, Stream::Weights)).unwrap();
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
    let course = Course::Step { every: 10, factor: 0.5 };
    let step = Schedule { course, ..Schedule::constant(1.0) };
    assert_eq!([0, 9, 10, 29].map(|s| step.at(s, 40)), [1.0, 1.0, 0.5, 0.25]);
    let floor = Schedule { floor: 0.01, ..cosine };
    assert_eq!([0, 9].map(|s| floor.at(s, 110)), [0, 9].map(|s| cosine.at(s, 110)));
    assert!((floor.at(60, 110) - 0.055).abs() < 1e-12 && floor.at(110, 110) == 0.01);
    assert_eq!(Schedule { floor: 0.01, ..Schedule::constant(0.1) }.at(7, 110), 0.1);
}
