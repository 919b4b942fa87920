//! Publishing a report: documents in MongoDB first, then one PostgreSQL transaction that also completes the row.

use std::time::Duration;

use bson::{Document, doc};
use chrono::{DateTime, Days, Utc};
use futures::TryStreamExt as _;
use serde_json::json;
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

use super::changes::Changes;
use super::collect::{Previous, Row};
use super::documents;
use super::rows;
use super::unchanged::{self, Standing};
use crate::domain::{ReportType, ids};
use crate::narrator::{Questionnaire, Report};
use crate::pipeline::Context;
use crate::pipeline::context::{beside_rows, complete, publish_rows};
use crate::pipeline::documents::Authorship;
use crate::pipeline::entity::{Computed, Facts};
use crate::pipeline::reconcile::{StoredReport, remove_documents};
use crate::queue::spans::Part;
use crate::queue::{ClaimedJob, JobError, Stage, StopReason};
use crate::runtime::Done;
use crate::store::documents::{Guess, Store, Upsert, Written, guessed};

/// A written report on its way to the stores.
pub(super) struct Draft<'a> {
    pub(super) job: &'a ClaimedJob,
    pub(super) row: &'a Row,
    pub(super) kind: ReportType,
    pub(super) facts: &'a Facts,
    pub(super) computed: &'a Computed,
    pub(super) report: &'a Report,
    pub(super) author: &'a Authorship,
    pub(super) content_hash: String,
    pub(super) previous: Option<&'a Previous>,
    pub(super) changes: Option<&'a Changes>,
    pub(super) questionnaires: &'a [Questionnaire],
    pub(super) started: DateTime<Utc>,
    pub(super) took: Duration,
    pub(super) entity: Vec<(Upsert, Guess)>,
}

/// What is fixed once the version is known.
pub(super) struct Stamp {
    pub(super) version: i32,
    pub(super) report_id: Uuid,
    pub(super) now: DateTime<Utc>,
    pub(super) expires: DateTime<Utc>,
    pub(super) content_hash: String,
}

/// Publishes a report, or says that the version that stands says the same, and completes its row.
pub(super) async fn publish(context: &Context, draft: &Draft<'_>) -> Result<Done, JobError> {
    let version = match reserve(context, draft).await? {
        Place::Reserved(version) => version,
        Place::Taken(standing) => return unchanged::complete(context, draft, &standing).await,
    };
    let now = context.now();
    let stamp = Stamp {
        version,
        report_id: ids::report(draft.row.id, version),
        now,
        expires: expiry(context, now),
        content_hash: draft.content_hash.clone(),
    };
    let of_report = guessed(documents::of_report(draft, &stamp)?, Guess::Missing);
    let of_entity = draft.entity.iter().cloned();
    if context.write_documents(draft.job.lease, of_report.chain(of_entity)).await? == Written::Superseded {
        remove_stale(context, draft, &stamp).await?;
        write_report_alone(context, draft, &stamp).await?;
        context.write_each(draft.job.lease, &draft.entity).await?;
    }
    publish_rows(context, draft.job, || write_rows(context, draft, &stamp)).await
}

async fn write_rows(context: &Context, draft: &Draft<'_>, stamp: &Stamp) -> Result<(), JobError> {
    let failed = |error| JobError::postgres(Stage::Publish, error);
    let mut transaction = context.pg.begin().await.map_err(failed)?;
    lock_type(&mut transaction, draft).await.map_err(failed)?;
    let output = json!({ "report_id": stamp.report_id, "version": stamp.version });
    complete(&mut transaction, draft.job.lease, &output).await?;
    let superseded = Superseded::read(&mut transaction, draft, stamp).await.map_err(failed)?;
    rows::write_metadata(&mut transaction, draft, stamp).await.map_err(failed)?;
    rows::write_version(&mut transaction, draft, stamp).await.map_err(failed)?;
    rows::write_scores(&mut transaction, draft, stamp).await.map_err(failed)?;
    rows::write_marks(&mut transaction, draft, stamp).await.map_err(failed)?;
    if let Some(superseded) = superseded {
        Part::Documents.of(superseded.close(context)).await?;
    }
    transaction.commit().await.map_err(failed)
}

/// The version that readers have until this one is published.
#[derive(Debug, FromRow)]
struct Superseded {
    report_id: String,
    /// Greater than the tokens of all claims so far.
    token: i64,
}

impl Superseded {
    async fn read(
        connection: &mut PgConnection,
        draft: &Draft<'_>,
        stamp: &Stamp,
    ) -> Result<Option<Self>, sqlx::Error> {
        sqlx::query_as(include_str!("../sql/superseded_report.sql"))
            .bind(draft.row.employee_id)
            .bind(draft.kind.as_str())
            .bind(stamp.version)
            .fetch_optional(connection)
            .await
    }

    /// Sees to it that no run which found this version unchanged before it was superseded extends it afterwards ([`unchanged`]), however
    /// long its worker was frozen and whichever of the two was claimed first: the token is greater than that of either.
    ///
    /// Within the transaction that publishes, as the extension is within the one that completes: where it does not come to the commit, the
    /// version stands, and runs that are claimed from now on have greater tokens and may extend it.
    async fn close(&self, context: &Context) -> Result<(), JobError> {
        let reports =
            context.mongo.database(context.databases.name(Store::Reports)).collection::<Document>("reports");
        let marking = reports.update_one(
            doc! {
                "reportId": &self.report_id,
                "job.token": { "$lt": self.token },
                "job.renewed": { "$not": { "$gt": self.token } },
            },
            doc! { "$set": { "job.renewed": self.token } },
        );
        beside_rows(marking.into_future()).await.map(drop)
    }
}

/// Versions of one employee and type are handed out and published one after the other.
async fn lock_type(connection: &mut PgConnection, draft: &Draft<'_>) -> Result<(), sqlx::Error> {
    let name = format!("orrery.report:{}:{}", draft.row.employee_id, draft.kind);
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(name)
        .execute(connection)
        .await
        .map(drop)
}

/// When a report that is right on `now` is due again.
pub(super) fn expiry(context: &Context, now: DateTime<Utc>) -> DateTime<Utc> {
    let days = Days::new(context.config.report.validity_days.into());
    now.checked_add_days(days).unwrap_or(now)
}

/// What a report publishes under.
enum Place {
    /// A version of its own.
    Reserved(i32),
    /// None: readers have a version that says the same.
    Taken(Standing),
}

/// The version that readers have.
#[derive(Debug, FromRow)]
struct StandingRow {
    report_id: Option<String>,
    version: Option<i32>,
    content_hash: Option<String>,
    taken: bool,
}

impl StandingRow {
    async fn read(reader: impl PgExecutor<'_>, row: &Row, kind: ReportType) -> Result<Self, sqlx::Error> {
        sqlx::query_as(include_str!("../sql/standing_report.sql"))
            .bind(row.employee_id)
            .bind(kind.as_str())
            .bind(row.id)
            .fetch_one(reader)
            .await
    }
}

/// Whether the version that readers have says the same, so that nothing need be written. A look ahead: [`publish`] looks again.
pub(super) async fn stands(
    context: &Context,
    row: &Row,
    kind: ReportType,
    content_hash: &str,
) -> Result<bool, JobError> {
    if row.wants_version() {
        return Ok(false);
    }
    let standing = StandingRow::read(&context.pg, row, kind)
        .await
        .map_err(|error| JobError::postgres(Stage::Analyse, error))?;
    Ok(standing.report_id.is_some() && standing.content_hash.as_deref() == Some(content_hash))
}

/// Looks at what readers have, under the lock of employee and type. Some: it says the same as the draft.
async fn standing(connection: &mut PgConnection, draft: &Draft<'_>) -> Result<Option<Standing>, JobError> {
    let row = StandingRow::read(connection, draft.row, draft.kind)
        .await
        .map_err(|error| JobError::postgres(Stage::Publish, error))?;
    if row.content_hash.as_ref() == Some(&draft.content_hash)
        && let (Some(report_id), Some(version)) = (row.report_id, row.version)
    {
        return Ok(Some(Standing { report_id, version }));
    }
    // Two rows that ask for the same at once: the second looks again when the first has published.
    if row.taken
        || row.version.is_some_and(|version| draft.previous.is_none_or(|before| before.version < version))
    {
        return Err(JobError::snooze(
            Stage::Publish,
            "report.taken",
            "another row is about to publish this report",
            Duration::from_millis(500),
        ));
    }
    Ok(None)
}

async fn reserve(context: &Context, draft: &Draft<'_>) -> Result<Place, JobError> {
    let failed = |error| JobError::postgres(Stage::Publish, error);
    let mut transaction = context.pg.begin().await.map_err(failed)?;
    lock_type(&mut transaction, draft).await.map_err(failed)?;
    if !draft.row.wants_version()
        && let Some(standing) = standing(&mut transaction, draft).await?
    {
        return Ok(Place::Taken(standing));
    }
    let version: Option<i32> = sqlx::query_scalar(include_str!("../sql/reserve_version.sql"))
        .bind(draft.row.id)
        .bind(draft.row.employee_id)
        .bind(draft.kind.as_str())
        .bind(draft.job.lease.token)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    version.map(Place::Reserved).ok_or_else(|| JobError::stopped(StopReason::LeaseLost, Stage::Publish))
}

/// A key was taken although the lease holds: either a newer claim has written the entity's documents, or a row that failed
/// for good after its MongoDB write has left a report under this version. The second is removed; nothing points to it.
///
/// The order matters. The documents are looked at first; then PostgreSQL says that this row holds the version and that nobody
/// has published it, so whatever was found then can never be published; and only what was found is removed.
async fn remove_stale(context: &Context, draft: &Draft<'_>, stamp: &Stamp) -> Result<(), JobError> {
    let failed = |error| JobError::mongodb(Stage::Publish, error);
    let found: Vec<Document> = context
        .mongo
        .database(context.databases.name(Store::Reports))
        .collection::<Document>("reports")
        .find(doc! {
            "employeeId": draft.row.employee_id.to_string(), "reportType": draft.kind.as_str(), "version": stamp.version,
            "reportId": { "$ne": stamp.report_id.to_string() },
        })
        .projection(doc! { "reportId": 1, "job": 1 })
        .await
        .map_err(failed)?
        .try_collect()
        .await
        .map_err(failed)?;
    let ours: bool = sqlx::query_scalar(include_str!("../sql/holds_version.sql"))
        .bind(draft.row.id)
        .bind(draft.row.employee_id)
        .bind(draft.kind.as_str())
        .bind(stamp.version)
        .fetch_one(&context.pg)
        .await
        .map_err(|error| JobError::postgres(Stage::Publish, error))?;
    if !ours {
        return Err(JobError::retry(
            Stage::Publish,
            "store.conflict",
            format!("version {} of this report went to another row meanwhile", stamp.version),
        ));
    }
    for report in found.iter().filter_map(StoredReport::read) {
        remove_documents(context, &report).await?;
    }
    Ok(())
}

/// Writes the report without the entity's documents, of which somebody newer may have written some.
async fn write_report_alone(context: &Context, draft: &Draft<'_>, stamp: &Stamp) -> Result<(), JobError> {
    let of_report = guessed(documents::of_report(draft, stamp)?, Guess::Missing);
    match context.write_documents(draft.job.lease, of_report).await? {
        Written::All => Ok(()),
        Written::Superseded => Err(JobError::retry(
            Stage::Publish,
            "store.conflict",
            format!("a document of version {} is held by another row", stamp.version),
        )),
    }
}
