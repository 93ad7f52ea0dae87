//! Formats of few bits: how many bits per weight takes when a block of weights shares a scale.
//!
//! | format | bits | block | scale | source |
//! | --- | --- | --- | --- | --- |
//! | `fp8` | 8 | 128 × 128 | 32 bits | DeepSeek-AI (2024), weights of DeepSeek-V3 |
//! | `Q8_0` | 8 | 32 | 16 bits | llama.cpp's GGUF |
//! | `Q4_0` | 4 | 32 | 16 bits | llama.cpp's GGUF; the book's `int4` |
//! | `GPTQ` | 4 | 128 | 16 bits and a zero of 4 | Frantar et al. (2023), with groups of 128 |
//! | `NF4` | 4 | 64 | 8 bits, and 32 for each 256 scales | Dettmers et al. (2023b), scales quantised as well |
//! | `MXFP4` | 4 | 32 | 8 bits | Open Compute Project (2023) |

use crate::units::Bytes;

/// How a weight is stored, and what its block needs besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// The name for people.
    pub name: &'static str,
    /// Bits of a weight.
    pub bits: u64,
    /// Weights that share a scale; zero: a scale for a whole tensor, which is left out.
    pub block: u64,
    /// Bits of a block's scale, and of its zero where it has one.
    pub scale_bits: u64,
    /// Blocks whose scales share an `f32`; zero: none.
    pub scales_block: u64,
}

impl Format {
    const fn new(name: &'static str, bits: u64, block: u64, scale_bits: u64) -> Format {
        Format { name, bits, block, scale_bits, scales_block: 0 }
    }

    /// Four bytes each.
    pub const F32: Format = Format::new("f32", 32, 0, 0);
    /// Two bytes each.
    pub const BF16: Format = Format::new("bf16", 16, 0, 0);
    /// One byte each, and one scale a tensor.
    pub const INT8: Format = Format::new("int8", 8, 0, 0);
    /// Eight-bit floating-point numbers in tiles of 128 × 128.
    pub const FP8: Format = Format::new("fp8", 8, 128 * 128, 32);
    /// Eight-bit integers in blocks of 32.
    pub const Q8_0: Format = Format::new("Q8_0", 8, 32, 16);
    /// Four-bit integers in blocks of 32.
    pub const Q4_0: Format = Format::new("Q4_0", 4, 32, 16);
    /// Four-bit integers in blocks of 128, with a zero.
    pub const GPTQ: Format = Format::new("GPTQ", 4, 128, 16 + 4);
    /// Four-bit numbers spaced as a normal distribution, in blocks of 64.
    pub const NF4: Format = Format { scales_block: 256, ..Format::new("NF4", 4, 64, 8) };
    /// Four-bit floating-point numbers in blocks of 32, whose scale is a power of two.
    pub const MXFP4: Format = Format::new("MXFP4", 4, 32, 8);

    /// From wide to narrow.
    pub const ALL: [Format; 9] = [
        Format::F32,
        Format::BF16,
        Format::Q8_0,
        Format::FP8,
        Format::INT8,
        Format::Q4_0,
        Format::MXFP4,
        Format::GPTQ,
        Format::NF4,
    ];

    // ANCHOR: weights
    /// Bytes that hold `weights` numbers. A last block that is not full has a
    /// scale too, and a last part of a byte is a byte.
    pub fn bytes(self, weights: u64) -> Bytes {
        let of_bits = |count: u64, bits: u64| (u128::from(count) * u128::from(bits)).div_ceil(8);
        let blocks = if self.block > 0 { weights.div_ceil(self.block) } else { 0 };
        let of_scales = if self.scales_block > 0 { blocks.div_ceil(self.scales_block) } else { 0 };
        let scales = of_bits(blocks, self.scale_bits) + of_bits(of_scales, 32);
        Bytes(of_bits(weights, self.bits) + scales)
    }
    // ANCHOR_END: weights

    /// Bits a weight, scales included, where all blocks are full.
    pub fn bits_per_weight(self) -> f64 {
        let per = |bits: u64, weights: u64| match weights {
            0 => 0.0,
            _ => bits as f64 / weights as f64,
        };
        let second = per(32, self.block * self.scales_block);
        self.bits as f64 + per(self.scale_bits, self.block) + second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_bits_of_full_blocks() {
        let full = 1 << 20;
        for format in Format::ALL {
            let bits = 8.0 * format.bytes(full).0 as f64 / full as f64;
            assert!((bits - format.bits_per_weight()).abs() < 1e-9, "{}: {bits}", format.name);
        }
        assert_eq!(Format::NF4.bytes(64).0, 32 + 1 + 4);
        assert_eq!(Format::MXFP4.bytes(33).0, 17 + 2);
    }
}
