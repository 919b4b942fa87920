//! Two versions of a report beside each other.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::texts;
use super::text::{plain, sentences};
use super::view::View;
use super::words::{points, words};
use crate::narrator::theme::Theme;

/// Points by which a score must move to be worth a word.
const NOTABLE: f64 = 2.0;

/// Most movements that are told in words.
const TOLD: usize = 5;

/// What changed from an earlier version to a later one.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Version before.
    pub from: i64,
    /// Version now.
    pub to: i64,
    /// Quarter or day of the version before.
    pub from_when: String,
    /// Quarter or day of this version.
    pub to_when: String,
    /// Whether both rest on the same data and say the same.
    pub same: bool,
    /// What moved, in sentences; one sentence says so when nothing did.
    pub in_words: Vec<String>,
    /// Scores that both or one of the versions have.
    pub scores: Vec<Moved>,
    /// Levels and parts of the score.
    pub dimensions: Vec<Moved>,
    /// Sections whose sentences differ.
    pub sections: Vec<Changed>,
}

/// One figure in both versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// What is measured.
    pub name: String,
    /// Then.
    pub before: Option<f64>,
    /// Now.
    pub now: Option<f64>,
}

/// Sentences of a section that only one version has, without citations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Title of the section.
    pub title: String,
    /// Only in the version now.
    pub added: Vec<String>,
    /// Only in the version before.
    pub removed: Vec<String>,
}

impl Moved {
    /// Difference, where both figures are known.
    #[must_use]
    pub fn change(&self) -> Option<f64> {
        Some(self.now? - self.before?)
    }

    /// Difference of the figures as they are shown, so that a reader who subtracts gets the same.
    pub(super) fn shown_change(&self) -> Option<f64> {
        Some(self.now?.round_ties_even() - self.before?.round_ties_even())
    }
}

impl Comparison {
    /// Sets `now` beside an earlier version of the same report.
    #[must_use]
    pub fn between(earlier: &View, now: &View) -> Self {
        let scores = scores(earlier, now);
        let dimensions = dimensions(&earlier.scores.dimensions, &now.scores.dimensions);
        // Equal input gives an equal fingerprint, although the text names the version before.
        let same = now.content_hash.is_some() && earlier.content_hash == now.content_hash;
        let sections = if same { Vec::new() } else { sections(earlier, now) };
        let in_words = if same {
            vec!["Nothing changed: both versions rest on the same data and say the same.".to_owned()]
        } else {
            in_words(&scores[0], &dimensions)
        };
        let (from_when, to_when) = match (&earlier.quarter, &now.quarter) {
            (Some(before), Some(quarter)) if before != quarter => (before.clone(), quarter.clone()),
            _ => (super::words::date(&earlier.day), super::words::date(&now.day)),
        };
        Self {
            from: earlier.version,
            to: now.version,
            from_when,
            to_when,
            same,
            in_words,
            scores,
            dimensions,
            sections,
        }
    }
}

fn scores(earlier: &View, now: &View) -> Vec<Moved> {
    let (a, b) = (&earlier.scores, &now.scores);
    let row = |name: &str, before, now| Moved { name: name.to_owned(), before, now };
    let mut rows = vec![
        row("Overall", Some(a.overall), Some(b.overall)),
        row("Personality", Some(a.personality), Some(b.personality)),
        row("Behaviour", Some(a.behavior), Some(b.behavior)),
        row("Compatibility", a.compatibility, b.compatibility),
        row("Potential", Some(a.potential), Some(b.potential)),
        row("Confidence, percent", Some(100.0 * a.confidence), Some(100.0 * b.confidence)),
    ];
    rows.retain(|row| row.before.is_some() || row.now.is_some());
    rows
}

fn dimensions(before: &BTreeMap<String, f64>, now: &BTreeMap<String, f64>) -> Vec<Moved> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let row = |name: &String| Moved {
        name: dimension(name),
        before: before.get(name).copied(),
        now: now.get(name).copied(),
    };
    let mut rows: Vec<Moved> = names.into_iter().map(row).collect();
    let size = |row: &Moved| row.change().map_or(f64::INFINITY, f64::abs);
    rows.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.name.cmp(&b.name)));
    rows
}

/// A level of a theme, or a part of the score.
fn dimension(name: &str) -> String {
    let theme = name.strip_prefix("theme_");
    let theme = theme.and_then(|key| Theme::ALL.into_iter().find(|theme| theme.key() == key));
    theme.map_or_else(|| words(name), |theme| format!("{} (level)", theme.label()))
}

fn in_words(overall: &Moved, dimensions: &[Moved]) -> Vec<String> {
    let verb = |change: f64| if change > 0.0 { "rose" } else { "fell" };
    let moved = |row: &Moved| -> Option<String> {
        let (before, now) = (row.before?, row.now?);
        ((now - before).abs() >= NOTABLE).then(|| {
            format!("{} {} from {} to {}.", row.name, verb(now - before), points(before), points(now))
        })
    };
    let (before, now) = (overall.before.unwrap_or_default(), overall.now.unwrap_or_default());
    let first = if points(before) == points(now) {
        format!("The overall score stayed at {}.", points(now))
    } else {
        format!("The overall score {} from {} to {}.", verb(now - before), points(before), points(now))
    };
    std::iter::once(first).chain(dimensions.iter().filter_map(moved).take(TOLD)).collect()
}

fn sections(earlier: &View, now: &View) -> Vec<Changed> {
    let mut all = vec![
        changed("Summary", &[&earlier.content.summary], &[&now.content.summary]),
        changed(
            "Key insights",
            &borrowed(&earlier.content.key_insights),
            &borrowed(&now.content.key_insights),
        ),
        changed(
            "Action items",
            &borrowed(&earlier.content.action_items),
            &borrowed(&now.content.action_items),
        ),
        changed("Warnings", &borrowed(&earlier.content.warnings), &borrowed(&now.content.warnings)),
    ];
    let before = |id: &str| earlier.content.sections.iter().find(|section| section.section_id == id);
    // The evidence is a table of facts; its numbers stand in the dimensions.
    for section in now.content.sections.iter().filter(|section| section.section_id != "evidence") {
        let old = before(&section.section_id).map(texts).unwrap_or_default();
        all.push(changed(&section.title, &old, &texts(section)));
    }
    all.retain(|section| !section.added.is_empty() || !section.removed.is_empty());
    all
}

fn borrowed(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

fn changed(title: &str, before: &[&str], now: &[&str]) -> Changed {
    let all = |texts: &[&str]| -> Vec<String> {
        texts.iter().flat_map(|text| sentences(text)).map(|sentence| plain(&sentence)).collect()
    };
    let (before, now) = (all(before), all(now));
    let only = |of: &[String], other: &[String]| -> Vec<String> {
        of.iter().filter(|sentence| !other.contains(sentence)).cloned().collect()
    };
    Changed { title: title.to_owned(), added: only(&now, &before), removed: only(&before, &now) }
}
