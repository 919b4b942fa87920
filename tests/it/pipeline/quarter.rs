//! Quarters: a schedule becomes entity rows, counts them, and writes current reports again.

use bson::doc;
use serde_json::Value;
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{ANNA, BEN};
use crate::support::rows::{self, REPORTS, count, run, standing};

#[tokio::test]
async fn a_quarter_updates_every_entity_counts_them_and_writes_current_reports_again() {
    let world = World::new().await;
    let _worker = world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100")]).await;
    let report = rows::report(&world.app, ANNA, "compatibility_company").await;
    world.completed(REPORTS, report).await;
    // The next quarter, which has another code; open for the whole day but its last second, from yesterday on.
    let schedule: Uuid = sqlx::query_scalar(
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time, batch_size)
         select 'Q' || extract(quarter from n)::int, extract(year from n)::int, d::date - 1, '12:00', '11:59:59', 2
         from (select d, date_trunc('quarter', d) + interval '3 months' as n from (select now() at time zone 'UTC' as d) y) x returning id",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    world.completed("quarterly_update_schedule", schedule).await;

    // Anna, Ben, Cleo and the company; two employees' birth data is wrong, one has none and is not asked for.
    let counts: (i32, i32, i32, Value) = sqlx::query_as(
        "select total_entities, processed_entities, failed_entities, error_summary from quarterly_update_schedule where id = $1",
    )
    .bind(schedule)
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert_eq!((counts.0, counts.1, counts.2), (6, 4, 2));
    assert_eq!(counts.3.as_array().map(Vec::len), Some(2), "one line for each kind of error: {}", counts.3);
    let ended: Vec<(String, i64)> = sqlx::query_as(
        "select queue_status, count(*) from entity_update_queue where schedule_id = $1 group by 1 order by 1",
    )
    .bind(schedule)
    .fetch_all(&world.app)
    .await
    .unwrap();
    assert_eq!(ended, [("completed".to_owned(), 4), ("failed".to_owned(), 2)]);

    let again: Uuid = sqlx::query_scalar(
        "select id from report_generation_queue where request_metadata ->> 'schedule_id' = $1",
    )
    .bind(schedule.to_string())
    .fetch_one(&world.app)
    .await
    .unwrap();
    world.completed(REPORTS, again).await;
    let published = world.published(again).await;
    assert_eq!((published.version, published.trigger.as_str()), (2, "harmonic_update"));
    let speaks_of: bool = sqlx::query_scalar(
        "select v.quarter_year = s.year and 'Q' || v.quarter_number = s.quarter from report_versions v, quarterly_update_schedule s
         where v.report_id = $1 and s.id = $2",
    )
    .bind(&published.report_id)
    .bind(schedule)
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert!(speaks_of, "the report speaks of the quarter of its schedule");
    let code = world.astrology("harmonic_codes", doc! { "entity_id": ANNA.to_string() }).await.remove(0);
    let changes = published.changes.unwrap();
    assert_eq!(
        changes["quarter"]["to"].as_str(),
        code.get_document("current_code").unwrap().get_str("version").ok(),
        "{changes}"
    );
    assert!(published.summary.contains("since version 1 of"), "{}", published.summary);
    let with_its_entity: bool = sqlx::query_scalar(
        "select r.created_at <= q.completed_at from report_generation_queue r, entity_update_queue q
         where r.id = $1 and q.schedule_id = $2 and q.entity_id = r.employee_id::text",
    )
    .bind(again)
    .bind(schedule)
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert!(with_its_entity, "the report is asked for in the transaction that completes the entity");
    assert_eq!(reports_queued(&world, schedule).await, 1);
    world.assert_stores_agree().await;
    world.close().await;
}

/// What the only event of a completed quarter says of reports.
async fn reports_queued(world: &World, schedule: Uuid) -> i64 {
    let told: Vec<(String, i64)> = sqlx::query_as(
        "select payload ->> 'schedule_id', (payload ->> 'reports_queued')::bigint from orrery.outbox where topic = 'quarter.completed'",
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    let [(of, reports)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(*of, schedule.to_string());
    *reports
}

#[tokio::test]
async fn no_report_follows_a_quarter_where_the_organization_or_the_report_says_so() {
    for (switch, expected) in [
        (
            format!(
                "update report_metadata set auto_regenerate_enabled = false where employee_id = '{ANNA}'"
            ),
            1,
        ),
        ("update organizations set auto_regenerate_enabled = false".to_owned(), 0),
    ] {
        let world = World::new().await;
        let _worker = world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100")]).await;
        for employee in [ANNA, BEN] {
            let report = rows::report(&world.app, employee, "compatibility_company").await;
            world.completed(REPORTS, report).await;
        }
        run(&world.app, &switch).await;
        let schedule = crate::quarters::schedule(&world.app, "Q1", 2031, true).await;
        world.completed("quarterly_update_schedule", schedule).await;
        let asked = "select count(*) from report_generation_queue where request_reason = 'quarterly_update'";
        assert_eq!(count(&world.app, asked).await, expected, "{switch}");
        assert_eq!(reports_queued(&world, schedule).await, expected, "{switch}");
        world.close().await;
    }
}

#[tokio::test]
async fn a_quarter_whose_window_is_closed_waits() {
    let world = World::new().await;
    let _worker = world.worker(&[]).await;
    let schedule: Uuid = sqlx::query_scalar(
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2100, '2100-01-02', '02:00', '06:00') returning id",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    let probe = rows::report(&world.app, ANNA, "compatibility_company").await;
    world.completed(REPORTS, probe).await;
    assert_eq!(standing(&world.app, "quarterly_update_schedule", schedule).await.status, "scheduled");
    assert_eq!(count(&world.app, "select count(*) from entity_update_queue").await, 0);
    world.close().await;
}
