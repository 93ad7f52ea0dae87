//! Two large networks of later chapters say what one image shows: memory and time, on one thread and on two.
//!
//! ```text
//! cargo run --release -p convolution --example predict -- resnet
//! cargo run --release -p convolution --example predict -- vit
//! ```
//!
//! Weights are made up, but packed as a file's are: tensor by tensor. Memory is read from Linux; elsewhere it is left out.

#[path = "../tests/later/mod.rs"]
mod later;

use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use backprop::{Engine, First, Network, Options, Rows, Weight};
use later::networks::{Vision, resnet};

/// Side of the image, and its numbers.
const SIDE: usize = 224;
const CLASSES: usize = 1000;
const TIMES: usize = 5;

fn main() -> Result<()> {
    let vision =
        Vision { side: SIDE, patch: 32, width: 1024, heads: 16, layers: 24, classes: CLASSES };
    match std::env::args().nth(1).as_deref() {
        Some("resnet") => run("ResNet152", || Ok(resnet([3, 8, 36, 3], SIDE, CLASSES)?)),
        Some("vit") => run("ViT-L/32", || Ok(vision.network()?)),
        _ => bail!("which network: give resnet or vit"),
    }
}

fn run(name: &str, network: impl Fn() -> Result<Network<f32>>) -> Result<()> {
    let x: Vec<f32> = (0..3 * SIDE * SIDE).map(|i| (i % 17) as f32 / 17.0).collect();
    let mut outputs = Vec::new();
    let mut times = Vec::new();
    for threads in [1, 2] {
        let options = Options { batch: 1, shards: 1, threads, training: false };
        let mut engine = Engine::new(network()?, options)?;
        let numbers = fill(&mut engine)?;
        let mut output = vec![0.0; CLASSES];
        let mut best = f64::INFINITY;
        for _ in 0..TIMES {
            let start = Instant::now();
            engine.predict(&Rows { x: &x, labels: &[0] }, &mut output)?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        let memory = memory().map_or(String::new(), |gib| format!(", {gib:.2} GiB at the peak"));
        println!("{name}, {numbers} numbers, {threads} thread(s): {:.0} ms{memory}", 1e3 * best);
        outputs.push(output);
        times.push(best);
    }
    ensure!(outputs[0].iter().all(|x| x.is_finite()), "an output is no number");
    ensure!(outputs[0] == outputs[1], "one thread and two differ");
    println!("the same bits; two threads are {:.2} times as fast as one", times[0] / times[1]);
    Ok(())
}

/// Gives an engine weights, and says how many.
fn fill(engine: &mut Engine<f32>) -> Result<usize> {
    // Gains below 1, so that what 50 blocks add up stays small.
    let all_alike = |weight: &Weight<f32>| {
        (weight.first == First::One).then_some(if weight.trained { 0.25 } else { 1.0 })
    };
    let about: Vec<(String, Vec<usize>, Option<f32>)> = engine
        .parameters()
        .map(|(name, weight)| (name.into(), weight.shape.clone(), all_alike(weight)))
        .collect();
    let mut data = Vec::new();
    let mut numbers = 0;
    for (name, shape, alike) in about {
        let n: usize = shape.iter().product();
        let fan = shape.iter().skip(1).product::<usize>().max(1) as f32;
        let number = |i: usize| (i * 7919 % 13) as f32 / 13.0 - 0.46;
        data.clear();
        data.extend((0..n).map(|i| alike.unwrap_or(number(i) * 2.0 / fan.sqrt())));
        engine.set(&name, &shape, &data).with_context(|| name.clone())?;
        numbers += n;
    }
    Ok(numbers)
}

/// The most memory that this process has had, in GiB.
fn memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / f64::from(1 << 20))
}
