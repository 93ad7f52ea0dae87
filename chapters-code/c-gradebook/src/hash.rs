//! Hashes that name content.

use sha2::{Digest as _, Sha256};

/// The first 16 bytes of SHA-256, in hexadecimal.
pub fn short(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// A number from content: the first eight bytes of SHA-256.
pub fn number(bytes: &[u8]) -> u64 {
    Sha256::digest(bytes).iter().take(8).fold(0, |n, &b| n << 8 | u64::from(b))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Bytes from hexadecimal; nothing where the text is not that.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let value = |c: u8| char::from(c).to_digit(16).map(|d| d as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|p| Some(value(*p.first()?)? << 4 | value(*p.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_both_ways() {
        assert_eq!(unhex(&hex(&[0, 9, 255])), Some(vec![0, 9, 255]));
        assert_eq!((unhex("0"), unhex("zz")), (None, None));
    }
}
