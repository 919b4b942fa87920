//! What a report is written from.

use serde::Serialize;

use crate::astro::NatalChart;
use crate::compat::Comparison;
use crate::domain::{Profile, Quarter, ReportType};
use crate::harmonic::{EnergyPattern, HarmonicCode};

/// Everything that a report is written from.
#[derive(Debug, Clone)]
pub struct ReportInput<'a> {
    /// Which of the eight types.
    pub report_type: ReportType,
    /// The quarter that the report speaks of.
    pub quarter: Quarter,
    /// The person.
    pub subject: Subject,
    /// Birth chart of the person.
    pub chart: &'a NatalChart,
    /// Code of the quarter.
    pub code: &'a HarmonicCode,
    /// Pattern over the last years.
    pub pattern: &'a EnergyPattern,
    /// The role held or applied for.
    pub role: Option<Counterpart>,
    /// The department.
    pub department: Option<Counterpart>,
    /// The company.
    pub company: Option<Counterpart>,
    /// The industry.
    pub industry: Option<Counterpart>,
    /// People in the department without the subject; aggregates need at least five with the subject.
    pub department_size: usize,
    /// Mean dimensions of the department's people, in the order of [`crate::harmonic::DIMENSIONS`]; `None` below five.
    pub department_dimensions: Option<[f64; 8]>,
    /// Answered questionnaires, newest first.
    pub questionnaires: Vec<Questionnaire>,
    /// The version before this one.
    pub previous: Option<Previous>,
}

/// The person a report is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subject {
    /// Employee id as text; seeds the choice of paraphrases.
    pub id: String,
    /// Name as the platform writes it.
    pub full_name: String,
}

/// A role, department, company or industry with what it asks and how the person compares.
#[derive(Debug, Clone)]
pub struct Counterpart {
    /// Id as text.
    pub id: String,
    /// Title or name.
    pub name: String,
    /// What it asks.
    pub profile: Profile,
    /// The comparison with the person, when there is one.
    pub comparison: Option<Comparison>,
}

/// A questionnaire that somebody answered about the person.
#[derive(Debug, Clone, PartialEq)]
pub struct Questionnaire {
    /// `responseId`.
    pub response_id: String,
    /// `self_assessment`, `manager_review` or `peer_feedback`.
    pub kind: String,
    /// Answers in their order.
    pub answers: Vec<Answer>,
    /// Share of questions answered, percent, as the application stored it.
    pub completion_rate: Option<f64>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// `questionId`.
    pub question_id: String,
    /// The question as asked.
    pub question: String,
    /// `multiple_choice`, `rating`, `text` or `boolean`.
    pub question_type: String,
    /// The answer as text; `None` when the question was left out.
    pub answer: Option<String>,
    /// Score as the application stored it.
    pub score: Option<f64>,
}

/// The version before this one.
#[derive(Debug, Clone, PartialEq)]
pub struct Previous {
    /// Version number.
    pub version: i32,
    /// Its overall score.
    pub overall_score: f64,
    /// Its quarter, when known.
    pub quarter: Option<Quarter>,
}
