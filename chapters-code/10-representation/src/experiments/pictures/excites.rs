//! Which patches of the photographs excite a channel most, and whether later channels are more particular.

use learning::Bootstrap;
use learning::bootstrap::mean;
use ndarray::Array3;
use notebook::{Recorder, Rng, Scalar, Table};
use rand::seq::index;
use rayon::prelude::*;

use crate::gradient::Trace;
use crate::lite0::Weights;
use crate::lite0::description::{BLOCKS, SIDE};
use crate::patches::{self, Answer, Cut, Photograph};
use crate::saliency::untrained;

/// Patches of a channel that are looked at.
const TOP: usize = 9;
/// Blocks whose patches are drawn, chosen by depth before anything was seen: one early, two in the middle, the last.
pub const DRAWN: [usize; 4] = [1, 4, 8, 16];
/// Channels of each that are drawn: the first ones.
pub const CHANNELS: usize = 4;
/// Patches of each that are drawn.
pub const PATCHES: usize = 4;
/// Untrained networks.
const UNTRAINED: usize = 2;

/// Nine squares of each photograph, which do not overlap: what is in one is in no other.
pub fn cuts(photographs: &[Photograph]) -> Vec<Cut> {
    let of = |(p, photograph): (usize, &Photograph)| {
        let side = photograph.image.width() / 3;
        Cut::tiling(p, &photograph.image, side, side as usize)
    };
    photographs.iter().enumerate().flat_map(of).collect()
}

/// Looks for the patches, and counts the photographs that they come from.
pub fn excites(recorder: &mut Recorder) -> anyhow::Result<()> {
    let weights = Weights::of(recorder)?;
    let photographs = patches::photographs(recorder)?;
    let cuts = cuts(&photographs);
    let pictures: Vec<Array3<f32>> = cuts.iter().map(|cut| cut.picture(&photographs)).collect();
    let mut rng = recorder.rng();
    recorder.value("photographs", photographs.len());
    recorder.value("cuts", cuts.len());
    recorder.value("top", TOP);
    let top = exciting(&weights, &pictures);
    record_patches(recorder, &top, &cuts, &photographs);
    let favourites: Vec<Vec<f64>> = favourite(&top, &cuts, photographs.len());
    let chance = by_chance(&cuts, &mut rng);
    recorder.value("chance", chance);
    let trained = particular(&top, &cuts);
    let mut others: Vec<Vec<Vec<f64>>> = Vec::new();
    for _ in 0..UNTRAINED {
        let other = untrained(&weights, pictures[0].view(), &mut rng);
        others.push(particular(&exciting(&other, &pictures), &cuts));
    }
    recorder.value("untrained", UNTRAINED);
    record_depth(recorder, &trained, &others, &mut rng);
    record_favourites(recorder, &favourites, photographs.len(), &mut rng);
    Ok(())
}

/// For each block (0: the stem) and channel its strongest answers, one for each cut at most.
fn exciting(weights: &Weights, pictures: &[Array3<f32>]) -> Vec<Vec<Vec<Answer>>> {
    let of = |(cut, picture): (usize, &Array3<f32>)| -> Vec<Vec<Answer>> {
        let trace = Trace::of(weights, picture.view());
        trace.blocks.iter().map(|map| patches::largest(map.view(), cut)).collect()
    };
    let all: Vec<_> = pictures.par_iter().enumerate().map(of).collect();
    let channel = |block: usize, c: usize| {
        patches::most_exciting(all.iter().map(|cut| cut[block][c]).collect(), TOP)
    };
    let block = |b: usize| (0..all[0][b].len()).map(|c| channel(b, c)).collect();
    (0..=BLOCKS).map(block).collect()
}

/// For each block and channel the largest share of its patches that one photograph gives.
fn particular(top: &[Vec<Vec<Answer>>], cuts: &[Cut]) -> Vec<Vec<f64>> {
    let share = |answers: &Vec<Answer>| {
        let from: Vec<usize> = answers.iter().map(|a| cuts[a.cut].photograph).collect();
        patches::commonest(&from)
    };
    top.iter().map(|channels| channels.iter().map(share).collect()).collect()
}

/// For each block and channel the share of its patches that come from the photograph that gives most patches to the whole block.
fn favourite(top: &[Vec<Vec<Answer>>], cuts: &[Cut], photographs: usize) -> Vec<Vec<f64>> {
    let from = |answers: &[Answer], p: usize| {
        answers.iter().filter(|a| cuts[a.cut].photograph == p).count()
    };
    let block = |channels: &Vec<Vec<Answer>>| {
        let sum = |p: usize| channels.iter().map(|answers| from(answers, p)).sum::<usize>();
        let p = (0..photographs).max_by_key(|&p| sum(p)).unwrap_or(0);
        channels.iter().map(|answers| from(answers, p) as f64 / answers.len() as f64).collect()
    };
    top.iter().map(block).collect()
}

/// The same share where the cuts are drawn by lot.
fn by_chance(cuts: &[Cut], rng: &mut Rng) -> f64 {
    let draw = |_| {
        let drawn = index::sample(rng, cuts.len(), TOP);
        patches::commonest(&drawn.iter().map(|i| cuts[i].photograph).collect::<Vec<_>>())
    };
    mean(&(0..2000).map(draw).collect::<Vec<_>>())
}

fn record_depth(
    recorder: &mut Recorder,
    trained: &[Vec<f64>],
    others: &[Vec<Vec<f64>>],
    rng: &mut Rng,
) {
    let bootstrap = Bootstrap::default();
    let together =
        |b: usize| -> Vec<f64> { others.iter().flat_map(|other| other[b].clone()).collect() };
    let bands: Vec<_> = trained.iter().map(|shares| bootstrap.mean(shares, rng)).collect();
    let control: Vec<_> = (0..=BLOCKS).map(|b| bootstrap.mean(&together(b), rng)).collect();
    for (key, b) in [("stem", 0), ("middle", BLOCKS / 2), ("last", BLOCKS)] {
        recorder.estimate(&format!("{key}/share"), bands[b]);
        recorder.estimate(&format!("{key}/untrained"), control[b]);
    }
    recorder
        .claim("first-are-more-particular", "The patches of the first layer's channels come from one photograph more often than those of the last block's.")
        .exceeds((bands[0], "in the first layer"), (bands[BLOCKS], "in the last block"));
    recorder
        .claim("more-than-untrained", "In the last block they come from one photograph more often than in untrained networks.")
        .exceeds((bands[BLOCKS], "trained"), (control[BLOCKS], "untrained"));
    recorder
        .series("particular", "Block", (0..=BLOCKS).map(|b| b as f64))
        .banded("trained", bands.iter().map(|band| band.band()))
        .banded("untrained", control.iter().map(|band| band.band()));
    let fields: Vec<f64> = (0..=BLOCKS).map(|b| patches::field(b, 0, SIDE).length as f64).collect();
    let whole = fields.iter().filter(|&&length| length > SIDE as f64).count();
    recorder.value("fields/whole", whole);
    recorder.series("fields", "Block", (0..=BLOCKS).map(|b| b as f64)).curve("pixels", fields);
}

fn record_favourites(
    recorder: &mut Recorder,
    favourites: &[Vec<f64>],
    photographs: usize,
    rng: &mut Rng,
) {
    let bootstrap = Bootstrap::default();
    let bands: Vec<_> = favourites.iter().map(|shares| bootstrap.mean(shares, rng)).collect();
    recorder.estimate("stem/favourite", bands[0]);
    recorder.estimate("last/favourite", bands[BLOCKS]);
    recorder.value("even", 1.0 / photographs as f64);
    recorder
        .claim("first-share-a-favourite", "The channels of the first layer have more of their patches from one and the same photograph than those of the last block.")
        .exceeds((bands[0], "in the first layer"), (bands[BLOCKS], "in the last block"));
    recorder
        .series("favourite", "Block", (0..=BLOCKS).map(|b| b as f64))
        .banded("all channels together", bands.iter().map(|band| band.band()));
}

/// The patches that are drawn: where each lies.
fn record_patches(
    recorder: &mut Recorder,
    top: &[Vec<Vec<Answer>>],
    cuts: &[Cut],
    photographs: &[Photograph],
) {
    let heads = ["Block", "Channel", "Cut", "Row", "Column"].map(|head| format!("{head} | int"));
    let mut heads = heads.to_vec();
    heads.extend(["Photograph".to_owned(), "Answer | fixed 2".to_owned()]);
    let mut table = Table::new(&heads);
    for block in DRAWN {
        for (channel, answers) in top[block].iter().take(CHANNELS).enumerate() {
            for a in answers.iter().take(PATCHES) {
                let numbers = [block, channel, a.cut, a.place[0], a.place[1]];
                let mut row: Vec<Scalar> = numbers.map(Into::into).to_vec();
                row.push(photographs[cuts[a.cut].photograph].name.into());
                row.push(f64::from(a.value).into());
                table.row(row);
            }
        }
        let field = patches::field(block, 0, SIDE).length;
        recorder.value(&format!("block/{block}/field"), field);
        recorder.value(&format!("block/{block}/channels"), top[block].len());
    }
    recorder.table("patches", table);
}
