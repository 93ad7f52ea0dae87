//! Any bytes, given to the reader of IDX files.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| learning::idx::fuzz(bytes));
