//! Pages.

use std::collections::{BTreeMap, BTreeSet};

use super::{Documents, all_between, hostile, views};
use crate::domain::ReportType;
use crate::narrator::tests::people::Person;
use crate::render::{View, ViewError, page, style};

const VOID: [&str; 4] = ["meta", "input", "br", "hr"];

/// Every page of these tests: alone, beside an earlier version, and with markup in every text.
fn pages() -> Vec<(View, String)> {
    let alone = views().into_iter().map(|view| (page(&view, None), view));
    let beside = ReportType::ALL.into_iter().map(|kind| {
        let earlier = Documents::of(&Person::new(8), kind, 1).view();
        let now = Documents::of(&Person::new(9), kind, 2).view();
        (page(&now, Some(&earlier)), now)
    });
    let spoilt = ReportType::ALL.into_iter().map(hostile).map(|view| (page(&view, Some(&view)), view));
    alone.chain(beside).chain(spoilt).map(|(page, view)| (view, page)).collect()
}

/// Names of the tags of a page in order; those of ends begin with a slash. Panics where a tag is not closed in turn.
fn tags(page: &str) -> Vec<String> {
    let mut open = Vec::new();
    let mut all = Vec::new();
    let outside_style: String =
        page.split("<style>").map(|part| part.split("</style>").last().unwrap()).collect();
    for inside in all_between(&outside_style, "<", ">").into_iter().filter(|tag| !tag.starts_with('!')) {
        let name = inside.split([' ', '/']).find(|part| !part.is_empty()).unwrap().to_owned();
        if inside.starts_with('/') {
            assert_eq!(open.pop().as_ref(), Some(&name), "closed out of turn");
        } else if !inside.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        all.push(if inside.starts_with('/') { format!("/{name}") } else { name });
    }
    assert_eq!(open, Vec::<String>::new(), "never closed");
    all
}

#[test]
fn every_link_of_a_page_leads_to_an_anchor_and_no_anchor_stands_twice() {
    for (view, page) in pages() {
        let ids = all_between(&page, " id=\"", "\"");
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(known.len(), ids.len(), "{}: an id stands twice: {ids:?}", view.kind);
        for link in all_between(&page, "href=\"", "\"") {
            let anchor = link.strip_prefix('#').unwrap_or_else(|| panic!("{}: link to {link}", view.kind));
            assert!(known.contains(anchor), "{}: {link} leads nowhere", view.kind);
        }
        for fact in &view.evidence {
            let link = format!("href=\"#fact-{}\"", fact.id);
            assert!(page.contains(&link), "{}: nothing cites {}", view.kind, fact.id);
        }
    }
}

#[test]
fn a_page_loads_nothing_and_runs_nothing() {
    for (view, page) in pages() {
        let tags = tags(&page);
        for tag in ["script", "link", "img", "iframe", "object", "embed", "use", "image", "form", "base"] {
            assert!(!tags.iter().any(|of| of == tag), "{}: <{tag}>", view.kind);
        }
        assert_eq!(page.matches("<style>").count(), 1, "{}", view.kind);
        for inside in all_between(&page, "<", ">") {
            // Quoted values may hold anything.
            let names: String = inside.split('"').step_by(2).collect();
            for part in [" style=", " src=", " on"] {
                assert!(!names.contains(part), "{}: <{inside}>", view.kind);
            }
        }
        assert!(!style().contains("url(") && !style().contains("@import"));
    }
}

#[test]
fn text_of_others_is_shown_and_never_markup() {
    for kind in ReportType::ALL {
        let page = page(&hostile(kind), None);
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{kind}");
        assert!(!page.contains("<script") && !page.contains("<img"), "{kind}");
        assert!(!page.contains("#fact-F99"), "{kind}: a fact that does not exist is no link");
    }
}

#[test]
fn headings_go_down_one_level_at_a_time_below_a_single_title() {
    for (view, page) in pages() {
        let tags = tags(&page);
        let levels: Vec<u32> = tags.iter().filter_map(|tag| tag.strip_prefix('h')?.parse().ok()).collect();
        assert_eq!(levels[0], 1, "{}", view.kind);
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{}", view.kind);
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{}: h{} under h{}", view.kind, pair[1], pair[0]);
        }
        assert!(page.contains("<html lang=\"en\">"));
    }
}

#[test]
fn a_page_holds_every_sentence_and_every_figure_of_its_report() {
    for view in views() {
        let page = page(&view, None);
        let text: String =
            page.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
        let words = |text: &str| -> String { text.split_whitespace().collect() };
        let text = words(&text.replace("&quot;", "\"").replace("&amp;", "&"));
        let content = &view.content;
        let lists = [&content.key_insights, &content.action_items, &content.warnings];
        let lines = lists.into_iter().flatten().chain([&content.summary]);
        let parts = content.sections.iter().flat_map(|section| &section.subsections);
        for line in lines.chain(parts.flat_map(|part| part.insights.iter().chain(&part.recommendations))) {
            let line = words(&line.replace("][", " "));
            assert!(text.contains(&line), "{}: {line}", view.kind);
        }
        let pictures: BTreeMap<&str, usize> = content
            .sections
            .iter()
            .flat_map(|section| &section.visualizations)
            .filter(|figure| figure.kind != "table")
            .fold(BTreeMap::new(), |mut counts, figure| {
                *counts.entry(figure.kind.as_str()).or_default() += 1;
                counts
            });
        let expected: usize = pictures.values().sum();
        let drawn = page.matches("role=\"graphics-document document\"").count();
        assert_eq!(drawn, expected, "{}: {pictures:?}", view.kind);
        assert!(!page.contains("cannot be drawn"), "{}", view.kind);
    }
}

#[test]
fn equal_documents_give_equal_pages() {
    for kind in ReportType::ALL {
        let of = || page(&Documents::of(&Person::new(5), kind, 1).view(), None);
        assert_eq!(of(), of(), "{kind}");
    }
}

#[test]
fn text_keeps_its_contrast_on_the_page_and_on_panels_by_day_and_by_night() {
    let style = style();
    let colour = |role: &str, night: usize| {
        let both = all_between(&style, &format!("--orrery-{role}:light-dark("), ")")[0];
        let channel = |at: usize| {
            let hex = both.split(',').nth(night).unwrap();
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    for night in [0, 1] {
        for ground in ["ground", "panel"].map(|role| colour(role, night)) {
            for ink in ["ink", "soft", "prime", "other"] {
                let of = colour(ink, night);
                let contrast = (of.max(ground) + 0.05) / (of.min(ground) + 0.05);
                assert!(contrast >= 4.5, "{ink} {night}: {contrast:.2}");
            }
        }
    }
}

#[test]
fn a_report_that_is_not_completed_is_refused() {
    let mut documents = Documents::of(&Person::new(1), ReportType::CompatibilityCompany, 1);
    documents.report["status"] = "processing".into();
    let stored = super::Stored { report: &documents.report, analysis: None, training: None };
    let error = View::new(stored, super::Head::default()).unwrap_err();
    assert_eq!(error, ViewError::NotCompleted { status: "processing".to_owned() });
}

#[test]
fn a_missing_field_is_named_with_its_path() {
    let mut documents = Documents::of(&Person::new(1), ReportType::CompatibilityCompany, 1);
    documents.report["content"]["sections"][1]["title"] = 7.into();
    let stored = super::Stored { report: &documents.report, analysis: None, training: None };
    let error = View::new(stored, super::Head::default()).unwrap_err().to_string();
    assert!(error.contains("field content") && error.contains("sections[1].title"), "{error}");
}
