//! Quarters: started, held, counted and ended, by however many and whatever dies.

mod commands;
mod counts;
mod once;
mod sweeping;
mod told;
mod whatever_dies;
mod windows;

use std::time::Duration;

use sqlx::PgPool;
use uuid::Uuid;

use crate::support::World;
use crate::support::rows::{count, standing};

const SCHEDULES: &str = "quarterly_update_schedule";

/// Inserts a schedule whose window is open all day but its last second, or, if not `open`, begins in years.
pub(crate) async fn schedule(pool: &PgPool, quarter: &str, year: i32, open: bool) -> Uuid {
    sqlx::query_scalar(
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time, batch_size)
         values ($1, $2, case when $3 then current_date - 2 else '2100-01-02' end, '12:00', '11:59:59', 50) returning id",
    )
    .bind(quarter)
    .bind(year)
    .bind(open)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Waits until a schedule stands so.
async fn until(world: &World, schedule: Uuid, status: &str) {
    world
        .eventually(Duration::from_mins(2), &format!("the quarter is {status}"), async || {
            let now = standing(&world.app, SCHEDULES, schedule).await;
            assert!(now.status == status || now.status != "failed", "{now:?}\n{}", world.evidence());
            if now.status == status { Ok(()) } else { Err(format!("{now:?}")) }
        })
        .await;
}

/// Waits until a count has this value.
async fn until_count(world: &World, what: &str, sql: &str, wanted: i64) {
    world
        .eventually(Duration::from_mins(1), what, async || {
            let now = count(&world.app, sql).await;
            if now == wanted { Ok(()) } else { Err(format!("{now}, not {wanted}")) }
        })
        .await;
}
