//! What changed since the version before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::collect::Previous;
use crate::domain::Quarter;
use crate::narrator::Report;
use crate::narrator::output::{Content, Section};

/// Points by which a score must move to be worth a word.
const NOTABLE: f64 = 2.0;

/// Points by which the overall score must move to be significant.
const SIGNIFICANT: f64 = 5.0;

/// Points by which one part of the score must move to be significant.
const SIGNIFICANT_PART: f64 = 15.0;

/// Differences that are told at most.
const TOLD: usize = 5;

/// Changes between two versions, in the shapes of `report_versions`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Changes {
    /// `changes_from_previous`.
    pub(super) structured: Value,
    /// `change_summary`.
    pub(super) summary: String,
    /// `significant_changes`.
    pub(super) significant: bool,
    /// `score_change`.
    pub(super) score_change: f64,
    /// `key_differences`, largest first.
    pub(super) differences: Vec<String>,
    /// `score_trend`.
    pub(super) trend: &'static str,
}

/// A part of the score in both versions.
struct Moved<'a> {
    name: &'a str,
    before: f64,
    now: f64,
}

impl Moved<'_> {
    fn change(&self) -> f64 {
        self.now - self.before
    }
}

impl Changes {
    /// Sets a report beside the version before. `before` is its text, where it could be read; `differs` is whether their
    /// fingerprints do.
    pub(super) fn between(
        previous: &Previous,
        report: &Report,
        before: Option<&Content>,
        quarter: Quarter,
        differs: bool,
    ) -> Self {
        let scores = &report.scores;
        let score_change = scores.overall - previous.overall_score;
        let all = moved(&previous.dimensions, &scores.dimensions);
        let notable: Vec<&Moved<'_>> = all.iter().filter(|part| part.change().abs() >= NOTABLE).collect();
        let text = before.filter(|_| differs).map(|before| Text::between(before, &report.content));
        let quarters = previous.quarter.filter(|before| *before != quarter).map(|before| (before, quarter));
        let dimensions: Map<String, Value> = notable
            .iter()
            .map(|part| (part.name.to_owned(), json!({ "from": tenth(part.before), "to": tenth(part.now) })))
            .collect();
        let differences = differences(&notable, all.first(), text.as_ref(), differs);
        Self {
            structured: json!({
                "previous_version": previous.version,
                "previous_report_id": previous.report_id,
                "quarter": quarters.map(|(from, to)| json!({ "from": from.to_string(), "to": to.to_string() })),
                "overall_score": { "from": tenth(previous.overall_score), "to": tenth(scores.overall) },
                "dimensions": dimensions,
                "sections": text.as_ref().map(Text::sections),
                "key_insights": text.as_ref().map(Text::insights),
                "content_changed": differs,
            }),
            summary: summary(previous, score_change, quarters, &differences, differs),
            significant: score_change.abs() >= SIGNIFICANT
                || all.first().is_some_and(|part| part.change().abs() >= SIGNIFICANT_PART),
            score_change,
            differences,
            trend: if score_change >= NOTABLE {
                "improving"
            } else if score_change <= -NOTABLE {
                "declining"
            } else {
                "stable"
            },
        }
    }
}

/// Parts that both versions have, largest movement first.
fn moved<'a>(before: &BTreeMap<String, f64>, now: &'a BTreeMap<String, f64>) -> Vec<Moved<'a>> {
    let mut all: Vec<Moved<'a>> = now
        .iter()
        .filter_map(|(name, now)| before.get(name).map(|before| Moved { name, before: *before, now: *now }))
        .collect();
    all.sort_by(|a, b| b.change().abs().total_cmp(&a.change().abs()).then_with(|| a.name.cmp(b.name)));
    all
}

/// What of the text differs.
struct Text<'a> {
    changed: Vec<&'a Section>,
    added: Vec<&'a Section>,
    removed: Vec<&'a Section>,
    new_insights: Vec<&'a str>,
    old_insights: Vec<&'a str>,
}

impl<'a> Text<'a> {
    fn between(before: &'a Content, now: &'a Content) -> Self {
        let find =
            |content: &'a Content, id: &str| content.sections.iter().find(|section| section.section_id == id);
        let only = |of: &'a Content, other: &Content| -> Vec<&'a str> {
            let known: BTreeSet<&str> = other.key_insights.iter().map(String::as_str).collect();
            of.key_insights.iter().map(String::as_str).filter(|line| !known.contains(line)).collect()
        };
        Self {
            changed: now
                .sections
                .iter()
                .filter(|section| find(before, &section.section_id).is_some_and(|before| before != *section))
                .collect(),
            added: now
                .sections
                .iter()
                .filter(|section| find(before, &section.section_id).is_none())
                .collect(),
            removed: before
                .sections
                .iter()
                .filter(|section| find(now, &section.section_id).is_none())
                .collect(),
            new_insights: only(now, before),
            old_insights: only(before, now),
        }
    }

    fn sections(&self) -> Value {
        let ids = |sections: &[&Section]| -> Vec<String> {
            sections.iter().map(|section| section.section_id.clone()).collect()
        };
        json!({ "changed": ids(&self.changed), "added": ids(&self.added), "removed": ids(&self.removed) })
    }

    fn insights(&self) -> Value {
        json!({ "added": self.new_insights, "removed": self.old_insights })
    }

    /// Sections that read differently, in words.
    fn in_words(&self) -> Option<String> {
        let names: Vec<&str> =
            self.changed.iter().chain(&self.added).map(|section| section.title.as_str()).collect();
        match names.as_slice() {
            [] => None,
            [one] => Some(format!("1 section reads differently: {one}")),
            several => Some(format!("{} sections read differently: {}", several.len(), several.join(", "))),
        }
    }
}

fn differences(
    notable: &[&Moved<'_>],
    largest: Option<&Moved<'_>>,
    text: Option<&Text<'_>>,
    differs: bool,
) -> Vec<String> {
    if !differs {
        return Vec::new();
    }
    let mut told: Vec<String> = notable
        .iter()
        .take(TOLD)
        .map(|part| {
            format!("{} {} from {:.0} to {:.0}", words(part.name), verb(part.change()), part.before, part.now)
        })
        .collect();
    // Nothing moved far: the largest step is told with its decimals.
    if let (true, Some(part)) = (told.is_empty(), largest.filter(|part| tenth(part.change()) != 0.0)) {
        told.push(format!(
            "{} {} from {:.1} to {:.1}",
            words(part.name),
            verb(part.change()),
            part.before,
            part.now
        ));
    }
    told.extend(text.and_then(Text::in_words));
    told
}

fn summary(
    previous: &Previous,
    score_change: f64,
    quarters: Option<(Quarter, Quarter)>,
    differences: &[String],
    differs: bool,
) -> String {
    if !differs {
        return format!("Nothing changed since version {}.", previous.version);
    }
    let overall = if score_change.abs() < 0.5 {
        "The overall score stayed where it was".to_owned()
    } else {
        format!("The overall score {} by {:.0} points", verb(score_change), score_change.abs())
    };
    let since = match quarters {
        Some((from, _)) => format!("since version {} of {from}", previous.version),
        None => format!("since version {}", previous.version),
    };
    match differences.first() {
        Some(first) => format!("{overall} {since}; {first}."),
        None => format!("{overall} {since}."),
    }
}

const fn verb(change: f64) -> &'static str {
    if change >= 0.0 { "rose" } else { "fell" }
}

/// A part of the score as people call it; themes need no word that says so.
fn words(name: &str) -> String {
    name.strip_prefix("theme_").unwrap_or(name).replace('_', " ")
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Scores by name from a stored JSON object.
pub(super) fn read_scores(stored: Option<Value>) -> BTreeMap<String, f64> {
    stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
