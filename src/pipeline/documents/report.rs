//! `reports`: what people read.

use bson::raw::{RawBsonRef, cstr};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::values::{instant, list, or_null, part, raw, texts};
use super::{Authorship, DocumentError, analysis_id, astro_data_id, harmonic_code_id};
use crate::domain::{Quarter, ReportType};
use crate::narrator;
use crate::store::documents::{Store, Upsert, object_id};

/// Who may read a report; applications enforce it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visibility {
    /// `owner`, `leader`, `manager`.
    pub roles: Vec<String>,
    /// Department ids.
    pub departments: Vec<String>,
    /// Branch ids.
    pub branches: Vec<String>,
}

/// What a document in `reports` is made from.
#[derive(Debug, Clone, Copy)]
pub struct ReportArgs<'a> {
    /// `reportId`.
    pub report_id: Uuid,
    /// The person.
    pub employee_id: &'a str,
    /// Tenant.
    pub organization_id: &'a str,
    /// Department of the person, when there is one.
    pub department_id: Option<&'a str>,
    /// Which of the eight types.
    pub report_type: ReportType,
    /// 1 for the first report of this type about the person.
    pub version: i32,
    /// Quarter that the report speaks of.
    pub quarter: Quarter,
    /// The written report.
    pub report: &'a narrator::Report,
    /// Who wrote it.
    pub author: &'a Authorship,
    /// Version of the engine that cast the chart.
    pub engine_version: &'a str,
    /// Fingerprint of the report, see [`content_hash`](super::content_hash).
    pub content_hash: &'a str,
    /// User who asked for it.
    pub generated_by: &'a str,
    /// Time it took, milliseconds.
    pub processing_time_ms: i32,
    /// Who may read it.
    pub visibility: &'a Visibility,
    /// When it was made.
    pub now: DateTime<Utc>,
    /// When it is due for regeneration; `None` for never.
    pub expires: Option<DateTime<Utc>>,
}

/// A completed report.
///
/// # Errors
/// When a figure holds a number that BSON cannot hold.
pub fn report(args: &ReportArgs<'_>) -> Result<Upsert, DocumentError> {
    let (written, now) = (args.report, instant(args.now));
    let mut set = raw! {
        "employeeId": args.employee_id,
        "organizationId": args.organization_id,
        "departmentId": or_null(args.department_id),
        "reportType": args.report_type.as_str(),
        "version": args.version,
        "generationDate": now,
        "status": "completed",
        "content": part("content", &written.content)?,
        "contentHash": args.content_hash,
        "analysisIds": texts([analysis_id(args.report_id).to_string()]),
        "astrologicalDataId": astro_data_id(args.employee_id, args.engine_version).to_string(),
        "harmonicEnergyCodeId": harmonic_code_id("employee", args.employee_id).to_string(),
        "generatedBy": args.generated_by,
        "processingTimeMs": args.processing_time_ms,
        "llmTokensUsed": args.author.tokens(),
        "llmModel": args.author.model.as_str(),
        "generation": args.author.document(),
        "visibleToRoles": texts(&args.visibility.roles),
        "visibleToDepartments": texts(&args.visibility.departments),
        "visibleToBranches": texts(&args.visibility.branches),
        "quarter": args.quarter.to_string(),
        "scores": part("scores", &written.scores)?,
        "confidence": written.scores.confidence,
        "evidence": list(&written.facts, |fact| raw! {
            "id": fact.id.as_str(),
            "kind": fact.kind.as_str(),
            "label": fact.label.as_str(),
            "strength": fact.strength,
        }),
        "advisory": true,
        "updatedAt": now,
    };
    // The index on expiryDate is sparse: a report that never expires has no such field, not a null.
    if let Some(expires) = args.expires {
        set.append(cstr!("expiryDate"), instant(expires));
    }
    Ok(Upsert {
        store: Store::Reports,
        collection: "reports",
        key: raw! { "reportId": args.report_id.to_string() },
        set,
        // An application's soft delete must survive a repeated write.
        set_on_insert: raw! { "_id": object_id(args.report_id), "createdAt": now, "deletedAt": RawBsonRef::Null },
        existing_only: false,
    })
}
