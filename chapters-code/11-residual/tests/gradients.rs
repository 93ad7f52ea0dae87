//! Slopes of networks on a line, autocorrelations, and directions among weights.

use backprop::{Engine, Network, Options, Rows, Tensor};
use ndarray::Array2;
use notebook::{Rng, Stream, stream};
use optimization::Initialisation;
use rand::SeedableRng as _;
use residual::landscape::{as_a_whole, between, by_filter, falls, random, rewritten, size, walk};
use residual::networks::{Way, stack};
use residual::shattered::{self, OnLine, autocorrelation, brown, white};

const WAYS: [shattered::Way; 5] = [
    shattered::Way { skip: None, norm: false },
    shattered::Way { skip: None, norm: true },
    shattered::Way { skip: Some(1.0), norm: false },
    shattered::Way { skip: Some(1.0), norm: true },
    shattered::Way { skip: Some(0.1), norm: true },
];

fn points() -> Vec<f64> {
    (0..64).map(|i| f64::from(i) / 16.0 - 2.0).collect()
}

/// Between two points where no unit changes sides the output is a straight line, and its rise is the slope.
#[test]
fn slopes_are_differences() {
    for way in WAYS {
        for depth in [2, 4, 10] {
            let network = OnLine::draw(depth, 12, way, &points(), &mut Rng::seed_from_u64(3));
            let slopes = network.slopes(&points());
            let step = 1e-7;
            let right: Vec<f64> = points().iter().map(|x| x + step).collect();
            let left: Vec<f64> = points().iter().map(|x| x - step).collect();
            let (up, down) = (network.outputs(&right), network.outputs(&left));
            for ((up, down), slope) in up.iter().zip(&down).zip(&slopes) {
                let rise = (up - down) / (2.0 * step);
                let far = (rise - slope).abs();
                assert!(far <= 1e-5 * (1.0 + slope.abs()), "{way:?}, {depth}: {rise}, {slope}");
            }
        }
    }
}

#[test]
fn statistics_are_part_of_the_weights() {
    // What is answered at a point depends on no other.
    let network = OnLine::draw(10, 12, WAYS[1], &points(), &mut Rng::seed_from_u64(4));
    let all = network.outputs(&points());
    for (x, together) in points().iter().zip(all) {
        assert!((network.outputs(&[*x])[0] - together).abs() < 1e-12);
    }
}

#[test]
fn an_autocorrelation_by_hand() {
    // Less the mean of 3: −2, 0, 2, 0. Squares 8; one apart 0; two apart −4.
    let found = autocorrelation(&[1.0, 3.0, 5.0, 3.0], 3).unwrap();
    assert_eq!(found, [1.0, 0.0, -0.5, 0.0]);
    assert_eq!(autocorrelation(&[2.0; 5], 2), None);
}

#[test]
fn noises_have_their_colours() {
    let mut rng = Rng::seed_from_u64(5);
    let next = |series: Vec<f64>| autocorrelation(&series, 1).unwrap()[1];
    assert!(next(white(4_000, &mut rng)).abs() < 0.06);
    assert!(next(brown(4_000, &mut rng)) > 0.98);
}

fn tensor(shape: &[usize], data: &[f32]) -> Tensor<f32> {
    Tensor { name: "weight".into(), shape: shape.to_vec(), data: data.to_vec() }
}

#[test]
fn filters_keep_their_lengths() {
    let weights = [tensor(&[2, 2], &[3.0, 4.0, 0.0, 1.0]), tensor(&[2], &[7.0, 7.0])];
    let direction = random(&weights, &mut Rng::seed_from_u64(6));
    assert_eq!(direction[1].data, [0.0, 0.0]);
    let direction = by_filter(direction, &weights);
    assert_eq!(direction[1].data, [0.0, 0.0]);
    let length = |x: &[f32]| x.iter().map(|x| x * x).sum::<f32>().sqrt();
    assert!((length(&direction[0].data[..2]) - 5.0).abs() < 1e-5);
    assert!((length(&direction[0].data[2..]) - 1.0).abs() < 1e-6);
    assert!((size(&as_a_whole(direction, 2.5)) - 2.5).abs() < 1e-6);
}

#[test]
fn a_walk_goes_from_one_to_the_other() {
    let (a, b) = ([tensor(&[2], &[1.0, 2.0])], [tensor(&[2], &[3.0, 0.0])]);
    let way = between(&a, &b);
    assert_eq!(walk(&a, &[(1.0, &way)])[0].data, [3.0, 0.0]);
    assert_eq!(walk(&a, &[(0.5, &way)])[0].data, [2.0, 1.0]);
}

#[test]
fn a_bowl_falls_nowhere_outwards_and_a_dome_everywhere() {
    let height = |(i, j): (usize, usize)| (i as f64 - 4.0).powi(2) + 3.0 * (j as f64 - 4.0).powi(2);
    let bowl = Array2::from_shape_fn((9, 9), height);
    assert_eq!(falls(&bowl), 0.0);
    assert_eq!(falls(&-bowl), 1.0);
    assert_eq!(falls(&Array2::zeros((9, 9))), 0.0);
}

/// Batch normalisation takes a factor out again.
#[test]
fn a_rewritten_stack_is_the_same_function() {
    let network: Network<f32> = stack(8, Way { skip: true, norm: true }).unwrap();
    let options = Options { batch: 8, threads: 1, ..Options::default() };
    let mut engine = Engine::new(network, options).unwrap();
    Initialisation::He.draw(&mut engine, &mut stream(7, Stream::Weights)).unwrap();
    let x: Vec<f32> = (0..8 * 784).map(|i| (i % 97) as f32 / 97.0).collect();
    let rows = Rows { x: &x, labels: &[0, 1, 2, 3, 4, 5, 6, 7] };
    let loss = engine.loss(&rows).unwrap();
    let other = rewritten(&engine.weights(), 3.0);
    engine.set_weights(&other).unwrap();
    assert!((engine.loss(&rows).unwrap() - loss).abs() < 1e-3 * loss);
}
