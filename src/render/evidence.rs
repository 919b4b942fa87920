//! Which sentence rests on which fact.

use super::text::{cited, plain, sentences};
use super::view::View;
use crate::narrator::output::{Fact, Section};

/// A fact and the sentences that cite it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grounds<'a> {
    pub(super) fact: &'a Fact,
    /// Anchor and title of the place, and the sentence without citations.
    pub(super) claims: Vec<(String, String, String)>,
}

/// Facts with their claims, in the order of the facts.
pub(super) fn grounds(view: &View) -> Vec<Grounds<'_>> {
    let mut all: Vec<Grounds<'_>> =
        view.evidence.iter().map(|fact| Grounds { fact, claims: Vec::new() }).collect();
    let mut add = |anchor: &str, title: &str, text: &str| {
        for sentence in sentences(text) {
            for id in cited(&sentence) {
                if let Some(of) = all.iter_mut().find(|of| of.fact.id == id) {
                    of.claims.push((anchor.to_owned(), title.to_owned(), plain(&sentence)));
                }
            }
        }
    };
    add("summary", "Summary", &view.content.summary);
    for section in view.content.sections.iter().filter(|section| section.section_id != "evidence") {
        let anchor = super::html::anchor(section);
        for text in texts(section) {
            add(&anchor, &section.title, text);
        }
    }
    for insight in &view.content.key_insights {
        add("insights", "Key insights", insight);
    }
    all
}

/// Facts that a section cites, in order of appearance.
pub(super) fn of_section<'a>(view: &'a View, section: &Section) -> Vec<&'a Fact> {
    let all: Vec<&str> = texts(section);
    cited(&all.join("\n")).iter().filter_map(|id| view.fact(id)).collect()
}

/// Every text of a section.
pub(super) fn texts(section: &Section) -> Vec<&str> {
    let mut all = vec![section.content.as_str()];
    for part in &section.subsections {
        all.push(&part.content);
        all.extend(part.insights.iter().chain(&part.recommendations).map(String::as_str));
    }
    all
}
