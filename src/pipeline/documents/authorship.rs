//! Who wrote a report, and what that took: `reports.generation`, `llmModel`, `llmTokensUsed` and `llmAnalysis`.

use bson::raw::RawDocumentBuf;

use super::values::{or_null, raw, texts};
use crate::narrator;

/// Who wrote the words of a report. Score, figures, evidence and limits are always computed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Authorship {
    /// `model` or `narrator`.
    pub generator: &'static str,
    /// What wrote the text, as `llmModel` names it.
    pub model: String,
    /// Provider in the configuration; `None` for the narrator.
    pub provider: Option<String>,
    /// Prompt, or empty.
    pub prompt: String,
    /// Version of the prompt, or of the narrator's content.
    pub prompt_version: String,
    /// Temperature of the first question.
    pub temperature: f64,
    /// Tokens of the prompts of all calls for this row.
    pub input_tokens: i64,
    /// Tokens of their answers.
    pub output_tokens: i64,
    /// What they cost; `None` when the price of a model is unknown.
    pub cost_usd: Option<f64>,
    /// Codes of what went wrong on the way, in order; empty when the first provider did all.
    pub degraded: Vec<String>,
    /// Sections that the narrator wrote although a model wrote others.
    pub narrator_sections: Vec<String>,
    /// Repairs that answers needed.
    pub repairs: Vec<String>,
}

impl Authorship {
    /// A report that no model was asked for.
    #[must_use]
    pub fn narrator(report: &narrator::Report) -> Self {
        Self {
            generator: "narrator",
            model: format!("narrator/{}", report.content_version),
            prompt_version: report.content_version.to_owned(),
            cost_usd: Some(0.0),
            ..Self::default()
        }
    }

    /// Tokens of questions and answers.
    #[must_use]
    pub fn tokens(&self) -> i32 {
        i32::try_from(self.input_tokens.saturating_add(self.output_tokens)).unwrap_or(i32::MAX)
    }

    /// `reports.generation`.
    pub(super) fn document(&self) -> RawDocumentBuf {
        raw! {
            "generator": self.generator,
            "provider": or_null(self.provider.as_deref()),
            "prompt": self.prompt.as_str(),
            "promptVersion": self.prompt_version.as_str(),
            "costUsd": or_null(self.cost_usd),
            "degraded": !(self.degraded.is_empty() && self.narrator_sections.is_empty()),
            "degradedReasons": texts(&self.degraded),
            "narratorSections": texts(&self.narrator_sections),
            "repairs": texts(&self.repairs),
        }
    }
}
