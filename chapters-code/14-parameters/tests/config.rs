//! Configurations from outside: every fault is one line, nothing panics, nothing overflows.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use parameters::architectures::{Biases, Head};
use parameters::config::{self, bounds};
use parameters::{Architecture, Folding, Model};
use proptest::prelude::*;
use serde_json::{Value, json};

fn fault_of(value: Value) -> String {
    config::parse(&value).expect_err("a fault").to_string()
}

fn llama() -> Value {
    json!({"model_type": "llama", "vocab_size": 100, "hidden_size": 64, "intermediate_size": 128,
           "num_hidden_layers": 2, "num_attention_heads": 4})
}

fn gpt2() -> Value {
    json!({"model_type": "gpt2", "vocab_size": 100, "n_positions": 32, "n_embd": 64, "n_layer": 2, "n_head": 4})
}

fn with(mut value: Value, field: &str, new: Value) -> Value {
    value[field] = new;
    value
}

fn without(mut value: Value, field: &str) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.remove(field);
    }
    value
}

#[test]
fn faults_name_the_field_and_the_fix() {
    let range = "it must be a whole number from 1 to";
    for wrong in [
        json!(-1),
        json!(0),
        json!(1.5),
        json!(4096.0),
        json!("64"),
        json!([64]),
        json!(true),
        json!(u64::MAX),
    ] {
        let fault = fault_of(with(llama(), "hidden_size", wrong.clone()));
        assert!(fault.starts_with("hidden_size: ") && fault.contains(range), "{wrong}: {fault}");
    }
    for field in [
        "vocab_size",
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
    ] {
        assert!(
            fault_of(without(llama(), field))
                .starts_with(&format!("{field}: it is missing; add it"))
        );
        assert!(
            fault_of(with(llama(), field, Value::Null))
                .starts_with(&format!("{field}: it is missing; add it"))
        );
    }
    for field in ["vocab_size", "n_positions", "n_embd", "n_layer", "n_head"] {
        assert!(
            fault_of(without(gpt2(), field))
                .starts_with(&format!("{field}: it is missing; add it"))
        );
    }
    assert!(
        fault_of(with(llama(), "num_attention_heads", json!(5)))
            .contains("64 is not divisible by num_attention_heads, 5")
    );
    assert!(
        fault_of(with(llama(), "num_key_value_heads", json!(3)))
            .contains("4 is not divisible by num_key_value_heads, 3")
    );
    assert!(
        fault_of(with(gpt2(), "n_head", json!(7))).contains("64 is not divisible by n_head, 7")
    );
    assert!(fault_of(with(llama(), "head_dim", json!(1 << 20))).contains("too wide"));
    assert!(fault_of(with(llama(), "mlp_bias", json!("yes"))).contains("must be true or false"));
    assert!(fault_of(with(gpt2(), "add_cross_attention", json!(true))).contains("not supported"));
    assert!(
        fault_of(with(llama(), "model_type", json!("bert"))).contains(
            "\"bert\" is unknown; this chapter counts gpt2, llama, mistral, qwen2, qwen3,"
        )
    );
    assert!(fault_of(with(llama(), "model_type", json!(7))).contains("is not a name"));
    assert!(fault_of(without(llama(), "model_type")).contains("it is missing"));
    assert!(fault_of(json!([])).contains("not a JSON object"));
    assert!(fault_of(json!({})).contains("model_type"));
}

#[test]
fn defaults_are_transformers() {
    let read = |value: Value| match config::parse(&value) {
        Ok(Model::Llama(network)) => network,
        other => panic!("{other:?}"),
    };
    let plain = read(llama());
    assert_eq!((plain.key_value_heads, plain.head_width, plain.positions), (4, 16, 2048));
    assert_eq!((plain.head, plain.biases), (Head::Words, Biases::NONE));
    let nulls =
        read(with(with(llama(), "head_dim", Value::Null), "num_key_value_heads", Value::Null));
    assert_eq!(nulls, plain);
    let eight =
        with(with(llama(), "num_attention_heads", json!(32)), "model_type", json!("mistral"));
    assert_eq!(read(eight.clone()).key_value_heads, 8);
    assert_eq!(read(with(eight.clone(), "num_key_value_heads", Value::Null)).key_value_heads, 32);
    let qwen2 = read(with(eight, "model_type", json!("qwen2")));
    assert_eq!(
        (qwen2.key_value_heads, qwen2.biases.query_key_value, qwen2.biases.output),
        (32, true, false)
    );
    // The common spelling of GPT-2's fields, and an architecture without a model_type.
    let common = json!({"architectures": ["GPT2LMHeadModel"], "vocab_size": 100, "max_position_embeddings": 32,
                        "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4});
    assert_eq!(config::parse(&common), config::parse(&gpt2()));
}

/// Mistral 7B: as a language model, for embeddings, as a reward model, sorting texts into four kinds.
#[test]
fn what_stands_on_the_blocks_is_counted() {
    let mistral = json!({"model_type": "mistral", "vocab_size": 32000, "hidden_size": 4096,
        "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
        "num_key_value_heads": 8});
    let named = |name: &str| with(mistral.clone(), "architectures", json!([name]));
    let labels = json!({"0": "a", "1": "b", "2": "c", "3": "d"});
    let sorts = named("MistralForSequenceClassification");
    for (value, parameters, tensors) in [
        (mistral.clone(), 7_241_732_096_u64, 291),
        (with(mistral.clone(), "architectures", json!([])), 7_241_732_096, 291),
        (named("MistralForCausalLM"), 7_241_732_096, 291),
        (named("MistralModel"), 7_241_732_096 - 32_000 * 4096, 290),
        (sorts.clone(), 7_110_660_096 + 2 * 4096, 291),
        (with(sorts.clone(), "num_labels", json!(1)), 7_110_660_096 + 4096, 291),
        (with(sorts, "id2label", labels), 7_110_660_096 + 4 * 4096, 291),
    ] {
        let model = config::parse(&value).unwrap();
        let count = model.closed_form(1);
        assert_eq!((count.parameters, count.tensors), (parameters, tensors), "{value}");
        assert_eq!(model.walk(1).count, count);
        assert_eq!(model.family(), "Mistral");
    }
    // A network without a head has no module around its blocks, as transformers names its tensors.
    let names = |value: &Value| -> Vec<String> {
        let tree = config::parse(value).unwrap().tree(1, Folding::Unfolded);
        tree.named_tensors().into_iter().map(|(name, _)| name).collect()
    };
    assert!(names(&named("MistralModel")).contains(&"embed_tokens.weight".to_owned()));
    assert!(names(&named("MistralForSequenceClassification")).contains(&"score.weight".to_owned()));
    for strange in ["MistralForTokenClassification", "GPT2DoubleHeadsModel", "Qwen2ForRewardModel"]
    {
        let fault = fault_of(named(strange));
        assert!(
            fault.starts_with("architectures: the network") && fault.contains(strange),
            "{fault}"
        );
    }
    assert!(
        fault_of(with(llama(), "architectures", json!(7))).contains("7 is not a list of names")
    );
}

#[test]
fn a_mark_at_the_beginning_is_no_fault_of_json() {
    let read = |bytes: &[u8]| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        config::read(file.path())
    };
    let text = llama().to_string();
    assert_eq!(read(format!("\u{feff}{text}").as_bytes()).unwrap(), read(text.as_bytes()).unwrap());
    let wide: Vec<u8> = text
        .encode_utf16()
        .fold(vec![0xff, 0xfe], |all, unit| [all, unit.to_le_bytes().to_vec()].concat());
    assert!(read(&wide).unwrap_err().to_string().contains("it is UTF-16 text; save it as UTF-8"));
    assert!(read("\u{feff} \n".as_bytes()).unwrap_err().to_string().contains("it is empty"));
}

#[test]
fn the_largest_mixture_does_not_overflow() {
    let mut value = json!({"model_type": "deepseek_v3", "vocab_size": bounds::VOCABULARY,
        "hidden_size": bounds::WIDTH, "intermediate_size": bounds::INNER, "attention_bias": true,
        "num_hidden_layers": bounds::LAYERS, "num_attention_heads": 1, "q_lora_rank": bounds::WIDTH,
        "kv_lora_rank": bounds::WIDTH, "qk_nope_head_dim": bounds::WIDTH - 1, "qk_rope_head_dim": 1,
        "v_head_dim": bounds::WIDTH, "n_routed_experts": bounds::EXPERTS,
        "num_experts_per_tok": bounds::EXPERTS, "n_shared_experts": bounds::EXPERTS,
        "moe_intermediate_size": bounds::INNER / bounds::EXPERTS,
        "max_position_embeddings": bounds::POSITIONS});
    for first in [0, bounds::LAYERS] {
        value["first_k_dense_replace"] = json!(first);
        let model = config::parse(&value).unwrap();
        let count = model.closed_form(bounds::POSITIONS);
        assert!(count.parameters < 1_000_000_000_000_000_000);
        assert!(count.multiply_adds < 1_000_000_000_000_000_000);
        assert!(count.training_operations() > count.operations());
        assert_eq!(model.walk(bounds::POSITIONS).count, count);
    }
}

#[test]
fn the_largest_network_does_not_overflow() {
    let mut largest = json!({"model_type": "llama", "vocab_size": bounds::VOCABULARY, "hidden_size": bounds::WIDTH,
        "intermediate_size": bounds::INNER, "num_hidden_layers": bounds::LAYERS, "num_attention_heads": 1,
        "max_position_embeddings": bounds::POSITIONS, "attention_bias": true, "mlp_bias": true});
    let model = config::parse(&largest).unwrap();
    let count = model.closed_form(bounds::POSITIONS);
    assert!(count.parameters < 1_000_000_000_000_000_000);
    assert!(count.multiply_adds < 1_000_000_000_000_000_000);
    assert!(count.training_operations() > count.operations());
    assert_eq!(model.walk(bounds::POSITIONS).count, count);
    largest = json!({"model_type": "gpt2", "vocab_size": bounds::VOCABULARY, "n_positions": bounds::POSITIONS,
        "n_embd": bounds::WIDTH, "n_layer": bounds::LAYERS, "n_head": 1, "n_inner": bounds::INNER,
        "tie_word_embeddings": false});
    let model = config::parse(&largest).unwrap();
    assert_eq!(model.walk(bounds::POSITIONS).count, model.closed_form(bounds::POSITIONS));
    assert!(model.closed_form(bounds::POSITIONS).training_operations() > 0);
}

/// Values that have broken programs before, and valid ones.
fn odd_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0_u64..200).prop_map(Value::from),
        prop::sample::select(vec![
            bounds::WIDTH,
            bounds::INNER,
            bounds::LAYERS,
            bounds::VOCABULARY,
            bounds::POSITIONS
        ])
        .prop_map(Value::from),
        ".{0,60}".prop_map(Value::from),
        prop::sample::select(KINDS.to_vec()).prop_map(Value::from),
        prop::collection::vec(
            prop::sample::select(vec!["full_attention", "sliding_attention", "linear_attention"]),
            1..4
        )
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::from))
}

const KINDS: [&str; 19] = [
    "gpt2",
    "llama",
    "mistral",
    "qwen2",
    "qwen3",
    "qwen3_moe",
    "gemma",
    "gemma2",
    "gemma3_text",
    "mixtral",
    "deepseek_v3",
    "kimi_k2",
    "gpt_oss",
    "phi3",
    "llama4_text",
    "glm4",
    "glm4_moe",
    "olmo2",
    "olmo3",
];

/// All that some family asks for, for a small network of two blocks.
fn modern() -> Value {
    json!({"vocab_size": 100, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
           "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size_mlp": 96,
           "num_experts": 6, "num_local_experts": 6, "n_routed_experts": 6, "num_experts_per_tok": 2,
           "moe_intermediate_size": 20, "kv_lora_rank": 14, "qk_nope_head_dim": 6,
           "qk_rope_head_dim": 4, "v_head_dim": 5, "first_k_dense_replace": 1})
}

const FIELDS: [&str; 54] = [
    "intermediate_size_mlp",
    "num_experts",
    "num_local_experts",
    "n_routed_experts",
    "n_shared_experts",
    "num_experts_per_tok",
    "moe_intermediate_size",
    "decoder_sparse_step",
    "mlp_only_layers",
    "first_k_dense_replace",
    "num_nextn_predict_layers",
    "q_lora_rank",
    "kv_lora_rank",
    "qk_nope_head_dim",
    "qk_rope_head_dim",
    "v_head_dim",
    "sliding_window",
    "use_sliding_window",
    "max_window_layers",
    "layer_types",
    "sliding_window_pattern",
    "attention_chunk_size",
    "no_rope_layers",
    "no_rope_layer_interval",
    "interleave_moe_layer_step",
    "moe_layers",
    "use_qk_norm",
    "text_config",
    "id2label",
    "num_labels",
    "model_type",
    "architectures",
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "max_position_embeddings",
    "tie_word_embeddings",
    "attention_bias",
    "mlp_bias",
    "n_embd",
    "n_head",
    "n_layer",
    "n_inner",
    "n_positions",
    "add_cross_attention",
    "torch_dtype",
    "rope_scaling",
    "quantization_config",
    "n_ctx",
    "",
];

fn start() -> impl Strategy<Value = Value> {
    prop::sample::select(KINDS.to_vec()).prop_map(|kind| {
        let fields = match kind {
            "gpt2" => gpt2(),
            "llama" | "mistral" | "qwen2" => llama(),
            _ => modern(),
        };
        with(fields, "model_type", json!(kind))
    })
}

#[test]
fn every_family_is_read() {
    for kind in KINDS.iter().skip(4) {
        let model = config::parse(&with(modern(), "model_type", json!(kind))).unwrap();
        assert_eq!(model.walk(64).count, model.closed_form(64), "{kind}");
        assert_eq!(
            model.closed_form(64).resting > 0,
            model.closed_form(64).active() < model.closed_form(64).parameters
        );
    }
    let mut class = modern();
    class["architectures"] = json!(["DeepseekV3ForCausalLM"]);
    assert_eq!(
        config::parse(&class),
        config::parse(&with(modern(), "model_type", json!("deepseek_v3")))
    );
}

#[test]
fn the_faults_of_new_fields_name_them() {
    let of = |kind: &str, field: &str, value: Value| {
        fault_of(with(with(modern(), "model_type", json!(kind)), field, value))
    };
    let begins = |fault: String, begin: &str| assert!(fault.starts_with(begin), "{fault}");
    begins(of("mixtral", "num_experts_per_tok", json!(7)), "num_experts_per_tok: 7 of 6 experts");
    begins(of("mixtral", "num_local_experts", Value::Null), "num_local_experts: it is missing");
    begins(
        of("mixtral", "intermediate_size", json!(1 << 21)),
        "intermediate_size: 6 experts of 2097152 are",
    );
    begins(
        fault_of(with(
            with(
                with(modern(), "model_type", json!("deepseek_v3")),
                "n_shared_experts",
                json!(16_000),
            ),
            "moe_intermediate_size",
            json!(400),
        )),
        "n_shared_experts: shared experts of 6400000 together are",
    );
    begins(of("deepseek_v3", "kv_lora_rank", Value::Null), "kv_lora_rank: it is missing");
    begins(
        of("qwen3_moe", "mlp_only_layers", json!([2])),
        "mlp_only_layers: 2 is no block; blocks are 0 to 1",
    );
    begins(
        of("gemma2", "layer_types", json!(["full_attention"])),
        "layer_types: it has 1 entries for 2 blocks",
    );
    let kinds = json!(["full_attention", "linear_attention"]);
    begins(
        of("qwen3", "layer_types", kinds),
        "layer_types: the kind \"linear_attention\" is unknown",
    );
    begins(of("gemma2", "sliding_window", json!(-1)), "sliding_window: -1 is out of range");
    begins(of("llama4_text", "moe_layers", json!("all")), "moe_layers: \"all\" is not a list");
    begins(
        of("llama4_text", "text_config", json!({"vocab_size": 7})),
        "num_attention_heads: it is missing",
    );
}

/// What a block looks back at, which changes the cache and the operations and no parameter.
#[test]
fn windows_are_transformers() {
    let cached = |value: &Value, context| config::parse(value).unwrap().cache_values(context);
    let of = |kind: &str| with(modern(), "model_type", json!(kind));
    let per_block = 2 * 2 * 16;
    // Mistral's default is 4096; null is none.
    let mistral = of("mistral");
    assert_eq!(cached(&mistral, 10_000), 2 * per_block * 4096);
    assert_eq!(
        cached(&with(mistral, "sliding_window", Value::Null), 10_000),
        2 * per_block * 10_000
    );
    // Qwen's must be switched on, and begin at a block.
    let qwen = with(with(of("qwen3"), "head_dim", json!(16)), "sliding_window", json!(8));
    assert_eq!(cached(&qwen, 100), 2 * per_block * 100);
    let on = with(with(qwen, "use_sliding_window", json!(true)), "max_window_layers", json!(1));
    assert_eq!(cached(&on, 100), per_block * (100 + 8));
    assert_eq!(cached(&with(on.clone(), "model_type", json!("qwen2")), 100), per_block * (100 + 8));
    // The first of each two; and a list goes before any rule.
    let oss = with(of("gpt_oss"), "head_dim", json!(16));
    assert_eq!(cached(&oss, 1000), per_block * (1000 + 128));
    let both = json!(["sliding_attention", "sliding_attention"]);
    assert_eq!(cached(&with(oss, "layer_types", both), 1000), 2 * per_block * 128);
    // Latent attention: one vector and one key with its position, whatever the heads.
    assert_eq!(cached(&of("deepseek_v3"), 1000), 2 * (14 + 4) * 1000);
}

#[test]
fn the_text_of_a_model_that_reads_images() {
    let text = with(modern(), "model_type", json!("gemma3_text"));
    let inside = json!({"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"],
                        "text_config": text, "vision_config": {"hidden_size": 1152}});
    let model = config::parse(&inside).unwrap();
    assert_eq!(model.closed_form(9), config::parse(&text).unwrap().closed_form(9));
    assert!(model.notes()[0].contains("what reads images is not counted"));
    // What stands outside holds where the inside does not say.
    let tied = |value: Value| config::parse(&value).unwrap().head();
    assert_eq!(tied(inside.clone()), Some(Head::Tied));
    assert_eq!(tied(with(inside, "tie_word_embeddings", json!(false))), Some(Head::Words));
}

proptest! {
    #[test]
    fn mutations_never_panic(
        mut value in start(),
        changes in prop::collection::vec((prop::sample::select(FIELDS.to_vec()), prop::option::of(odd_value())), 0..6),
    ) {
        for (field, change) in changes {
            value = match change {
                Some(new) => with(value, field, new),
                None => without(value, field),
            };
        }
        match config::parse(&value) {
            Ok(model) => {
                let context = model.max_context().unwrap();
                prop_assert_eq!(model.walk(context).count, model.closed_form(context));
                prop_assert_eq!(model.tree(context, Folding::Folded).totals(), model.walk(context));
            }
            Err(fault) => prop_assert!(!fault.to_string().contains('\n')),
        }
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let fault = config::read(file.path()).expect_err("no configuration").to_string();
        prop_assert!(!fault.contains('\n'), "{}", fault);
    }

    #[test]
    fn a_file_cut_short_never_panics(cut in 0_usize..140) {
        let text = llama().to_string();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &text[..cut.min(text.len() - 1)]).unwrap();
        prop_assert!(config::read(file.path()).is_err());
    }

    #[test]
    fn amounts_of_memory_never_panic(text in ".{0,40}") {
        let _ = text.parse::<parameters::Bytes>();
    }

    #[test]
    fn names_never_panic(name in ".{0,80}") {
        let fault = parameters::find(&name).expect_err("no such model").to_string();
        prop_assert!(!fault.contains('\n'));
    }
}
