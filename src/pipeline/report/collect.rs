//! Reading what a report is written from.

use std::collections::BTreeMap;

use bson::{Bson, Document, doc};
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::FromRow;
use uuid::Uuid;

use super::changes::read_scores;
use crate::domain::{Quarter, ReportType};
use crate::narrator::output::Content;
use crate::narrator::{Answer, Questionnaire};
use crate::pipeline::Context;
use crate::queue::{ClaimedJob, JobError, Stage};
use crate::store::documents::Store;

/// Questionnaires that are read at most, newest first.
const QUESTIONNAIRES: i64 = 10;

/// Priority of a row that says nothing of it; a higher one is more urgent.
const USUAL_PRIORITY: i32 = 5;

/// The columns of `report_generation_queue` that are read.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) employee_id: Uuid,
    pub(super) report_type: String,
    pub(super) requested_by: Uuid,
    /// Nullable where the applications' table is not ours.
    pub(super) priority: Option<i32>,
    pub(super) request_reason: Option<String>,
    pub(super) request_metadata: Option<Value>,
}

impl Row {
    pub(super) fn of(job: &ClaimedJob) -> Result<Self, JobError> {
        job.payload.read().map_err(|error| {
            JobError::permanent(Stage::Collect, "data.shape", format!("report_generation_queue: {error}"))
        })
    }

    pub(super) fn kind(&self) -> Result<ReportType, JobError> {
        self.report_type.parse().map_err(|error: crate::domain::report_type::UnknownReportType| {
            JobError::permanent(Stage::Collect, "report.type_unknown", error.to_string())
        })
    }

    fn parameter(&self, name: &str) -> Option<&Value> {
        self.request_metadata.as_ref().and_then(|metadata| metadata.get(name))
    }

    /// Whether a new version was asked for even if nothing has changed.
    pub(super) fn wants_version(&self) -> bool {
        self.parameter("new_version") == Some(&Value::Bool(true))
    }

    /// Whether nobody waits for the report: a quarter or the daemon itself has asked for it, or the row says so, and nobody has
    /// made it urgent since.
    pub(super) fn can_wait(&self) -> bool {
        let said = self.parameter("batch").and_then(Value::as_bool);
        let by_itself = self.request_reason.as_deref() == Some("quarterly_update")
            || ["schedule_id", "regeneration"].into_iter().any(|name| self.parameter(name).is_some());
        said.unwrap_or(by_itself) && self.priority.unwrap_or(USUAL_PRIORITY) <= USUAL_PRIORITY
    }

    /// The quarter that the report is to speak of: the one that the row names, or the present one.
    pub(super) fn quarter(&self, present: Quarter) -> Result<Quarter, JobError> {
        let Some(named) = self.parameter("quarter") else { return Ok(present) };
        named.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
            JobError::permanent(
                Stage::Collect,
                "report.quarter_invalid",
                format!("request_metadata.quarter {named} names no quarter; write it as \"2026-Q4\" or leave it out"),
            )
        })
    }

    /// What goes into an error row: ids only.
    pub(super) fn input(&self) -> Value {
        json!({ "queue_id": self.id, "employee_id": self.employee_id, "report_type": self.report_type })
    }

    /// `report_versions.generation_trigger`.
    pub(super) fn trigger(&self) -> &'static str {
        let recalculated = self.parameter("schedule_id").is_some()
            || self.parameter("regeneration").and_then(Value::as_str) == Some("code_changed");
        match self.request_reason.as_deref() {
            Some("quarterly_update") if recalculated => "harmonic_update",
            Some("quarterly_update") => "scheduled",
            Some("new_employee" | "data_correction") => "data_change",
            _ => "manual",
        }
    }
}

/// The version before this one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Previous {
    pub(super) report_id: String,
    pub(super) version: i32,
    pub(super) overall_score: f64,
    pub(super) quarter: Option<Quarter>,
    pub(super) content_hash: Option<String>,
    pub(super) dimensions: BTreeMap<String, f64>,
}

#[derive(FromRow)]
struct PreviousRow {
    report_id: String,
    version: i32,
    quarter_year: Option<i32>,
    quarter_number: Option<i32>,
    content_hash: Option<String>,
    overall_score: Option<f64>,
    dimension_scores: Option<Value>,
}

/// Reads the version before this one.
pub(super) async fn previous(
    context: &Context,
    employee: Uuid,
    kind: ReportType,
) -> Result<Option<Previous>, JobError> {
    let row: Option<PreviousRow> = sqlx::query_as(include_str!("../sql/previous_report.sql"))
        .bind(employee)
        .bind(kind.as_str())
        .fetch_optional(&context.pg)
        .await
        .map_err(|error| JobError::postgres(Stage::Collect, error))?;
    Ok(row.map(|row| Previous {
        report_id: row.report_id,
        version: row.version,
        overall_score: row.overall_score.unwrap_or_default(),
        quarter: row
            .quarter_year
            .zip(row.quarter_number.and_then(|number| u8::try_from(number).ok()))
            .and_then(|(year, number)| Quarter::new(year, number)),
        content_hash: row.content_hash,
        dimensions: read_scores(row.dimension_scores),
    }))
}

/// Reads the text of a version; none if its document is gone or of another shape.
pub(super) async fn text_of(context: &Context, previous: &Previous) -> Result<Option<Content>, JobError> {
    let document = context
        .mongo
        .database(context.databases.name(Store::Reports))
        .collection::<Document>("reports")
        .find_one(doc! { "reportId": &previous.report_id })
        .projection(doc! { "content": 1 })
        .await
        .map_err(|error| JobError::mongodb(Stage::Collect, error))?;
    Ok(document.and_then(|document| bson::deserialize_from_bson(document.get("content")?.clone()).ok()))
}

/// Reads the questionnaires that were answered about an employee, newest first.
pub(super) async fn questionnaires(
    context: &Context,
    employee: Uuid,
) -> Result<Vec<Questionnaire>, JobError> {
    let down = |error| JobError::mongodb(Stage::Collect, error);
    let cursor = context
        .mongo
        .database(context.databases.name(Store::Reports))
        .collection::<Document>("questionnaire_responses")
        .find(doc! { "employeeId": employee.to_string() })
        .sort(doc! { "completedDate": -1, "responseId": 1 })
        .limit(QUESTIONNAIRES)
        .await
        .map_err(down)?;
    let documents: Vec<Document> = cursor.try_collect().await.map_err(down)?;
    Ok(documents.iter().filter_map(questionnaire).collect())
}

fn questionnaire(document: &Document) -> Option<Questionnaire> {
    let answers = document.get_array("responses").ok()?;
    Some(Questionnaire {
        response_id: document.get_str("responseId").ok()?.to_owned(),
        kind: document.get_str("questionnaireType").unwrap_or("self_assessment").to_owned(),
        completion_rate: document.get("completionRate").and_then(number),
        answers: answers.iter().filter_map(Bson::as_document).map(answer).collect(),
    })
}

fn answer(document: &Document) -> Answer {
    let text = |key: &str| document.get_str(key).unwrap_or_default().to_owned();
    Answer {
        question_id: text("questionId"),
        question: text("question"),
        question_type: text("questionType"),
        answer: document.get("answer").and_then(words),
        score: document.get("score").and_then(number),
    }
}

fn number(value: &Bson) -> Option<f64> {
    match value {
        Bson::Double(number) => Some(*number),
        Bson::Int32(number) => Some(f64::from(*number)),
        #[allow(clippy::cast_precision_loss, reason = "scores are small")]
        Bson::Int64(number) => Some(*number as f64),
        _ => None,
    }
}

/// An answer of any type as people read it.
fn words(value: &Bson) -> Option<String> {
    match value {
        Bson::Null => None,
        Bson::String(text) if text.trim().is_empty() => None,
        Bson::String(text) => Some(text.clone()),
        Bson::Boolean(true) => Some("yes".to_owned()),
        Bson::Boolean(false) => Some("no".to_owned()),
        Bson::Array(several) => Some(several.iter().filter_map(words).collect::<Vec<_>>().join(", ")),
        other => number(other).map(|number| number.to_string()),
    }
}

/// `started_at` and `created_at` of the claimed row, for the durations that metadata keeps.
pub(super) fn waited_ms(job: &ClaimedJob, started: DateTime<Utc>) -> i32 {
    i32::try_from((started - job.enqueued_at).num_milliseconds().max(0)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn can_wait(reason: &str, parameters: &Value, priority: Option<i32>) -> bool {
        let id = Uuid::nil();
        let row = json!({
            "id": id, "employee_id": id, "report_type": "compatibility_industry", "requested_by": id, "priority": priority,
            "request_reason": reason, "request_metadata": parameters,
        });
        serde_json::from_value::<Row>(row).unwrap().can_wait()
    }

    #[test]
    fn only_a_report_for_which_nobody_waits_goes_by_a_batch() {
        assert!(can_wait("quarterly_update", &Value::Null, Some(3)));
        assert!(can_wait("data_correction", &json!({ "regeneration": "data_corrected" }), Some(3)));
        assert!(can_wait("manual_request", &json!({ "batch": true }), None));
        assert!(!can_wait("manual_request", &Value::Null, Some(1)), "a person asked");
        assert!(!can_wait("quarterly_update", &json!({ "batch": false }), Some(3)), "the row says so");
        assert!(!can_wait("quarterly_update", &json!({ "batch": true }), Some(6)), "somebody made it urgent");
    }
}
