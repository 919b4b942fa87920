//! `analysis_data`: the analysis behind a report.

use bson::Bson;
use bson::raw::{RawBson, RawDocumentBuf};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::values::{from_json, instant, part, raw};
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
/// When the analysis or a row of the platform holds what BSON cannot hold, such as a number beyond 64 signed bits.
pub fn analysis_data(args: &AnalysisArgs<'_>) -> Result<Upsert, DocumentError> {
    let (id, now) = (analysis_id(args.report_id), instant(args.now));
    Ok(Upsert {
        store: Store::Reports,
        collection: "analysis_data",
        key: raw! { "analysisId": id.to_string() },
        set: raw! {
            "employeeId": args.employee_id,
            "organizationId": args.organization_id,
            "reportId": args.report_id.to_string(),
            "reportType": args.report_type.as_str(),
            "analysisType": args.report_type.analysis_type(),
            "llmAnalysis": llm_analysis(args),
            "analysisResults": part("analysisResults", &args.report.analysis)?,
            "contextData": raw! {
                "jobRole": snapshot(args.context.job_role)?,
                "department": snapshot(args.context.department)?,
                "company": snapshot(args.context.company)?,
                "industry": snapshot(args.context.industry)?,
            },
            "updatedAt": now,
        },
        set_on_insert: raw! { "_id": object_id(id), "createdAt": now },
        existing_only: false,
    })
}

/// A row of the platform, null when there is none.
fn snapshot(row: Option<&Value>) -> Result<RawBson, DocumentError> {
    let value = row.map_or(Bson::Null, from_json);
    RawBson::try_from(value).map_err(|source| DocumentError { part: "contextData", source })
}

/// The prompt is named and not repeated: texts that were sent stand in the audit of the calls and expire there. The narrator is
/// asked nothing: no prompt, no tokens, no temperature.
fn llm_analysis(args: &AnalysisArgs<'_>) -> RawDocumentBuf {
    let author = args.author;
    raw! {
        "prompt": author.prompt.as_str(),
        "promptVersion": author.prompt_version.as_str(),
        "response": args.report.content.summary.as_str(),
        "model": author.model.as_str(),
        "temperature": author.temperature,
        "tokensUsed": raw! { "prompt": author.input_tokens, "completion": author.output_tokens, "total": author.tokens() },
        "processingTimeMs": args.processing_time_ms,
        "confidence": args.report.scores.confidence,
    }
}
