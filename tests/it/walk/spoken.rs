//! Commands and queries in the running text: `orrery jobs list --state failed`, `select 1`.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::document::{documents, root};

/// Options that the text names and the reference does not: hidden, or of every command.
const HIDDEN: [&str; 3] = ["--lane", "--config", "--help"];

/// Commands by their words, with their options, as the reference lists them.
fn known() -> BTreeMap<String, BTreeSet<String>> {
    let page = std::fs::read_to_string(root().join("docs/reference/commands.md")).unwrap();
    let heading = Regex::new(r"^#+ `orrery ([a-z -]+?)(?: [<\[].*)?`$").unwrap();
    let option = Regex::new(r"`(--[a-z-]+)").unwrap();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut at = String::new();
    for line in page.lines() {
        if let Some(found) = heading.captures(line) {
            found[1].clone_into(&mut at);
            all.entry(at.clone()).or_default();
        } else if line.starts_with('|') && !at.is_empty() {
            let cell = line.split(" | ").next().unwrap_or_default();
            all.get_mut(&at).unwrap().extend(option.captures_iter(cell).map(|found| found[1].to_owned()));
        }
    }
    // Of every program of this kind.
    all.insert("help".to_owned(), BTreeSet::new());
    assert!(all.len() > 40, "{:?}", all.keys());
    all
}

/// The command that the words name, as far as they are words of commands.
fn command<'a>(known: &BTreeMap<String, BTreeSet<String>>, words: &[&'a str]) -> Result<String, &'a str> {
    let mut name = String::new();
    for word in words {
        let longer = if name.is_empty() { (*word).to_owned() } else { format!("{name} {word}") };
        if known.contains_key(&longer) {
            name = longer;
        } else {
            let has_more =
                name.is_empty() || known.keys().any(|other| other.starts_with(&format!("{name} ")));
            let is_word = word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
            return if has_more && is_word && !word.starts_with('-') { Err(word) } else { Ok(name) };
        }
    }
    Ok(name)
}

/// A document without its fenced blocks.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let kept = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// Queries in the text, each with its document.
pub fn queries() -> Vec<(String, String)> {
    let code = Regex::new(r"`(select [^`]* from [^`]*)`").unwrap();
    let mut all = Vec::new();
    for (document, text) in documents() {
        all.extend(code.captures_iter(&prose(&text)).map(|found| (document.clone(), found[1].to_owned())));
    }
    assert!(!all.is_empty());
    all
}

/// What is said of commands in a text: how many there are, and which the program does not have.
fn said(known: &BTreeMap<String, BTreeSet<String>>, text: &str) -> (usize, Vec<String>) {
    let code = Regex::new(r"`(?:sudo )?orrery ([a-z][^`]*)`").unwrap();
    let (mut looked, mut wrong) = (0, Vec::new());
    for found in code.captures_iter(text) {
        let said = found[1].replace("\\|", "|").replace(['\n', '[', ']'], " ");
        let words: Vec<Vec<&str>> = said.split_whitespace().map(|word| word.split('|').collect()).collect();
        // `jobs list|show` is two commands.
        let several = words.iter().position(|word| word.len() > 1 && !word[0].starts_with('-')).unwrap_or(0);
        for number in 0..words[several].len() {
            let pick = |at: usize| if at == several { number } else { 0 };
            let chosen: Vec<&str> = words.iter().enumerate().map(|(at, word)| word[pick(at)]).collect();
            looked += 1;
            match command(known, &chosen) {
                Ok(name) => {
                    let strange =
                        chosen.iter().filter(|word| word.starts_with("--") && !has(known, &name, word));
                    wrong.extend(strange.map(|option| format!("{said}: {name} has no {option}")));
                }
                Err(word) => wrong.push(format!("{said}: there is no {word}")),
            }
        }
    }
    (looked, wrong)
}

/// Whether a command, or the one above it, has an option.
fn has(known: &BTreeMap<String, BTreeSet<String>>, name: &str, option: &str) -> bool {
    let option = option.split('=').next().unwrap_or_default();
    let of = |name: &str| known.get(name).is_some_and(|options| options.contains(option));
    of(name) || HIDDEN.contains(&option) || name.rsplit_once(' ').is_some_and(|(above, _)| of(above))
}

/// Every command in the text is one of the program, with options that it has.
pub fn check() {
    let known = known();
    let (_, strange) =
        said(&known, "`orrery jobs mend`, `orrery status --loudly`, `orrery jobs list|mend --state failed`");
    assert_eq!(strange.len(), 3, "what does not exist is noticed: {strange:?}");
    let (mut looked, mut wrong) = (0, Vec::new());
    for (document, text) in documents() {
        let (here, strange) = said(&known, &text);
        looked += here;
        wrong.extend(strange.iter().map(|what| format!("{document}: {what}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(looked > 80, "{looked} commands were found");
}
