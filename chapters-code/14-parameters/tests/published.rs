//! Counts are held to published ones, and names and shapes to torchvision's and transformers'.
//!
//! `tests/peers/14-parameters.py` counted them.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parameters::architectures::{AttentionWidth, Gpt};
use parameters::formats::Format;
use parameters::memory::{Load, Need, Precision, TrainingState, adapter, cache, kept_scores};
use parameters::units::GIB;
use parameters::{Architecture, Folding, MODELS, Model, Role, config, find};
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Fixture {
    models: BTreeMap<String, Expected>,
    configs: BTreeMap<String, Expected>,
}

#[derive(Deserialize)]
struct Expected {
    parameters: u64,
    tensors: u64,
    buffers: u64,
    sha256: String,
    giga_multiply_adds: Option<f64>,
}

fn configs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs")
}

fn fixture() -> Fixture {
    serde_json::from_str(
        &std::fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/14-parameters.json"),
        )
        .unwrap(),
    )
    .unwrap()
}

/// The hash of the sorted lines "name shape" of everything that is saved with the model.
fn state_hash(model: &Model) -> String {
    let tree = model.tree(1, Folding::Unfolded);
    let mut lines: Vec<String> = tree
        .named_tensors()
        .into_iter()
        .map(|(name, tensor)| {
            let shape: Vec<String> = tensor.shape.iter().map(u64::to_string).collect();
            format!("{name} {}\n", shape.join("x"))
        })
        .collect();
    lines.sort();
    let digest = Sha256::digest(lines.concat());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check(name: &str, model: &Model, expected: &Expected) {
    let count = model.closed_form(1);
    assert_eq!(count.parameters, expected.parameters, "parameters of {name}");
    assert_eq!(count.tensors, expected.tensors, "tensors of {name}");
    assert_eq!(count.buffers, expected.buffers, "buffers of {name}");
    assert_eq!(state_hash(model), expected.sha256, "names and shapes of {name}");
}

#[test]
fn named_models_are_torchvisions_and_transformers() {
    let fixture = fixture();
    for (name, expected) in &fixture.models {
        check(name, &find(name).unwrap().model, expected);
    }
    // GPT-3's two contradictory rows are the only models without a peer.
    let without: Vec<_> =
        MODELS.iter().map(|e| e.name).filter(|name| !fixture.models.contains_key(*name)).collect();
    assert_eq!(without, ["gpt3-xl", "gpt3-13b"]);
}

#[test]
fn configurations_are_transformers() {
    let expected_of = fixture().configs;
    assert!(expected_of.len() >= 39);
    for (name, expected) in &expected_of {
        check(name, &config::read(&configs().join(name)).unwrap(), expected);
    }
}

/// torchvision publishes 10⁹ multiply-adds (which it calls GFLOPS) of one image of 224 × 224 with
/// three decimals. Only rounding may differ: half of the last decimal. Its counter and this one
/// count the same things: convolutions, linear layers and attention's two products.
#[test]
fn multiply_adds_are_torchvisions() {
    let models = fixture().models;
    let published =
        models.iter().filter_map(|(name, expected)| Some((name, expected.giga_multiply_adds?)));
    let mut compared = 0;
    for (name, giga) in published {
        let counted = find(name).unwrap().model.walk(1).count.multiply_adds as f64 / 1e9;
        assert!(
            (counted - giga).abs() <= 0.0005 + 1e-9,
            "{name}: counted {counted}, published {giga}"
        );
        compared += 1;
    }
    assert_eq!(compared, 12);
}

#[test]
fn counts_are_the_published_ones() {
    let exact = [
        // torchvision's documentation of each model's weights, "num_params".
        ("resnet18", 11_689_512),
        ("resnet34", 21_797_672),
        ("resnet50", 25_557_032),
        ("resnet101", 44_549_160),
        ("resnet152", 60_192_808),
        ("mobilenet_v3_small", 2_542_856),
        ("mobilenet_v3_large", 5_483_032),
        ("vit_b_16", 86_567_656),
        ("vit_b_32", 88_224_232),
        ("vit_l_16", 304_326_632),
        ("vit_l_32", 306_535_400),
        ("vit_h_14", 632_045_800),
        // transformers' num_parameters() of openai-community/gpt2 and its larger versions.
        ("gpt2", 124_439_808),
        ("gpt2-medium", 354_823_168),
        ("gpt2-large", 774_030_080),
        ("gpt2-xl", 1_557_611_200),
        // Half of "total_size" in the model.safetensors.index.json of meta-llama's repositories in
        // bf16 or f16. Llama-2-70b-hf's says 68,976,653,312: it also holds rotary frequencies,
        // 80 layers of 64, which are buffers that later versions no longer save.
        ("llama2-7b", 6_738_415_616),
        ("llama2-13b", 13_015_864_320),
        ("llama2-70b", 68_976_653_312 - 80 * 64),
        ("llama3-8b", 8_030_261_248),
        ("llama3-70b", 70_553_706_496),
        ("llama3-405b", 405_853_388_800),
    ];
    for (name, parameters) in exact {
        assert_eq!(find(name).unwrap().model.closed_form(1).parameters, parameters, "{name}");
    }
}

#[test]
fn configurations_count_as_published() {
    let exact = [
        // "total_size" / 2 of mistralai/Mistral-7B-v0.1, Mistral-Nemo-Base-2407, Qwen/Qwen2-7B; the
        // model cards' safetensors totals of Qwen/Qwen2-0.5B and meta-llama/Llama-3.2-1B.
        ("mistral-7b.json", 7_241_732_096),
        ("mistral-nemo-12b.json", 12_247_782_400),
        ("qwen2-7b.json", 7_615_616_512),
        ("qwen2-0.5b.json", 494_032_768),
        ("llama3.2-1b.json", 1_235_814_400),
    ];
    for (name, parameters) in exact {
        let model = config::read(&configs().join(name)).unwrap();
        assert_eq!(model.closed_form(1).parameters, parameters, "{name}");
    }
}

/// The families of today: all by transformers' count; active, less so many blocks × resting experts × 3CF,
/// as for DeepSeek-V3 58 · 248 · 3 · 7168 · 2048.
#[test]
fn the_families_of_today_count_as_published() {
    for (name, parameters, active, printed, printed_active) in [
        ("qwen3-0.6b.json", 596_049_920_u64, 596_049_920_u64, "0.6", "0.6"),
        ("qwen3-30b-a3b.json", 30_532_122_624, 3_353_032_704, "30.5", "3.4"),
        ("gemma2-9b.json", 9_241_705_984, 9_241_705_984, "9.2", "9.2"),
        ("gemma3-1b.json", 999_885_952, 999_885_952, "1.0", "1.0"),
        ("mixtral-8x7b.json", 46_702_792_704, 12_879_925_248, "46.7", "12.9"),
        ("deepseek-v3.json", 671_026_404_352, 37_552_282_624, "671.0", "37.6"),
        ("kimi-k2.json", 1_026_408_209_408, 32_861_477_888, "1026.4", "32.9"),
        ("gpt-oss-20b.json", 20_914_757_184, 4_187_440_704, "20.9", "4.2"),
        ("gpt-oss-120b.json", 116_829_156_672, 5_711_982_912, "116.8", "5.7"),
        ("phi4.json", 14_659_507_200, 14_659_507_200, "14.7", "14.7"),
        ("llama4-scout.json", 107_769_861_120, 17_172_894_720, "107.8", "17.2"),
        ("llama4-maverick.json", 400_711_848_960, 17_184_691_200, "400.7", "17.2"),
        ("glm4.5-air.json", 106_852_245_504, 13_424_123_904, "106.9", "13.4"),
        ("olmo2-7b.json", 7_298_617_344, 7_298_617_344, "7.3", "7.3"),
    ] {
        let count = config::read(&configs().join(name)).unwrap().closed_form(1);
        assert_eq!((count.parameters, count.active()), (parameters, active), "{name}");
        let billions = |n: u64| format!("{:.1}", n as f64 / 1e9);
        assert_eq!(
            (billions(parameters), billions(active)),
            (printed.into(), printed_active.into())
        );
    }
}

/// OpenAI's model card of gpt-oss (2025), Table 1: 116.83 and 20.91 billion parameters, of which 5.13 and
/// 3.61 are active, the table that is looked up apart; files of 60.8 and 12.8 GiB with experts in MXFP4.
#[test]
fn gpt_oss_is_its_card() {
    for (name, total, active, gibibytes) in [
        ("gpt-oss-120b.json", "116.83", "5.13", "60.8"),
        ("gpt-oss-20b.json", "20.91", "3.61", "12.8"),
    ] {
        let model = config::read(&configs().join(name)).unwrap();
        let count = model.closed_form(1);
        let billions = |n: u64| format!("{:.2}", n as f64 / 1e9);
        assert_eq!(billions(count.parameters), total);
        assert_eq!(billions(count.active() - 201_088 * 2880), active);
        let tree = model.tree(1, Folding::Unfolded);
        let experts =
            tree.named_tensors().into_iter().filter(|(_, tensor)| tensor.shape.len() == 3);
        let experts: u64 = experts.map(|(_, tensor)| tensor.shape.iter().product::<u64>()).sum();
        let bytes =
            Format::MXFP4.bytes(experts).0 + Format::BF16.bytes(count.parameters - experts).0;
        assert_eq!(format!("{:.1}", bytes as f64 / GIB), gibibytes);
    }
}

/// DeepSeek-AI (2024): a token's cache is one vector of 512 and one key of 64 numbers in each of 61 blocks.
/// Gemma 3 27B keeps all tokens in 10 of its 62 blocks and 1,024 in the others.
#[test]
fn caches_of_today() {
    let bytes = |name: &str, context| {
        cache(&config::read(&configs().join(name)).unwrap(), Precision::Bf16, context, 1).0
    };
    assert_eq!(bytes("deepseek-v3.json", 1), 2 * 61 * (512 + 64));
    assert_eq!(bytes("mistral-7b.json", 32_768), 512 << 20);
    assert_eq!(bytes("gemma3-27b.json", 131_072), 2 * 2 * 16 * 128 * (10 * 131_072 + 52 * 1024));
}

/// PyTorch counts one network in four ways; each is one of ours with a convention changed.
#[test]
fn four_ways_to_count_in_pytorch() {
    #[derive(Deserialize)]
    struct Ways {
        models: BTreeMap<String, BTreeMap<String, u64>>,
    }
    let text = include_str!("../../../tests/peers/14-parameters-ways.json");
    let said = serde_json::from_str::<Ways>(text).unwrap().models;
    let of = |name: &str| match find(name) {
        Ok(entry) => entry.model.clone(),
        Err(_) => config::read(&configs().join(format!("{name}.json"))).unwrap(),
    };
    assert_eq!(said.len(), 4);
    for (name, ways) in said {
        let model = of(&name);
        let count = model.closed_form(1);
        let tied = model.tree(1, Folding::Unfolded);
        let tied = tied.named_tensors().into_iter().filter(|(_, t)| t.role == Role::Tied);
        let tied: u64 = tied.map(|(_, t)| t.shape.iter().product::<u64>()).sum();
        assert_eq!(ways["parameters"], count.parameters, "{name}");
        assert_eq!(ways["names"], count.parameters + tied, "{name}");
        assert_eq!(ways["state dict"], count.parameters + tied + count.buffers, "{name}");
        // Buffers that are not saved, such as rotary frequencies, are some hundred values at most.
        let unsaved = ways["parameters and buffers"] - count.parameters - count.buffers;
        assert!(unsaved < 1000, "{name}: {unsaved}");
    }
}

/// Published numbers that were rounded: three digits for GPT-2 and most of GPT-3's table, but its
/// authors round 356 M to 350 M and 2.65 B to 2.7 B.
#[test]
fn rounded_counts_are_near() {
    for entry in MODELS {
        let counted = entry.model.closed_form(1).parameters;
        let published = entry.published.parameters;
        if entry.published.exact {
            assert_eq!(counted, published, "{}", entry.name);
        } else if entry.note.is_none() {
            let off = counted as f64 / published as f64 - 1.0;
            assert!(off.abs() < 0.04, "{}: counted {counted}, published {published}", entry.name);
        }
    }
}

/// Table 2.1 of Brown et al. (2020): two rows whose heads do not add up to the model's width.
#[test]
fn the_two_readings_of_gpt3s_table() {
    let count = |name: &str, reading| {
        let Model::Gpt(gpt) = find(name).unwrap().model else { panic!("{name} is a GPT") };
        gpt.with_attention_width(reading).closed_form(1).parameters
    };
    assert_eq!(count("gpt3-xl", AttentionWidth::Heads), 1_517_123_584);
    assert_eq!(count("gpt3-xl", AttentionWidth::Model), 1_315_723_264);
    assert_eq!(count("gpt3-13b", AttentionWidth::Heads), 12_936_488_380);
    assert_eq!(count("gpt3-13b", AttentionWidth::Model), 12_952_938_780);
    // Only those two have a note, and only they differ.
    for entry in MODELS.iter().filter(|entry| entry.model.family() == "GPT") {
        let differs =
            count(entry.name, AttentionWidth::Model) != count(entry.name, AttentionWidth::Heads);
        assert_eq!(entry.note.is_some(), differs, "{}", entry.name);
    }
}

/// The hub's card of openai-community/gpt2 says 137 M parameters: its file also holds the causal
/// mask of each of 12 layers, 1024 × 1024, which is a buffer.
#[test]
fn gpt2s_card_counts_masks() {
    let counted = find("gpt2").unwrap().model.closed_form(1).parameters;
    assert_eq!(counted + 12 * 1024 * 1024, 137_022_720);
}

/// Korthikanti et al. (2022), "Reducing Activation Recomputation in Large Transformer Models": a
/// layer keeps 34 bytes for each token and unit of width in 16 bits, attention's scores apart; two of
/// them are dropout masks, which are not kept here.
#[test]
fn activations_of_a_block_are_korthikantis() {
    let kept = |layers| Model::Gpt(Gpt::gpt2(layers, 768, 12)).walk(1024).activations.kept;
    assert_eq!(2 * (kept(13) - kept(12)), (34 - 2) * 768);
}

/// A key and a value of 4096 numbers of 2 bytes in each of 32 layers: half a mebibyte a token for
/// Llama 2 7B. The 70B's groups of 8 heads share theirs (Touvron et al., 2023).
#[test]
fn the_cache_counts_grouped_heads() {
    let bytes = |name: &str| cache(&find(name).unwrap().model, Precision::Bf16, 1, 1).0;
    assert_eq!(bytes("llama2-7b"), 512 * 1024);
    assert_eq!(bytes("llama2-70b"), 2 * 80 * 8192 * 2 / 8);
    assert_eq!(bytes("resnet50"), 0);
}

#[test]
fn bytes_by_type() {
    assert_eq!(Precision::F32.bytes(1000).0, 4000);
    assert_eq!(Precision::Bf16.bytes(1000).0, 2000);
    assert_eq!(Precision::Int8.bytes(1000).0, 1000);
    // 4.5 bits where groups are full: 16 bytes and a scale of 2 for 32 parameters.
    assert_eq!(Precision::Int4.bytes(32).0, 18);
    assert_eq!(Precision::Int4.bytes(33).0, 17 + 4);
    assert_eq!(Precision::Int4.bytes(0).0, 0);
    // What is left out of int8: a scale of 4 bytes for each tensor.
    for entry in MODELS {
        let count = entry.model.closed_form(1);
        assert!(4.0 * count.tensors as f64 <= 0.0003 * count.parameters as f64, "{}", entry.name);
    }
}

/// The same paper's stages: one of 64 devices keeps 4 + 12/64, 2 + 14/64 and 16/64 bytes per parameter.
#[test]
fn stages_share_the_state() {
    let bytes = |stage, devices| TrainingState::MIXED.sharded(stage, devices);
    assert_eq!([0, 1, 2, 3].map(|stage| bytes(stage, 1)), [16.0; 4]);
    assert_eq!([0, 1, 2, 3].map(|stage| bytes(stage, 64)), [16.0, 4.1875, 2.21875, 0.25]);
}

/// With every score of 16 bits kept: 32 blocks of 32 heads, each token against each.
#[test]
fn scores_grow_with_the_square() {
    let load = |context| Load { context, batch: 1 };
    let kept = |name: &str, context| kept_scores(&find(name).unwrap().model, load(context)).0;
    assert_eq!(kept("llama3-8b", 8192), 2 * 32 * 32 * 8192 * 8192);
    assert_eq!(kept("vit_b_16", 1), 2 * 12 * 12 * 197 * 197);
    assert_eq!(kept("resnet50", 1), 0);
    assert_eq!(adapter(16, 4096, 4096) + adapter(16, 1024, 4096), 6_815_744 / 32);
}

/// Rajbhandari et al. (2020), "ZeRO": mixed precision with Adam takes 16 bytes per parameter.
#[test]
fn training_takes_sixteen_bytes() {
    assert_eq!(TrainingState::MIXED.bytes_per_parameter(), 16);
    assert_eq!(TrainingState::F32.bytes_per_parameter(), 16);
    let model = &find("gpt2").unwrap().model;
    let need = Need::training(model, TrainingState::MIXED, Load::single(model));
    assert_eq!(need.state.0, 16 * 124_439_808);
    assert_eq!(need.total().0, need.state.0 + need.activations.0);
}

/// Kaplan et al. (2020): about two operations per parameter and token, embeddings apart; Chowdhery et
/// al. (2022) add 4 · layers · width for each token of context.
#[test]
fn operations_of_a_token() {
    let model = &find("gpt3-175b").unwrap().model;
    let at = |context| model.closed_form(context).operations();
    assert_eq!(at(101) - at(1), 4 * 96 * 12_288 * 100);
    let parameters = model.closed_form(1).parameters as f64;
    assert!((at(1) as f64 / (2.0 * parameters) - 1.0).abs() < 0.001);
    assert_eq!(model.closed_form(1).training_operations(), 3 * at(1));
}
