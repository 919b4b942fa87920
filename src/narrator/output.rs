//! What the narrator hands back: the parts of a report, in the shapes that the documents store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A written report with everything that is stored beside its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The text, as `reports.content` stores it.
    pub content: Content,
    /// Scores, as `report_scores` stores them.
    pub scores: Scores,
    /// Analysis, as `analysis_data.analysisResults` stores it.
    pub analysis: Analysis,
    /// Training plan; only for `training_development`.
    pub training: Option<Training>,
    /// Reading of each questionnaire; only for `questionnaire_qa`.
    pub questionnaires: Vec<QuestionnaireReading>,
    /// The facts that the text cites.
    pub facts: Vec<Fact>,
    /// Version of the narrator's content.
    pub content_version: &'static str,
}

/// `reports.content`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// Executive summary.
    pub summary: String,
    /// Overall score 0..=100, advisory.
    pub score: f64,
    /// Sections in reading order.
    pub sections: Vec<Section>,
    /// Main findings.
    pub key_insights: Vec<String>,
    /// What to do, by whom, by when.
    pub action_items: Vec<String>,
    /// Concerns and limits.
    pub warnings: Vec<String>,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// Stable id such as `strengths_in_role`.
    pub section_id: String,
    /// Heading.
    pub title: String,
    /// Markdown.
    pub content: String,
    /// Parts of the section.
    pub subsections: Vec<Subsection>,
    /// Figures of the section.
    pub visualizations: Vec<Visualization>,
}

/// Part of a section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subsection {
    /// Heading.
    pub title: String,
    /// Markdown.
    pub content: String,
    /// Short findings.
    pub insights: Vec<String>,
    /// Short recommendations.
    pub recommendations: Vec<String>,
}

/// A figure as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Visualization {
    /// `radar`, `bar`, `gauge`, `heatmap`, `table`, `chart_wheel` or `timeline`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Labels, series, rows; the shape follows the kind.
    pub data: Value,
    /// Address of a stored picture, when one was rendered.
    pub image_url: Option<String>,
}

/// `report_scores`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// 0..=100.
    pub overall: f64,
    /// 0..=1.
    pub confidence: f64,
    /// 0..=100.
    pub personality: f64,
    /// 0..=100.
    pub behavior: f64,
    /// 0..=100; `None` for types that compare nothing.
    pub compatibility: Option<f64>,
    /// 0..=100.
    pub potential: f64,
    /// Score by theme or dimension.
    pub dimensions: BTreeMap<String, f64>,
    /// Weight by the same names; sums to 1.
    pub weights: BTreeMap<String, f64>,
}

/// `analysis_data.analysisResults`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// Traits with scores.
    pub traits: Vec<Trait>,
    /// Short lines.
    pub strengths: Vec<String>,
    /// Short lines.
    pub weaknesses: Vec<String>,
    /// Short lines.
    pub opportunities: Vec<String>,
    /// Short lines.
    pub risks: Vec<String>,
    /// How the score came about.
    pub compatibility_factors: Vec<CompatibilityFactor>,
}

/// A trait of the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trait {
    /// Name.
    pub name: String,
    /// 0..=100.
    pub score: f64,
    /// One sentence.
    pub description: String,
    /// `high`, `medium` or `low`.
    pub impact: String,
    /// Where it shows.
    pub context: String,
}

/// A part of the score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompatibilityFactor {
    /// Name.
    pub factor: String,
    /// 0..=100.
    pub score: f64,
    /// Share of the whole, 0..=1.
    pub weight: f64,
    /// One sentence.
    pub reasoning: String,
}

/// `training_recommendations` without ids and times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Training {
    /// What is missing.
    pub skill_gaps: Vec<SkillGap>,
    /// Programmes.
    pub recommendations: Vec<Programme>,
    /// 0 to 6 months.
    pub short_term: Vec<Goal>,
    /// 6 to 12 months.
    pub medium_term: Vec<Goal>,
    /// Beyond 12 months.
    pub long_term: Vec<Goal>,
}

/// A skill below what is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SkillGap {
    /// Skill.
    pub skill_name: String,
    /// 0..=100.
    pub current_level: f64,
    /// 0..=100.
    pub required_level: f64,
    /// Difference.
    pub gap: f64,
    /// `critical`, `high`, `medium` or `low`.
    pub priority: String,
    /// `role`, `team`, `department` or `company`.
    pub impact_area: String,
    /// One sentence.
    pub reasoning: String,
}

/// A training programme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Programme {
    /// Stable id.
    pub program_id: String,
    /// Title.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Who gives it; `internal` unless the catalogue names one.
    pub provider: String,
    /// Such as `6 weeks, 2 hours a week`.
    pub duration: String,
    /// `online`, `in-person` or `hybrid`.
    pub format: String,
    /// In `currency`; `None` when unknown.
    pub estimated_cost: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Skills it builds.
    pub target_skills: Vec<String>,
    /// What is different afterwards.
    pub expected_outcome: String,
    /// 1..=10, 10 first.
    pub priority: i32,
    /// What must come before.
    pub prerequisites: Vec<String>,
    /// Whether a certificate can be had.
    pub certification_available: bool,
}

/// A goal of the development path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Goal {
    /// What is to be reached.
    pub goal: String,
    /// Steps.
    pub actions: Vec<String>,
    /// How to see progress.
    pub metrics: Vec<String>,
    /// Months from the date of the report.
    pub months: u32,
}

/// Reading of one questionnaire.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionnaireReading {
    /// `responseId`.
    pub response_id: String,
    /// Reading of each answer, in the order of the answers.
    pub answers: Vec<AnswerReading>,
    /// 0..=100.
    pub overall_score: f64,
    /// Areas that stand out.
    pub strength_areas: Vec<String>,
    /// Areas of concern.
    pub concern_areas: Vec<String>,
    /// What to do.
    pub recommendations: Vec<String>,
    /// What to ask next.
    pub follow_up_questions: Vec<String>,
}

/// Reading of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerReading {
    /// `questionId`.
    pub question_id: String,
    /// Two or three sentences.
    pub analysis: String,
    /// Why a person should look at it; `None` when nothing stands out.
    pub flag_reason: Option<String>,
}

/// A computed fact that the text cites as `[F07]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// `F01` to `F24`.
    pub id: String,
    /// What kind of factor.
    pub kind: String,
    /// In words, such as `Mercury in Virgo, 6th house`.
    pub label: String,
    /// 0..=1.
    pub strength: f64,
}

/// Why a report cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NarratorError {
    /// Stable dotted code (`data.questionnaire_missing`, `data.role_profile_missing`, ...).
    pub code: &'static str,
    /// Field, problem and way out.
    pub message: String,
}
