//! Markdown.

use super::{Documents, all_between, hostile, views};
use crate::domain::ReportType;
use crate::narrator::tests::people::Person;
use crate::render::markdown;

#[test]
fn every_citation_leads_to_the_anchor_of_its_fact() {
    for view in views() {
        let text = markdown(&view, None);
        let links = all_between(&text, "](#", ")");
        assert!(links.len() >= view.evidence.len(), "{}", view.kind);
        for link in links {
            assert_eq!(text.matches(&format!("<a id=\"{link}\"></a>")).count(), 1, "{}: {link}", view.kind);
        }
    }
}

#[test]
fn headings_go_down_one_level_at_a_time() {
    for view in views() {
        let text = markdown(&view, None);
        let levels: Vec<usize> = text
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| line.chars().take_while(|sign| *sign == '#').count())
            .collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
        assert_eq!(levels[0], 1);
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{}: {levels:?}", view.kind);
        for section in &view.content.sections {
            assert!(text.contains(&format!("\n## {}\n", section.title)), "{}: {}", view.kind, section.title);
        }
    }
}

#[test]
fn rows_of_a_table_have_as_many_cells_as_its_head() {
    for view in views() {
        let text = markdown(&view, None);
        let mut width = None;
        for line in text.lines() {
            let cells = line.starts_with('|').then(|| line.replace("\\|", "").matches('|').count());
            assert!(width.is_none() || cells.is_none() || cells == width, "{}: {line}", view.kind);
            width = cells;
        }
    }
}

#[test]
fn text_of_others_is_no_markup() {
    for kind in ReportType::ALL {
        let view = hostile(kind);
        let text = markdown(&view, Some(&view));
        assert!(text.contains("\\<script\\>"), "{kind}");
        for markup in ["<script", "<img", "](https", " [F99]"] {
            let plain = text.replace("\\<", "").replace("\\]", "").replace("\\[", "");
            assert!(!plain.contains(markup), "{kind}: {markup}");
        }
    }
}

#[test]
fn two_versions_are_set_beside_each_other() {
    let kind = ReportType::PersonalityRoleSpecific;
    let [earlier, now] = [8, 9].map(|seed| Documents::of(&Person::new(seed), kind, 1).view());
    let text = markdown(&now, Some(&earlier));
    assert!(
        text.contains("\n## What changed\n") && text.contains("\n- New: ") && text.contains("\n- Gone: ")
    );
    assert!(!markdown(&now, None).contains("What changed"));
}
