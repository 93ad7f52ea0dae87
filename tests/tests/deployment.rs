//! The workflows and `.ci/run` call only what exists, may do only what they must, and the output
//! can be put below any path.

#![allow(clippy::unwrap_used)] // in a test, a panic is the report

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use book_tests::built::{self, Kind};
use book_tests::site::BELOW;
use book_tests::{bookbinder, checkout, said};
use regex::Regex;
use serde_yaml::Value;

fn workflow(name: &str) -> Value {
    let path = checkout().join(".github/workflows").join(name);
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn workflows() -> Vec<(String, Value)> {
    let folder = fs::read_dir(checkout().join(".github/workflows")).unwrap();
    let names = folder.flatten().map(|entry| entry.file_name().into_string().unwrap());
    names.map(|name| (name.clone(), workflow(&name))).collect()
}

/// Every job of a workflow with its name.
fn jobs(workflow: &Value) -> Vec<(String, Value)> {
    let jobs = workflow["jobs"].as_mapping().unwrap();
    jobs.iter().map(|(name, job)| (name.as_str().unwrap().to_owned(), job.clone())).collect()
}

fn steps(job: &Value) -> Vec<Value> {
    job["steps"].as_sequence().unwrap().clone()
}

#[test]
fn workflows_use_official_actions_and_commands_that_exist() {
    let official = Regex::new(r"^actions/[a-z-]+@v[0-9]+$").unwrap();
    let aliases: toml::Table =
        fs::read_to_string(checkout().join(".cargo/config.toml")).unwrap().parse().unwrap();
    let help = said(&Command::new(bookbinder()).arg("--help").output().unwrap());
    let mut commands = 0;
    for (name, workflow) in workflows() {
        for step in jobs(&workflow).iter().flat_map(|(_, job)| steps(job)) {
            if let Some(action) = step["uses"].as_str() {
                assert!(official.is_match(action), "{name}: {action}");
                continue;
            }
            for command in step["run"].as_str().unwrap().split(" && ").flat_map(str::lines) {
                commands += 1;
                let words: Vec<_> = command.split_whitespace().collect();
                match words[..] {
                    ["cargo", alias @ "book", ref flags @ ..] => {
                        assert!(aliases["alias"].get(alias).is_some(), "{name}: cargo {alias}");
                        for flag in flags {
                            assert!(help.contains(flag), "{name}: {command}: no {flag}");
                        }
                    }
                    ["bash", script] => {
                        assert!(checkout().join(script).is_file(), "{name}: no {script}");
                    }
                    ["rustup", "update" | "default", "stable", ..]
                    | ["sudo", "sysctl", "-w", _] => {}
                    _ => panic!("{name}: {command}: say here what makes it exist"),
                }
            }
        }
    }
    assert!(commands >= 4, "{commands} commands were held");
}

#[test]
fn workflows_may_only_read_but_for_the_deployment() {
    for (name, workflow) in workflows() {
        let permissions = serde_yaml::to_string(&workflow["permissions"]).unwrap();
        assert_eq!(permissions.trim(), "contents: read", "{name}");
        for (job, text) in jobs(&workflow) {
            let own = serde_yaml::to_string(&text["permissions"]).unwrap();
            let writes: Vec<_> = own.lines().filter(|line| line.ends_with(": write")).collect();
            match (name.as_str(), job.as_str()) {
                ("pages.yml", "deploy") => {
                    assert_eq!(writes, ["pages: write", "id-token: write"], "{name}: {job}");
                }
                _ => assert_eq!(writes, Vec::<&str>::new(), "{name}: {job}"),
            }
        }
    }
}

#[test]
fn what_is_deployed_is_what_is_rendered() {
    let book: toml::Table =
        fs::read_to_string(checkout().join("book.toml")).unwrap().parse().unwrap();
    let rendered = book["build"]["build-dir"].as_str().unwrap();
    let (pages, ci) = (workflow("pages.yml"), workflow("ci.yml"));
    let steps = steps(&pages["jobs"]["build"]);
    let upload = steps.iter().find(|s| {
        s["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/upload-pages-artifact@"))
    });
    assert_eq!(upload.unwrap()["with"]["path"].as_str(), Some(rendered));
    assert_eq!(pages["jobs"]["deploy"]["needs"].as_str(), Some("build"));
    // The site's path comes from a step that is there, before the one that uses it.
    let path = steps.iter().position(|s| s["id"].as_str() == Some("pages")).unwrap();
    let bind = steps.iter().position(|s| !s["env"].is_null()).unwrap();
    let given = steps[bind]["env"]["MDBOOK_OUTPUT__HTML__SITE_URL"].as_str();
    assert_eq!(given, Some("${{ steps.pages.outputs.base_url }}/"));
    assert!(path < bind);
    assert!(serde_yaml::to_string(&ci).unwrap().contains("bash .ci/run"));
}

/// The base and the absolute addresses of the page for missing addresses.
fn base(book: &Path) -> String {
    let text = fs::read_to_string(book.join("404.html")).unwrap();
    let base = Regex::new(r#"<base href="([^"]*)">"#).unwrap();
    base.captures(&text).expect("404.html has a base")[1].to_owned()
}

/// The book for a site that stands below a path.
fn below() -> PathBuf {
    Kind { site: Some(BELOW), ..Kind::default() }.book()
}

#[test]
fn the_page_for_missing_addresses_knows_the_path_of_the_site() {
    assert_eq!(base(&below()), BELOW);
    assert_eq!(base(&built::book()), "/");
}

#[test]
fn the_path_of_the_site_changes_one_page_alone() {
    let (below, plain) = (below(), built::book());
    for page in book_tests::files(&plain, ".html") {
        let name = page.strip_prefix(&plain).unwrap();
        let same = fs::read(&page).unwrap() == fs::read(below.join(name)).unwrap();
        assert!(
            same || name.ends_with("404.html"),
            "{} depends on the site's path",
            name.display()
        );
    }
}

#[test]
fn the_script_of_continuous_integration_is_sound() {
    let script = checkout().join(".ci/run");
    let checked = Command::new("bash").arg("-n").arg(&script).output();
    // Where there is no bash there is no continuous integration either.
    if let Ok(checked) = checked {
        assert!(checked.status.success(), "{}", said(&checked));
    }
    let text = fs::read_to_string(script).unwrap();
    assert!(text.contains("export BOOK_REQUIRE_TOOLS=1"), "tools are not required");
    // What the README and CONTRIBUTING.md ask of a change is what is run.
    let asked = fs::read_to_string(checkout().join("CONTRIBUTING.md")).unwrap();
    for command in ["cargo test --workspace", "cargo book --frozen"] {
        assert!(asked.contains(command) && text.contains(command), "{command}");
    }
}
