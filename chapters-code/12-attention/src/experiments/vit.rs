//! Vision transformers: counted, held to torchvision, moved about, and under other conventions.

use anyhow::Context as _;
use ndarray::{Array3, s};
use notebook::{Chapter, Experiment, Recorder, Table};
use rand::seq::SliceRandom as _;
use residual::apart;
use serde_json::Value;

use crate::formula;
use crate::gelu::Gelu;
use crate::network::{Conventions, Network, Packing};
use crate::vit::{NAMES, Place, Vit, vit};

/// What `tests/peers/12-attention.py` wrote.
const RECORD: &str = "tests/peers/12-attention.json";
/// Networks that are run.
const RUN: [&str; 3] = ["vit_b_16", "vit_b_32", "vit_l_32"];
/// The one that is moved about, and run under other conventions.
const TRIED: &str = "vit_b_32";
/// Parts of a network.
pub const PLACES: [(&str, Place); 5] = [
    ("embedding", Place::Tokens),
    ("attention", Place::Attention),
    ("mlp", Place::Mlp),
    ("norm", Place::Norm),
    ("head", Place::Head),
];
/// Conventions, each with one thing changed: their keys.
pub const CHANGES: [&str; 6] =
    ["gelu", "epsilon-5", "epsilon-12", "class-position", "scale", "packing"];

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "Vision transformers, counted and held to torchvision";
    chapter.experiment(Experiment::new("vit", title, run).seed(104).reads([RECORD]))
}

fn run(recorder: &mut Recorder) -> anyhow::Result<()> {
    let record: Value = serde_json::from_str(&std::fs::read_to_string(recorder.data(RECORD))?)?;
    recorder.value("torch", record["torch"].as_str().context("no version")?);
    recorder.value("torchvision", record["torchvision"].as_str().context("no version")?);
    recorder.value("all-masked", record["all_masked"][0].as_str().context("no softmax")?);
    counts(recorder, &record)?;
    sides(recorder)?;
    gelu(recorder);
    let mut right = 0;
    for name in RUN {
        let network = Network::from(vit(name)?, |tensor| Ok(formula::weights(tensor)))?;
        let off = difference(&network, &record["networks"][name]["logits"])?;
        recorder.value(&format!("{name}/difference"), off);
        right += usize::from(off <= 1e-4);
        if name == TRIED {
            conventions(recorder, network.clone())?;
            places(recorder, network)?;
        }
    }
    recorder
        .claim(
            "equal",
            "On two pictures, none of the first 200 logits is further from torchvision's than a ten-thousandth of the largest.",
        )
        .all(right, RUN.len(), "networks");
    Ok(())
}

/// Tensors and multiply-adds of all networks, beside torchvision's and ResNet-152's.
fn counts(recorder: &mut Recorder, record: &Value) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Tokens | int",
        "Parameters | int",
        "Multiply-adds | si 2",
        "of tokens with tokens | percent 1",
    ]);
    let known = record["networks"].as_object().context("no networks")?;
    let mut right = 0;
    for name in NAMES {
        let model = vit(name)?;
        let [weights, tokens] = model.multiply_adds();
        let (parameters, all) = (model.parameters(), weights + tokens);
        let said = known.get(name).and_then(|network| network["parameters"].as_u64());
        right += usize::from(said == Some(parameters as u64));
        recorder.value(&format!("{name}/parameters"), parameters);
        recorder.value(&format!("{name}/tokens"), model.tokens());
        recorder.value(&format!("{name}/bytes"), size_of::<f32>() * parameters);
        recorder.value(&format!("{name}/multiply-adds"), all as f64);
        let share = tokens as f64 / all as f64;
        recorder.value(&format!("{name}/between-tokens"), share);
        for (key, place) in PLACES {
            recorder.value(&format!("{name}/{key}"), model.parameters_of(place));
        }
        table.row([
            name.into(),
            model.tokens().into(),
            parameters.into(),
            (all as f64).into(),
            share.into(),
        ]);
    }
    recorder.table("counts", table);
    let (large, deep) = (vit("vit_l_32")?, residual::model("resnet152")?);
    recorder.value("resnet152/parameters", deep.parameters());
    recorder.value("resnet152/multiply-adds", deep.multiply_adds(224) as f64);
    recorder
        .claim(
            "counted",
            "The counts of parameters of ViT-B/16, ViT-B/32 and ViT-L/32 are torchvision's.",
        )
        .all(right, known.len(), "networks");
    recorder
        .claim(
            "more-parameters-not-more-work",
            "ViT-L/32 has five times the parameters of ResNet-152 and less than one and a half times its multiply-adds.",
        )
        .record(
            large.parameters() > 5 * deep.parameters()
                && 2 * work(large) < 3 * deep.multiply_adds(224),
            format!(
                "{} and {} parameters, {} and {} multiply-adds",
                large.parameters(),
                deep.parameters(),
                work(large),
                deep.multiply_adds(224)
            ),
        );
    Ok(())
}

fn work(model: Vit) -> u64 {
    model.multiply_adds().iter().sum()
}

/// The share of work that tokens do with each other, by the side of a picture.
fn sides(recorder: &mut Recorder) -> anyhow::Result<()> {
    let base = vit("vit_b_16")?;
    let share = |side: usize| {
        let [weights, tokens] = Vit { side, ..base }.multiply_adds();
        tokens as f64 / (weights + tokens) as f64
    };
    let sides = [112, 224, 448, 896, 1792];
    for side in sides {
        recorder.value(&format!("share/{side}"), share(side));
    }
    let x = sides.map(|side| side as f64);
    let series = recorder.series("share", "Side of the picture, in pixels", x);
    series.curve("tokens with tokens", sides.map(share));
    let half = (1..).map(|n| 16 * n).find(|&side| share(side) > 0.5);
    let half = half.context("the share grows")?;
    recorder.value("half/side", half);
    recorder.value("half/tokens", Vit { side: half, ..base }.tokens());
    recorder
        .claim("small-share", "At 224 pixels, products of tokens with tokens are less than a twentieth of the work of ViT-B/16.")
        .less(share(224), 0.05);
    Ok(())
}

/// How far the two forms of GELU lie apart.
fn gelu(recorder: &mut Recorder) {
    let difference = |z: f64| Gelu::Tanh.of(z) - Gelu::Erf.of(z);
    let x: Vec<f64> = (-400..=400).map(|i| f64::from(i) / 100.0).collect();
    let most =
        x.iter().copied().max_by(|a, b| difference(*a).abs().total_cmp(&difference(*b).abs()));
    let most = most.unwrap_or_default().abs();
    recorder.value("gelu/largest", difference(most).abs());
    recorder.value("gelu/at", most);
    let few: Vec<f64> = x.iter().copied().step_by(10).collect();
    let series = recorder.series("gelu", "z", few.clone());
    series.curve("tanh form minus erf form", few.into_iter().map(difference));
    recorder
        .claim("gelu-apart", "The two forms of GELU differ by more than a ten-thousandth, and by less than a thousandth.")
        .record(
            (1e-4..1e-3).contains(&difference(most).abs()),
            format!("{:.2e} at {most}", difference(most).abs()),
        );
}

/// The largest difference to the logits of the record, over the largest of these.
fn difference(network: &Network, record: &Value) -> anyhow::Result<f64> {
    let mut worst = 0_f64;
    for i in 0..2 {
        let found = network.forward(formula::picture(i, network.model().side).view())?;
        let expected = record[i].as_array().context("no logits")?;
        let expected: Vec<f32> =
            expected.iter().map(|x| x.as_f64().unwrap_or(f64::NAN) as f32).collect();
        worst = f64::max(worst, apart(&found[..expected.len().min(found.len())], &expected));
    }
    Ok(worst)
}

/// One convention at a time.
fn conventions(recorder: &mut Recorder, mut network: Network) -> anyhow::Result<()> {
    let picture = formula::picture(0, network.model().side);
    let ours = network.forward(picture.view())?;
    let usual = Conventions::default();
    let mut changes = Vec::new();
    for key in CHANGES {
        network.conventions = match key {
            "gelu" => Conventions { gelu: Gelu::Tanh, ..usual },
            "epsilon-5" => Conventions { epsilon: 1e-5, ..usual },
            "epsilon-12" => Conventions { epsilon: 1e-12, ..usual },
            "class-position" => Conventions { class_has_position: false, ..usual },
            "scale" => Conventions { scale_by_head: false, ..usual },
            _ => Conventions { packing: Packing::ByHead, ..usual },
        };
        let off = apart(&network.forward(picture.view())?, &ours);
        recorder.value(&format!("conventions/{key}"), off);
        changes.push(off);
    }
    recorder
        .claim(
            "small-conventions",
            "GELU's form and ε move no logit by more than a thousandth of the largest.",
        )
        .all(changes[..3].iter().filter(|off| **off < 1e-3).count(), 3, "conventions");
    recorder
        .claim("large-conventions", "The position of the class token, the root and the packing each move a logit by more than a tenth of the largest.")
        .all(changes[3..].iter().filter(|off| **off > 0.1).count(), 3, "conventions");
    Ok(())
}

/// Patches in another order, with positions and without.
fn places(recorder: &mut Recorder, mut network: Network) -> anyhow::Result<()> {
    let Vit { side, patch, .. } = network.model();
    let picture = formula::picture(0, side);
    let mut order: Vec<usize> = (0..(side / patch).pow(2)).collect();
    order.shuffle(&mut recorder.rng());
    let shuffled = shuffle(&picture, patch, &order);
    let mut off = [0.0; 2];
    for (i, key) in ["with", "without"].into_iter().enumerate() {
        if i == 1 {
            let positions = network.tensor_mut("encoder.pos_embedding");
            positions.context("no positions")?.fill(0.0);
        }
        off[i] = apart(&network.forward(shuffled.view())?, &network.forward(picture.view())?);
        recorder.value(&format!("shuffled/{key}"), off[i]);
    }
    recorder
        .claim("positions-tell", "With positions, shuffled patches move a logit by more than a twentieth of the largest.")
        .greater(off[0], 0.05);
    recorder
        .claim("no-positions-no-place", "Without positions, shuffled patches move no logit by more than a ten-thousandth of the largest.")
        .less(off[1], 1e-4);
    Ok(())
}

/// The picture with its patches in another order.
fn shuffle(picture: &Array3<f32>, patch: usize, order: &[usize]) -> Array3<f32> {
    let across = picture.dim().2 / patch;
    let mut shuffled = picture.clone();
    for (to, &from) in order.iter().enumerate() {
        let at = |n: usize| {
            let (u, v) = (n / across * patch, n % across * patch);
            s![.., u..u + patch, v..v + patch]
        };
        shuffled.slice_mut(at(to)).assign(&picture.slice(at(from)));
    }
    shuffled
}
