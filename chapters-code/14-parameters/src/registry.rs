//! The models that the book counts by name, with what was published about their size.

use notebook::fault::Unknown;

use crate::architectures::{
    Architecture as _, BlockKind, Gpt, Llama, MobileNetV3, Model, ResNet, VisionTransformer,
};
use crate::count::Count;
use crate::error::{Error, Result};

/// A number of parameters that somebody published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The number.
    pub parameters: u64,
    /// Whether it was given to the last digit rather than rounded.
    pub exact: bool,
    /// Where.
    pub source: &'static str,
}

/// A named model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name on the command line.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The network.
    pub model: Model,
    /// The year in which it was made public.
    pub year: u16,
    /// The paper that describes it.
    pub paper: &'static str,
    /// Its published size.
    pub published: Published,
    /// What a reader should know about the count.
    pub note: Option<&'static str>,
}

const TORCHVISION: &str = "torchvision's documentation, num_params of the ImageNet-1K weights";
const GPT3_TABLE: &str = "Brown et al. (2020), Table 2.1";

const fn exact(parameters: u64, source: &'static str) -> Published {
    Published { parameters, exact: true, source }
}

const fn rounded(parameters: u64, source: &'static str) -> Published {
    Published { parameters, exact: false, source }
}

const fn resnet(
    name: &'static str,
    title: &'static str,
    block: BlockKind,
    depths: [u64; 4],
    parameters: u64,
) -> Entry {
    Entry {
        name,
        title,
        model: Model::ResNet(ResNet::imagenet(block, depths)),
        year: 2015,
        paper: "He et al. (2015), Deep Residual Learning for Image Recognition",
        published: exact(parameters, TORCHVISION),
        note: None,
    }
}

const fn mobilenet(
    name: &'static str,
    title: &'static str,
    network: MobileNetV3,
    parameters: u64,
) -> Entry {
    Entry {
        name,
        title,
        model: Model::MobileNetV3(network),
        year: 2019,
        paper: "Howard et al. (2019), Searching for MobileNetV3",
        published: exact(parameters, TORCHVISION),
        note: None,
    }
}

const fn vit(
    name: &'static str,
    title: &'static str,
    network: VisionTransformer,
    parameters: u64,
) -> Entry {
    Entry {
        name,
        title,
        model: Model::VisionTransformer(network),
        year: 2020,
        paper: "Dosovitskiy et al. (2020), An Image is Worth 16x16 Words",
        published: exact(parameters, TORCHVISION),
        note: None,
    }
}

const fn gpt2(name: &'static str, title: &'static str, network: Gpt, parameters: u64) -> Entry {
    Entry {
        name,
        title,
        model: Model::Gpt(network),
        year: 2019,
        paper: "Radford et al. (2019), Language Models are Unsupervised Multitask Learners",
        published: rounded(parameters, "the README of OpenAI's gpt-2 repository"),
        note: None,
    }
}

const fn gpt3(name: &'static str, title: &'static str, network: Gpt, parameters: u64) -> Entry {
    let note = match network.head_width * network.heads == network.width {
        true => None,
        false => Some(TWO_READINGS),
    };
    Entry {
        name,
        title,
        model: Model::Gpt(network),
        year: 2020,
        paper: "Brown et al. (2020), Language Models are Few-Shot Learners",
        published: rounded(parameters, GPT3_TABLE),
        note,
    }
}

const fn llama2(name: &'static str, title: &'static str, network: Llama, parameters: u64) -> Entry {
    Entry {
        name,
        title,
        model: Model::Llama(network),
        year: 2023,
        paper: "Touvron et al. (2023), Llama 2: Open Foundation and Fine-Tuned Chat Models",
        published: rounded(parameters, "Touvron et al. (2023), the model's name"),
        note: None,
    }
}

const fn llama3(name: &'static str, title: &'static str, network: Llama, parameters: u64) -> Entry {
    Entry {
        name,
        title,
        model: Model::Llama(network),
        year: 2024,
        paper: "Grattafiori et al. (2024), The Llama 3 Herd of Models",
        published: rounded(parameters, "Grattafiori et al. (2024), the model's name"),
        note: None,
    }
}

/// The note of the two rows of GPT-3's table whose heads do not add up to the model's width.
const TWO_READINGS: &str =
    "Table 2.1's heads × head width is not the model's width; counted as printed.";

/// The models, family by family, from small to large.
pub static MODELS: &[Entry] = &[
    mobilenet("mobilenet_v3_small", "MobileNetV3-Small", MobileNetV3::small(), 2_542_856),
    mobilenet("mobilenet_v3_large", "MobileNetV3-Large", MobileNetV3::large(), 5_483_032),
    resnet("resnet18", "ResNet-18", BlockKind::Basic, [2, 2, 2, 2], 11_689_512),
    resnet("resnet34", "ResNet-34", BlockKind::Basic, [3, 4, 6, 3], 21_797_672),
    resnet("resnet50", "ResNet-50", BlockKind::Bottleneck, [3, 4, 6, 3], 25_557_032),
    resnet("resnet101", "ResNet-101", BlockKind::Bottleneck, [3, 4, 23, 3], 44_549_160),
    resnet("resnet152", "ResNet-152", BlockKind::Bottleneck, [3, 8, 36, 3], 60_192_808),
    vit("vit_b_16", "ViT-B/16", VisionTransformer::imagenet(16, 12, 768, 12), 86_567_656),
    vit("vit_b_32", "ViT-B/32", VisionTransformer::imagenet(32, 12, 768, 12), 88_224_232),
    vit("vit_l_16", "ViT-L/16", VisionTransformer::imagenet(16, 24, 1024, 16), 304_326_632),
    vit("vit_l_32", "ViT-L/32", VisionTransformer::imagenet(32, 24, 1024, 16), 306_535_400),
    vit("vit_h_14", "ViT-H/14", VisionTransformer::imagenet(14, 32, 1280, 16), 632_045_800),
    gpt2("gpt2", "GPT-2", Gpt::gpt2(12, 768, 12), 124_000_000),
    gpt2("gpt2-medium", "GPT-2 Medium", Gpt::gpt2(24, 1024, 16), 355_000_000),
    gpt2("gpt2-large", "GPT-2 Large", Gpt::gpt2(36, 1280, 20), 774_000_000),
    gpt2("gpt2-xl", "GPT-2 XL", Gpt::gpt2(48, 1600, 25), 1_558_000_000),
    gpt3("gpt3-small", "GPT-3 Small", Gpt::gpt3(12, 768, 12, 64), 125_000_000),
    gpt3("gpt3-medium", "GPT-3 Medium", Gpt::gpt3(24, 1024, 16, 64), 350_000_000),
    gpt3("gpt3-large", "GPT-3 Large", Gpt::gpt3(24, 1536, 16, 96), 760_000_000),
    gpt3("gpt3-xl", "GPT-3 XL", Gpt::gpt3(24, 2048, 24, 128), 1_300_000_000),
    gpt3("gpt3-2.7b", "GPT-3 2.7B", Gpt::gpt3(32, 2560, 32, 80), 2_700_000_000),
    gpt3("gpt3-6.7b", "GPT-3 6.7B", Gpt::gpt3(32, 4096, 32, 128), 6_700_000_000),
    gpt3("gpt3-13b", "GPT-3 13B", Gpt::gpt3(40, 5140, 40, 128), 13_000_000_000),
    gpt3("gpt3-175b", "GPT-3 175B", Gpt::gpt3(96, 12_288, 96, 128), 175_000_000_000),
    llama2("llama2-7b", "Llama 2 7B", Llama::llama2(32, 4096, 32, 32, 11_008), 7_000_000_000),
    llama2("llama2-13b", "Llama 2 13B", Llama::llama2(40, 5120, 40, 40, 13_824), 13_000_000_000),
    llama2("llama2-70b", "Llama 2 70B", Llama::llama2(80, 8192, 64, 8, 28_672), 70_000_000_000),
    llama3("llama3-8b", "Llama 3 8B", Llama::llama3(32, 4096, 32, 14_336, 8192), 8_000_000_000),
    llama3("llama3-70b", "Llama 3 70B", Llama::llama3(80, 8192, 64, 28_672, 8192), 70_000_000_000),
    llama3(
        "llama3-405b",
        "Llama 3.1 405B",
        Llama::llama3(126, 16_384, 128, 53_248, 131_072),
        405_000_000_000,
    ),
];

/// The model of that name, exactly as [`MODELS`] spells it.
///
/// # Errors
///
/// [`Error::Unknown`], with the nearest name where there is a near one.
pub fn find(name: &str) -> Result<&'static Entry> {
    MODELS.iter().find(|entry| entry.name == name).ok_or_else(|| unknown(name))
}

/// The model of that name with its count at its usual context, by closed form.
///
/// # Errors
///
/// As [`find`].
pub fn counted(name: &str) -> Result<(&'static Entry, Count)> {
    let entry = find(name)?;
    Ok((entry, entry.model.closed_form(entry.model.default_context())))
}

/// At most this many characters of a name that somebody typed are compared and shown.
const NAME_LIMIT: usize = 64;

fn unknown(name: &str) -> Error {
    let name: String = name.chars().take(NAME_LIMIT).collect();
    let plain = name.to_lowercase();
    // A name that was begun counts as near as one that needs no edit.
    let edits = |entry: &Entry| match plain.len() >= 3 && entry.name.starts_with(&plain) {
        true => 0,
        false => strsim::damerau_levenshtein(&plain, entry.name),
    };
    let nearest =
        MODELS.iter().map(|entry| (edits(entry), entry.name)).min_by_key(|(edits, _)| *edits);
    let hint = match nearest {
        Some((edits, near)) if 2 * edits <= plain.len() && !plain.is_empty() => {
            format!("did you mean {near}? `list` names them all")
        }
        _ => "`list` names them all, and --config FILE counts a config.json".to_string(),
    };
    Unknown { kind: "model", name, hint }.into()
}
