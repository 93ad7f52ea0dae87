//! # What to keep and what to compute again
//!
//! - points: 18
//! - minutes: 75
//! - difficulty: challenging
//! - section: memory
//!
//! In the training of an image network most memory goes to activations: the output of each layer is kept until the backward pass needs it. One can
//! keep fewer. The forward pass then drops some outputs, and the backward pass computes them again from the nearest one that was kept. This costs one
//! more forward pass at most. Which outputs should be kept, if the memory is to be as small as possible?
//!
//! The network is a chain of layers, and the output of each takes so many bytes. The outputs that are kept cut the chain into *segments*. A segment
//! begins right behind a kept output, or at the first layer, and it ends with the next kept output, which belongs to it. The output of the last layer
//! is always kept. (Programs call a kept output a *checkpoint*.)
//!
//! The backward pass goes through the segments from the last to the first. When it comes to a segment, it computes the outputs of the segment that
//! were dropped. Then these bytes are held:
//!
//! - all outputs of the segment, kept or computed again;
//! - all *kept* outputs of the segments before it.
//!
//! Those of later segments have been freed. The *peak* is the largest number of bytes held for any segment. What the network reads, the gradients and
//! the weights are left out.
//!
//! With ten outputs of one byte each, keeping all has a peak of 10. Keeping those of the layers 3, 6, 8 and 9, counted from 0, has segments of 4, 3,
//! 2 and 1 layers. They hold 4, 1 + 3, 2 + 2 and 3 + 1 bytes, and so the peak is 4.
//!
//! Write a function that gets the bytes of the outputs and gives the indices of those to be kept, in ascending order and with the last layer's at the
//! end, such that the peak is the smallest possible. Where several choices have the smallest peak, any of them is right. Every output has at least
//! one byte; all together they are below $`2^{60}`$. There are at most 300 layers. Without layers, nothing is kept.
//!
//! The number of choices doubles with each layer, so trying all of them will not be in time.
//!
//! ## Hint 1
//!
//! Turn the question round: with this much memory, is there a choice that fits? If you can answer this, you also find the smallest memory for which
//! the answer is yes.
//!
//! ## Hint 2
//!
//! Given the memory, go through the layers from the first. Suppose that the output of layer $`j`$ is kept. Of everything before it, only one number
//! matters for what comes later: how many bytes are kept so far. Fewer are never worse.
//!
//! ## Hint 3
//!
//! Let $`K_j`$ be the fewest bytes that are kept up to and including layer $`j`$, if $`j`$ is kept and all segments up to it fit. If the kept one
//! before $`j`$ is $`i`$, the segment holds $`K_i`$ and the outputs from $`i + 1`$ to $`j`$. If that fits, $`K_i`$ plus the output of $`j`$ is a
//! candidate for $`K_j`$. Remember the best $`i`$ for each $`j`$, and walk back from the last layer.
//!
//! ## Solution
//!
//! Two ideas are put together. More memory never hurts, so the smallest that is enough is found by bisection. For a given memory, dynamic programming
//! over the last kept layer decides, since the past matters only by the number of bytes that it keeps. For $`n`$ layers the decision takes some
//! $`n^2/2`$ steps, and there are at most sixty of them.
//!
//! For equal outputs the segments become shorter by one from each to the next. With a peak of $`p`$ outputs they reach over
//! $`p + (p - 1) + \dots + 1`$ layers, so that $`n`$ layers need a peak of about $`\sqrt{2n}`$. Segments of equal length need nearly $`2\sqrt{n}`$.
//!
//! ## Notes
//!
//! **Time.** An hour and a quarter. Let those who are stuck solve ten equal layers with a pencil first.
//!
//! **Misconceptions.** That $`\sqrt{n}`$ equal segments are the best choice; they are a good one, for equal layers. That segments of equally many
//! bytes are: early ones can be longer, because less is kept before them. That one should extend a segment as far as the memory allows: the output
//! where it then ends may be a large one, and it has to be kept.
//!
//! **Discussion.** How does the peak grow if a dropped output may be computed more than once? (With the logarithm of the number of layers, at the
//! price of as many forward passes.) Real networks are no chains: which cuts are cheap in a residual network? What changes if the time to compute
//! each layer again is given, and a budget for it?

/// What the student starts from.
pub mod starter {
    /// The outputs to be kept, so that the peak is as small as possible.
    pub fn choose_checkpoints(outputs: &[u64]) -> Vec<usize> {
        todo!("the smallest memory in which some choice fits")
    }
}

/// What is right. Full marks, and shown in the reader's edition.
pub mod solution {
    /// The outputs to be kept, so that the peak is as small as possible.
    pub fn choose_checkpoints(outputs: &[u64]) -> Vec<usize> {
        // Keeping everything fits the sum of all.
        let (mut low, mut high) = (0, outputs.iter().sum());
        while low < high {
            let middle = low + (high - low) / 2;
            match fit(outputs, middle) {
                Some(_) => high = middle,
                None => low = middle + 1,
            }
        }
        fit(outputs, high).unwrap_or_default()
    }

    /// A choice that holds at most `memory` bytes; nothing where there is none.
    pub fn fit(outputs: &[u64], memory: u64) -> Option<Vec<usize>> {
        // For the first j layers, if the last of them is kept: the fewest bytes kept, and
        // how many layers there are before the last segment.
        let mut best: Vec<Option<(u64, usize)>> = vec![Some((0, 0))];
        for (j, last) in outputs.iter().enumerate() {
            let mut segment = 0;
            let candidates = (0..=j).rev().filter_map(|i| {
                segment += outputs[i];
                let (kept, _) = best[i]?;
                (kept + segment <= memory).then_some((kept + last, i))
            });
            let fewest = candidates.min();
            best.push(fewest);
        }
        let (mut kept, mut end) = (Vec::new(), outputs.len());
        while end > 0 {
            kept.push(end - 1);
            end = best[end]?.1;
        }
        kept.reverse();
        Some(kept)
    }
}

/// How a case reaches the answer: the only part that runs beside the student's code.
pub mod call {
    pub type Input = Vec<u64>;

    pub type Output = Vec<usize>;

    pub fn call(input: &Input) -> Output {
        super::solution::choose_checkpoints(input)
    }
}

/// What the judge knows: the cases, and when an answer is right. Never leaves the trusted side.
pub mod judge {
    use gradebook::cases::{Cases, Rng, RngExt as _};
    use gradebook::compare;

    use super::call::{Input, Output};

    pub fn cases(cases: &mut Cases<Input>) {
        cases.general("outputs of random sizes", 6, |rng| {
            let layers = rng.random_range(15..50);
            random(rng, layers, 1000)
        });
        cases.general("network whose images become smaller", 5, |rng| {
            let stage = rng.random_range(6..12);
            let pooled = |i: usize| 1 << (12 - 2 * (i / stage).min(4));
            (0..4 * stage).map(|i| pooled(i) * rng.random_range(1..8)).collect()
        });
        cases.general("some outputs much larger than the others", 5, |rng| {
            let layers = rng.random_range(20..50);
            let mut outputs = random(rng, layers, 20);
            (0..layers / 3)
                .for_each(|_| outputs[rng.random_range(0..layers)] = rng.random_range(100..400));
            outputs
        });
        cases.edge("outputs of equal sizes", 3, |rng| {
            vec![
                rng.random_range(1..100);
                [10, 21, rng.random_range(30..60)][rng.random_range(0..3)]
            ]
        });
        cases.edge("outputs that grow from layer to layer", 2, |rng| {
            let mut size = 1;
            let grown = (0..rng.random_range(8..20)).map(|_| {
                size += rng.random_range(1..20);
                size
            });
            grown.collect()
        });
        cases.edge("one, two or three layers", 4, |rng| {
            let layers = rng.random_range(1..=3);
            random(rng, layers, 50)
        });
        cases.edge("no layers", 1, |_| Vec::new());
        cases.edge("as many layers, and as large, as there may be", 2, |rng| {
            random(rng, 300, 1 << 51)
        });
    }

    pub fn compare(input: &Input, expected: &Output, found: &Output) -> Result<(), String> {
        let order = || found.is_sorted_by(|a, b| a < b);
        if found.iter().any(|&layer| layer >= input.len()) || !order() {
            return Err("indices of layers in ascending order are wanted, each once".into());
        }
        let last = input.len().checked_sub(1);
        compare::equal("the last output that is kept", &last, &found.last().copied())?;
        let (smallest, found) = (peak(input, expected), peak(input, found));
        if found > smallest {
            return Err(format!("a peak of {smallest} bytes is possible, and yours is {found}"));
        }
        Ok(())
    }

    /// The most bytes that any segment holds.
    fn peak(outputs: &[u64], kept: &[usize]) -> u64 {
        let (mut start, mut before, mut peak) = (0, 0, 0);
        for &end in kept {
            peak = peak.max(before + outputs[start..=end].iter().sum::<u64>());
            before += outputs[end];
            start = end + 1;
        }
        peak
    }

    fn random(rng: &mut Rng, layers: usize, most: u64) -> Input {
        (0..layers).map(|_| rng.random_range(1..=most)).collect()
    }
}

/// What the student sees and runs. The judge's cases are others.
#[cfg(test)]
mod tests {
    use super::solution::choose_checkpoints;

    /// The peak of the answer, computed by the statement.
    fn peak(outputs: &[u64]) -> u64 {
        let kept = choose_checkpoints(outputs);
        assert_eq!(kept.last(), Some(&(outputs.len() - 1)), "the last output is kept");
        assert!(kept.is_sorted_by(|a, b| a < b), "ascending order: {kept:?}");
        let (mut start, mut before, mut peak) = (0, 0, 0);
        for end in kept {
            peak = peak.max(before + outputs[start..=end].iter().sum::<u64>());
            before += outputs[end];
            start = end + 1;
        }
        peak
    }

    #[test]
    fn ten_equal_layers() {
        assert_eq!(peak(&[1; 10]), 4);
    }

    #[test]
    fn three_layers() {
        // Keeping the first: 2, then 2 + 3 + 4. The second: 2 + 3, then 3 + 4. Both: 2, 2 + 3, 5 + 4. None but the last: 9.
        assert_eq!(peak(&[2, 3, 4]), 7);
    }

    #[test]
    fn small_outputs_are_good_to_keep() {
        // Keeping one of the two small outputs: 10, then 1 + 19; or 20, then 1 + 9. Keeping both: 10, 1 + 10, 2 + 9.
        assert_eq!(peak(&[9, 1, 9, 1, 9]), 11);
    }

    #[test]
    fn one_layer_and_none() {
        assert_eq!(choose_checkpoints(&[5]), [0]);
        assert!(choose_checkpoints(&[]).is_empty());
    }
}

/// Cuts the chain into segments of the square root's length.
///
/// # Feedback
///
/// Your segments are all of the same length. That is a good rule for equal outputs, and even there not the best: less is kept before an early
/// segment, so it may be longer. And it does not look at the sizes.
pub mod mutant_keeps_every_root {
    /// Every ⌈√n⌉-th output, and the last.
    pub fn choose_checkpoints(outputs: &[u64]) -> Vec<usize> {
        let n = outputs.len();
        let length = (n as f64).sqrt().ceil() as usize;
        (0..n).filter(|i| (i + 1) % length == 0 || i + 1 == n).collect()
    }
}

/// Extends each segment as far as the memory allows.
///
/// # Feedback
///
/// You extend each segment as far as the memory allows and keep the output where that ends. It may be a large one, and then it is held for all
/// segments behind it. A shorter segment that ends with a small output can be better: compare all of them.
pub mod mutant_extends_greedily {
    pub use super::solution::*;

    /// The choice whose segments are as long as possible; nothing where it does not fit.
    pub fn fit(outputs: &[u64], memory: u64) -> Option<Vec<usize>> {
        let (mut kept, mut before, mut segment) = (Vec::new(), 0, 0);
        for (i, &output) in outputs.iter().enumerate() {
            if before + segment + output > memory {
                let end = i.checked_sub(1)?;
                kept.push(end);
                before += outputs[end];
                segment = 0;
            }
            segment += output;
            if before + segment > memory {
                return None;
            }
        }
        kept.extend(outputs.len().checked_sub(1));
        Some(kept)
    }
}

/// Looks at the segments and forgets what is kept before them.
///
/// # Feedback
///
/// You keep all outputs, or nearly all. Then each segment is small, but what is kept before it is not. A segment holds the kept outputs of all
/// segments before it as well.
pub mod mutant_forgets_what_is_kept {
    pub use super::solution::*;

    /// A choice whose segments alone fit.
    pub fn fit(outputs: &[u64], memory: u64) -> Option<Vec<usize>> {
        let fits = outputs.iter().all(|&output| output <= memory);
        fits.then(|| (0..outputs.len()).collect())
    }
}

/// Makes about √n segments with nearly the same number of bytes.
///
/// # Feedback
///
/// Your segments have nearly equal numbers of bytes. But the later a segment comes, the more is kept before it. What should be equal is the sum of
/// the two, so early segments are larger than late ones.
pub mod mutant_balances_segments {
    pub use super::solution::*;

    /// At most ⌈√n⌉ segments of at most `memory` bytes.
    pub fn fit(outputs: &[u64], memory: u64) -> Option<Vec<usize>> {
        let (mut kept, mut segment) = (Vec::new(), 0);
        for (i, &output) in outputs.iter().enumerate() {
            if segment + output > memory {
                kept.push(i.checked_sub(1)?);
                segment = 0;
            }
            segment += output;
            if segment > memory {
                return None;
            }
        }
        kept.extend(outputs.len().checked_sub(1));
        let most = (outputs.len() as f64).sqrt().ceil() as usize;
        (kept.len() <= most).then_some(kept)
    }
}

/// Leaves the kept output at the end of a segment out of it.
///
/// # Feedback
///
/// Your peak is a little too large, though you choose by the sizes. The kept output at the end of a segment is held while the backward pass goes
/// through it, and belongs to what the segment holds.
pub mod mutant_leaves_out_the_end {
    pub use super::solution::*;

    /// A choice that fits, with the outputs between the kept ones alone.
    pub fn fit(outputs: &[u64], memory: u64) -> Option<Vec<usize>> {
        let mut best: Vec<Option<(u64, usize)>> = vec![Some((0, 0))];
        for (j, last) in outputs.iter().enumerate() {
            let mut segment = 0;
            let candidates = (0..=j).rev().filter_map(|i| {
                segment += if i == j { 0 } else { outputs[i] };
                let (kept, _) = best[i]?;
                (kept + segment <= memory).then_some((kept + last, i))
            });
            let fewest = candidates.min();
            best.push(fewest);
        }
        let (mut kept, mut end) = (Vec::new(), outputs.len());
        while end > 0 {
            kept.push(end - 1);
            end = best[end]?.1;
        }
        kept.reverse();
        Some(kept)
    }
}

/// Gives the outputs that are kept between segments, without the last layer's.
///
/// # Feedback
///
/// The output of the last layer is missing in your answer. The backward pass starts from it, so it is always kept.
pub mod mutant_leaves_out_the_last {
    pub use super::solution::*;

    /// The kept outputs but for the last.
    pub fn choose_checkpoints(outputs: &[u64]) -> Vec<usize> {
        let (mut low, mut high) = (0, outputs.iter().sum());
        while low < high {
            let middle = low + (high - low) / 2;
            match fit(outputs, middle) {
                Some(_) => high = middle,
                None => low = middle + 1,
            }
        }
        let mut kept = fit(outputs, high).unwrap_or_default();
        kept.pop();
        kept
    }
}
