//! Asking for work, by the functions that applications use (docs/enqueue.md): they check what is asked, and keep a key to one row.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sqlx::postgres::PgDatabaseError;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use super::act::Actor;
use super::audit::{self, Outcome};
use crate::queue::Queue;

/// What a function answers to an argument that cannot be used: `invalid_parameter_value`.
const REFUSED: &str = "22023";

/// What is asked for. The fields are the arguments of the function of its queue.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "docs/enqueue.md says what the arguments mean")]
pub enum Request {
    /// A report on an employee.
    Report {
        employee_id: Uuid,
        report_type: String,
        requested_by: Uuid,
        scheduled_for: Option<DateTime<Utc>>,
        reason: String,
        metadata: Option<Map<String, Value>>,
        depends_on: Option<Uuid>,
    },
    /// Chart, code, comparisons and pattern of an entity.
    Entity { entity_type: String, entity_id: Uuid },
    /// One calculation.
    Calculation {
        job_type: String,
        entity_type: String,
        entity_id: Uuid,
        organization_id: Uuid,
        input: Map<String, Value>,
    },
}

impl Request {
    /// Where its row goes.
    #[must_use]
    pub const fn queue(&self) -> Queue {
        match self {
            Self::Report { .. } => Queue::Report,
            Self::Entity { .. } => Queue::Entity,
            Self::Calculation { .. } => Queue::Calculation,
        }
    }
}

/// A row that stands for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Enqueued {
    /// Its queue.
    pub queue: Queue,
    /// Its id.
    pub id: Uuid,
    /// Its word.
    pub status: String,
    /// False: the key stood for this row before.
    pub added: bool,
}

/// Why there is no row.
#[derive(Debug, thiserror::Error)]
pub enum EnqueueError {
    /// An argument cannot be used.
    #[error("{field}: {problem}{}", hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})")))]
    Refused {
        /// The argument of the function.
        field: String,
        /// What is wrong with it.
        problem: String,
        /// What helps.
        hint: Option<String>,
    },
    /// PostgreSQL refuses for another reason, or does not answer.
    #[error("nothing was enqueued")]
    Postgres(#[from] sqlx::Error),
}

/// Asks for something. With a key the same request again gives the same row, also after that has ended. Who asked is noted where the
/// session may write the audit, in the same transaction.
///
/// # Errors
/// When an argument cannot be used, or PostgreSQL refuses or does not answer; nothing was enqueued then.
pub async fn enqueue(
    pool: &PgPool,
    request: &Request,
    key: Option<&str>,
    priority: i32,
    actor: &Actor,
) -> Result<Enqueued, EnqueueError> {
    let mut transaction = pool.begin().await?;
    let id = call(&mut transaction, request, key, priority).await.map_err(refusal)?;
    let enqueued = standing(&mut transaction, request.queue(), id).await?;
    note(&mut transaction, &enqueued, key, actor).await?;
    transaction.commit().await?;
    Ok(enqueued)
}

async fn call(
    connection: &mut PgConnection,
    request: &Request,
    key: Option<&str>,
    priority: i32,
) -> Result<Uuid, sqlx::Error> {
    let query = match request {
        Request::Report {
            employee_id,
            report_type,
            requested_by,
            scheduled_for,
            reason,
            metadata,
            depends_on,
        } => sqlx::query_scalar(include_str!("sql/enqueue_report.sql"))
            .bind(employee_id)
            .bind(report_type)
            .bind(requested_by)
            .bind(key)
            .bind(priority)
            .bind(scheduled_for)
            .bind(reason)
            .bind(metadata.clone().map(Value::Object))
            .bind(depends_on),
        Request::Entity { entity_type, entity_id } => {
            sqlx::query_scalar(include_str!("sql/enqueue_entity.sql"))
                .bind(entity_type)
                .bind(entity_id)
                .bind(key)
                .bind(priority)
        }
        Request::Calculation { job_type, entity_type, entity_id, organization_id, input } => {
            sqlx::query_scalar(include_str!("sql/enqueue_calculation.sql"))
                .bind(job_type)
                .bind(entity_type)
                .bind(entity_id)
                .bind(organization_id)
                .bind(Value::Object(input.clone()))
                .bind(key)
                .bind(priority)
        }
    };
    query.fetch_one(connection).await
}

/// The function names the argument in the field `column` of its error.
fn refusal(error: sqlx::Error) -> EnqueueError {
    let said = error.as_database_error().and_then(|refusal| refusal.try_downcast_ref::<PgDatabaseError>());
    let Some((said, field)) =
        said.filter(|said| said.code() == REFUSED).and_then(|said| Some((said, said.column()?)))
    else {
        return EnqueueError::Postgres(error);
    };
    let problem = said.message().strip_prefix(field).and_then(|rest| rest.strip_prefix(": "));
    EnqueueError::Refused {
        field: field.to_owned(),
        problem: problem.unwrap_or_else(|| said.message()).to_owned(),
        hint: said.hint().map(str::to_owned),
    }
}

/// A row of this transaction was added by it; another one was there.
async fn standing(connection: &mut PgConnection, queue: Queue, id: Uuid) -> Result<Enqueued, sqlx::Error> {
    let (table, column) = (queue.table(), queue.words().column);
    let (status, added) = sqlx::query_as(AssertSqlSafe(format!(
        "select {column}::text, xmin = pg_current_xact_id()::xid from {table} where id = $1"
    )))
    .bind(id)
    .fetch_one(connection)
    .await?;
    Ok(Enqueued { queue, id, status, added })
}

async fn note(
    connection: &mut PgConnection,
    enqueued: &Enqueued,
    key: Option<&str>,
    actor: &Actor,
) -> Result<(), sqlx::Error> {
    let allowed: bool =
        sqlx::query_scalar(include_str!("sql/audit_allowed.sql")).fetch_one(&mut *connection).await?;
    if !allowed {
        return Ok(());
    }
    let target = json!({ "queue": enqueued.queue, "id": enqueued.id, "key": key });
    let entry = audit::begin(connection, actor, "jobs.enqueue", &target).await?;
    audit::count(connection, entry, 1, u64::from(enqueued.added)).await?;
    audit::end(connection, entry, if enqueued.added { Outcome::Done } else { Outcome::Refused }).await
}
