//! Weights from files: whole ones, those of halves, and those that somebody made to do harm.

#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use backprop::{Engine, Error, Linear, Network, Options, Shape, WeightsFile};
use proptest::prelude::*;

fn file(header: &str, data: &[u8]) -> Cursor<Vec<u8>> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    Cursor::new(bytes)
}

fn engine() -> Engine<f32> {
    let network = Network::new(Shape::row(3)).then("0", Linear::new(3, 2)).unwrap();
    Engine::new(network, Options { batch: 1, shards: 1, threads: 1, training: false }).unwrap()
}

const HEADER: &str = r#"{"__metadata__":{"from":"a test"},
    "0.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
    "0.weight":{"dtype":"F16","shape":[2,3],"data_offsets":[8,20]},
    "steps":{"dtype":"I64","shape":[],"data_offsets":[20,28]}}"#;

fn data() -> Vec<u8> {
    let bias = [0.5_f32, -3.0].iter().flat_map(|x| x.to_le_bytes());
    // 1, −2, 1/3 nearly, the smallest, the largest, −0.
    let weight = [0x3c00_u16, 0xc000, 0x3555, 0x0001, 0x7bff, 0x8000];
    bias.chain(weight.into_iter().flat_map(u16::to_le_bytes)).chain([0; 8]).collect()
}

#[test]
fn a_network_is_read_tensor_by_tensor() {
    let mut file = WeightsFile::new(file(HEADER, &data())).unwrap();
    assert_eq!(file.notes()["from"], "a test");
    let names: Vec<&str> = file.tensors().map(|(name, _)| name).collect();
    assert_eq!(names, ["0.bias", "0.weight", "steps"]);
    let mut engine = engine();
    engine.load(&mut file).unwrap();
    let weights = engine.weights();
    assert_eq!(weights[0].data, [1.0, -2.0, 0.333_251_95, 2_f32.powi(-24), 65_504.0, -0.0]);
    assert_eq!(weights[1].data, [0.5, -3.0]);
    assert!(file.read("steps").unwrap_err().to_string().contains("are of type I64"));
    assert!(file.read("absent").unwrap_err().to_string().contains("are not in the file"));
}

#[test]
fn what_is_no_safetensors_file_is_called_by_its_name() {
    for (bytes, expected) in [
        (&b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"[..], "git lfs pull"),
        (b"PK\x03\x04\0\0\0\0 archive/data.pkl", "pickle of PyTorch"),
        (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "pickle of PyTorch"),
        (b"GGUF\x03\0\0\0\0\0", "a GGUF file"),
        (b"\x89HDF\r\n\x1a\n\0", "an HDF5 file"),
        (b"{\"weight_map\": {\"a\": \"model-1.safetensors\"}}", "the index of weights"),
        (b"no more than text", "promises a header"),
        (b"short", "shorter than"),
    ] {
        let fault = WeightsFile::new(Cursor::new(bytes)).unwrap_err().to_string();
        assert!(fault.contains(expected) && fault.lines().count() == 1, "{fault}");
    }
}

#[test]
fn nothing_changes_if_a_tensor_does_not_fit() {
    let mut engine = engine();
    let before = engine.weights();
    for (from, to) in [("[2,3]", "[3,2]"), ("0.weight", "1.weight")] {
        let mut file = WeightsFile::new(file(&HEADER.replace(from, to), &data())).unwrap();
        assert!(matches!(engine.load(&mut file), Err(Error::Weights { .. })));
        assert_eq!(engine.weights(), before);
    }
}

#[test]
fn what_was_wrapped_around_a_network_does_not_hide_it() {
    for wrapper in ["module.", "_orig_mod."] {
        let header = HEADER.replace("\"0.", &format!("\"{wrapper}0."));
        let mut engine = engine();
        engine.load(&mut WeightsFile::new(file(&header, &data())).unwrap()).unwrap();
        assert_eq!(engine.weights()[1].data, [0.5, -3.0]);
    }
}

#[test]
fn numbers_that_are_none_are_refused_by_name_and_place() {
    let with = |at: usize, bytes: &[u8]| {
        let mut data = data();
        data[at..at + bytes.len()].copy_from_slice(bytes);
        let mut file = WeightsFile::new(file(HEADER, &data)).unwrap();
        engine().load(&mut file).unwrap_err().to_string()
    };
    let bias = with(4, &f32::NAN.to_le_bytes());
    assert!(bias.starts_with(r#"weights "0.bias": number 2 is NaN; give "#), "{bias}");
    let minus = with(0, &f32::NEG_INFINITY.to_le_bytes());
    assert!(minus.contains("number 1 is -inf"), "{minus}");
    // Halves, too: infinite, and none at all.
    for (half, shown) in [(0x7c00_u16, "inf"), (0x7e01, "NaN")] {
        let weight = with(8 + 2 * 4, &half.to_le_bytes());
        assert!(weight.contains(&format!(r#""0.weight": number 5 is {shown}"#)), "{weight}");
    }
}

#[test]
fn a_number_far_behind_in_a_tensor_is_found() {
    let n = 100_003;
    let header = format!(r#"{{"x":{{"dtype":"F32","shape":[{n}],"data_offsets":[0,{}]}}}}"#, 4 * n);
    let mut bytes = vec![0; 4 * n];
    bytes[4 * (n - 1)..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    let error = WeightsFile::new(file(&header, &bytes)).unwrap().read("x").unwrap_err();
    assert!(error.to_string().contains("number 100003 is inf"), "{error}");
}

#[test]
fn a_tensor_is_longer_than_what_is_read_at_once() {
    let n = 100_003;
    let header =
        format!(r#"{{"x":{{"dtype":"BF16","shape":[{n}],"data_offsets":[0,{}]}}}}"#, 2 * n);
    let bytes: Vec<u8> = (0..n).flat_map(|i| (0x3f80 + i as u16 % 128).to_le_bytes()).collect();
    let mut file = WeightsFile::new(file(&header, &bytes)).unwrap();
    let (shape, numbers) = file.read("x").unwrap();
    assert_eq!((shape, numbers.len()), (&[n][..], n));
    assert!(numbers.iter().enumerate().all(|(i, &x)| x == 1.0 + (i % 128) as f32 / 128.0));
}

#[test]
fn hostile_headers_give_errors() {
    let entry = |shape: &str, offsets: &str| {
        format!(r#"{{"x":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#)
    };
    for header in [
        // More bytes than there are, a negative length, an overflow, a gap, a tail, no JSON.
        entry("[1000000000000]", "[0,4000000000000]"),
        entry("[1]", "[4,0]"),
        entry("[4294967296,4294967296,4294967296]", "[0,4]"),
        entry("[1]", "[4,8]"),
        entry("[0]", "[0,0]"),
        entry("[2]", "[0,4]"),
        entry("[-1]", "[0,4]"),
        "[[[[".into(),
        String::new(),
    ] {
        let error = WeightsFile::new(file(&header, &[0; 4])).unwrap_err().to_string();
        assert!(!error.contains('\n'), "{error}");
    }
    for bytes in [vec![], vec![1, 2, 3], vec![255; 8], vec![255; 100], vec![0, 0, 0, 1, 0, 0, 0, 0]]
    {
        assert!(WeightsFile::new(Cursor::new(bytes)).is_err());
    }
}

proptest! {
    /// Any byte may be any other: an error or numbers, and no panic.
    #[test]
    fn a_file_with_a_wrong_byte(at in 0..1000_usize, byte in any::<u8>(), cut in 0..1000_usize) {
        let mut bytes = file(HEADER, &data()).into_inner();
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.truncate(length - (cut % 4) * cut % length);
        if let Ok(mut file) = WeightsFile::new(Cursor::new(bytes)) {
            let _ = engine().load(&mut file);
        }
    }
}
