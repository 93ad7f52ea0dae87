//! What does a pass cost, and does the fast one compute the same? And what others take.

use notebook::{Chapter, Experiment, Recorder, Table, ladder};
use residual::apart;
use residual::fast::kernels::lane::Lane;

use crate::fast::run::NEAR;
use crate::fast::{Fast, Way, Workspace};
use crate::formula;
use crate::network::Network;
use crate::vit::{Vit, vit};

/// What `tests/peers/12-attention-time.py` wrote, from the workspace's root.
const PEERS: &str = "tests/peers/12-attention-time.json";

/// The networks that are held to the plain pass.
const HELD: [&str; 3] = ["vit_b_16", "vit_b_32", "vit_l_32"];

/// The one that is timed.
pub const TIMED: &str = "vit_l_32";

/// The room that the chapter promises to stay in: 1.6 gigabytes.
const ROOM: usize = 1_600_000_000;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .experiment(Experiment::new("speed", "What a pass costs", speed).seed(109))
        .experiment(Experiment::new("speed-peers", "What a pass takes others", peers).data(PEERS))
        .bench("attention")
        .bench("attention_gelu")
        .bench("attention_length")
        .bench("attention_memory")
        .bench("attention_peak")
}

fn speed(recorder: &mut Recorder) -> anyhow::Result<()> {
    let mut table = Table::new([
        "Network",
        "Multiply-adds | count 1",
        "Weights | bytes 1",
        "Packed | bytes 1",
        "Tokens and scratch | bytes 1",
        "Multiply-adds for each weight | fixed 0",
    ]);
    let (mut near, mut same) = (0, 0);
    for name in HELD {
        let model = vit(name)?;
        let picture = formula::picture(0, model.side);
        let plain = Network::from(model, |tensor| Ok(formula::weights(tensor)))?;
        let expected = plain.forward(picture.view())?;
        drop(plain);
        let fast = Fast::from(model, |tensor| Ok(formula::weights(tensor)))?;
        let mut space = Workspace::new(1);
        let one = fast.logits(&mut space, picture.view())?;
        let two = fast.logits(&mut Workspace::new(2), picture.view())?;
        let three = fast.logits(&mut Workspace::new(3), picture.view())?;
        let all = Way { all: true, ..Way::best() };
        let whole = fast.logits(&mut Workspace::with(2, all), picture.view())?;
        near += usize::from(apart(&one, &expected) < 1e-4 && apart(&whole, &expected) < 1e-4);
        same += usize::from(one == two && one == three);
        let (packed, space) = (fast.bytes(), space.bytes());
        let (work, weights) = (work(&model), size_of::<f32>() * model.parameters());
        let each = work / model.parameters() as f64;
        table.row([
            name.into(),
            work.into(),
            weights.into(),
            packed.into(),
            space.into(),
            each.into(),
        ]);
        recorder.value(&format!("{name}/multiply-adds"), work);
        recorder.value(&format!("{name}/weights"), weights);
        recorder.value(&format!("{name}/packed"), packed);
        recorder.value(&format!("{name}/space"), space);
        recorder.value(&format!("{name}/each"), each);
        recorder.value(&format!("{name}/blocks"), model.layers);
        let activated = (model.layers - 1) * model.tokens() + 1;
        recorder.value(&format!("{name}/gelus"), activated * model.hidden);
        recorder.value(&format!("{name}/unread"), unread(&model) / work);
        if name == TIMED {
            recorder
                .claim("room", "Packed, the weights of ViT-L/32 and all that a pass hands on take less than 1.6 gigabytes.")
                .record(packed + space < ROOM, format!("{packed} and {space} bytes"));
        }
    }
    recorder.table("networks", table);
    recorder.value("near/inputs", NEAR);
    recorder.value("near/bytes", NEAR * size_of::<Lane>());
    // How far they are apart depends on the processor's instructions; whether it is little does not.
    recorder
        .claim(
            "same",
            "No logit is further from the plain pass's than a ten-thousandth of the largest.",
        )
        .all(near, HELD.len(), "networks");
    recorder.claim("threads", "One, two and three threads give the same logits, bit for bit.").all(
        same,
        HELD.len(),
        "networks",
    );
    Ok(())
}

/// Multiply-adds of a whole pass.
fn work(model: &Vit) -> f64 {
    model.multiply_adds().iter().sum::<u64>() as f64
}

/// Those of the last block for tokens that nobody reads: their queries, what they see, and the layers behind.
fn unread(model: &Vit) -> f64 {
    let (t, c) = (model.tokens() as f64, model.width as f64);
    (t - 1.0) * (2.0 * c * c + 2.0 * c * model.hidden as f64 + 2.0 * t * c)
}

/// What others took, as the script wrote it.
fn peers(recorder: &mut Recorder) -> anyhow::Result<()> {
    ladder::peers(recorder, PEERS)
}
