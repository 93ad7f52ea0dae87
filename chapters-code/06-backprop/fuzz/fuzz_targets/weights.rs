//! Whatever the bytes are, the reader of weights gives tensors of the shapes that it said, or a fault.
#![no_main]

use std::io::Cursor;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(mut file) = backprop::WeightsFile::new(Cursor::new(bytes)) else { return };
    let tensors: Vec<_> = file.tensors().map(|(name, shape)| (name.to_owned(), shape.to_vec())).collect();
    for (name, expected) in tensors {
        if let Ok((shape, numbers)) = file.read(&name) {
            assert_eq!(shape, expected, "{name}");
            assert_eq!(numbers.len(), shape.iter().product::<usize>(), "{name}");
            assert!(numbers.iter().all(|x| x.is_finite()), "{name}");
        }
    }
});
