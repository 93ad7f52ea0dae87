//! The built program: what it writes, what it refuses, and how it ends.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::path::Path;
use std::process::Command;

use notebook::testing::Program;
use serde_json::Value;

const PROGRAM: Program = Program::new(env!("CARGO_BIN_EXE_parameters"), &[]);

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&PROGRAM.says(arguments)).unwrap()
}

/// Bad input: one line, which it gives.
fn fault(arguments: &[&str]) -> String {
    PROGRAM.refuses(arguments, &[])
}

fn config(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs");
    folder.join(name).to_str().unwrap().to_string()
}

/// What the program writes when it runs beside the configurations.
fn in_configs(arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_parameters"));
    let output = program.args(arguments).current_dir(config("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn json_has_exactly_these_fields() {
    let value = json(&["count", "gpt2", "--json"]);
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["active", "buffers", "bytes", "flops", "model", "parameters", "tensors"]);
    let mut types: Vec<_> =
        value["bytes"].as_object().unwrap().keys().map(String::as_str).collect();
    types.sort_unstable();
    assert_eq!(types, ["bf16", "f32", "int4", "int8"]);
    assert_eq!(value["model"], "gpt2");
    assert_eq!(value["parameters"], 124_439_808);
    assert_eq!(value["buffers"], 0);
    assert_eq!(value["tensors"], 148);
    assert_eq!(value["bytes"]["f32"], 4 * 124_439_808_u64);
    assert_eq!(json(&["count", "resnet50", "--json"])["buffers"], 53_173);
    let largest = json(&["count", "llama3-405b", "--json", "--context", "131072"]);
    assert_eq!(largest["parameters"], 405_853_388_800_u64);
    let path = config("qwen2-0.5b.json");
    assert_eq!(json(&["count", "--config", &path, "--json"])["parameters"], 494_032_768);
}

#[test]
fn tables_fit_a_terminal_and_have_no_colour_in_a_pipe() {
    let outputs = [
        PROGRAM.says(&["list"]),
        PROGRAM.says(&["count", "gpt3-175b"]),
        PROGRAM.says(&["count", "gpt3-13b"]),
        PROGRAM.says(&["count", "llama2-70b"]),
        PROGRAM.says(&["count", "llama3-405b", "--batch", "64", "--context", "131072"]),
        PROGRAM.says(&["layers", "vit_h_14"]),
        PROGRAM.says(&["layers", "mobilenet_v3_large", "--depth", "2"]),
        PROGRAM.says(&["layers", "gpt3-175b"]),
        PROGRAM.says(&["layers", "llama3-405b"]),
        PROGRAM.says(&["fit", "--memory", "24GiB"]),
        in_configs(&["count", "--config", "kimi-k2.json", "--context", "131072"]),
    ];
    for output in outputs {
        assert!(!output.contains('\u{1b}'));
        for line in output.lines() {
            assert!(line.chars().count() <= 80, "{} characters: {line}", line.chars().count());
            assert_eq!(line, line.trim_end());
        }
    }
}

#[test]
fn a_mixture_has_active_parameters() {
    let path = config("mixtral-8x7b.json");
    let value = json(&["count", "--config", &path, "--json"]);
    assert_eq!(
        (value["parameters"].as_u64(), value["active"].as_u64()),
        (Some(46_702_792_704), Some(12_879_925_248))
    );
    let table = PROGRAM.says(&["count", "--config", &path]);
    assert!(table.contains("a Mixtral network") && table.contains("active for a token"));
    assert!(!PROGRAM.says(&["count", "gpt2"]).contains("active for a token"));
    let seen = PROGRAM.says(&["count", "--config", &config("gemma3-27b.json")]);
    assert!(seen.contains("what reads images is not counted"));
}

#[test]
fn layers_fold_and_cut() {
    let tree = PROGRAM.says(&["layers", "gpt2"]);
    assert!(
        tree.contains("0–11 × 12")
            && tree.contains("768×2304 + 2304")
            && tree.contains("85,054,464")
    );
    let cut = PROGRAM.says(&["layers", "gpt2", "--depth", "1"]);
    assert!(cut.contains("transformer") && !cut.contains("wte"));
    assert!(PROGRAM.says(&["layers", "gpt2", "--depth", "0"]).contains("124,439,808"));
    assert!(PROGRAM.says(&["layers", "--config", &config("llama-biases.json")]).contains("tied"));
}

#[test]
fn fit_tells_what_fits() {
    let table = PROGRAM.says(&["fit", "--memory", "24GiB"]);
    assert!(table.contains("24.0 GiB = 25.8 GB"));
    assert!(table.contains("bf16: the largest that runs is llama3-8b"));
    let value = json(&["fit", "--memory", "80GB", "--json"]);
    assert_eq!(value["memory"], 80_000_000_000_u64);
    assert_eq!(value["models"].as_array().unwrap().len(), 30);
    assert!(PROGRAM.says(&["fit", "--memory", "0"]).contains("nothing runs"));
    assert!(fault(&["fit", "--memory", "24G"]).contains("1000s or 1024s"));
    assert!(fault(&["fit", "--memory", "lots"]).contains("24GiB, 80GB"));
    assert!(fault(&["fit", "--memory", "1GiB", "--batch", "0"]).contains("--batch"));
    assert!(fault(&["fit", "--memory", "1GiB", "--context", "0"]).contains("--context"));
}

#[test]
fn names_are_corrected() {
    assert!(fault(&["count", "resnet51"]).contains("did you mean resnet50?"));
    assert!(fault(&["count", "GPT2-XL"]).contains("did you mean gpt2-xl?"));
    assert!(fault(&["layers", "lama3-8b"]).contains("did you mean llama3-8b?"));
    assert!(fault(&["count", "gpt3"]).contains("did you mean gpt3-small?"));
    assert!(fault(&["count", "?"]).contains("`list` names them all"));
    assert!(fault(&["count", ""]).contains("`list`"));
    assert!(fault(&["count", "a\nb"]).contains("unknown model"));
    assert!(fault(&["count"]).contains("no model"));
    assert!(fault(&["count", "gpt2", "--config", "x.json"]).contains("not both"));
    assert!(fault(&["count", "gpt2", "--context", "1025"]).contains("from 1 to 1024"));
    assert!(fault(&["count", "resnet18", "--context", "10"]).contains("images"));
}

#[test]
fn files_that_are_no_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        path(name)
    };
    let count = |path: &str| fault(&["count", "--config", path]);
    assert!(count(&path("absent.json")).contains("absent.json"));
    assert!(count(folder.path().to_str().unwrap()).contains("directory"));
    assert!(count(&write("empty.json", b"")).contains("it is empty"));
    assert!(count(&write("short.json", b"{\"model_type\": \"lla")).contains("cut short"));
    assert!(count(&write("text.json", b"hello")).contains("not JSON"));
    assert!(count(&write("latin.json", b"{\"a\": \"\xe9\"}")).contains("not UTF-8"));
    assert!(count(&write("deep.json", &[b'['; 100_000])).contains("not JSON"));
    assert!(count(&write("large.json", &vec![b' '; (1 << 20) + 1])).contains("larger than 1 MiB"));
    assert!(count(&write("new\nline.json", b"{}")).contains("model_type"));
    assert!(count(&write("bert.json", b"{\"model_type\": \"be\\nrt\"}")).contains("unknown"));
    assert!(
        count(&write("big.json", b"{\"model_type\": \"gpt2\", \"n_embd\": 1e400}"))
            .contains("not JSON")
    );
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_refused_at_once() {
    assert!(fault(&["count", "--config", "/dev/zero"]).contains("not a regular file"));
    assert!(fault(&["count", "--config", "/dev/null"]).contains("not a regular file"));
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    if Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        assert!(
            fault(&["layers", "--config", pipe.to_str().unwrap()]).contains("not a regular file")
        );
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_stops_early_is_no_fault() {
    use std::process::Stdio;
    let mut child = Command::new(env!("CARGO_BIN_EXE_parameters"))
        .args(["layers", "mobilenet_v3_large"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty());
}
