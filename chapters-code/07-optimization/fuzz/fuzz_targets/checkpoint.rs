//! Whatever the bytes are, the reader of checkpoints gives one or a fault.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(checkpoint) = optimization::Checkpoint::decode(bytes) {
        let again = checkpoint.encode().expect("what was read can be written");
        optimization::Checkpoint::decode(&again).expect("what was written can be read");
    }
});
