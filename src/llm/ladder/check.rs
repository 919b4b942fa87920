//! Sense: what the schema cannot say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::text::{cited, has_link_or_markup, is_foreign, sentences, words};
use super::{Judged, Violation};
use crate::llm::draft::DraftSection;
use crate::narrator::has_forbidden;

/// What a report must have.
#[derive(Clone)]
#[allow(missing_debug_implementations, reason = "holds a function")]
pub struct Rules<'a> {
    /// Ids of the sections, each needed once.
    pub sections: &'a [&'a str],
    /// Ids of the facts that exist.
    pub facts: &'a BTreeSet<String>,
    /// Fewest words of a section.
    pub min_words: usize,
    /// Language, BCP 47.
    pub locale: &'a str,
    /// Says what of a text may not be there for privacy's sake.
    pub leaks: &'a (dyn Fn(&str) -> Option<&'static str> + Sync),
}

/// Moves what is good from `value` into `judged`, and notes what is not.
pub(super) fn take(value: Value, rules: &Rules<'_>, judged: &mut Judged) {
    let Value::Object(mut whole) = value else { return };
    let broken: BTreeSet<String> = judged.violations.iter().filter_map(|v| v.section.clone()).collect();
    let mut found: BTreeMap<String, DraftSection> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let sections = match whole.remove("sections") {
        Some(Value::Array(sections)) => sections,
        _ => Vec::new(),
    };
    for section in sections {
        // What cannot be read has broken the schema, and was noted.
        let Ok(section) = serde_json::from_value::<DraftSection>(section) else { continue };
        let id = section.section_id.clone();
        if !seen.insert(id.clone()) {
            note(judged, Some(&id), "section_twice", "occurs more than once; write it once");
            continue;
        }
        if !broken.contains(&id) && rules.sections.contains(&id.as_str()) {
            found.insert(id, section);
        }
    }
    for id in rules.sections {
        if !seen.contains(*id) && !broken.contains(*id) {
            note(judged, Some(id), "section_missing", "is missing");
        }
    }
    let mut said = BTreeSet::new();
    for id in rules.sections {
        let Some(section) = found.remove(*id) else { continue };
        let problems = of_section(&section, rules, &mut said);
        if problems.is_empty() {
            judged.sections.insert((*id).to_owned(), section);
        }
        for (code, message) in problems {
            note(judged, Some(id), code, &message);
        }
    }
    judged.summary = summary(whole.remove("summary"), rules, judged);
    judged.key_insights = lines(whole.remove("keyInsights"), "keyInsights", rules, judged);
    judged.action_items = lines(whole.remove("actionItems"), "actionItems", rules, judged);
}

fn note(judged: &mut Judged, section: Option<&str>, code: &'static str, message: &str) {
    let violation = Violation { section: section.map(str::to_owned), code, message: message.to_owned() };
    judged.violations.push(violation);
}

type Problem = (&'static str, String);

fn of_section(section: &DraftSection, rules: &Rules<'_>, said: &mut BTreeSet<String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let all: Vec<&str> = section.texts().collect();
    let count: usize = all.iter().map(|text| words(text)).sum();
    if count < rules.min_words {
        problems.push(("too_short", format!("has {count} words; write at least {}", rules.min_words)));
    }
    if is_foreign(&all.join(" "), rules.locale) {
        problems.push(("language", format!("must be written in the language {}", rules.locale)));
    }
    for text in &all {
        problems.extend(of_text(text, rules));
    }
    for part in &section.subsections {
        for id in part.evidence.iter().filter(|id| !rules.facts.contains(*id)) {
            problems.push(("unknown_fact", format!("cites {id}, which is not among the facts")));
        }
    }
    // Names of parts repeat by nature (week 1, week 2); whole sentences do not.
    for sentence in all.iter().flat_map(|text| sentences(text)) {
        if words(&sentence) >= 4 && !said.insert(sentence.to_lowercase()) {
            problems
                .push(("repeated", "says the same sentence twice, or one of an earlier section".to_owned()));
        }
    }
    problems.dedup();
    problems
}

/// What no text of a report may have.
fn of_text(text: &str, rules: &Rules<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if has_link_or_markup(text) {
        problems.push(("link", "holds a link, a picture or HTML; plain words only".to_owned()));
    }
    if has_forbidden(text) {
        problems.push((
            "forbidden_word",
            "speaks of employment decisions, diagnoses or protected traits; leave that out".to_owned(),
        ));
    }
    if has_blank(text) {
        problems.push(("blank", "holds a place that was never filled in".to_owned()));
    }
    for id in cited(text).into_iter().filter(|id| !rules.facts.contains(*id)) {
        // Only what looks like an id is quoted back.
        let id = if id.len() == 3 && id[1..].chars().all(|c| c.is_ascii_digit()) { id } else { "a fact" };
        problems.push(("unknown_fact", format!("cites {id}, which is not among the facts")));
    }
    if let Some(what) = (rules.leaks)(text) {
        problems.push(("privacy", format!("holds {what}; use only the names given and leave it out")));
    }
    problems
}

/// `{{name}}`, `<<name>>`, `TODO`, `Lorem ipsum`, `[insert ...]`.
fn has_blank(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["{{", "}}", "lorem ipsum", "[insert", "[your", "[name", "tbd"].iter().any(|word| lower.contains(word))
        || text.contains("TODO")
}

fn summary(value: Option<Value>, rules: &Rules<'_>, judged: &mut Judged) -> Option<String> {
    let Some(Value::String(text)) = value else { return None };
    let problems = of_text(&text, rules);
    if problems.is_empty() && words(&text) >= 12 {
        return Some(text);
    }
    for (code, message) in &problems {
        note(judged, None, code, &format!("summary {message}"));
    }
    if problems.is_empty() {
        note(judged, None, "too_short", "summary has fewer than 12 words");
    }
    None
}

/// The good lines of a list.
fn lines(value: Option<Value>, name: &str, rules: &Rules<'_>, judged: &mut Judged) -> Vec<String> {
    let Some(Value::Array(items)) = value else { return Vec::new() };
    let mut good = Vec::new();
    for item in items {
        let Value::String(text) = item else { continue };
        let problems = of_text(&text, rules);
        if problems.is_empty() {
            good.push(text);
        }
        for (code, message) in problems {
            note(judged, None, code, &format!("{name} {message}"));
        }
    }
    good
}
