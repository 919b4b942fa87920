//! What an operator does to a quarter, and how quarters stand.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use super::{counts, plan};
use crate::config;
use crate::domain::Quarter;

/// Rows that one statement ends or lets run again.
const PAGE: i64 = 2000;

/// How the message of a row begins that ended with its quarter.
const CANCELLED: &str = "quarter.cancelled";

/// At which hours a quarter runs that is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// At once and at any hour, until it ends or is paused: a person says now. What is paused, failed or cancelled goes on.
    Any,
    /// Inside its window: a timer asks for it. What is paused or has ended stays so.
    Window,
}

/// What became of a request to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// It runs now, also outside its window.
    Now,
    /// It runs inside its window.
    InWindow,
    /// Somebody had started it before, to run at any hour.
    Already,
    /// It is paused or has ended, and is left as it is.
    Left,
    /// It has completed.
    Completed,
}

/// How a quarter stands.
#[derive(Debug, Clone, FromRow, Serialize)]
#[allow(
    missing_docs,
    clippy::struct_excessive_bools,
    reason = "the fields are those of sql/quarter_standing.sql"
)]
pub struct Standing {
    pub id: Uuid,
    pub quarter: String,
    pub year: i32,
    pub status: String,
    pub scheduled_date: NaiveDate,
    pub execution_start_time: NaiveTime,
    pub execution_end_time: NaiveTime,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub estimated_completion: Option<DateTime<Utc>>,
    pub total: i64,
    pub completed: i64,
    pub failed: i64,
    pub skipped: i64,
    pub open: i64,
    pub paused: bool,
    pub note: Option<String>,
    pub forced: bool,
    pub expanded: bool,
    pub works: bool,
    pub rate: Option<f64>,
    pub errors: Option<Value>,
}

/// Quarters as they stand, the earliest first: one, or all.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn standing(pool: &PgPool, quarter: Option<Quarter>) -> Result<Vec<Standing>, sqlx::Error> {
    sqlx::query_as(include_str!("../sql/quarter_standing.sql"))
        .bind(quarter.map(Quarter::name))
        .bind(quarter.map(|quarter| quarter.year))
        .fetch_all(pool)
        .await
}

/// Starts a quarter; makes its row if there is none. However many start it, it runs once.
///
/// # Errors
/// When PostgreSQL refuses or does not answer; the same again goes on where this one stopped.
pub async fn start(
    pool: &PgPool,
    settings: &config::Quarter,
    quarter: Quarter,
    today: NaiveDate,
    hours: Hours,
) -> Result<Started, sqlx::Error> {
    let due = plan::due(quarter);
    match hours {
        Hours::Any => {
            // Before the quarter itself: one that runs and has no open row is closed.
            if let Some(id) = called_off(pool, quarter).await? {
                reopen_entities(pool, id).await?;
            }
            force(pool, settings, quarter, due.min(today)).await
        }
        Hours::Window => leave_to_window(pool, settings, quarter, due, today).await,
    }
}

/// The row of a quarter that ended without having done its work.
async fn called_off(pool: &PgPool, quarter: Quarter) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar(
        "select id from quarterly_update_schedule where quarter = $1 and year = $2 and status in ('failed', 'cancelled')",
    )
    .bind(quarter.name())
    .bind(quarter.year)
    .fetch_optional(pool)
    .await
}

/// Lets the rows run after all that were skipped because the quarter was cancelled.
async fn reopen_entities(pool: &PgPool, id: Uuid) -> Result<(), sqlx::Error> {
    loop {
        let again = sqlx::query(include_str!("../sql/reopen_cancelled_entities.sql"))
            .bind(id)
            .bind(format!("{CANCELLED}%"))
            .bind(PAGE)
            .execute(pool)
            .await?
            .rows_affected();
        if again == 0 {
            return Ok(());
        }
    }
}

/// Lets a quarter run at any hour; makes its row for this day if there is none.
async fn force(
    pool: &PgPool,
    settings: &config::Quarter,
    quarter: Quarter,
    day: NaiveDate,
) -> Result<Started, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    plan::make(&mut transaction, settings, &[(quarter, day)]).await?;
    let (id, status): (Uuid, String) = sqlx::query_as(
        "select id, status::text from quarterly_update_schedule where quarter = $1 and year = $2 for no key update",
    )
    .bind(quarter.name())
    .bind(quarter.year)
    .fetch_one(&mut *transaction)
    .await?;
    if status == "completed" {
        return Ok(Started::Completed);
    }
    reopen(&mut transaction, id).await?;
    let before: Option<(bool, bool)> =
        sqlx::query_as("select forced, paused from orrery.quarter_run where schedule_id = $1")
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await?;
    sqlx::query(
        "insert into orrery.quarter_run (schedule_id, forced) values ($1, true)
         on conflict (schedule_id) do update set forced = true, paused = false, note = null",
    )
    .bind(id)
    .execute(&mut *transaction)
    .await?;
    look(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(if before == Some((true, false)) { Started::Already } else { Started::Now })
}

/// Makes the row of a quarter for this day if there is none, and lets a worker look at once if it is due by now; whether its window is
/// open is for the worker to see.
async fn leave_to_window(
    pool: &PgPool,
    settings: &config::Quarter,
    quarter: Quarter,
    day: NaiveDate,
    today: NaiveDate,
) -> Result<Started, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    plan::make(&mut transaction, settings, &[(quarter, day)]).await?;
    let (id, open, due, paused, forced): (Uuid, bool, bool, bool, bool) = sqlx::query_as(
        "select s.id, s.status in ('scheduled', 'in_progress'), s.scheduled_date <= $3, coalesce(r.paused, false), coalesce(r.forced, false)
         from quarterly_update_schedule s left join orrery.quarter_run r on r.schedule_id = s.id where s.quarter = $1 and s.year = $2",
    )
    .bind(quarter.name())
    .bind(quarter.year)
    .bind(today)
    .fetch_one(&mut *transaction)
    .await?;
    let started = match (open && !paused, forced) {
        (false, _) => Started::Left,
        (true, true) => Started::Already,
        (true, false) => Started::InWindow,
    };
    if due && started != Started::Left {
        look(&mut transaction, id).await?;
    }
    transaction.commit().await?;
    Ok(started)
}

/// Holds a quarter or lets it go. What runs of it goes on.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn set_paused(
    pool: &PgPool,
    id: Uuid,
    paused: bool,
    note: Option<&str>,
) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query(
        "insert into orrery.quarter_run (schedule_id, paused, note) values ($1, $2, $3)
         on conflict (schedule_id) do update set paused = excluded.paused, note = excluded.note",
    )
    .bind(id)
    .bind(paused)
    .bind(note)
    .execute(&mut *transaction)
    .await?;
    look(&mut transaction, id).await?;
    transaction.commit().await
}

/// Cancels a quarter that has not ended, and ends its open rows as skipped. Returns how many those were; `None`: it has ended.
///
/// # Errors
/// When PostgreSQL refuses or does not answer; the same again ends what was left open.
pub async fn cancel(pool: &PgPool, id: Uuid) -> Result<Option<i64>, sqlx::Error> {
    let cancelled = sqlx::query(
        "update quarterly_update_schedule set status = 'cancelled', completed_at = now(), updated_at = now()
         where id = $1 and status in ('scheduled', 'in_progress')",
    )
    .bind(id)
    .execute(pool)
    .await?
    .rows_affected();
    let mut ended = 0;
    loop {
        let page = end_page(pool, id).await?;
        if page == 0 {
            break;
        }
        ended += page;
    }
    if cancelled == 0 && ended == 0 {
        return Ok(None);
    }
    let mut transaction = pool.begin().await?;
    let last = counts::last(&mut transaction, id).await?;
    counts::close(&mut transaction, id, &last.counts).await?;
    sqlx::query(
        "insert into orrery.outbox (topic, payload) values ('quarter.cancelled', jsonb_build_object('schedule_id', $1::uuid, 'ended', $2::bigint))",
    )
    .bind(id)
    .bind(ended)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Some(ended))
}

async fn end_page(pool: &PgPool, id: Uuid) -> Result<i64, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    // The statement does all that the triggers would do row by row.
    sqlx::query("set local orrery.internal = 'on'").execute(&mut *transaction).await?;
    let (ended, _told): (i64, i64) = sqlx::query_as(include_str!("../sql/end_open_entities.sql"))
        .bind(id)
        .bind(PAGE)
        .bind(format!("{CANCELLED}: the quarter was cancelled before this row ended"))
        .fetch_one(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(ended)
}

/// Lets the failed rows of a quarter run again, all or those with one code, and the quarter with them if it had ended. Returns how many
/// those were; `None`: it ended before all its rows were made, so more than the failures would run, and nothing is changed.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn retry_failed(pool: &PgPool, id: Uuid, code: Option<&str>) -> Result<Option<u64>, sqlx::Error> {
    if is_cut_short(pool, id).await? {
        return Ok(None);
    }
    let mut all = 0;
    loop {
        let again = sqlx::query(include_str!("../sql/retry_failed_entities.sql"))
            .bind(id)
            .bind(PAGE)
            .bind(code)
            .execute(pool)
            .await?
            .rows_affected();
        if again == 0 {
            break;
        }
        all += again;
    }
    if all > 0 {
        let mut transaction = pool.begin().await?;
        reopen(&mut transaction, id).await?;
        look(&mut transaction, id).await?;
        transaction.commit().await?;
    }
    Ok(Some(all))
}

/// Whether a quarter ended while its rows were still being made.
async fn is_cut_short(pool: &PgPool, id: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select from quarterly_update_schedule s where s.id = $1 and s.status in ('failed', 'cancelled'))
            and not exists (select from orrery.quarter_run r where r.schedule_id = $1 and r.expanded_at is not null)",
    )
    .bind(id)
    .fetch_one(pool)
    .await
}

/// Sets an ended quarter back to run; one that runs is left alone.
async fn reopen(connection: &mut PgConnection, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update quarterly_update_schedule set status = 'scheduled', completed_at = null, updated_at = now()
         where id = $1 and status in ('completed', 'failed', 'cancelled')",
    )
    .bind(id)
    .execute(connection)
    .await
    .map(drop)
}

/// Lets a worker look at the quarter at once.
async fn look(connection: &mut PgConnection, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("select orrery.look_at_quarter($1)").bind(id).execute(connection).await.map(drop)
}
