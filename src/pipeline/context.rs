//! What every pipeline needs: the two stores, the settings, the clock.

use std::sync::Arc;
use std::time::Duration;

use backon::BackoffBuilder as _;
use chrono::{DateTime, Utc};
use mongodb::Client;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::entity::casts::Casts;
use crate::config::Config;
use crate::domain::Quarter;
use crate::queue::spans::Part;
use crate::queue::{ClaimedJob, ErrorClass, JobError, Lease, Stage, StopReason, outage};
use crate::runtime::Done;
use crate::store::bulk;
use crate::store::documents::{Guess, Upsert, Written};
use crate::store::mongo::Databases;
use crate::store::pg::no_answer;
use crate::store::statement::Statement;

/// Version of the calculation rules, as `algorithm_versions` holds it.
pub const ALGORITHM_VERSION: &str = "1.0.0";

/// How far the tokens are set beyond one that was found: other documents may carry somewhat greater ones.
const TOKENS_AHEAD: i64 = 1_000_000;

/// Shared by all handlers of a process.
#[derive(Clone)]
pub struct Context {
    /// PostgreSQL.
    pub pg: PgPool,
    /// MongoDB.
    pub mongo: Client,
    /// Names of the two databases in MongoDB.
    pub databases: Databases,
    /// Settings.
    pub config: Config,
    /// `host:pid`, for audit rows.
    pub instance: String,
    /// Charts that were cast before.
    pub casts: Arc<Casts>,
}

impl Context {
    /// The current instant, to the millisecond, which is what MongoDB keeps. The only clock of the pipelines.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let now = Utc::now();
        DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }

    /// The quarter that holds the current day in UTC.
    #[must_use]
    pub fn current_quarter(&self) -> Quarter {
        Quarter::of_date(self.now().date_naive())
    }

    /// Writes documents under the lease. `Superseded` comes back as such only while the lease still holds: then a newer
    /// claim of another row has written newer documents, and this row has nothing to add.
    ///
    /// # Errors
    /// [`StopReason::LeaseLost`] when somebody else has the row; otherwise what MongoDB says.
    pub async fn write_documents(
        &self,
        lease: Lease,
        upserts: impl IntoIterator<Item = (Upsert, Guess)>,
    ) -> Result<Written, JobError> {
        Part::Documents.of(self.write_guarded(lease, upserts)).await
    }

    /// Writes documents of an entity one by one, because somebody newer has written some of them: those stay.
    ///
    /// # Errors
    /// Those of [`Context::write_documents`].
    pub async fn write_each(&self, lease: Lease, documents: &[(Upsert, Guess)]) -> Result<(), JobError> {
        for document in documents.iter().cloned() {
            self.write_documents(lease, [document]).await?;
        }
        Ok(())
    }

    async fn write_guarded(
        &self,
        lease: Lease,
        upserts: impl IntoIterator<Item = (Upsert, Guess)>,
    ) -> Result<Written, JobError> {
        let failed = |error| JobError::mongodb(Stage::Publish, error);
        let statements: Vec<Statement> =
            upserts.into_iter().map(|(upsert, guess)| Statement::new(upsert, lease.into(), guess)).collect();
        let statements: Vec<&Statement> = statements.iter().collect();
        let written = bulk::write(&self.mongo, &self.databases, &statements).await.map_err(failed)?;
        if written == Written::Superseded {
            if !self.still_holds(lease).await? {
                return Err(JobError::stopped(StopReason::LeaseLost, Stage::Publish));
            }
            self.refused_by_newer(&statements).await?;
        }
        Ok(written)
    }

    /// Whether documents of a newer claim refused these statements. If not, something else has one of their unique keys.
    ///
    /// # Errors
    /// `store.token_ahead` when the newer token was never given by this PostgreSQL: then it is not newer, and to give way to it would lose
    /// what is to be written.
    pub async fn refused_by_newer(&self, statements: &[&Statement]) -> Result<bool, JobError> {
        let newest = bulk::refused_by(&self.mongo, &self.databases, statements)
            .await
            .map_err(|error| JobError::mongodb(Stage::Publish, error))?;
        let Some(newest) = newest else { return Ok(false) };
        let last: i64 =
            sqlx::query_scalar("select coalesce(pg_sequence_last_value('orrery.lease_token'::regclass), 0)")
                .fetch_one(&self.pg)
                .await
                .map_err(|error| JobError::postgres(Stage::Publish, error))?;
        if newest <= last {
            return Ok(true);
        }
        Err(JobError::retry(
            Stage::Publish,
            "store.token_ahead",
            format!(
                "a document of this row carries token {newest}, but this PostgreSQL has given tokens up to {last} only: it is older than \
                 MongoDB, from a backup or made anew. select setval('orrery.lease_token', {}) lets rows run again",
                newest.saturating_add(TOKENS_AHEAD)
            ),
        ))
    }

    /// Whether this very claim has completed its row.
    async fn completed_by(&self, lease: Lease) -> Result<bool, JobError> {
        self.asks(
            lease,
            "select exists (select 1 from orrery.result where queue = $1 and job_id = $2 and token = $3)",
        )
        .await
    }

    /// Whether the lease still holds.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer.
    pub async fn still_holds(&self, lease: Lease) -> Result<bool, JobError> {
        self.asks(
            lease,
            "select exists (select 1 from orrery.dispatch where queue = $1 and job_id = $2 and token = $3 and state = 'leased')",
        )
        .await
    }

    /// A question about a lease: `$1` its queue, `$2` its row, `$3` its token.
    async fn asks(&self, lease: Lease, question: &'static str) -> Result<bool, JobError> {
        sqlx::query_scalar(question)
            .bind(lease.queue.as_str())
            .bind(lease.job_id)
            .bind(lease.token)
            .fetch_one(&self.pg)
            .await
            .map_err(|error| JobError::postgres(Stage::Publish, error))
    }
}

/// Completes the row inside the transaction that publishes its result; a lost lease is an error, which rolls back.
pub(crate) async fn complete(
    connection: &mut PgConnection,
    lease: Lease,
    output: &serde_json::Value,
) -> Result<(), JobError> {
    let held = crate::queue::complete::complete(connection, lease, output)
        .await
        .map_err(|error| JobError::postgres(Stage::Publish, error))?;
    if held { Ok(()) } else { Err(JobError::stopped(StopReason::LeaseLost, Stage::Publish)) }
}

/// The PostgreSQL half of a publication. While PostgreSQL is down the same transaction is sent again under the same token;
/// if the answer to a commit was lost, the row is found completed by that token.
pub(crate) async fn publish_rows<F: Future<Output = Result<(), JobError>> + Send>(
    context: &Context,
    job: &ClaimedJob,
    attempt: impl Fn() -> F + Send + Sync,
) -> Result<Done, JobError> {
    let work = async {
        let (ended, lost) = until_answered(context, attempt, || job.signal.check(Stage::Publish)).await;
        match ended {
            Err(error) if lost && error.class == ErrorClass::LeaseLost => {
                if context.completed_by(job.lease).await? { Ok(Done::Published) } else { Err(error) }
            }
            ended => ended.map(|()| Done::Published),
        }
    };
    Part::Rows.of(work).await
}

/// Sends a transaction again while PostgreSQL is down, until `go_on` fails; over a connection that is dark no answer comes, and that counts
/// as down. Says also whether an answer was lost on the way: then the transaction may have been committed before.
pub(crate) async fn until_answered<T, F: Future<Output = Result<T, JobError>> + Send>(
    context: &Context,
    attempt: impl Fn() -> F + Send + Sync,
    go_on: impl Fn() -> Result<(), JobError> + Send + Sync,
) -> (Result<T, JobError>, bool) {
    let limit = context.config.postgres.patience();
    let mut waits = outage::waits().build();
    let mut lost = false;
    loop {
        let ended = tokio::time::timeout(limit, attempt()).await;
        match ended.unwrap_or_else(|_| Err(JobError::postgres(Stage::Publish, no_answer(limit)))) {
            Err(error) if error.is_postgres_down() => {
                lost = true;
                tracing::debug!(%error, "publication is kept until PostgreSQL answers");
                if let Err(stopped) = go_on() {
                    return (Err(stopped), lost);
                }
                tokio::time::sleep(waits.next().unwrap_or_default()).await;
            }
            ended => return (ended, lost),
        }
    }
}

/// Time that MongoDB has for a write within a transaction of PostgreSQL: others wait for its locks meanwhile, and the server ends a
/// transaction that does nothing for much longer.
const BESIDE_ROWS: Duration = Duration::from_secs(5);

/// A write to MongoDB within a transaction of PostgreSQL. Without an answer in time MongoDB counts as down: the transaction is rolled back and
/// the row is put off.
pub(crate) async fn beside_rows<T>(
    writing: impl Future<Output = Result<T, mongodb::error::Error>>,
) -> Result<T, JobError> {
    let silent = || {
        let why = format!("no answer within {BESIDE_ROWS:?}");
        Err(std::io::Error::new(std::io::ErrorKind::TimedOut, why).into())
    };
    tokio::time::timeout(BESIDE_ROWS, writing)
        .await
        .unwrap_or_else(|_| silent())
        .map_err(|error| JobError::mongodb(Stage::Publish, error))
}

/// Reads a UUID that an application wrote as text.
pub(crate) fn parse_id(field: &str, text: &str) -> Result<Uuid, JobError> {
    text.trim().parse().map_err(|_| {
        JobError::permanent(
            Stage::Collect,
            "data.entity_id_invalid",
            format!("{field} {text:?} is not a UUID; give the primary key of the employee, candidate or organization as text"),
        )
    })
}
