//! The rows of a published report.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::collect::waited_ms;
use super::documents;
use super::publish::{Draft, Stamp};
use crate::pipeline::entity::Facts;
use crate::store::documents::object_id;

/// `report_metadata`: the new version, and the one before it, which is not the latest any more.
pub(super) async fn write_metadata(
    connection: &mut PgConnection,
    draft: &Draft<'_>,
    stamp: &Stamp,
) -> Result<(), sqlx::Error> {
    let regenerated: Option<Option<bool>> = sqlx::query_scalar(include_str!("../sql/retire_versions.sql"))
        .bind(draft.row.employee_id)
        .bind(draft.kind.as_str())
        .bind(stamp.version)
        .fetch_optional(&mut *connection)
        .await?;
    let person = &draft.facts.person;
    let access_level = match (person.department_id, person.branch_id) {
        (Some(_), _) => "department",
        (None, Some(_)) => "branch",
        (None, None) => "organization",
    };
    sqlx::query(include_str!("../sql/publish_metadata.sql"))
        .bind(stamp.report_id.to_string())
        .bind(draft.row.employee_id)
        .bind(person.organization_id)
        .bind(person.department_id)
        .bind(person.branch_id)
        .bind(draft.kind.as_str())
        .bind(draft.kind.category())
        .bind(stamp.version)
        .bind(draft.started)
        .bind(stamp.now)
        .bind(i32::try_from((stamp.now - draft.started).num_milliseconds()).unwrap_or(i32::MAX))
        .bind(stamp.expires.date_naive())
        .bind(draft.row.requested_by)
        .bind(access_level)
        .bind(visibility(draft.facts))
        .bind(draft.author.tokens())
        .bind(draft.author.cost_usd)
        .bind(waited_ms(draft.job, draft.started))
        .bind(regenerated.flatten().unwrap_or(true))
        .execute(connection)
        .await
        .map(drop)
}

fn visibility(facts: &Facts) -> Value {
    json!({
        "roles": documents::VISIBLE_TO_ROLES,
        "departments": facts.person.department_id.iter().collect::<Vec<_>>(),
        "branches": facts.person.branch_id.iter().collect::<Vec<_>>(),
    })
}

/// `report_versions`.
pub(super) async fn write_version(
    connection: &mut PgConnection,
    draft: &Draft<'_>,
    stamp: &Stamp,
) -> Result<(), sqlx::Error> {
    let (quarter, changes) = (draft.computed.quarter, draft.changes);
    sqlx::query(include_str!("../sql/publish_version.sql"))
        .bind(stamp.report_id.to_string())
        .bind(draft.row.employee_id)
        .bind(draft.kind.as_str())
        .bind(stamp.version)
        .bind(format!("{} {quarter}", draft.kind.title()))
        .bind(quarter.year)
        .bind(i32::from(quarter.number))
        .bind(object_id(stamp.report_id).to_hex())
        .bind(&stamp.content_hash)
        .bind(stamp.now)
        .bind(draft.row.requested_by)
        .bind(draft.row.trigger())
        .bind(changes.map(|changes| &changes.structured))
        .bind(changes.map_or("First version.", |changes| changes.summary.as_str()))
        .bind(changes.is_some_and(|changes| changes.significant))
        .bind(changes.map(|changes| changes.score_change))
        .bind(changes.map(|changes| &changes.differences))
        .execute(connection)
        .await
        .map(drop)
}

/// `report_scores`; the comparison with others comes later.
pub(super) async fn write_scores(
    connection: &mut PgConnection,
    draft: &Draft<'_>,
    stamp: &Stamp,
) -> Result<(), sqlx::Error> {
    let (scores, changes) = (&draft.report.scores, draft.changes);
    sqlx::query(include_str!("../sql/publish_scores.sql"))
        .bind(stamp.report_id.to_string())
        .bind(draft.row.employee_id)
        .bind(draft.kind.as_str())
        .bind(stamp.version)
        .bind(scores.overall)
        .bind(scores.confidence)
        .bind(scores.personality)
        .bind(scores.behavior)
        .bind(scores.compatibility)
        .bind(scores.potential)
        .bind(json!(scores.dimensions))
        .bind(json!(scores.weights))
        .bind(changes.map(|changes| changes.trend))
        .bind(draft.previous.map(|previous| previous.overall_score))
        .bind(changes.map(|changes| changes.score_change))
        .bind(stamp.now)
        .bind(format!("narrator {}", draft.report.content_version))
        .execute(connection)
        .await
        .map(drop)
}

/// A row of `report_generation_stats`, a mark for the comparison of the score, and a note for whoever waits for the report. The slot
/// has done its work.
pub(super) async fn write_marks(
    connection: &mut PgConnection,
    draft: &Draft<'_>,
    stamp: &Stamp,
) -> Result<(), sqlx::Error> {
    let content = serde_json::to_string(&draft.report.content).map_or(0, |text| text.len());
    #[allow(clippy::cast_precision_loss, reason = "a report has far less than 2^52 bytes")]
    let size_kb = content as f64 / 1024.0;
    sqlx::query(include_str!("../sql/publish_marks.sql"))
        .bind(draft.row.id)
        .bind(stamp.report_id)
        .bind(stamp.now)
        .bind((stamp.now - draft.started).as_seconds_f64())
        .bind(size_kb)
        .bind(draft.author.tokens())
        .bind(draft.facts.person.organization_id)
        .bind(draft.kind.as_str())
        .bind(stamp.report_id.to_string())
        .bind(json!({
            "queue_id": draft.row.id, "report_id": stamp.report_id, "employee_id": draft.row.employee_id,
            "report_type": draft.kind.as_str(), "version": stamp.version,
        }))
        .execute(connection)
        .await
        .map(drop)
}
