//! What changed since the version before.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::collect::Previous;
use crate::narrator::output::Scores;

/// Points by which a score must move to be worth a word.
const NOTABLE: f64 = 2.0;

/// Points by which the overall score must move to be significant.
const SIGNIFICANT: f64 = 5.0;

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

impl Changes {
    pub(super) fn between(previous: &Previous, scores: &Scores, content_hash: &str) -> Self {
        let score_change = scores.overall - previous.overall_score;
        let mut moved: Vec<(&String, f64, f64)> = scores
            .dimensions
            .iter()
            .filter_map(|(name, now)| previous.dimensions.get(name).map(|before| (name, *before, *now)))
            .filter(|(_, before, now)| (now - before).abs() >= NOTABLE)
            .collect();
        moved.sort_by(|a, b| (b.2 - b.1).abs().total_cmp(&(a.2 - a.1).abs()).then_with(|| a.0.cmp(b.0)));
        let dimensions: Map<String, Value> = moved
            .iter()
            .map(|(name, before, now)| {
                ((*name).clone(), json!({ "from": tenth(*before), "to": tenth(*now) }))
            })
            .collect();
        let differences: Vec<String> = moved
            .iter()
            .take(5)
            .map(|(name, before, now)| {
                format!("{} {} from {before:.0} to {now:.0}", words(name), verb(now - before))
            })
            .collect();
        let same_text = previous.content_hash.as_deref() == Some(content_hash);
        Self {
            structured: json!({
                "previous_version": previous.version,
                "overall_score": { "from": tenth(previous.overall_score), "to": tenth(scores.overall) },
                "dimensions": dimensions,
                "content_changed": !same_text,
            }),
            summary: summary(previous, score_change, &differences, same_text),
            significant: score_change.abs() >= SIGNIFICANT,
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

fn summary(previous: &Previous, score_change: f64, differences: &[String], same_text: bool) -> String {
    if same_text {
        return format!("Nothing changed since version {}.", previous.version);
    }
    let overall = if score_change.abs() < 0.5 {
        "The overall score stayed where it was".to_owned()
    } else {
        format!("The overall score {} by {:.0} points", verb(score_change), score_change.abs())
    };
    match differences.first() {
        Some(first) => format!("{overall} since version {}; {first}.", previous.version),
        None => format!("{overall} since version {}.", previous.version),
    }
}

const fn verb(change: f64) -> &'static str {
    if change >= 0.0 { "rose" } else { "fell" }
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Scores by name from a stored JSON object.
pub(super) fn read_scores(stored: Option<Value>) -> BTreeMap<String, f64> {
    stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(overall: f64, focus: f64) -> Scores {
        Scores {
            overall,
            confidence: 1.0,
            personality: 50.0,
            behavior: 50.0,
            compatibility: None,
            potential: 50.0,
            dimensions: BTreeMap::from([("focus".to_owned(), focus), ("empathy".to_owned(), 50.0)]),
            weights: BTreeMap::new(),
        }
    }

    fn previous() -> Previous {
        Previous {
            version: 1,
            overall_score: 60.0,
            quarter: None,
            content_hash: Some("a".to_owned()),
            dimensions: BTreeMap::from([("focus".to_owned(), 40.0), ("empathy".to_owned(), 50.5)]),
        }
    }

    #[test]
    fn what_moved_is_named_with_both_numbers() {
        let changes = Changes::between(&previous(), &scores(66.4, 55.0), "b");
        assert_eq!(changes.differences, ["focus rose from 40 to 55"]);
        assert_eq!(
            changes.summary,
            "The overall score rose by 6 points since version 1; focus rose from 40 to 55."
        );
        assert!(changes.significant);
        assert_eq!(changes.trend, "improving");
    }

    #[test]
    fn equal_content_says_that_nothing_changed() {
        let changes = Changes::between(&previous(), &scores(60.0, 40.0), "a");
        assert_eq!(changes.summary, "Nothing changed since version 1.");
        assert!(!changes.significant);
        assert_eq!(changes.trend, "stable");
    }
}
