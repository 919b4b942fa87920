//! Stored documents as one typed view.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::ReportType;
use crate::narrator::output::{Analysis, Content, Fact, Programme, Scores, SkillGap};

/// The stored documents of a report.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// Document in `reports`.
    pub report: &'a Value,
    /// Document in `analysis_data`.
    pub analysis: Option<&'a Value>,
    /// Document in `training_recommendations`.
    pub training: Option<&'a Value>,
}

/// What PostgreSQL knows beside the documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Full name of the person.
    pub person: String,
    /// Whether no later version exists.
    pub is_latest: bool,
    /// `report_scores.score_trend`.
    pub trend: Option<String>,
    /// `report_versions.change_summary`.
    pub change_summary: Option<String>,
}

/// All that a reader sees of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Name, place among the versions, change.
    pub head: Head,
    /// `reportId`.
    pub report_id: String,
    /// Which of the eight types.
    pub kind: ReportType,
    /// 1 for the first.
    pub version: i64,
    /// Day of its making, `2026-11-21`.
    pub day: String,
    /// Day on which it is due to be written again.
    pub expires: Option<String>,
    /// Quarter that it speaks of, `2026-Q4`.
    pub quarter: Option<String>,
    /// What wrote it, such as `narrator/2026.11.1`.
    pub writer: String,
    /// Fingerprint of text and scores as they read without an earlier version.
    pub content_hash: Option<String>,
    /// Text and figures.
    pub content: Content,
    /// Scores, weights and confidence.
    pub scores: Scores,
    /// Facts that the text cites.
    pub evidence: Vec<Fact>,
    /// Traits and parts of the score.
    pub analysis: Option<Analysis>,
    /// Training plan.
    pub plan: Option<Plan>,
}

/// `training_recommendations`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Skills below what is wanted.
    pub skill_gaps: Vec<SkillGap>,
    /// Programmes.
    pub recommendations: Vec<Programme>,
    /// Goals of three terms.
    pub development_path: Path,
}

/// Goals of three terms.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Path {
    /// 0 to 6 months.
    #[serde(rename = "shortTerm")]
    pub short: Vec<Step>,
    /// 6 to 12 months.
    #[serde(rename = "mediumTerm")]
    pub medium: Vec<Step>,
    /// Beyond 12 months.
    #[serde(rename = "longTerm")]
    pub long: Vec<Step>,
}

/// A goal of the development path.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What is to be reached.
    pub goal: String,
    /// Steps.
    pub actions: Vec<String>,
    /// How to see progress.
    pub metrics: Vec<String>,
    /// When, as the store writes dates.
    #[serde(default)]
    pub estimated_completion: Value,
}

/// Why stored documents cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// The report is still being written, or has failed.
    #[error("the report document is {status:?}, not completed")]
    NotCompleted {
        /// `reports.status`.
        status: String,
    },
    /// A field is missing or has another shape.
    #[error("field {field} of the stored document cannot be read: {problem}")]
    Field {
        /// Path of the field.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
}

impl View {
    /// Reads the stored documents.
    ///
    /// # Errors
    /// When the report is not completed, or a field that a reader needs has another shape.
    pub fn new(stored: Stored<'_>, head: Head) -> Result<Self, ViewError> {
        let report = stored.report;
        let status = text(report, "status").unwrap_or_default();
        if status != "completed" {
            return Err(ViewError::NotCompleted { status });
        }
        let kind: String = field(report, "reportType")?;
        Ok(Self {
            head,
            report_id: field(report, "reportId")?,
            kind: kind.parse().map_err(|error| problem("reportType", &error))?,
            version: field(report, "version")?,
            day: report.get("generationDate").and_then(day).unwrap_or_default(),
            expires: report.get("expiryDate").and_then(day),
            quarter: text(report, "quarter"),
            writer: text(report, "llmModel").unwrap_or_default(),
            content_hash: text(report, "contentHash"),
            content: field(report, "content")?,
            scores: field(report, "scores")?,
            evidence: report.get("evidence").map_or(Ok(Vec::new()), |_| field(report, "evidence"))?,
            analysis: stored.analysis.map(|of| field(of, "analysisResults")).transpose()?,
            plan: stored.training.map(|plan| read("training_recommendations", plan)).transpose()?,
        })
    }

    /// The fact of an id.
    #[must_use]
    pub(super) fn fact(&self, id: &str) -> Option<&Fact> {
        self.evidence.iter().find(|fact| fact.id == id)
    }
}

/// A date as the store writes it (`{"$date": "2026-11-21T06:01:28Z"}` or a text), to the day.
pub(super) fn day(value: &Value) -> Option<String> {
    let text = value.get("$date").unwrap_or(value).as_str()?;
    Some(text.split('T').next().unwrap_or_default().to_owned())
}

fn text(document: &Value, name: &str) -> Option<String> {
    document.get(name)?.as_str().map(str::to_owned)
}

fn field<T: DeserializeOwned>(document: &Value, name: &'static str) -> Result<T, ViewError> {
    read(name, document.get(name).unwrap_or(&Value::Null))
}

fn read<T: DeserializeOwned>(name: &'static str, value: &Value) -> Result<T, ViewError> {
    serde_path_to_error::deserialize(value).map_err(|error| problem(name, &error))
}

fn problem(field: &'static str, error: &dyn std::fmt::Display) -> ViewError {
    ViewError::Field { field, problem: error.to_string() }
}
