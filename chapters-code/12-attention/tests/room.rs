//! ViT-L/32, whose weights take 1.2 gigabytes, is read from a file and run in 1.6. In a program of its own: the most memory that a
//! process has had is that of all its tests.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use std::fs::File;
use std::io::Write as _;

use attention::fast::{Fast, Workspace};
use attention::formula;
use attention::vit::vit;

/// The most bytes that this process has held.
fn most() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    1024 * line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
}

#[test]
fn the_large_network_is_read_and_run_in_little_memory() {
    let model = vit("vit_l_32").unwrap();
    let (mut header, mut at) = (serde_json::Map::new(), 0);
    for tensor in model.tensors() {
        let end = at + 4 * tensor.numbers();
        let entry =
            serde_json::json!({"dtype": "F32", "shape": tensor.shape, "data_offsets": [at, end]});
        header.insert(tensor.name, entry);
        at = end;
    }
    let header = serde_json::to_vec(&header).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeros.safetensors");
    let mut file = File::create(&path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(&header).unwrap();
    // Zeros that nobody writes take no room on the disk.
    file.set_len((8 + header.len() + at) as u64).unwrap();
    drop(file);

    let fast = Fast::read(model, &path).unwrap();
    let picture = formula::picture(0, model.side);
    let logits = fast.logits(&mut Workspace::new(2), picture.view()).unwrap();
    assert_eq!(logits, vec![0.0; 1000]);
    let most = most();
    println!("{most} bytes, of which {} are weights", fast.bytes());
    assert!(most > fast.bytes() as u64, "{most}");
    assert!(most < 1_600_000_000, "{most}");
}
