//! What is said of two versions.

use super::*;
use crate::narrator::output::{Analysis, Scores};

const QUARTER: Quarter = match Quarter::new(2026, 4) {
    Some(quarter) => quarter,
    None => unreachable!(),
};

fn section(id: &str, content: &str) -> Section {
    Section {
        section_id: id.to_owned(),
        title: id.replace('_', " "),
        content: content.to_owned(),
        subsections: Vec::new(),
        visualizations: Vec::new(),
    }
}

fn content(sections: &[(&str, &str)], insights: &[&str]) -> Content {
    Content {
        summary: String::new(),
        score: 60.0,
        sections: sections.iter().map(|(id, text)| section(id, text)).collect(),
        key_insights: insights.iter().map(|line| (*line).to_owned()).collect(),
        action_items: Vec::new(),
        warnings: Vec::new(),
    }
}

fn report(overall: f64, focus: f64, content: Content) -> Report {
    Report {
        content,
        scores: Scores {
            overall,
            confidence: 1.0,
            personality: 50.0,
            behavior: 50.0,
            compatibility: None,
            potential: 50.0,
            dimensions: BTreeMap::from([("focus".to_owned(), focus), ("empathy".to_owned(), 50.0)]),
            weights: BTreeMap::new(),
        },
        analysis: Analysis {
            traits: Vec::new(),
            strengths: Vec::new(),
            weaknesses: Vec::new(),
            opportunities: Vec::new(),
            risks: Vec::new(),
            compatibility_factors: Vec::new(),
        },
        training: None,
        questionnaires: Vec::new(),
        facts: Vec::new(),
        content_version: "1",
    }
}

fn previous() -> Previous {
    Previous {
        report_id: "r1".to_owned(),
        version: 1,
        overall_score: 60.0,
        quarter: None,
        content_hash: Some("a".to_owned()),
        dimensions: BTreeMap::from([("focus".to_owned(), 40.0), ("empathy".to_owned(), 50.5)]),
    }
}

#[test]
fn what_moved_is_named_with_both_numbers() {
    let now = report(66.4, 55.0, content(&[], &[]));
    let changes = Changes::between(&previous(), &now, None, QUARTER, true);
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
    let now = report(60.0, 40.0, content(&[], &[]));
    let changes = Changes::between(&previous(), &now, None, QUARTER, false);
    assert_eq!(changes.summary, "Nothing changed since version 1.");
    assert!(!changes.significant && changes.differences.is_empty());
    assert_eq!(changes.trend, "stable");
}

#[test]
fn small_steps_sections_insights_and_the_quarter_are_named() {
    let before = content(&[("overview", "a"), ("role_fit", "b"), ("old", "c")], &["same", "gone"]);
    let now =
        report(60.2, 40.6, content(&[("overview", "a"), ("role_fit", "B"), ("new", "d")], &["same", "come"]));
    let from = Previous { quarter: Some(QUARTER.previous()), ..previous() };
    let changes = Changes::between(&from, &now, Some(&before), QUARTER, true);
    assert_eq!(
        changes.differences,
        ["focus rose from 40.0 to 40.6", "2 sections read differently: role fit, new"]
    );
    assert_eq!(
        changes.summary,
        "The overall score stayed where it was since version 1 of 2026-Q3; focus rose from 40.0 to 40.6."
    );
    assert!(!changes.significant);
    let structured = &changes.structured;
    assert_eq!(structured["quarter"], json!({ "from": "2026-Q3", "to": "2026-Q4" }));
    assert_eq!(
        structured["sections"],
        json!({ "changed": ["role_fit"], "added": ["new"], "removed": ["old"] })
    );
    assert_eq!(structured["key_insights"], json!({ "added": ["come"], "removed": ["gone"] }));
    assert_eq!(structured["dimensions"], json!({}));
}

#[test]
fn a_part_that_moved_far_is_significant_where_the_whole_is_not() {
    let changes = Changes::between(&previous(), &report(61.0, 58.0, content(&[], &[])), None, QUARTER, true);
    assert!(changes.significant);
    assert_eq!(changes.trend, "stable");
}
