//! A report that says what the version before it says already: no new version, and the row says so.

use bson::{DateTime as BsonDateTime, Document, doc};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::publish::{Draft, expiry};
use crate::pipeline::Context;
use crate::pipeline::context::{beside_rows, complete as complete_row, publish_rows};
use crate::queue::spans::Part;
use crate::queue::{JobError, Stage};
use crate::runtime::Done;
use crate::store::documents::{Store, Written};

/// The version that readers have, and that stays.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) report_id: String,
    pub(super) version: i32,
}

/// Completes the row of a report that has not changed. The version that stands is right as of now, so it is due later.
pub(super) async fn complete(
    context: &Context,
    draft: &Draft<'_>,
    standing: &Standing,
) -> Result<Done, JobError> {
    if !draft.entity.is_empty() {
        let lease = draft.job.lease;
        if context.write_documents(lease, draft.entity.iter().cloned()).await? == Written::Superseded {
            context.write_each(lease, &draft.entity).await?;
        }
    }
    let due = expiry(context, context.now());
    let output = json!({ "report_id": standing.report_id, "version": standing.version, "unchanged": true });
    publish_rows(context, draft.job, || write_rows(context, draft, standing, due, &output)).await
}

/// Moves `expiryDate` on, only ever forward. The document is that of an earlier row, whose token is less than that of any claim since:
/// so it keeps the token of the claim that was here last, and a worker that comes too late changes nothing. A version that was superseded
/// meanwhile keeps a token that is greater than that of any claim before.
async fn extend(
    context: &Context,
    draft: &Draft<'_>,
    standing: &Standing,
    due: DateTime<Utc>,
) -> Result<(), JobError> {
    let token = draft.job.lease.token;
    let reports =
        context.mongo.database(context.databases.name(Store::Reports)).collection::<Document>("reports");
    let extending = reports.update_one(
        doc! {
            "reportId": &standing.report_id,
            "job.token": { "$lte": token },
            "job.renewed": { "$not": { "$gt": token } },
        },
        doc! {
            "$max": { "expiryDate": BsonDateTime::from_chrono(due) },
            "$set": { "updatedAt": BsonDateTime::from_chrono(context.now()), "job.renewed": token },
        },
    );
    beside_rows(extending.into_future()).await.map(drop)
}

/// The document is touched within the transaction that completes the row: whoever has lost the row does not come so far.
async fn write_rows(
    context: &Context,
    draft: &Draft<'_>,
    standing: &Standing,
    due: DateTime<Utc>,
    output: &Value,
) -> Result<(), JobError> {
    let failed = |error| JobError::postgres(Stage::Publish, error);
    let mut transaction = context.pg.begin().await.map_err(failed)?;
    complete_row(&mut transaction, draft.job.lease, output).await?;
    sqlx::query(include_str!("../sql/keep_report.sql"))
        .bind(&standing.report_id)
        .bind(due.date_naive())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    // An earlier run of the row may have had something new to say.
    sqlx::query("delete from orrery.report_slot where queue_id = $1")
        .bind(draft.row.id)
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    sqlx::query("insert into orrery.outbox (topic, payload) values ('report.unchanged', $1)")
        .bind(json!({
            "queue_id": draft.row.id, "report_id": standing.report_id, "employee_id": draft.row.employee_id,
            "report_type": draft.kind.as_str(), "version": standing.version,
        }))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    Part::Documents.of(extend(context, draft, standing, due)).await?;
    transaction.commit().await.map_err(failed)
}
