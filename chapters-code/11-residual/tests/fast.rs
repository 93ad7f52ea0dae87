//! The fast pass against the plain one.

#![allow(clippy::unwrap_used)]

use backprop::fixtures::numbers;
use backprop::kernels::Path;
use ndarray::Array3;
use proptest::prelude::*;
use residual::description::{Role, Tensor};
use residual::fast::{Fast, Threes, Way, Workspace};
use residual::{
    Activation, Convolution, Gate, Linear, Model, NAMES, Norm, Part, Residual, Weights, apart,
    model, plain,
};

/// Numbers that keep the size of what passes through.
fn weights(model: &Model) -> Weights {
    let mut seed = 0;
    let fill = |tensor: &Tensor| {
        seed += 1;
        let x = numbers(seed, tensor.shape.iter().product());
        let factor = match tensor.role {
            Role::Weight { terms } => (24.0 / terms as f32).sqrt(),
            _ => 0.2,
        };
        let at = if matches!(tensor.role, Role::Variance | Role::Scale) { 1.0 } else { 0.0 };
        Ok(x.into_iter().map(|x| at * 0.7 + factor * x).collect())
    };
    Weights::from(model, fill).unwrap()
}

fn image(height: usize, width: usize) -> Array3<f32> {
    let x = numbers(7, 3 * height * width).into_iter().map(|x| 4.0 * x).collect();
    Array3::from_shape_vec((3, height, width), x).unwrap()
}

fn hold(name: &str) {
    let model = model(name).unwrap();
    let weights = weights(&model);
    let fast = Fast::new(&model, &weights);
    let mut space = Workspace::new(2);
    for (height, width) in [(64, 64), (97, 97), (33, 70), (1, 1)] {
        let image = image(height, width);
        let expected = plain::forward(&model, &weights, image.view());
        let off = apart(&fast.logits(&mut space, image.view()), &expected);
        println!("{name} {height} {width}: {off:e}");
        assert!(off < 1e-3, "{name}, {height} × {width}: {off:e}");
    }
}

#[test]
fn every_network_gives_the_logits_of_the_plain_pass() {
    NAMES.into_iter().for_each(hold);
}

#[test]
fn every_way_gives_the_same() {
    for name in ["resnet18", "mobilenet_v3_small"] {
        let model = model(name).unwrap();
        let (weights, image) = (weights(&model), image(65, 47));
        let expected = plain::forward(&model, &weights, image.view());
        for threes in [Threes::Gathered, Threes::Two, Threes::Least] {
            for side in [32, 500] {
                let fast = Fast::planned(&model, &weights, side, threes);
                for path in [Path::Portable, Path::best()] {
                    for apart in [false, true] {
                        let mut space = Workspace::with(2, Way { path, apart });
                        let found = fast.logits(&mut space, image.view());
                        let off = residual::apart(&found, &expected);
                        assert!(off < 1e-3, "{name}, {threes:?}, {side}: {off:e}");
                    }
                }
            }
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for name in ["resnet50", "mobilenet_v3_large"] {
        let model = model(name).unwrap();
        let fast = Fast::new(&model, &weights(&model));
        let image = image(75, 110);
        let [one, two, three] =
            [1, 2, 3].map(|threads| fast.logits(&mut Workspace::new(threads), image.view()));
        assert!(one == two && one == three, "{name}");
    }
}

fn convolution(name: &str, sizes: [usize; 5], activation: Activation) -> Part {
    let [inputs, outputs, window, stride, groups] = sizes;
    let norm = Norm { name: format!("{name}.norm"), epsilon: 1e-5 };
    let name = name.into();
    let groups = groups.max(1);
    Part::Convolution(Convolution {
        name,
        norm,
        inputs,
        outputs,
        window,
        stride,
        groups,
        activation,
    })
}

/// A network of parts in an order that no published one has.
fn odd(sizes: [usize; 3], window: usize, stride: usize, activation: Activation) -> Model {
    let [a, b, c] = sizes;
    let gate = |name: &str, channels| Part::Gate(Gate { name: name.into(), channels, squeezed: 5 });
    let none = Activation::None;
    let inner = Residual {
        branch: vec![
            gate("gate", a),
            convolution("deep", [a, a, window, 1, a], activation),
            convolution("in", [a, a, 3, 1, 1], none),
        ],
        shortcut: Vec::new(),
        activation,
    };
    let outer = Residual {
        branch: vec![
            Part::Residual(inner),
            convolution("down", [a, b, window, stride, 1], Activation::HardSwish),
        ],
        shortcut: vec![convolution("short", [a, b, 1, stride, 1], Activation::Relu)],
        activation: Activation::None,
    };
    let empty = Residual { branch: Vec::new(), shortcut: vec![gate("around", b)], activation };
    let around =
        Residual { branch: vec![Part::MaxPool], shortcut: vec![Part::MaxPool], activation };
    let linear = Linear { name: "fc".into(), inputs: c, outputs: 7, activation: none };
    let parts = vec![
        convolution("stem", [3, a, window, stride, 1], activation),
        Part::Residual(outer),
        Part::Residual(empty),
        Part::Residual(around),
        convolution("threes", [b, b, 3, 1, 1], activation),
        convolution("strided", [b, b, 3, 2, b], activation),
        convolution("last", [b, c, 1, 1, 1], activation),
        Part::Mean,
        Part::Linear(linear),
    ];
    Model { parts }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_description_gives_the_logits_of_the_plain_pass(
        (height, width) in (1_usize..40, 1_usize..40),
        sizes in prop::array::uniform3(1_usize..40),
        half in 0_usize..4,
        stride in 1_usize..4,
        activation in prop::sample::select(vec![Activation::None, Activation::Relu, Activation::HardSwish]),
        side in 1_usize..300,
    ) {
        let model = odd(sizes, 2 * half + 1, stride, activation);
        let weights = weights(&model);
        let image = image(height, width);
        let fast = Fast::planned(&model, &weights, side, Threes::Least);
        let expected = plain::forward(&model, &weights, image.view());
        let off = apart(&fast.logits(&mut Workspace::new(2), image.view()), &expected);
        prop_assert!(off < 1e-3, "{off:e}");
    }
}

#[test]
fn a_description_may_begin_and_end_with_anything() {
    let residual = Residual {
        branch: vec![convolution("a", [3, 3, 3, 1, 1], Activation::None)],
        shortcut: Vec::new(),
        activation: Activation::Relu,
    };
    let linear = Linear {
        name: "fc".into(),
        inputs: 3 * 5 * 6,
        outputs: 20,
        activation: Activation::HardSwish,
    };
    for parts in [
        vec![],
        vec![Part::Mean],
        vec![Part::Residual(residual.clone())],
        vec![Part::Linear(linear)],
        vec![convolution("a", [3, 3, 3, 1, 3], Activation::Relu)],
        vec![convolution("a", [3, 18, 5, 3, 1], Activation::Relu)],
        vec![Part::MaxPool, convolution("a", [3, 3, 3, 3, 3], Activation::Relu)],
    ] {
        let model = Model { parts };
        let (weights, image) = (weights(&model), image(5, 6));
        let fast = Fast::new(&model, &weights);
        let expected = plain::forward(&model, &weights, image.view());
        let found = fast.logits(&mut Workspace::new(1), image.view());
        assert!(apart(&found, &expected) < 1e-4, "{model:?}");
    }
}
