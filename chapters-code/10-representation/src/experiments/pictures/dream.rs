//! Pictures that excite a class, with and without rules of taste, and the smallest steps that change a name.

use image::RgbImage;
use image::imageops::{self, FilterType};
use ndarray::Array3;
use notebook::{Recorder, Rng, Table};
use rand::SeedableRng as _;
use rayon::prelude::*;

use super::shown::{largest, names};
use crate::dream::{self as dreams, Dream};
use crate::gradient::Trace;
use crate::lite0::Weights;
use crate::lite0::description::SIDE;
use crate::occlusion::{answers, probabilities};
use crate::patches::{self, Cut, Photograph};

/// The class that is dreamt of.
const CLASS: &str = "espresso";
/// Side of a dreamt picture as it is made, and as it is recorded.
const SIDES: (usize, u32) = (160, 112);
/// The two ways: key, with its rules.
const WAYS: [(&str, Dream); 2] = [
    ("plain", Dream { steps: 96, rate: 0.02, jitter: 0, blur: 0.0 }),
    ("smooth", Dream { steps: 96, rate: 0.02, jitter: 8, blur: 0.1 }),
];
/// Levels that a step may move a pixel by, from the smallest.
const LEVELS: [f32; 8] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
/// Sizes of a walk to a name that was chosen, and its steps.
const WALKS: [f32; 5] = [0.5, 1.0, 2.0, 4.0, 8.0];
const STEPS: usize = 6;
/// What the photographs are to be called, and what the photograph that is called so already.
const TARGETS: [&str; 2] = ["espresso", "tabby"];
/// Directions by lot for each size.
const LOTS: usize = 4;
/// Side of the part of a step that is drawn.
pub const PART: usize = 48;

/// Dreams, then deceives.
pub fn dream(recorder: &mut Recorder) -> anyhow::Result<()> {
    let weights = Weights::of(recorder)?;
    let (photographs, names) = (patches::photographs(recorder)?, names(recorder)?);
    record_dreams(recorder, &weights, &photographs, &names)?;
    deceive(recorder, &weights, &photographs, &names)?;
    lead(recorder, &weights, &photographs, &names)
}

fn record_dreams(
    recorder: &mut Recorder,
    weights: &Weights,
    photographs: &[Photograph],
    names: &[String],
) -> anyhow::Result<()> {
    let class = names.iter().position(|name| name == CLASS);
    let class = class.ok_or_else(|| anyhow::anyhow!("there is no class `{CLASS}`"))?;
    recorder.value("class", CLASS);
    recorder.value("steps", WAYS[0].1.steps);
    let seed = rand::Rng::next_u64(&mut recorder.rng());
    let made: Vec<_> = WAYS
        .par_iter()
        .map(|(_, how)| dreams::dream(weights, class, SIDES.0, *how, &mut Rng::seed_from_u64(seed)))
        .collect();
    let steps = (0..WAYS[0].1.steps).map(|step| step as f64);
    let series = recorder.series("logits", "Step", steps);
    for ((key, _), (_, logits)) in WAYS.iter().zip(&made) {
        series.curve(key, logits.iter().copied());
    }
    // A photograph of the thing, of the same size.
    let image = Cut::middle(2, &photographs[2].image).look(photographs, SIDES.0 as u32);
    let taken = patches::numbers(&image);
    let mut ends = Vec::new();
    for (key, picture) in [("plain", &made[0].0), ("smooth", &made[1].0), ("photograph", &taken)] {
        let logits = Trace::of(weights, picture.view()).logits;
        recorder.value(&format!("{key}/logit"), f64::from(logits[class]));
        recorder.value(&format!("{key}/probability"), f64::from(probabilities(&logits)[class]));
        recorder.value(&format!("{key}/roughness"), dreams::roughness(picture.view()) * 128.0);
        if key != "photograph" {
            recorder.value(&format!("{key}/pixels"), small(picture));
        }
        ends.push(f64::from(logits[class]));
    }
    recorder
        .claim(
            "noise-excites-more",
            "The picture that was made without rules has a larger logit than the one with them.",
        )
        .greater(ends[0], ends[1]);
    recorder
        .claim("more-than-a-photograph", "The picture that was made without rules has a larger logit than the photograph of the thing.")
        .greater(ends[0], ends[2]);
    Ok(())
}

/// A picture for the record: red, green and blue in hexadecimal, reduced.
fn small(picture: &Array3<f32>) -> String {
    let side = picture.len_of(ndarray::Axis(1)) as u32;
    let image = RgbImage::from_raw(side, side, patches::levels(picture.view())).unwrap_or_default();
    let image = imageops::resize(&image, SIDES.1, SIDES.1, FilterType::Triangle);
    notebook::figure::hex(image.into_raw())
}

/// For the middle of each photograph the smallest step that changes its name, along the gradient's sign and by lot.
fn deceive(
    recorder: &mut Recorder,
    weights: &Weights,
    photographs: &[Photograph],
    names: &[String],
) -> anyhow::Result<()> {
    let pictures: Vec<Array3<f32>> = (0..photographs.len())
        .map(|p| Cut::middle(p, &photographs[p].image).picture(photographs))
        .collect();
    let said = answers(weights, &pictures);
    let mut table = Table::new([
        "Photograph",
        "Named",
        "Levels along the gradient | plain",
        "Then named",
        "Levels by lot | plain",
    ]);
    let mut rng = recorder.rng();
    let (mut along, mut by_lot) = (0, 0);
    for (p, picture) in pictures.iter().enumerate() {
        let top = largest(said.row(p));
        let signs = dreams::against(weights, picture.view(), top);
        let found = smallest(weights, picture, std::slice::from_ref(&signs), top);
        let lots: Vec<_> =
            (0..LOTS).map(|_| dreams::random_signs(picture.dim(), &mut rng)).collect();
        let lot = smallest(weights, picture, &lots, top);
        let most = f64::from(LEVELS[LEVELS.len() - 1]);
        let levels = |found: Option<(f32, usize)>| found.map_or(2.0 * most, |f| f64::from(f.0));
        along += usize::from(levels(found) < levels(lot));
        by_lot += usize::from(lot.is_some());
        let words = |found: Option<(f32, usize)>| match found {
            Some((levels, _)) => f64::from(levels).into(),
            None => notebook::Scalar::from("none of them"),
        };
        let then = found.map_or("the same", |(_, class)| names[class].as_str());
        let name = photographs[p].name;
        table.row([name.into(), names[top].as_str().into(), words(found), then.into(), words(lot)]);
        if name == "chelsea" {
            record_steps(recorder, weights, picture, &signs, top);
        }
    }
    recorder.table("deceived", table);
    recorder.value("photographs", pictures.len());
    recorder.value("by-lot/changed", by_lot);
    recorder.value("lots", LOTS);
    recorder.value("levels-of-a-pixel", 256);
    recorder.value("largest", f64::from(LEVELS[LEVELS.len() - 1]));
    recorder.value("along/smaller", along);
    recorder
        .claim("gradient-finds-smaller-steps", "For all photographs but one the gradient's signs change the name with a smaller step than signs by lot.")
        .equal(along, pictures.len() - 1);
    Ok(())
}

/// The smallest of the sizes at which one of the directions changes the name, and the new one.
fn smallest(
    weights: &Weights,
    picture: &Array3<f32>,
    directions: &[Array3<f32>],
    top: usize,
) -> Option<(f32, usize)> {
    LEVELS.iter().find_map(|&levels| {
        let moved: Vec<_> = directions
            .iter()
            .map(|signs| dreams::stepped(picture.view(), signs, levels / 128.0))
            .collect();
        let said = answers(weights, &moved);
        let new = said.outer_iter().map(largest).find(|&class| class != top);
        new.map(|class| (levels, class))
    })
}

/// Probabilities of the cat's name by the size of the step.
fn record_steps(
    recorder: &mut Recorder,
    weights: &Weights,
    picture: &Array3<f32>,
    signs: &Array3<f32>,
    top: usize,
) {
    let lot = dreams::random_signs(picture.dim(), &mut recorder.rng());
    let p = |signs: &Array3<f32>| -> Vec<f64> {
        let at = |&levels: &f32| dreams::stepped(picture.view(), signs, levels / 128.0);
        let said = answers(weights, &LEVELS.iter().map(at).collect::<Vec<_>>());
        said.column(top).iter().map(|&p| f64::from(p)).collect()
    };
    let (along, random) = (p(signs), p(&lot));
    let levels = LEVELS.iter().map(|&levels| f64::from(levels));
    let series = recorder.series("chelsea/steps", "Levels", levels);
    series.curve("against the gradient", along);
    series.curve("by lot", random);
}

/// Leads the middle of each photograph to a name that has nothing to do with it.
fn lead(
    recorder: &mut Recorder,
    weights: &Weights,
    photographs: &[Photograph],
    names: &[String],
) -> anyhow::Result<()> {
    let class = |name: &str| {
        let place = names.iter().position(|other| other == name);
        place.ok_or_else(|| anyhow::anyhow!("there is no class `{name}`"))
    };
    let [usual, other] = [class(TARGETS[0])?, class(TARGETS[1])?];
    let pictures: Vec<Array3<f32>> = (0..photographs.len())
        .map(|p| Cut::middle(p, &photographs[p].image).picture(photographs))
        .collect();
    let said = answers(weights, &pictures);
    let walks: Vec<Walk> = pictures
        .par_iter()
        .zip(said.outer_iter().into_par_iter())
        .map(|(picture, said)| {
            let top = largest(said);
            Walk::of(weights, picture, top, if top == usual { other } else { usual })
        })
        .collect();
    let mut table =
        Table::new(["Photograph", "Named", "To be named", "Levels | plain", "Then | percent 0"]);
    for (walk, photograph) in walks.iter().zip(photographs) {
        let [from, to] = [walk.top, walk.class].map(|class| names[class].as_str().into());
        let levels = f64::from(walk.levels).into();
        table.row([photograph.name.into(), from, to, levels, walk.after.into()]);
    }
    recorder.table("led", table);
    let led = walks.iter().filter(|walk| walk.led).count();
    let most = walks.iter().map(|walk| walk.levels).fold(0.0, f32::max);
    recorder.value("led/most", f64::from(most));
    recorder.value("led/steps", STEPS);
    recorder.value("led/count", led);
    recorder.value("led/photographs", walks.len());
    let cat = photographs.iter().position(|photograph| photograph.name == "chelsea");
    if let Some(cat) = cat {
        record_cat(recorder, &pictures[cat], &walks[cat], names);
    }
    Ok(())
}

/// The shortest walk to another name.
struct Walk {
    top: usize,
    class: usize,
    levels: f32,
    led: bool,
    before: f64,
    after: f64,
    picture: Array3<f32>,
}

impl Walk {
    fn of(weights: &Weights, picture: &Array3<f32>, top: usize, class: usize) -> Walk {
        let before = f64::from(answers(weights, std::slice::from_ref(picture))[[0, top]]);
        let picture_to = |levels: f32| {
            let moved =
                dreams::towards(weights, picture.view(), [top, class], (levels / 128.0, STEPS));
            let said = answers(weights, std::slice::from_ref(&moved));
            let led = largest(said.row(0)) == class;
            let after = f64::from(said[[0, class]]);
            Walk { top, class, levels, led, before, after, picture: moved }
        };
        let mut walk = picture_to(WALKS[0]);
        for &levels in &WALKS[1..] {
            if !walk.led {
                walk = picture_to(levels);
            }
        }
        walk
    }
}

/// What is drawn of the cat that is led away.
fn record_cat(recorder: &mut Recorder, picture: &Array3<f32>, walk: &Walk, names: &[String]) {
    recorder.value("chelsea/named", names[walk.top].as_str());
    recorder.value("chelsea/levels", f64::from(walk.levels));
    recorder.value("chelsea/then", names[walk.class].as_str());
    recorder.value("chelsea/before", walk.before);
    recorder.value("chelsea/new", walk.after);
    // A part of the step, pixel by pixel: from the largest step down to the largest step up.
    let step = (&walk.picture - picture) * (128.0 / walk.levels * 0.9);
    let (from, to) = (SIDE / 4, SIDE / 4 + PART);
    let part = step.slice(ndarray::s![.., from..to, from..to]);
    recorder.value("chelsea/part", notebook::figure::hex(patches::levels(part)));
    recorder.value("chelsea/whole", small(&walk.picture));
}
