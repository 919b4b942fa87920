//! Writing batches: the documents of all rows in one transaction of MongoDB, then all rows in one of PostgreSQL.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::halves::Write;
use super::prepare::Prepared;
use crate::pipeline::Context;
use crate::pipeline::context::{ALGORITHM_VERSION, until_answered};
use crate::queue::{ClaimedJob, JobError, Queue, Stage, StopReason, complete};
use crate::store::availability::postgres_refuses;
use crate::store::bulk;
use crate::store::documents::Written;
use crate::store::statement::Statement;

type Ends = Result<Vec<Result<(), JobError>>, JobError>;

/// Writes the documents of rows, each under the token of its own row.
pub(super) struct Documents<'a>(pub(super) &'a Context);

impl Write<Prepared> for Documents<'_> {
    /// A claim with a greater token may have written a document of one of the rows: then all of them are refused, and that row
    /// alone learns in the end whether it is to go on. It is when it still holds its lease: then somebody newer has written
    /// documents of the same entity for another row. Those stay, and the others are written.
    async fn write(&self, rows: &[Prepared]) -> Ends {
        let Self(context) = self;
        let statements: Vec<&Statement> = rows.iter().flat_map(|row| &row.statements).collect();
        if self.bulk(&statements).await? == Written::Superseded {
            let [row] = rows else { return Err(fenced()) };
            if !context.still_holds(row.job.lease).await? {
                return Err(fenced());
            }
            if !context.refused_by_newer(&statements).await? {
                return Err(taken());
            }
            for statement in statements {
                let one = [statement];
                if self.bulk(&one).await? == Written::Superseded && !context.refused_by_newer(&one).await? {
                    return Err(taken());
                }
            }
        }
        Ok(rows.iter().map(|_| Ok(())).collect())
    }
}

impl Documents<'_> {
    async fn bulk(&self, statements: &[&Statement]) -> Result<Written, JobError> {
        bulk::write(&self.0.mongo, &self.0.databases, statements)
            .await
            .map_err(|error| JobError::mongodb(Stage::Publish, error))
    }
}

/// Completes rows with all that PostgreSQL is told of them.
pub(super) struct Rows<'a>(pub(super) &'a Context);

impl Write<Prepared> for Rows<'_> {
    /// While PostgreSQL is down the same transaction is sent again under the same tokens; if the answer to a commit was lost, the
    /// rows are found completed by those tokens.
    async fn write(&self, rows: &[Prepared]) -> Ends {
        let (done, lost) = until_answered(self.0, || self.attempt(rows), || all_told(rows)).await;
        let mut done = done?;
        if lost && done.len() < rows.len() {
            done.extend(self.completed(rows).await?);
        }
        let end = |row: &Prepared| if done.contains(&row.job.lease.job_id) { Ok(()) } else { Err(fenced()) };
        Ok(rows.iter().map(end).collect())
    }
}

impl Rows<'_> {
    /// One transaction. Returns the rows that it completed; the tokens of the others are gone and nothing is said of them.
    async fn attempt(&self, rows: &[Prepared]) -> Result<HashSet<Uuid>, JobError> {
        let failed = |error| JobError::postgres(Stage::Publish, error);
        let (jobs, tokens) = leases(rows);
        let outputs: Vec<&Value> = rows.iter().map(|row| &row.output).collect();
        let mut transaction = self.0.pg.begin().await.map_err(failed)?;
        let done: HashSet<Uuid> =
            complete::complete_all(&mut transaction, Queue::Entity, &jobs, &tokens, &outputs)
                .await
                .map_err(failed)?
                .into_iter()
                .collect();
        let held: Vec<&Prepared> = rows.iter().filter(|row| done.contains(&row.job.lease.job_id)).collect();
        if !held.is_empty() {
            record(&mut transaction, self.0, &held).await.map_err(failed)?;
            link(&mut transaction, &held).await.map_err(failed)?;
            mark_reports(&mut transaction, &held).await.map_err(failed)?;
            follow(&mut transaction, &held).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)?;
        Ok(done)
    }

    /// Which of these very claims have completed their rows.
    async fn completed(&self, rows: &[Prepared]) -> Result<Vec<Uuid>, JobError> {
        let (jobs, tokens) = leases(rows);
        sqlx::query_scalar(
            "select job_id from orrery.result where queue = 'entity' and job_id = any ($1) and token = any ($2)",
        )
        .bind(jobs)
        .bind(tokens)
        .fetch_all(&self.0.pg)
        .await
        .map_err(|error| JobError::postgres(Stage::Publish, error))
    }
}

/// Ends rows as skipped.
pub(super) struct Skip<'a> {
    pub(super) context: &'a Context,
    pub(super) reason: &'static str,
}

impl Write<(usize, Arc<ClaimedJob>)> for Skip<'_> {
    async fn write(&self, rows: &[(usize, Arc<ClaimedJob>)]) -> Ends {
        let (jobs, tokens): (Vec<Uuid>, Vec<i64>) =
            rows.iter().map(|(_, job)| (job.lease.job_id, job.lease.token)).unzip();
        let ended: HashSet<Uuid> = sqlx::query_scalar(include_str!("../sql/skip_entities.sql"))
            .bind(&jobs)
            .bind(&tokens)
            .bind(self.reason)
            .fetch_all(&self.context.pg)
            .await
            .map_err(|error| JobError::postgres(Stage::Publish, error))?
            .into_iter()
            .collect();
        Ok(jobs.iter().map(|job| if ended.contains(job) { Ok(()) } else { Err(fenced()) }).collect())
    }
}

/// Neither this row nor a newer one has written the document that is in the way.
fn taken() -> JobError {
    JobError::retry(
        Stage::Publish,
        "store.conflict",
        "a document that no row of this entity has written has the id or a unique key of one of its documents; remove it or give it \
         another status only together with another _id",
    )
}

fn fenced() -> JobError {
    JobError::stopped(StopReason::LeaseLost, Stage::Publish)
}

/// An error once every row was told to stop.
fn all_told(rows: &[Prepared]) -> Result<(), JobError> {
    let mut stopped = Err(fenced());
    for row in rows {
        stopped = row.job.signal.check(Stage::Publish);
        if stopped.is_ok() {
            break;
        }
    }
    stopped
}

fn leases(rows: &[Prepared]) -> (Vec<Uuid>, Vec<i64>) {
    rows.iter().map(|row| (row.job.lease.job_id, row.job.lease.token)).unzip()
}

async fn record(
    connection: &mut PgConnection,
    context: &Context,
    rows: &[&Prepared],
) -> Result<(), sqlx::Error> {
    let now = context.now();
    let made = || {
        (1_i64..).zip(rows).flat_map(|(place, row)| row.calculations.iter().map(move |made| (place, made)))
    };
    sqlx::query(include_str!("../sql/record_calculations.sql"))
        .bind(rows.iter().map(|row| row.job.lease.job_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.key.kind.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.key.id.to_string()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.organization.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.reason).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| now - row.took).collect::<Vec<_>>())
        .bind(
            rows.iter()
                .map(|row| i64::try_from(row.took.as_micros()).unwrap_or(i64::MAX))
                .collect::<Vec<_>>(),
        )
        .bind(rows.iter().map(|row| row.priority).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.quarter.to_string()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.job.lease.token).collect::<Vec<_>>())
        .bind(made().map(|(place, _)| place).collect::<Vec<_>>())
        .bind(made().map(|(_, made)| made.id).collect::<Vec<_>>())
        .bind(made().map(|(_, made)| made.kind).collect::<Vec<_>>())
        .bind(made().map(|(_, made)| made.collection).collect::<Vec<_>>())
        .bind(made().map(|(_, made)| made.document.as_str()).collect::<Vec<_>>())
        .bind(made().map(|(_, made)| made.target.as_str()).collect::<Vec<_>>())
        .bind(ALGORITHM_VERSION)
        .bind(ALGORITHM_VERSION)
        .bind("system")
        .bind(context.current_quarter().to_string())
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(&context.instance)
        .execute(connection)
        .await
        .map(drop)
}

async fn link(connection: &mut PgConnection, rows: &[&Prepared]) -> Result<(), sqlx::Error> {
    let of_kind = |row: &Prepared, kind: &str| {
        row.calculations.iter().find(|made| made.kind == kind).map(|found| found.id)
    };
    let comparisons = |row: &Prepared| {
        let all = row.calculations.iter().filter(|made| made.kind == "compatibility");
        json!(all.map(|made| made.id).collect::<Vec<_>>())
    };
    sqlx::query(include_str!("../sql/link_entities.sql"))
        .bind(rows.iter().map(|row| row.job.lease.job_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| of_kind(row, "birth_chart")).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| of_kind(row, "harmonic_code")).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| comparisons(row)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.before.0.as_deref()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.before.1.as_deref()).collect::<Vec<_>>())
        .execute(connection)
        .await
        .map(drop)
}

/// The reports of people whose code has changed are to be written again. Those of a quarter are asked for at once.
async fn mark_reports(connection: &mut PgConnection, rows: &[&Prepared]) -> Result<(), sqlx::Error> {
    let people: Vec<Uuid> = rows.iter().filter(|row| row.renews_reports).map(|row| row.key.id).collect();
    if people.is_empty() {
        return Ok(());
    }
    sqlx::query("select orrery.mark_regeneration(e, 'code_changed') from unnest($1::uuid[]) e")
        .bind(people)
        .execute(connection)
        .await
        .map(drop)
}

/// Asks for the reports that follow a quarter. Where the platform refuses one of them, a batch is written again in halves, as for any
/// refusal; a row alone completes without, because its entity is updated all the same.
async fn follow(connection: &mut PgConnection, rows: &[&Prepared]) -> Result<(), sqlx::Error> {
    let [row] = rows else { return ask_reports(connection, rows).await };
    let mut alone = connection.begin().await?;
    match ask_reports(&mut alone, rows).await {
        Ok(()) => alone.commit().await,
        Err(error) if postgres_refuses(&error) => {
            tracing::warn!(job_id = %row.job.lease.job_id, employee = %row.key.id, %error,
                "the reports of an updated employee are not asked for: report_generation_queue refuses them");
            alone.rollback().await
        }
        Err(error) => Err(error),
    }
}

/// The current reports of people follow their rows of a quarter.
async fn ask_reports(connection: &mut PgConnection, rows: &[&Prepared]) -> Result<(), sqlx::Error> {
    let followed = rows.iter().filter_map(|row| Some((row.key.id, row.followed_by?)));
    let (people, schedules): (Vec<Uuid>, Vec<Uuid>) = followed.unzip();
    if people.is_empty() {
        return Ok(());
    }
    sqlx::query(include_str!("../sql/ask_reports.sql"))
        .bind(people)
        .bind(schedules)
        .execute(connection)
        .await
        .map(drop)
}
