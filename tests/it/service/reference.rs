//! The reference in the documentation is the program's own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::worker::program;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_reference_is_as_the_program_makes_it() {
    let folder = std::env::temp_dir().join(format!("orrery-reference-{}", uuid::Uuid::new_v4()));
    let made = program(&[]).args(["generate", "reference"]).arg(&folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for page in ["commands.md", "configuration.md", "metrics.md"] {
        let wanted = std::fs::read_to_string(folder.join(page)).unwrap();
        let shipped = std::fs::read_to_string(root().join("docs/reference").join(page)).unwrap_or_default();
        assert!(wanted.lines().count() > 15, "{wanted}");
        assert!(wanted == shipped, "docs/reference/{page} is not current: run make reference");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// Rust files under `src` but for tests.
fn sources() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// The codes that job errors are made with in a text: the first words in quotes after the constructor that look like one.
fn codes(text: &str) -> BTreeSet<String> {
    let production = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut codes = BTreeSet::new();
    for constructor in ["JobError::retry(", "JobError::permanent(", "JobError::snooze("] {
        for (at, _) in production.match_indices(constructor) {
            let call: String = production[at..].chars().take(200).collect();
            let word = call.split('"').nth(1).unwrap_or_default();
            let is_code = word.split_once('.').is_some_and(|(family, rest)| {
                let plain =
                    |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                plain(family) && plain(rest)
            });
            if is_code {
                codes.insert(word.to_owned());
            }
        }
    }
    codes
}

#[test]
fn every_code_with_which_a_job_may_fail_is_explained() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let explained =
        ["states-and-errors", "llm", "language-models"].map(|page| read(&format!("docs/{page}.md"))).concat();
    let all: BTreeSet<String> =
        sources().iter().flat_map(|path| codes(&std::fs::read_to_string(path).unwrap())).collect();
    assert!(all.len() > 15, "{all:?}");
    let unknown: Vec<&String> = all.iter().filter(|code| !explained.contains(&format!("`{code}`"))).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn codes_are_found_where_a_call_is_broken_over_lines() {
    let text = "JobError::permanent(\n    Stage::Collect,\n    \"data.shape\",\n    \"a b\")\nJobError::retry(Stage::Publish, code, \"no code\")";
    assert_eq!(codes(text).into_iter().collect::<Vec<_>>(), ["data.shape"]);
}
