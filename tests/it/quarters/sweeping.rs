//! What is done to the rows of a quarter all the time stays cheap however many are open.

use std::time::Duration;

use orrery::queue::{Queue, maintenance};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::schedule;
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::rows::{count, run};

/// Open rows and rows that have ended, as in the middle of a quarter.
const MANY: &str = "
set session_replication_role = replica;
insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active, queue_status)
select 'employee', n::text, 'o' || n % 50, true, case when n % 2 = 0 then 'queued' else 'completed' end from generate_series(1, 60000) n;
insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
select 'entity', id, organization_id, 5, now(), now(), 'ready' from entity_update_queue where queue_status = 'queued';
set session_replication_role = default;
analyze entity_update_queue; analyze orrery.dispatch";

/// The largest number of rows that any node of a plan has read, removed ones included.
fn most_read(plan: &Value) -> f64 {
    let number = |key: &str| plan[key].as_f64().unwrap_or(0.0);
    let own = (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops");
    let below = plan["Plans"].as_array().into_iter().flatten().map(most_read);
    below.fold(own, f64::max)
}

/// The largest number of rows that any node of a plan has read of a table.
fn read_of(plan: &Value, table: &str) -> f64 {
    let below = plan["Plans"].as_array().into_iter().flatten().map(|plan| read_of(plan, table));
    let own = if plan["Relation Name"] == table { most_read(plan) } else { 0.0 };
    below.fold(own, f64::max)
}

#[tokio::test]
async fn a_round_reads_pages_and_not_the_queue() {
    let world = World::new().await;
    let mut connection = world.app.acquire().await.unwrap();
    sqlx::raw_sql(MANY).execute(&mut *connection).await.unwrap();
    drop(connection);
    let explained = format!(
        "explain (analyze, format json, timing off) {}",
        include_str!("../../../src/queue/sql/sweep_entity.sql").replace("$1", "60")
    );
    let mut transaction = world.worker_pool.begin().await.unwrap();
    sqlx::query(maintenance::WALK).execute(&mut *transaction).await.unwrap();
    let plan: Value =
        sqlx::query_scalar(sqlx::AssertSqlSafe(explained)).fetch_one(&mut *transaction).await.unwrap();
    transaction.rollback().await.unwrap();
    let read = most_read(&plan[0]["Plan"]);
    assert!(read <= 20_000.0, "{read} rows at once\n{plan:#}");
    for statement in [
        include_str!("../../../src/pipeline/sql/hold_quarter.sql"),
        include_str!("../../../src/pipeline/sql/release_quarter.sql"),
    ] {
        let asked = statement.replace("$1", "'00000000-0000-0000-0000-000000000000'").replace("$2", "5000");
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("explain {asked}")))
            .fetch_all(&world.worker_pool)
            .await
            .unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains("Tid Scan on dispatch") && !plan.contains("Seq Scan"), "{plan}");
    }
    world.close().await;
}

#[tokio::test]
async fn what_no_trigger_saw_is_found_in_the_end_among_many() {
    let world = World::new().await;
    let mut connection = world.app.acquire().await.unwrap();
    sqlx::raw_sql(MANY).execute(&mut *connection).await.unwrap();
    drop(connection);
    run(
        &world.app,
        "delete from orrery.dispatch where job_id in (select job_id from orrery.dispatch limit 20)",
    )
    .await;
    let missing = "select count(*) from entity_update_queue q where q.queue_status = 'queued'
                   and not exists (select from orrery.dispatch d where d.job_id = q.id)";
    assert_eq!(count(&world.app, missing).await, 20);
    world
        .eventually(Duration::from_mins(1), "all are found", async || {
            maintenance::sweep(&world.worker_pool, Queue::Entity, Duration::from_mins(1)).await.unwrap();
            let left = count(&world.app, missing).await;
            if left == 0 { Ok(()) } else { Err(format!("{left} are missing")) }
        })
        .await;
    world.close().await;
}

#[tokio::test]
async fn a_page_of_a_quarter_reads_a_page_of_the_people() {
    let world = World::new().await;
    crowd(&world.app, 5_000).await;
    run(&world.app, "analyze employees").await;
    let id = schedule(&world.app, "Q1", 2031, true).await;
    let job = world.claim_one(Queue::Quarter).await;
    let nobody = format!("'{}'::uuid", Uuid::nil());
    let page = include_str!("../../../src/pipeline/sql/expand_quarter.sql")
        .replace("$1", &format!("'{id}'::uuid"))
        .replace("$2", "1")
        .replace("$3", &nobody)
        .replace("$4", &nobody)
        .replace("$5", "100")
        .replace("$6", &job.lease.token.to_string());
    let explained = format!("explain (analyze, format json, timing off) {page}");
    let plan: Value =
        sqlx::query_scalar(AssertSqlSafe(explained)).fetch_one(&world.worker_pool).await.unwrap();
    let added = count(&world.app, "select count(*) from entity_update_queue").await;
    assert!((90..=100).contains(&added), "{added} rows: who has no birth data gets none");
    let read = read_of(&plan[0]["Plan"], "employees");
    assert!((100.0..1_000.0).contains(&read), "a page of 100 read {read} people: {plan:#}");
    world.close().await;
}
