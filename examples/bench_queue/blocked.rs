//! What many waiting rows cost the others: a drain beside rows that all wait for one that is not due until tomorrow.

use sqlx::Connection as _;

use super::child::now_ns;
use super::database::{INSERT_REPORTS, Server};
use super::system::System;

const PARENT: &str = "
insert into report_generation_queue (employee_id, report_type, requested_by, scheduled_for)
select id, 'personality_role_specific', '00000000-0000-0000-0000-000000000001', now() + interval '1 day'
from employees order by id limit 1
returning id";

const CHILDREN: &str = "
with people as (select array_agg(id order by id) as ids from employees)
insert into report_generation_queue (employee_id, report_type, priority, requested_by, depends_on_queue_id)
select ids[1 + n % 200], 'personality_role_specific', (1 + n % 10)::integer, '00000000-0000-0000-0000-000000000001', $1
from generate_series(1, $2::bigint) n, people";

const COMPLETED: &str = "select count(*) from report_generation_queue where status = 'completed'";

/// Rows per second of `rows` rows beside `blocked` rows that wait.
pub async fn rate(server: &Server, database: &str, rows: u64, blocked: u64) -> anyhow::Result<f64> {
    let mut connection = server.connect(database).await?;
    let parent: uuid::Uuid = sqlx::query_scalar(PARENT).fetch_one(&mut connection).await?;
    sqlx::query(CHILDREN).bind(parent).bind(i64::try_from(blocked)?).execute(&mut connection).await?;
    let rows_to_do = i64::try_from(rows)?;
    sqlx::query(INSERT_REPORTS).bind(1_i64).bind(rows_to_do).execute(&mut connection).await?;
    server.settle(database).await?;
    let mut worker = System::Orrery.start(server, database, rows, false).await?;
    worker.expect("all").await?;
    loop {
        let done: i64 = sqlx::query_scalar(COMPLETED).fetch_one(&mut connection).await?;
        if done >= rows_to_do {
            break;
        }
    }
    let took_ns = now_ns().cast_signed() - worker.ready_ns;
    worker.stop().await?;
    connection.close().await?;
    #[allow(clippy::cast_precision_loss, reason = "a benchmark lasts seconds")]
    Ok(rows as f64 * 1e9 / took_ns as f64)
}
