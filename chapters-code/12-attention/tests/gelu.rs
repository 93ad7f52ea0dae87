//! GELU against PyTorch's.

use attention::Gelu;
use attention::gelu::erf;
use backprop::fixtures::{assert_close, floats};

#[test]
fn both_forms_equal_pytorch() {
    let record = crate::vit::record();
    let x: Vec<f64> = (0..121).map(|i| -6.0 + 0.1 * f64::from(i)).collect();
    for (name, form) in [("erf", Gelu::Erf), ("tanh", Gelu::Tanh)] {
        let found: Vec<f32> = x.iter().map(|&x| form.of(x) as f32).collect();
        assert_close(name, &found, &floats(&record["gelu"][name]), 1e-6);
    }
}

#[test]
fn erf_of_a_few() {
    for (x, y) in [(0.0, 0.0), (0.5, 0.5204998778130465), (2.0, 0.9953222650189527), (7.0, 1.0)] {
        assert!((erf(x) - y).abs() < 1e-14, "{x}");
        assert!((erf(-x) + y).abs() < 1e-14, "{x}");
    }
}
