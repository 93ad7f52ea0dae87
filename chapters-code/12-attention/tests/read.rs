//! Weights from a file, and files that are not what they should be.

use std::path::PathBuf;

use attention::{Network, Vit, formula};

const SMALL: Vit = Vit { side: 8, patch: 4, layers: 2, heads: 2, width: 8, hidden: 16, classes: 3 };

/// Names and shapes.
type Tensors = Vec<(String, Vec<usize>)>;

/// A safetensors file with the tensors of a network, some of them changed on the way.
fn file(change: impl Fn(&mut Tensors)) -> (tempfile::TempDir, PathBuf) {
    let mut tensors: Tensors =
        SMALL.tensors().into_iter().map(|tensor| (tensor.name, tensor.shape)).collect();
    change(&mut tensors);
    let (mut header, mut body) = (serde_json::Map::new(), Vec::new());
    for (i, (name, shape)) in tensors.iter().enumerate() {
        let from = body.len();
        for x in formula::numbers(i as u64, shape.iter().product()) {
            body.extend(x.to_le_bytes());
        }
        let entry = serde_json::json!({
            "dtype": "F32", "shape": shape, "data_offsets": [from, body.len()],
        });
        header.insert(name.clone(), entry);
    }
    let header = serde_json::to_vec(&header).unwrap();
    let bytes = [(header.len() as u64).to_le_bytes().to_vec(), header, body].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn a_file_is_the_network_that_was_written() {
    let (_folder, path) = file(|_| {});
    let read = Network::read(SMALL, &path).unwrap();
    let mut seed = 0;
    let made = Network::from(SMALL, |tensor| {
        seed += 1;
        Ok(formula::numbers(seed - 1, tensor.numbers()))
    });
    let picture = formula::picture(0, SMALL.side);
    let answer = |network: Network| network.forward(picture.view()).unwrap();
    assert_eq!(answer(read), answer(made.unwrap()));
}

#[test]
fn files_of_other_networks() {
    let fault = |change: &dyn Fn(&mut Tensors)| {
        let (_folder, path) = file(change);
        Network::read(SMALL, &path).unwrap_err().to_string()
    };
    let extra = fault(&|tensors| tensors.push(("pre_logits.weight".into(), vec![2])));
    assert!(extra.contains("weights.safetensors: has the tensor pre_logits.weight"), "{extra}");
    let missing = fault(&|tensors| drop(tensors.remove(0)));
    assert!(missing.contains("class_token"), "{missing}");
    let shape = fault(&|tensors| tensors[3].1 = vec![1, 8, 5]);
    assert!(
        shape.contains("has encoder.pos_embedding of [1, 8, 5], and the network of "),
        "{shape}"
    );
}

#[test]
fn what_was_wrapped_around_the_network_is_taken_off() {
    for wrapper in ["module.", "_orig_mod.module.", "module._orig_mod.", "model."] {
        let (_folder, path) = file(|tensors| {
            tensors.iter_mut().for_each(|(name, _)| name.insert_str(0, wrapper));
        });
        Network::read(SMALL, &path).unwrap();
    }
}

#[test]
fn heads_and_patches_that_do_not_divide() {
    let fault = |vit: Vit| {
        let numbers = |tensor: &attention::Tensor| Ok(vec![0.0; tensor.numbers()]);
        Network::from(vit, numbers).unwrap_err().to_string()
    };
    assert!(fault(Vit { heads: 3, ..SMALL }).starts_with("a token of 8 cannot be cut into 3"));
    assert!(fault(Vit { patch: 3, ..SMALL }).starts_with("a side of 8 cannot be cut into 3"));
    assert!(fault(Vit { heads: 0, ..SMALL }).starts_with("a token of 8 cannot be cut into 0"));
}
