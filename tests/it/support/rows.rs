//! Rows as applications insert them, and how they stand.

use std::time::Duration;

use sqlx::{AssertSqlSafe, FromRow, PgPool};
use uuid::Uuid;

use super::World;
use super::platform::USER;

/// Reports to write.
pub const REPORTS: &str = "report_generation_queue";
/// Entities to recalculate.
pub const ENTITIES: &str = "entity_update_queue";
/// Single calculations.
pub const CALCULATIONS: &str = "calculation_jobs";

/// Inserts the least that `report_generation_queue` takes.
pub async fn report(pool: &PgPool, employee: Uuid, kind: &str) -> Uuid {
    sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by) values ($1, $2, $3) returning id",
    )
    .bind(employee)
    .bind(kind)
    .bind(USER)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// A report row that may be tried once only.
pub async fn last_attempt(pool: &PgPool, employee: Uuid, kind: &str) -> Uuid {
    sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, max_attempts) values ($1, $2, $3, 1) returning id",
    )
    .bind(employee)
    .bind(kind)
    .bind(USER)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// A report row with a reason and parameters of its own.
pub async fn report_with(
    pool: &PgPool,
    employee: Uuid,
    kind: &str,
    reason: &str,
    parameters: serde_json::Value,
) -> Uuid {
    sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, request_reason, request_metadata)
         values ($1, $2, $3, $4, $5) returning id",
    )
    .bind(employee)
    .bind(kind)
    .bind(USER)
    .bind(reason)
    .bind(parameters)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// A report row that gets a version of its own even if nothing has changed.
pub async fn new_version(pool: &PgPool, employee: Uuid, kind: &str) -> Uuid {
    report_with(pool, employee, kind, "manual_request", serde_json::json!({ "new_version": true })).await
}

/// A report row that waits for another.
pub async fn report_after(pool: &PgPool, employee: Uuid, kind: &str, parent: Uuid) -> Uuid {
    sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, depends_on_queue_id)
         values ($1, $2, $3, $4) returning id",
    )
    .bind(employee)
    .bind(kind)
    .bind(USER)
    .bind(parent)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// A report row for a later time: an interval from now on, as PostgreSQL reads it.
pub async fn report_in(pool: &PgPool, employee: Uuid, kind: &str, time: &str) -> Uuid {
    sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, scheduled_for)
         values ($1, $2, $3, clock_timestamp() + $4::text::interval) returning id",
    )
    .bind(employee)
    .bind(kind)
    .bind(USER)
    .bind(time)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Inserts an entity row of an application.
pub async fn entity(pool: &PgPool, kind: &str, id: &str, organization: Uuid) -> Uuid {
    sqlx::query_scalar(
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active, queue_status)
         values ($1, $2, $3, true, 'queued') returning id",
    )
    .bind(kind)
    .bind(id)
    .bind(organization.to_string())
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Inserts a pending calculation.
pub async fn calculation(
    pool: &PgPool,
    kind: &str,
    entity: Uuid,
    organization: Uuid,
    input: serde_json::Value,
) -> Uuid {
    sqlx::query_scalar(
        "insert into calculation_jobs (job_type, entity_type, entity_id, organization_id, input_data, algorithm_version, engine_version)
         values ($1, 'employee', $2, $3, $4, '1.0.0', '1.0.0') returning id",
    )
    .bind(kind)
    .bind(entity.to_string())
    .bind(organization.to_string())
    .bind(input)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// How a row of any of the queues stands, in the words of its table.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Standing {
    /// `status`, `queue_status` or `job_status`.
    pub status: String,
    /// `last_error` or `error_message`.
    pub error: Option<String>,
}

/// Reads how a row stands.
pub async fn standing(pool: &PgPool, table: &str, id: Uuid) -> Standing {
    let (status, error) = match table {
        "report_generation_queue" => ("status", "last_error"),
        "entity_update_queue" => ("queue_status", "error_message"),
        "calculation_jobs" => ("job_status", "error_message"),
        "quarterly_update_schedule" => ("status", "error_summary::text"),
        other => panic!("{other} is no queue"),
    };
    sqlx::query_as(AssertSqlSafe(format!(
        "select {status} as status, {error} as error from {table} where id = $1"
    )))
    .bind(id)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// A row of `orrery.dispatch`.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Dispatch {
    /// `ready`, `waiting` or `leased`.
    pub state: String,
    /// Attempts that counted.
    pub attempts: i32,
    /// Deaths.
    pub crashes: i32,
    /// Times put off.
    pub snoozes: i32,
    /// Fencing token.
    pub token: Option<i64>,
    /// Priority.
    pub priority: i32,
    /// Seconds until it may run.
    pub wait_s: f64,
}

/// The dispatch row of a job, if there is one.
pub async fn dispatch(pool: &PgPool, id: Uuid) -> Option<Dispatch> {
    sqlx::query_as(
        "select state, attempts, crashes, snoozes, token, priority, extract(epoch from run_at - clock_timestamp())::float8 as wait_s
         from orrery.dispatch where job_id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await
    .unwrap()
}

/// Codes in `report_generation_errors` of a row, oldest first.
pub async fn error_codes(pool: &PgPool, id: Uuid) -> Vec<String> {
    sqlx::query_scalar("select error_type from report_generation_errors where queue_id = $1 order by occurred_at, error_type")
        .bind(id)
        .fetch_all(pool)
        .await
        .unwrap()
}

/// `attempt_count` of a report row.
pub async fn attempts(pool: &PgPool, id: Uuid) -> i32 {
    sqlx::query_scalar("select attempt_count from report_generation_queue where id = $1")
        .bind(id)
        .fetch_one(pool)
        .await
        .unwrap()
}

/// Asserts that a message contains all of these words.
pub fn says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

/// One number.
pub async fn count(pool: &PgPool, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(pool)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Runs statements without parameters.
pub async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

impl World {
    /// Waits until a row has ended, and returns how.
    pub async fn ended(&self, table: &str, id: Uuid) -> Standing {
        self.eventually(Duration::from_secs(30), &format!("row {id} of {table} ends"), async || {
            let standing = standing(&self.app, table, id).await;
            match standing.status.as_str() {
                "completed" | "failed" | "cancelled" | "skipped" => Ok(standing),
                _ => Err(format!("{standing:?}, {:?}", dispatch(&self.app, id).await)),
            }
        })
        .await
    }

    /// Waits until a row has ended, and asserts that it completed.
    pub async fn completed(&self, table: &str, id: Uuid) {
        let standing = self.ended(table, id).await;
        assert_eq!(standing.status, "completed", "{:?}\n{}", standing.error, self.evidence());
    }

    /// Waits until a row has ended, asserts that it failed, and returns the message.
    pub async fn failed(&self, table: &str, id: Uuid) -> String {
        let standing = self.ended(table, id).await;
        assert_eq!(standing.status, "failed", "{:?}\n{}", standing.error, self.evidence());
        standing.error.expect("a failed row says why")
    }
}
