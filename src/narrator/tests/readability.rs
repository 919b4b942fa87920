//! Measures of a written report.

use std::collections::BTreeSet;

use crate::narrator::Report;

/// Every text of a report that a person reads, without tables and with list marks removed.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let content = &report.content;
    let mut blocks = vec![content.summary.clone()];
    for section in &content.sections {
        blocks.push(section.content.clone());
        for part in &section.subsections {
            blocks.push(part.content.clone());
            blocks.extend(part.insights.iter().cloned());
            blocks.extend(part.recommendations.iter().cloned());
        }
    }
    blocks.extend(content.key_insights.iter().cloned());
    blocks.extend(content.action_items.iter().cloned());
    blocks.extend(content.warnings.iter().cloned());
    let lines = blocks.iter().flat_map(|block| block.lines());
    lines
        .map(|line| line.trim_start_matches("- ").trim())
        .filter(|line| !line.is_empty() && !line.starts_with('|'))
        .map(str::to_owned)
        .collect()
}

/// Sentences without citations and list heads.
pub(super) fn sentences(report: &Report) -> Vec<String> {
    cited_sentences(report).into_iter().map(|(sentence, _)| sentence).collect()
}

/// Sentences without citations and list heads, with the facts that each cites.
pub(super) fn cited_sentences(report: &Report) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for line in lines(report) {
        let line = match (line.starts_with("**"), line.find(":** ")) {
            (true, Some(at)) => line[at + 4..].to_owned(),
            _ => line,
        };
        let mut start = 0;
        for (at, c) in line.char_indices() {
            let after = &line[at + c.len_utf8()..];
            let ends = matches!(c, '.' | '?' | '!') && (after.is_empty() || after.starts_with(' '));
            if ends {
                all.push(without_citations(&line[start..=at]));
                start = at + 1;
            }
        }
        if !line[start..].trim().is_empty() {
            all.push(without_citations(&line[start..]));
        }
    }
    all
}

fn without_citations(sentence: &str) -> (String, Vec<String>) {
    let (mut plain, mut ids, mut rest) = (String::new(), Vec::new(), sentence.trim());
    while let Some(at) = rest.find("[F") {
        plain.push_str(rest[..at].trim_end());
        let (id, after) = rest[at + 1..].split_once(']').unwrap_or((&rest[at + 1..], ""));
        ids.push(id.to_owned());
        rest = after;
    }
    plain.push_str(rest);
    (plain, ids)
}

pub(super) fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '-'))
        .filter(|word| !word.is_empty())
        .collect()
}

pub(super) fn word_count(report: &Report) -> usize {
    words_of(&sentences(report))
}

pub(super) fn words_of(sentences: &[String]) -> usize {
    sentences.iter().map(|sentence| words(sentence).len()).sum()
}

/// Syllables by groups of vowels, with the usual corrections for a silent e.
fn syllables(word: &str) -> usize {
    let word = word.to_lowercase();
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let mut count = 0;
    let mut before = false;
    for c in word.chars() {
        if vowel(c) && !before {
            count += 1;
        }
        before = vowel(c);
    }
    let silent = word.ends_with('e') && !word.ends_with("le") && !word.ends_with("ee")
        || word.ends_with("es") && !word.ends_with("ses") && !word.ends_with("ces") && !word.ends_with("ges")
        || word.ends_with("ed") && !word.ends_with("ted") && !word.ends_with("ded");
    if silent && count > 1 { count - 1 } else { count.max(1) }
}

/// Words per sentence and reading ease (Flesch 1948).
pub(super) fn ease(report: &Report) -> (f64, f64) {
    ease_of(&sentences(report))
}

pub(super) fn ease_of(sentences: &[String]) -> (f64, f64) {
    let (mut words_total, mut syllables_total) = (0_usize, 0_usize);
    for sentence in sentences {
        for word in words(sentence) {
            words_total += 1;
            syllables_total += syllables(word);
        }
    }
    let per_sentence = words_total as f64 / sentences.len() as f64;
    let per_word = syllables_total as f64 / words_total as f64;
    (per_sentence, 206.835 - 1.015 * per_sentence - 84.6 * per_word)
}

/// Sentences with name and figures made neutral, so that a change of name alone is no difference.
pub(super) fn neutral(sentences: &[String], given: &str) -> BTreeSet<String> {
    sentences
        .iter()
        .map(|sentence| {
            let text = sentence.replace(&format!("{given}'s"), "their").replace(given, "they");
            let text: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            text.to_lowercase()
        })
        .collect()
}

/// Share of sentences that the other report does not have, the smaller of both directions.
pub(super) fn difference(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let share = |x: &BTreeSet<String>, y: &BTreeSet<String>| x.difference(y).count() as f64 / x.len() as f64;
    share(a, b).min(share(b, a))
}
