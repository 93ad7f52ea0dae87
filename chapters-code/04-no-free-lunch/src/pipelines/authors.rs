//! Who wrote this passage? Chapter 3's question, with passages so short that it is not easy.
//!
//! As there, the tested passages are of works that nothing was learned from: two of the six novels, every third
//! president, and the last third of Moby-Dick, which is the only work of its author.

use classifiers::text::{AUTHORS, FILE, Passage, Work, author, library, passages, tested_from};
use notebook::{Data, Rng};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;

use super::problem::{Cases, Problem, Raw};

/// Letters of a passage, at least.
const LETTERS: usize = 150;
/// Passages of a class to learn from and to be tested on.
const OF_A_CLASS: [usize; 2] = [300, 200];
/// The seed of the first draw.
const SEED: u64 = 40;

/// The problem in so many draws: each draws passages anew.
pub(super) fn authors(data: &(impl Data + ?Sized), draws: u64) -> anyhow::Result<Vec<Problem>> {
    let works = library(&data.data(FILE))?;
    let cut = passages(&works, LETTERS);
    let from = tested_from(&works, &cut);
    let draw = |draw| {
        let mut rng = Rng::seed_from_u64(SEED + draw);
        let [train, test] = [false, true].map(|tested| {
            let mut pool: Vec<usize> = (0..cut.len())
                .filter(|i| (cut[*i].place >= from[cut[*i].work]) == tested)
                .collect();
            pool.shuffle(&mut rng);
            some_of_each(&pool, &works, &cut, OF_A_CLASS[usize::from(tested)])
        });
        Problem { name: "authors", classes: AUTHORS.len(), train, test }
    };
    Ok((0..draws).map(draw).collect())
}

/// The first passages of each author in the order of `pool`.
fn some_of_each(pool: &[usize], works: &[Work], cut: &[Passage], some: usize) -> Cases {
    let mut cases =
        Cases { raw: Raw::Passages(Vec::new()), labels: Vec::new(), blocks: Vec::new() };
    let mut texts = Vec::new();
    for class in 0..AUTHORS.len() as u8 {
        let theirs = pool.iter().filter(|i| author(&works[cut[**i].work]) == class);
        for &i in theirs.take(some) {
            texts.push(cut[i].text.clone());
            cases.labels.push(class);
            cases.blocks.push(i);
        }
    }
    cases.raw = Raw::Passages(texts);
    cases
}
