//! What a network learns from.

/// Something to learn from.
pub trait Samples: Sync {
    /// What the data are called: a checkpoint remembers it.
    fn name(&self) -> &str;

    /// How many samples.
    fn len(&self) -> usize;

    /// True without samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the input of sample `i` to `to`, in the order `(C, H, W)`; as it is seen in epoch `epoch`, where the data
    /// are augmented. Must give the same for the same arguments.
    fn input(&self, epoch: u64, i: usize, to: &mut [f32]);

    /// The class of sample `i`, or of its token at `position`; nothing where none is asked for.
    fn label(&self, i: usize, position: usize) -> Option<usize>;

    /// A number that other data hardly have: by it a checkpoint knows them again. Of all labels and inputs, of `elements`
    /// numbers each, as they are in epoch 0 (FNV-1a); samples that know a quicker one may give it.
    fn checksum(&self, elements: usize) -> u64 {
        let mut sum = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |word: u64| sum = (sum ^ word).wrapping_mul(0x0100_0000_01b3);
        let mut input = vec![0.0; elements];
        for i in 0..self.len() {
            self.input(0, i, &mut input);
            input.iter().for_each(|x| add(x.to_bits().into()));
            add(self.label(i, 0).map_or(u64::MAX, |label| label as u64));
        }
        sum
    }
}
