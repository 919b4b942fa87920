//! What the documents show as printed, beside what is printed.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use regex::Regex;
use serde_json::Value;

use super::document::{Block, root};
use super::place::Place;

/// The fault that `docs/operate.md` shows the doctor with, and its remedy.
const FAULT: [&str; 2] = [
    "alter table report_generation_queue disable trigger orrery_inserted",
    "alter table report_generation_queue enable trigger orrery_inserted",
];

/// Rows of the table in `docs/cli.md`: how their first cell begins, a command of it, and the keys of what that prints.
const DOCUMENTS: [(&str, &[&str], &[&str]); 11] = [
    ("a list: `jobs list`", &["jobs", "list", "--json"], &["next", "rows"]),
    ("`jobs list --count`", &["jobs", "list", "--count", "--json"], &["exact", "rows"]),
    ("`jobs failures`", &["jobs", "failures", "--json"], &["complete", "groups"]),
    ("`jobs show`", &[], &[]),
    ("`jobs retry", &[], &["action", "rows"]),
    (
        "the same with `--all-matching`",
        &["jobs", "retry", "--all-matching", "--dry-run", "--json"],
        &["action", "changed", "dry_run", "matched", "refused"],
    ),
    (
        "`enqueue report",
        &[
            "enqueue",
            "entity",
            "--type",
            "company",
            "--entity",
            "10000000-0000-4000-9000-000000000001",
            "--json",
        ],
        &["added", "id", "queue", "status"],
    ),
    (
        "`orgs pause",
        &["orgs", "weight", "10000000-0000-4000-9000-000000000001", "1", "--json"],
        &["organization", "set"],
    ),
    ("`quarter`", &["quarter", "pause", "2031-Q2", "--json"], &["done", "id", "quarter"]),
    ("`queues list`", &["queues", "list", "--json"], &["at", "breakers", "queues", "spend"]),
    ("`status`", &["status", "--json"], &["ended", "llm", "open", "workers"]),
];

/// The row of the doctor is a list.
const DOCTOR: (&str, [&str; 5]) = ("`doctor`", ["fix", "found", "id", "status", "why"]);

/// Runs something while the fault that the document tells of is there.
pub fn with_fault(place: &Place, command: &str, run: impl FnOnce() -> Output) -> Output {
    assert_eq!(command, "orrery doctor", "nobody says what has to be so that the document is right");
    let sql = |statement: &str| {
        let url = &place.world.config.postgres.url;
        let done = Command::new("psql").args(["-X", "-q", "-d", url, "-c", statement]).status().unwrap();
        assert!(done.success(), "{statement}");
    };
    sql(FAULT[0]);
    let output = run();
    sql(FAULT[1]);
    output
}

/// Lines that are shown and not printed, whatever their numbers.
pub fn not_printed<'a>(shown: &'a str, printed: &str) -> Vec<&'a str> {
    let number = Regex::new(r"\d+").unwrap();
    let form = |line: &str| number.replace_all(line.trim(), "0").into_owned();
    let all: BTreeSet<String> = printed.lines().map(form).collect();
    shown.lines().filter(|line| !line.trim().is_empty() && !all.contains(&form(line))).collect()
}

/// The table of `docs/cli.md` has the keys that the commands print.
pub fn as_cli_md_says(place: &Place) {
    let page = std::fs::read_to_string(root().join("docs/cli.md")).unwrap();
    let (_, after) = page.split_once("| command | document |\n|---|---|\n").expect("the table is there");
    let rows: Vec<&str> = after.lines().take_while(|line| line.starts_with('|')).collect();
    let row = |begins: &str| {
        let found = rows.iter().find(|row| row[2..].starts_with(begins));
        *found.unwrap_or_else(|| panic!("docs/cli.md has no row that begins with {begins}"))
    };
    assert_eq!(rows.len(), DOCUMENTS.len() + 1, "a row of docs/cli.md is not looked at: {rows:#?}");
    place.world.run(&["quarter", "plan"]);
    place.world.run(&["quarter", "start", "2031-Q2"]);
    for (begins, arguments, keys) in DOCUMENTS {
        let row = row(begins);
        for key in keys {
            assert!(row.contains(key), "{row} does not name {key}");
        }
        if !arguments.is_empty() {
            assert_eq!(keys_of(&place.world.json_of(arguments)), keys.to_vec(), "{row}");
        }
    }
    let output = place.world.program(&["doctor", "--all", "--json"]).output().unwrap();
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(keys_of(&findings[0]), DOCTOR.1, "{}", row(DOCTOR.0));
}

fn keys_of(value: &Value) -> Vec<String> {
    let mut keys: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    keys
}

/// The headings of the demo's tables are those in the code that prints them.
pub fn demo(blocks: &[Block]) {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let code = ["src/cli/demo.rs", "src/cli/demo/summary.rs"].map(read).concat();
    let shown: String = blocks.iter().map(|block| block.code.as_str()).collect();
    let headings: Vec<&str> = shown
        .lines()
        .zip(shown.lines().skip(1))
        .filter(|(above, _)| above.starts_with('┌'))
        .flat_map(|(_, headings)| headings.split(['│', '┆']))
        .map(str::trim)
        .filter(|heading| !heading.is_empty())
        .collect();
    assert!(headings.len() > 10, "{headings:?}");
    for heading in headings {
        assert!(code.contains(&format!("\"{heading}\"")), "the demo prints no heading {heading:?}");
    }
    for line in ["Every row ended as planned, and both stores agree.", "The quarter"] {
        assert!(shown.contains(line) && code.contains(line), "{line}");
    }
}
