//! Random streams that cannot meet: one for each use of a seed.
//!
//! Whoever numbers the streams of a seed by hand gives one number to two uses some day, and the order of an epoch and
//! the mirroring of a garment are drawn with the same dice. Here a use says what it is for, and the words of its name
//! are the key and the nonce of ChaCha, so different uses run a different generator, whatever their numbers are.

use rand::SeedableRng as _;

use crate::Rng;

// ANCHOR: stream
/// What the random numbers of a seed are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// The first weights of a network.
    Weights,
    /// The order of the samples in an epoch.
    Order(u64),
    /// What becomes of a sample: its epoch and its number.
    Sample(u64, u64),
    /// What is dropped: the layer, the step and the number of the sample.
    Dropout(u64, u64, u64),
    /// The samples and the features of a tree: its number in the forest.
    Tree(u64),
}

impl Stream {
    /// The kind of the use and its numbers: different for different uses.
    fn words(self) -> [u64; 4] {
        match self {
            Stream::Weights => [1, 0, 0, 0],
            Stream::Order(epoch) => [2, epoch, 0, 0],
            Stream::Sample(epoch, i) => [3, epoch, i, 0],
            Stream::Dropout(layer, step, i) => [4, layer, step, i],
            Stream::Tree(i) => [5, i, 0, 0],
        }
    }
}

/// The generator for one use of a seed. The same arguments give the same
/// numbers on every machine, and no other arguments give these.
pub fn stream(seed: u64, of: Stream) -> Rng {
    let [kind, a, b, c] = of.words();
    let mut key = [0; 32];
    for (bytes, word) in key.chunks_exact_mut(8).zip([seed, kind, a, b]) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    let mut rng = Rng::from_seed(key);
    rng.set_stream(c);
    rng
}
// ANCHOR_END: stream

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
    use rand::Rng as _;

    fn any_stream() -> impl Strategy<Value = Stream> {
        // Small numbers, too, so that two uses often have the same ones.
        let number = || prop_oneof![0..4_u64, any::<u64>()];
        prop_oneof![
            Just(Stream::Weights),
            number().prop_map(Stream::Order),
            (number(), number()).prop_map(|(epoch, i)| Stream::Sample(epoch, i)),
            (number(), number(), number()).prop_map(|(l, s, i)| Stream::Dropout(l, s, i)),
            number().prop_map(Stream::Tree),
        ]
    }

    /// The first numbers of a stream: 512 bits, a whole block of ChaCha.
    fn block(seed: u64, of: Stream) -> [u64; 8] {
        let mut rng = stream(seed, of);
        std::array::from_fn(|_| rng.next_u64())
    }

    proptest! {
        #[test]
        fn two_streams_are_the_same_only_where_seed_and_use_are(
            (seed, of) in (0..4_u64, any_stream()),
            (other_seed, other) in (0..4_u64, any_stream()),
        ) {
            let same = (seed, of) == (other_seed, other);
            prop_assert_eq!(block(seed, of) == block(other_seed, other), same);
            prop_assert_eq!(of.words() == other.words(), of == other);
        }
    }

    #[test]
    fn no_number_of_one_stream_stands_in_another() {
        // What met when streams had numbers: epochs, samples of the first epoch, and weights.
        let mut uses = vec![Stream::Weights];
        for n in 0..300 {
            uses.extend([Stream::Order(n), Stream::Sample(0, n), Stream::Sample(n, 0)]);
            uses.extend([Stream::Dropout(n, 0, 0), Stream::Dropout(0, n, 0)]);
            uses.push(Stream::Dropout(0, 0, n));
        }
        let uses: HashSet<Stream> = uses.into_iter().collect();
        let numbers: HashSet<u64> = uses.iter().flat_map(|&of| block(7, of)).collect();
        assert_eq!(numbers.len(), 8 * uses.len());
        let recorder = crate::Recorder::new("chapter", "experiment", "A test", 7, 1);
        let mut rng = recorder.rng();
        assert!((0..100).all(|_| !numbers.contains(&rng.next_u64())), "nor those of the recorder");
    }

    #[test]
    fn the_streams_are_portable() {
        // Written down: a change would break every seed.
        let first = |of| stream(7, of).next_u32();
        let all =
            [Stream::Weights, Stream::Order(3), Stream::Sample(3, 9), Stream::Dropout(1, 3, 9)];
        assert_eq!(all.map(first), [3_994_868_428, 1_376_484_650, 3_738_222_401, 55_212_790]);
    }
}
