//! `analysis_data`: the analysis behind a report.

use bson::{Document, doc};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::values::{from_json, instant, part};
use super::{Authorship, DocumentError, analysis_id};
use crate::domain::ReportType;
use crate::narrator;
use crate::store::documents::{Store, Upsert, object_id};

/// Snapshots of what the person was compared with, as the platform held them at the time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Job role.
    pub job_role: Option<&'a Value>,
    /// Department.
    pub department: Option<&'a Value>,
    /// Company profile.
    pub company: Option<&'a Value>,
    /// Industry parameters.
    pub industry: Option<&'a Value>,
}

/// What a document in `analysis_data` is made from.
#[derive(Debug, Clone, Copy)]
pub struct AnalysisArgs<'a> {
    /// Report that the analysis belongs to.
    pub report_id: Uuid,
    /// The person.
    pub employee_id: &'a str,
    /// Tenant.
    pub organization_id: &'a str,
    /// Which of the eight types.
    pub report_type: ReportType,
    /// The written report.
    pub report: &'a narrator::Report,
    /// Who wrote it.
    pub author: &'a Authorship,
    /// What the person was compared with.
    pub context: Context<'a>,
    /// Time it took, milliseconds.
    pub processing_time_ms: i32,
    /// When it was made.
    pub now: DateTime<Utc>,
}

/// The analysis behind a report.
///
/// # Errors
/// When the analysis holds a number that BSON cannot hold.
pub fn analysis_data(args: &AnalysisArgs<'_>) -> Result<Upsert, DocumentError> {
    let (id, now) = (analysis_id(args.report_id), instant(args.now));
    Ok(Upsert {
        store: Store::Reports,
        collection: "analysis_data",
        key: doc! { "analysisId": id.to_string() },
        set: doc! {
            "employeeId": args.employee_id,
            "organizationId": args.organization_id,
            "reportId": args.report_id.to_string(),
            "reportType": args.report_type.as_str(),
            "analysisType": args.report_type.analysis_type(),
            "llmAnalysis": llm_analysis(args),
            "analysisResults": part("analysisResults", &args.report.analysis)?,
            "contextData": {
                "jobRole": args.context.job_role.map(from_json),
                "department": args.context.department.map(from_json),
                "company": args.context.company.map(from_json),
                "industry": args.context.industry.map(from_json),
            },
            "updatedAt": now,
        },
        set_on_insert: doc! { "_id": object_id(id), "createdAt": now },
        existing_only: false,
    })
}

/// The prompt is named and not repeated: texts that were sent stand in the audit of the calls and expire there. The narrator is
/// asked nothing: no prompt, no tokens, no temperature.
fn llm_analysis(args: &AnalysisArgs<'_>) -> Document {
    let author = args.author;
    doc! {
        "prompt": &author.prompt,
        "promptVersion": &author.prompt_version,
        "response": &args.report.content.summary,
        "model": &author.model,
        "temperature": author.temperature,
        "tokensUsed": { "prompt": author.input_tokens, "completion": author.output_tokens, "total": author.tokens() },
        "processingTimeMs": args.processing_time_ms,
        "confidence": args.report.scores.confidence,
    }
}
