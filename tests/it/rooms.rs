//! The direction of dependencies between the rooms of the house.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Rooms without I/O, clock and async, and the rooms that each may know.
const PURE: [(&str, &[&str]); 8] = [
    ("astro", &[]),
    ("domain", &[]),
    ("harmonic", &["astro", "domain"]),
    ("compat", &["astro", "domain", "harmonic"]),
    ("draw", &["astro"]),
    ("reference", &["astro"]),
    ("narrator", &["astro", "domain", "harmonic", "compat"]),
    ("render", &["astro", "domain", "draw", "narrator"]),
];

/// Words that a pure room has no use for.
const IMPURE: [&str; 11] = [
    "tokio",
    "sqlx",
    "mongodb",
    "bson",
    "futures",
    "std::fs",
    "std::net",
    "std::env",
    "Utc::now",
    "Instant::now",
    "SystemTime",
];

struct Source {
    path: PathBuf,
    /// First folder or file under `src`.
    room: String,
    /// Text without comments.
    code: String,
}

fn sources() -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&top).unwrap();
                let room = inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
                let code = without_comments(&std::fs::read_to_string(&path).unwrap());
                found.push(Source { path: inside.to_owned(), room, code });
            }
        }
    }
    assert!(found.len() > 50, "the sources are not where they were");
    found
}

fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Rooms that a file names by `crate::room` or `crate::{room, ...}`.
fn rooms_of(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (at, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && depth == 0 && !c.is_whitespace() => {
                        rooms.insert(word(&group[at..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            rooms.insert(word(rest));
        }
    }
    rooms
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Asserts that no file of `room` names another room than those in `allowed`.
fn knows_only(room: &str, allowed: &[&str]) {
    let mut seen = 0;
    for source in sources().iter().filter(|source| source.room == room) {
        seen += 1;
        for other in rooms_of(&source.code) {
            assert!(
                other == room || allowed.contains(&other.as_str()),
                "src/{} uses crate::{other}; {room} may know {allowed:?} only",
                source.path.display()
            );
        }
    }
    assert!(seen > 0, "there is no room {room}");
}

#[test]
fn the_pure_rooms_know_only_each_other_and_no_io_clock_or_async() {
    for (room, allowed) in PURE {
        knows_only(room, allowed);
        for source in sources().iter().filter(|source| source.room == room) {
            for impure in IMPURE {
                assert!(!source.code.contains(impure), "src/{} names {impure}", source.path.display());
            }
            assert!(!source.code.contains("async fn"), "src/{} is async", source.path.display());
        }
    }
}

#[test]
fn the_queue_knows_the_store_only() {
    knows_only("queue", &["store"]);
}

#[test]
fn what_operators_see_and_do_knows_nothing_of_commands_and_pages() {
    knows_only("operate", &["queue", "pipeline", "llm", "config", "domain", "render"]);
}

#[test]
fn the_store_knows_neither_pipelines_nor_runtime_nor_commands() {
    knows_only("store", &["queue", "config"]);
}

#[test]
fn the_client_of_language_models_needs_no_database() {
    let mut seen = 0;
    for source in sources() {
        if source.room != "llm" || source.path.starts_with("llm/account") {
            continue;
        }
        seen += 1;
        for room in rooms_of(&source.code) {
            assert!(
                ["llm", "config", "domain", "narrator"].contains(&room.as_str()),
                "src/{} uses crate::{room}",
                source.path.display()
            );
        }
        for word in ["sqlx", "mongodb", "bson"] {
            assert!(!source.code.contains(word), "src/{} names {word}", source.path.display());
        }
    }
    assert!(seen > 20, "the client is not where it was");
}

#[test]
fn the_pipelines_know_nothing_of_commands_and_pages() {
    for source in sources().iter().filter(|source| source.room == "pipeline") {
        for above in ["cli", "http"] {
            assert!(
                !rooms_of(&source.code).contains(above),
                "src/{} uses crate::{above}",
                source.path.display()
            );
        }
    }
}

#[test]
fn pages_look_at_the_queues_through_the_operators_room_only() {
    for source in sources().iter().filter(|source| source.room == "dashboard") {
        // One number that tells open pages to fetch themselves.
        let asks = source.code.contains("sqlx::query");
        assert_eq!(asks, source.path == Path::new("dashboard/live.rs"), "src/{}", source.path.display());
    }
}

#[test]
fn nobody_but_the_program_itself_knows_the_commands() {
    for source in sources().iter().filter(|source| source.room != "cli") {
        assert!(!rooms_of(&source.code).contains("cli"), "src/{} uses crate::cli", source.path.display());
    }
}

#[test]
fn one_file_only_knows_which_library_runs_the_slots() {
    for source in sources() {
        let names_it = source.code.contains("apalis_core")
            || source.code.contains("use apalis::")
            || source.code.contains(" ::apalis");
        assert_eq!(names_it, source.path == Path::new("runtime/apalis.rs"), "src/{}", source.path.display());
    }
}

#[test]
fn paths_are_read_from_single_uses_and_from_groups() {
    let code = "use crate::astro::{a, b};\nuse crate::{compat, queue::{x, y}, store};\npub(crate) fn f() { crate::cli::g() }\n";
    let rooms: Vec<String> = rooms_of(code).into_iter().collect();
    assert_eq!(rooms, ["astro", "cli", "compat", "queue", "store"]);
}
