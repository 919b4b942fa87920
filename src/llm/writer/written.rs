//! A report that a model wrote, and how its words get into the narrator's report.

use std::collections::{BTreeMap, BTreeSet};

use crate::llm::draft::DraftSection;
use crate::llm::request::PromptRef;
use crate::llm::usage::Usage;
use crate::narrator::output::{Content, Section, Subsection};

/// What a model wrote of a report, at least in part, with the true names.
#[derive(Debug)]
pub struct Written {
    pub(super) summary: Option<String>,
    pub(super) sections: BTreeMap<String, DraftSection>,
    pub(super) key_insights: Vec<String>,
    pub(super) action_items: Vec<String>,
    /// Sections that were asked for.
    pub(super) asked_for: usize,
    /// Sections that stayed the narrator's.
    pub by_narrator: Vec<String>,
    /// Steps of repair that were needed.
    pub repairs: BTreeSet<&'static str>,
    /// Times a model was asked again.
    pub asked_again: usize,
    /// The provider that wrote last.
    pub provider: String,
    /// The model that wrote last.
    pub model: String,
    /// The prompt.
    pub prompt: PromptRef,
    /// Tokens of the answers that were used. What failed and what was stored before is in the account.
    pub usage: Usage,
    /// Why a provider before the last one did not write: codes.
    pub degraded: Vec<&'static str>,
}

impl Written {
    /// Moves the words into the narrator's report. Score, figures, evidence, warnings and limits stay as they are.
    pub fn put_into(&mut self, content: &mut Content) {
        for section in &mut content.sections {
            if let Some(written) = self.sections.remove(&section.section_id) {
                replace(section, written);
            }
        }
        if let Some(summary) = self.summary.take() {
            content.summary = summary;
        }
        for (list, written) in [
            (&mut content.key_insights, &mut self.key_insights),
            (&mut content.action_items, &mut self.action_items),
        ] {
            if !written.is_empty() {
                *list = std::mem::take(written);
            }
        }
        if !self.by_narrator.is_empty() {
            content.warnings.push(format!(
                "{} of {} sections were written by the built-in narrator, because the model's were not usable.",
                self.by_narrator.len(),
                self.asked_for
            ));
        }
    }
}

/// Heading and figures stay, the words are the model's. What a part rests on is cited where its text does not say so.
fn replace(section: &mut Section, written: DraftSection) {
    section.content = written.content;
    section.subsections = written
        .subsections
        .into_iter()
        .map(|part| {
            let uncited: Vec<String> = part
                .evidence
                .iter()
                .map(|id| format!("[{id}]"))
                .filter(|citation| !part.content.contains(citation.as_str()))
                .collect();
            let content = if uncited.is_empty() {
                part.content
            } else {
                format!("{} {}", part.content.trim_end(), uncited.join(" "))
            };
            Subsection {
                title: part.title,
                content,
                insights: part.insights,
                recommendations: part.recommendations,
            }
        })
        .collect();
}
