//! Two versions beside each other.

use super::Documents;
use crate::domain::ReportType;
use crate::narrator::tests::people::Person;
use crate::render::{Comparison, page};

#[test]
fn what_moved_most_is_told_first_with_both_numbers() {
    let kind = ReportType::PersonalityRoleSpecific;
    let mut earlier = Documents::of(&Person::new(1), kind, 1).view();
    earlier.scores.overall = 60.4;
    let mut now = earlier.clone();
    now.version = 2;
    now.quarter = Some("2027-Q1".to_owned());
    now.content_hash = Some("another".to_owned());
    now.scores.overall = 52.6;
    let before = earlier.scores.dimensions["theme_drive"];
    now.scores.dimensions.insert("theme_drive".to_owned(), before - 30.0);
    now.content.key_insights[0] = "Drive fell [F01].".to_owned();
    let comparison = Comparison::between(&earlier, &now);
    assert_eq!(
        comparison.in_words,
        [
            "The overall score fell from 60 to 53.".to_owned(),
            format!("Drive (level) fell from {before:.0} to {:.0}.", before - 30.0),
        ]
    );
    assert_eq!((comparison.from_when.as_str(), comparison.to_when.as_str()), ("2026-Q4", "2027-Q1"));
    assert_eq!(comparison.dimensions[0].change(), Some(-30.0));
    let [changed] = comparison.sections.as_slice() else { panic!("{:?}", comparison.sections) };
    assert_eq!(
        (changed.title.as_str(), changed.added.as_slice()),
        ("Key insights", &["Drive fell.".to_owned()][..])
    );
    assert_eq!(changed.removed.len(), 1);
    let page = page(&now, Some(&earlier));
    assert!(page.contains("What changed") && page.contains(">−7<"));
}

#[test]
fn equal_fingerprints_say_that_nothing_changed() {
    let kind = ReportType::CompatibilityCompany;
    let earlier = Documents::of(&Person::new(1), kind, 1).view();
    let mut now = earlier.clone();
    now.version = 2;
    // The text names the version before; that alone is no change.
    now.content.summary.push_str(" It is close to the 50 of version 1.");
    let comparison = Comparison::between(&earlier, &now);
    assert!(comparison.same && comparison.sections.is_empty());
    assert!(comparison.in_words[0].starts_with("Nothing changed"));
}

#[test]
fn different_people_share_few_sentences() {
    for kind in ReportType::ALL {
        let [earlier, now] = [4, 6].map(|seed| Documents::of(&Person::new(seed), kind, 1).view());
        let comparison = Comparison::between(&earlier, &now);
        let added: usize = comparison.sections.iter().map(|section| section.added.len()).sum();
        assert!(added > 20, "{kind}: {added}");
    }
}
