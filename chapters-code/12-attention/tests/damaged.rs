//! Bytes that somebody has damaged: a network or a fault, and nothing else.

use std::path::PathBuf;

use attention::fast::{Fast, Workspace};
use attention::{Network, Vit, formula};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

const SMALL: Vit = Vit { side: 4, patch: 2, layers: 1, heads: 2, width: 4, hidden: 6, classes: 3 };

/// The header of a file, and its numbers.
fn file() -> (Value, Vec<u8>) {
    let (mut header, mut body) = (serde_json::Map::new(), Vec::new());
    for tensor in SMALL.tensors() {
        let from = body.len();
        formula::weights(&tensor).into_iter().for_each(|x| body.extend(x.to_le_bytes()));
        let entry = json!({
            "dtype": "F32", "shape": tensor.shape, "data_offsets": [from, body.len()]
        });
        header.insert(tensor.name, entry);
    }
    (header.into(), body)
}

fn bytes(header: &Value, body: &[u8]) -> Vec<u8> {
    let header = serde_json::to_vec(header).unwrap();
    [&(header.len() as u64).to_le_bytes()[..], &header, body].concat()
}

/// Reads bytes both ways, by a file that is there for that.
fn read(bytes: &[u8]) -> Result<(Network, Fast), String> {
    thread_local! {
        static PLACE: (tempfile::TempDir, PathBuf) = {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("bytes.safetensors");
            (folder, path)
        };
    }
    PLACE.with(|(_, path)| {
        std::fs::write(path, bytes).unwrap();
        let (network, fast) = (Network::read(SMALL, path), Fast::read(SMALL, path));
        match (network, fast) {
            (Ok(network), Ok(fast)) => Ok((network, fast)),
            (Err(one), Err(other)) => {
                assert_eq!(one.to_string(), other.to_string());
                Err(one.to_string())
            }
            (one, other) => panic!("{:?}, but {:?}", one.err(), other.err()),
        }
    })
}

/// A whole network that answers, or a fault in one line with a fix.
fn hold(bytes: &[u8]) -> Result<(), TestCaseError> {
    match read(bytes) {
        Ok((network, fast)) => {
            let picture = formula::picture(0, SMALL.side);
            prop_assert_eq!(network.forward(picture.view()).unwrap().len(), SMALL.classes);
            let found = fast.logits(&mut Workspace::new(1), picture.view()).unwrap();
            prop_assert_eq!(found.len(), SMALL.classes);
        }
        Err(fault) => {
            let line = !fault.contains(|c: char| c.is_control());
            prop_assert!(line && fault.contains("; "), "{}", fault);
        }
    }
    Ok(())
}

/// A number that a header may have in place of another.
fn strange() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0_u64..400).prop_map(|n| json!(n)),
        prop::sample::select(vec![
            json!(u64::MAX),
            json!(u64::MAX / 4),
            json!(1_u64 << 62),
            json!(i64::MIN),
            json!(-1),
            json!(1e300),
            json!(0.5),
            json!(null),
            json!("1"),
            json!([[]]),
            json!({"a": 1}),
        ]),
    ]
}

#[test]
fn the_file_itself_is_a_network() {
    let (header, body) = file();
    assert!(read(&bytes(&header, &body)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Bytes cut off, put in and changed, in the header or anywhere.
    #[test]
    fn damaged_bytes(
        changes in prop::collection::vec((any::<Index>(), any::<u8>(), 0..4_u8), 0..6),
        in_header in any::<bool>(),
    ) {
        let (header, body) = file();
        let mut bytes = bytes(&header, &body);
        let header = bytes.len() - body.len();
        for (at, byte, what) in changes {
            let at = at.index(if in_header { header.min(bytes.len()) } else { bytes.len() }.max(1));
            match what {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), byte),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|old| *old = byte),
            }
        }
        hold(&bytes)?;
    }

    /// Headers that can be read and lie: shapes, places and types of tensors, and tensors in each other's place.
    #[test]
    fn lying_headers(
        changes in prop::collection::vec((any::<Index>(), 0..7_u8, any::<Index>(), strange()), 1..4),
        length in prop::option::of(any::<u64>()),
    ) {
        let (mut header, body) = file();
        for (which, what, other, strange) in changes {
            let tensors = header.as_object_mut().unwrap();
            let names: Vec<String> = tensors.keys().cloned().collect();
            let name = &names[which.index(names.len())];
            let there = tensors[&names[other.index(names.len())]].clone();
            let entry = tensors.get_mut(name).unwrap();
            match what {
                // Overlapping: where another tensor is.
                0 => entry["data_offsets"] = there["data_offsets"].clone(),
                1 => entry["data_offsets"] = json!([strange, there["data_offsets"][1]]),
                2 => entry["data_offsets"] = json!([there["data_offsets"][0], strange]),
                // Huge, and with a product beyond all numbers.
                3 => entry["shape"] = json!([strange.clone(), strange]),
                4 => entry["shape"] = there["shape"].clone(),
                5 => {
                    let types = ["F16", "BF16", "F64", "I8", ""];
                    entry["dtype"] = json!(types[other.index(types.len())]);
                }
                _ => {
                    tensors.remove(name);
                    tensors.insert(names[other.index(names.len())].clone(), there);
                }
            }
        }
        let mut bytes = bytes(&header, &body);
        if let Some(length) = length {
            bytes[..8].copy_from_slice(&length.to_le_bytes());
        }
        hold(&bytes)?;
    }
}
