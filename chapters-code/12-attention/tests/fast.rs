//! The fast pass against the plain one, and against torchvision's answers.

use attention::fast::{Fast, Way, Workspace};
use attention::vit::vit;
use attention::{Network, Vit, formula};
use backprop::fixtures::{assert_close, floats};
use backprop::kernels::Path;
use ndarray::Array3;
use proptest::prelude::*;
use residual::apart;

const SMALL: Vit = Vit { side: 8, patch: 4, layers: 2, heads: 2, width: 8, hidden: 16, classes: 3 };

fn fast(model: Vit) -> Fast {
    Fast::from(model, |tensor| Ok(formula::weights(tensor))).unwrap()
}

fn plain(model: Vit) -> Network {
    Network::from(model, |tensor| Ok(formula::weights(tensor))).unwrap()
}

fn hold(name: &str) {
    let (record, model) = (crate::vit::record(), vit(name).unwrap());
    let (fast, mut space) = (fast(model), Workspace::new(2));
    for i in 0..2 {
        let picture = formula::picture(i, model.side);
        let found = fast.logits(&mut space, picture.view()).unwrap();
        let expected = floats(&record["networks"][name]["logits"][i]);
        assert_close(&format!("{name}, picture {i}"), &found[..expected.len()], &expected, 1e-4);
    }
}

#[test]
fn vit_b_16_answers_as_torchvision_does() {
    hold("vit_b_16");
}

#[test]
fn vit_b_32_answers_as_torchvision_does() {
    hold("vit_b_32");
}

#[test]
fn vit_l_32_answers_as_torchvision_does() {
    hold("vit_l_32");
}

#[test]
fn every_way_and_any_number_of_threads() {
    for model in [
        vit("vit_b_32").unwrap(),
        // Several blocks of queries, and keys that do not fill a panel.
        Vit { side: 60, patch: 4, layers: 2, heads: 3, width: 48, hidden: 80, classes: 10 },
    ] {
        let (fast, picture) = (fast(model), formula::picture(1, model.side));
        let expected = plain(model).forward(picture.view()).unwrap();
        for path in [Path::Portable, Path::best()] {
            for all in [false, true] {
                let answers = [1, 2, 3].map(|threads| {
                    let mut space = Workspace::with(threads, Way { path, all });
                    fast.logits(&mut space, picture.view()).unwrap()
                });
                assert!(answers[0] == answers[1] && answers[0] == answers[2], "{path:?}");
                let off = apart(&answers[0], &expected);
                assert!(off < 1e-4, "{path:?}, {all}: {off:e}");
            }
        }
    }
}

#[test]
fn a_workspace_serves_networks_of_all_sizes() {
    let mut space = Workspace::new(2);
    let large = Vit { side: 24, width: 40, heads: 5, classes: 33, ..SMALL };
    for model in [SMALL, large, SMALL] {
        let picture = formula::picture(0, model.side);
        let found = fast(model).logits(&mut space, picture.view()).unwrap();
        let expected = plain(model).forward(picture.view()).unwrap();
        assert!(apart(&found, &expected) < 1e-4, "{model:?}");
    }
    assert!(space.bytes() > 0);
}

#[test]
fn a_picture_of_another_size() {
    let found = fast(SMALL).logits(&mut Workspace::new(1), Array3::zeros((3, 8, 12)).view());
    let words = "a picture of [3, 8, 12] numbers, and the network takes [3, 8, 8]; resize it first";
    assert_eq!(found.unwrap_err().to_string(), words);
}

#[test]
fn descriptions_and_tensors_that_do_not_fit() {
    let zeros = |tensor: &attention::Tensor| Ok(vec![0.0; tensor.numbers()]);
    let fault = |model| Fast::from(model, zeros).unwrap_err().to_string();
    assert!(fault(Vit { heads: 3, ..SMALL }).starts_with("a token of 8 cannot be cut into 3"));
    assert!(fault(Vit { patch: 0, ..SMALL }).starts_with("a side of 8 cannot be cut into 0"));
    let short = Fast::from(SMALL, |tensor| Ok(vec![0.0; tensor.numbers() - 1]));
    assert!(short.unwrap_err().to_string().starts_with("class_token: there are [7] numbers"));
}

#[test]
fn what_is_read_through_is_the_sum_of_the_weights() {
    let ones = |tensor: &attention::Tensor| Ok(vec![1.0; tensor.numbers()]);
    let model = Vit { width: 32, hidden: 64, classes: 16, ..SMALL };
    let fast = Fast::from(model, ones).unwrap();
    let d = (model.width / model.heads) as f32;
    let mut weights = (3 * model.patch.pow(2) + model.classes) * model.width;
    weights += model.layers * model.width * (3 * model.width + 2 * model.hidden);
    let queries = (model.layers * model.width.pow(2)) as f32 / d.sqrt();
    for threads in [1, 2] {
        let found = fast.read_through(&mut Workspace::new(threads));
        let expected = weights as f32 + queries;
        assert!((found - expected).abs() < 1e-3 * expected, "{found} and not {expected}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_description_gives_the_logits_of_the_plain_pass(
        (across, patch) in (1_usize..12, 1_usize..6),
        layers in 0_usize..4,
        (heads, d) in (1_usize..5, 3_usize..40),
        (hidden, classes) in (1_usize..70, 1_usize..40),
        all in any::<bool>(),
    ) {
        let side = across * patch;
        let model = Vit { side, patch, layers, heads, width: heads * d, hidden, classes };
        let picture = formula::picture(0, side);
        let expected = plain(model).forward(picture.view()).unwrap();
        let mut space = Workspace::with(2, Way { all, ..Way::best() });
        let found = fast(model).logits(&mut space, picture.view()).unwrap();
        let off = apart(&found, &expected);
        // The fewer numbers a token has, the nearer to zero may its deviation be, which divides what is rounded.
        prop_assert!(off < if model.width < 16 { 1e-3 } else { 1e-4 }, "{:?}: {:e}", model, off);
    }
}
