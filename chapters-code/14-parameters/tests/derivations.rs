//! The two derivations, and every rung between them, agree over random networks.

use std::borrow::Cow;

use parameters::architectures::decoder::BEFORE;
use parameters::architectures::{
    Attention, AttentionWidth, Biases, Block, BlockKind, Bottleneck, Decoder, ExpertNames, Experts,
    FeedForward, Frame, Gated, Gpt, Grouped, Head, Latent, Llama, MobileNetV3, QueryKeyNorm,
    ResNet, VisionTransformer,
};
use parameters::{Architecture, Folding, MODELS, Model, ladder};
use proptest::collection::vec;
use proptest::prelude::*;

fn resnet() -> impl Strategy<Value = Model> {
    let block = prop_oneof![Just(BlockKind::Basic), Just(BlockKind::Bottleneck)];
    (block, prop::array::uniform4(1_u64..9), 1_u64..2000, 1_u64..600).prop_map(
        |(block, depths, classes, side)| Model::ResNet(ResNet { block, depths, classes, side }),
    )
}

fn bottleneck() -> impl Strategy<Value = Bottleneck> {
    (0_u64..4, 1_u64..200, 1_u64..100, any::<bool>(), 1_u64..3).prop_map(
        |(half, expanded, outputs, squeeze, stride)| Bottleneck {
            kernel: 2 * half + 1,
            expanded,
            outputs,
            squeeze,
            stride,
        },
    )
}

fn mobilenet() -> impl Strategy<Value = Model> {
    (1_u64..64, vec(bottleneck(), 1..12), 1_u64..2000, 1_u64..2000, 1_u64..600).prop_map(
        |(stem, bottlenecks, hidden, classes, side)| {
            Model::MobileNetV3(MobileNetV3 {
                stem,
                bottlenecks: Cow::Owned(bottlenecks),
                hidden,
                classes,
                side,
            })
        },
    )
}

fn vit() -> impl Strategy<Value = Model> {
    (1_u64..40, 1_u64..12, 0_u64..30, 1_u64..500, 1_u64..2000, 1_u64..2000).prop_map(
        |(patch, across, layers, width, inner, classes)| {
            let side = patch * across;
            Model::VisionTransformer(VisionTransformer {
                patch,
                layers,
                width,
                heads: 1,
                inner,
                classes,
                side,
            })
        },
    )
}

fn head() -> impl Strategy<Value = Head> {
    prop_oneof![
        Just(Head::Words),
        Just(Head::Tied),
        Just(Head::None),
        (1_u64..90).prop_map(Head::Scores)
    ]
}

fn gpt() -> impl Strategy<Value = Model> {
    let reading = prop_oneof![Just(AttentionWidth::Heads), Just(AttentionWidth::Model)];
    (
        1_u64..9000,
        1_u64..4096,
        0_u64..40,
        1_u64..900,
        (1_u64..20, 1_u64..200),
        1_u64..4000,
        head(),
        reading,
    )
        .prop_map(
            |(
                vocabulary,
                positions,
                layers,
                width,
                (heads, head_width),
                inner,
                head,
                attention_width,
            )| {
                Model::Gpt(Gpt {
                    vocabulary,
                    positions,
                    layers,
                    width,
                    heads,
                    head_width,
                    inner,
                    head,
                    attention_width,
                })
            },
        )
}

fn llama() -> impl Strategy<Value = Model> {
    let heads = (1_u64..9, 1_u64..9, 1_u64..200, head());
    (1_u64..9000, 1_u64..4096, 0_u64..40, 1_u64..900, heads, 1_u64..4000, any::<[bool; 3]>())
        .prop_map(|(vocabulary, positions, layers, width, heads, inner, flags)| {
            let (groups, each, head_width, head) = heads;
            let [query_key_value, output, inner_bias] = flags;
            Model::Llama(Llama {
                family: "Llama",
                vocabulary,
                positions,
                layers,
                width,
                heads: groups * each,
                key_value_heads: groups,
                head_width,
                inner,
                head,
                biases: Biases { query_key_value, output, inner: inner_bias },
                window: None,
            })
        })
}

fn grouped() -> impl Strategy<Value = Attention> {
    let norm =
        prop::sample::select(vec![QueryKeyNorm::None, QueryKeyNorm::Head, QueryKeyNorm::Whole]);
    let heads = (1_u64..9, 1_u64..9, 1_u64..200);
    (heads, norm, prop::option::of(1_u64..9000), any::<[bool; 4]>()).prop_map(
        |((groups, each, head_width), norm, window, flags)| {
            let [query_key_value_bias, output_bias, sinks, fused] = flags;
            Attention::Grouped(Grouped {
                heads: groups * each,
                key_value_heads: groups,
                head_width,
                query_key_value_bias,
                output_bias,
                norm,
                sinks,
                fused,
                window,
            })
        },
    )
}

fn latent() -> impl Strategy<Value = Attention> {
    let widths = (1_u64..200, 1_u64..90, 1_u64..200);
    (1_u64..99, prop::option::of(1_u64..900), 1_u64..900, widths, any::<bool>()).prop_map(
        |(heads, query_rank, key_value_rank, (plain_width, rotary_width, value_width), bias)| {
            Attention::Latent(Latent {
                heads,
                query_rank,
                key_value_rank,
                plain_width,
                rotary_width,
                value_width,
                bias,
            })
        },
    )
}

fn feed_forward() -> impl Strategy<Value = FeedForward> {
    let gated = (1_u64..4000, any::<[bool; 2]>())
        .prop_map(|(inner, [bias, fused])| FeedForward::Gated(Gated { inner, bias, fused }));
    let experts = (1_u64..9, 0_u64..90, 1_u64..900, 0_u64..900, any::<[bool; 3]>()).prop_map(
        |(chosen, rest, inner, shared, [bias, correction, transposed])| {
            let names = ExpertNames { router: "gate", shared: "shared_experts", transposed };
            let experts = chosen + rest;
            FeedForward::Experts(Experts {
                experts,
                chosen,
                inner,
                shared,
                bias,
                correction,
                names,
            })
        },
    );
    prop_oneof![gated, experts]
}

fn decoder() -> impl Strategy<Value = Model> {
    let kind = (prop_oneof![grouped(), latent()], feed_forward(), 0_usize..3, 1_usize..9);
    (1_u64..9000, 1_u64..900, head(), vec(kind, 0..6)).prop_map(
        |(vocabulary, width, head, kinds)| {
            let blocks = kinds.into_iter().flat_map(|(attention, feed_forward, norms, times)| {
                let norms = &BEFORE[..norms];
                let block = Block { attention, feed_forward, name: "mlp", norms };
                std::iter::repeat_n(block, times)
            });
            let frame = Frame { vocabulary, width, head };
            Model::Decoder(Decoder::new("any", 1 << 17, frame, blocks))
        },
    )
}

fn check(model: &Model, context: u64) {
    let expected = model.closed_form(context);
    assert_eq!(ladder::walk(model, context), expected, "walk of {model:?}");
    assert_eq!(ladder::every_block(model, context), expected, "every block of {model:?}");
    assert_eq!(ladder::tree(model, context), expected, "tree of {model:?}");
    assert_eq!(ladder::names(model, context), expected, "names of {model:?}");
    // The walk that folds equal blocks and the ones that do not agree on activations too.
    let totals = model.walk(context);
    assert_eq!(model.tree(context, Folding::Folded).totals(), totals);
    assert_eq!(ladder::every_block_totals(model, context), totals);
}

proptest! {
    #[test]
    fn the_derivations_agree(
        model in prop_oneof![resnet(), mobilenet(), vit(), gpt(), llama(), decoder(), decoder()],
        context in 1_u64..10_000,
    ) {
        check(&model, context);
    }
}

#[test]
fn the_derivations_agree_on_every_named_model() {
    for entry in MODELS {
        check(&entry.model, entry.model.default_context());
    }
}

#[test]
fn heads_do_not_change_a_count() {
    let few = VisionTransformer::imagenet(16, 12, 768, 1);
    let many = VisionTransformer::imagenet(16, 12, 768, 12);
    assert_eq!(few.closed_form(1), many.closed_form(1));
}
