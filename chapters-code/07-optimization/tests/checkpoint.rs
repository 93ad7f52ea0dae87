//! The reader of checkpoints believes nothing: whatever the bytes are, it gives what was written or a fault.

#![allow(clippy::unwrap_used)]

use backprop::Tensor;
use optimization::Checkpoint;
use proptest::prelude::*;

fn checkpoint() -> impl Strategy<Value = Checkpoint> {
    let number = any::<u32>().prop_map(f32::from_bits).prop_filter("finite", |x| x.is_finite());
    let tensor = |n: usize| {
        (1..4_usize, prop::collection::vec(number.clone(), n * 6)).prop_map(move |(split, data)| {
            let shape = if data.len() % split == 0 {
                vec![split, data.len() / split]
            } else {
                vec![data.len()]
            };
            Tensor { name: format!("{n}.weight"), shape, data }
        })
    };
    let tensors = (tensor(0), tensor(1), tensor(2)).prop_map(|(a, b, c)| vec![a, b, c]);
    let notes = prop::collection::btree_map("[a-z]{1,5}", "[ -~]{0,9}", 0..3);
    (tensors.clone(), tensors, notes).prop_map(|(weights, state, notes)| Checkpoint {
        weights,
        state: [state, Vec::new()],
        notes,
    })
}

/// A file with this header and `data` bytes after it.
fn file(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

proptest! {
    #[test]
    fn what_is_written_is_read(checkpoint in checkpoint()) {
        let bytes = checkpoint.encode().unwrap();
        prop_assert_eq!(checkpoint.encode().unwrap(), bytes.clone());
        prop_assert_eq!(Checkpoint::decode(&bytes).unwrap(), checkpoint);
    }

    #[test]
    fn a_file_that_is_cut_short_is_a_fault(checkpoint in checkpoint(), at in any::<prop::sample::Index>()) {
        let bytes = checkpoint.encode().unwrap();
        prop_assert!(Checkpoint::decode(&bytes[..at.index(bytes.len())]).is_err());
    }

    #[test]
    fn changed_bytes_never_panic(
        checkpoint in checkpoint(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = checkpoint.encode().unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = Checkpoint::decode(&bytes);
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Checkpoint::decode(&bytes);
    }

    #[test]
    fn any_header_never_panics(
        dtype in "F32|F64|I64|BOOL|X",
        shape in prop::collection::vec(any::<u64>(), 0..4),
        offsets in prop::array::uniform2(any::<u64>()),
        data in 0..64_usize,
    ) {
        let header = format!(r#"{{"a":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":{offsets:?}}}}}"#);
        let _ = Checkpoint::decode(&file(&header, data));
    }
}

#[test]
fn lies_are_faults() {
    let one = |shape: &str, from: u64, to: u64| {
        format!(r#"{{"a":{{"dtype":"F32","shape":{shape},"data_offsets":[{from},{to}]}}}}"#)
    };
    assert!(Checkpoint::decode(&file(&one("[2]", 0, 8), 8)).is_ok());
    let lies = [
        ("more data than there is", file(&one("[1000000000000]", 0, 4_000_000_000_000), 8)),
        ("a shape that overflows", file(&one("[4294967296,4294967296]", 0, 8), 8)),
        ("a shape of another size", file(&one("[3]", 0, 8), 8)),
        ("offsets the wrong way round", file(&one("[2]", 8, 0), 8)),
        ("data that nobody owns", file(&one("[2]", 0, 8), 12)),
        ("a hole before the data", file(&one("[2]", 4, 12), 12)),
        ("another type", file(&one("[1]", 0, 8).replace("F32", "F64"), 8)),
        ("no JSON", file("{", 0)),
        ("a header of 16 exabytes", u64::MAX.to_le_bytes().to_vec()),
        ("nothing", Vec::new()),
    ];
    for (lie, bytes) in lies {
        assert!(Checkpoint::decode(&bytes).is_err(), "{lie}");
    }
}

#[test]
fn numbers_that_are_none_are_neither_written_nor_read() {
    let whole = |x: f32| {
        let tensor =
            |name: &str, x| Tensor { name: name.into(), shape: vec![2], data: vec![1.0, x] };
        let state = [vec![tensor("a", x)], Vec::new()];
        Checkpoint { weights: vec![tensor("a", 2.0)], state, ..Checkpoint::default() }
    };
    for x in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert!(whole(x).encode().unwrap_err().contains("infinite or not a number"));
        // As another program may write it.
        let mut bytes = whole(3.0).encode().unwrap();
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&x.to_le_bytes());
        let error = Checkpoint::decode(&bytes).unwrap_err().to_string();
        assert!(error.contains(&format!(r#""optimizer.0.a": number 2 is {x}"#)), "{error}");
    }
}

/// Two tensors of 1.5 GiB, all nought: a file without blocks on most disks.
#[test]
fn a_file_may_be_larger_than_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.safetensors");
    let half = 3_u64 << 29;
    let entry = |name: &str, start: u64| {
        let (n, end) = (half / 4, start + half);
        format!(r#""{name}":{{"dtype":"F32","shape":[{n}],"data_offsets":[{start},{end}]}}"#)
    };
    let small = r#""z":{"dtype":"F32","shape":[1],"data_offsets":[3221225472,3221225476]}"#;
    let header = format!("{{{},{},{small}}}", entry("x", 0), entry("y", half));
    let mut bytes = file(&header, 0);
    let length = bytes.len() as u64 + 2 * half + 4;
    bytes.extend([0; 8]);
    std::fs::write(&path, &bytes).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
    let mut open = optimization::checkpoint::open(&path).unwrap();
    assert_eq!(
        open.tensors().map(|(_, shape)| shape[0] as u64).collect::<Vec<_>>(),
        [half / 4, half / 4, 1]
    );
    assert_eq!(open.read("z").unwrap(), (&[1][..], &[0.0][..]));
}

#[test]
fn files_that_are_none_are_faults_of_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    std::fs::write(&path, b"not a checkpoint").unwrap();
    for path in [&path, &folder.path().to_path_buf(), &folder.path().join("absent")] {
        let error = Checkpoint::read(path).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(path.file_name().unwrap().to_str().unwrap()), "{error}");
    }
}
