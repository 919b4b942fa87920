//! Actions on one row and on many, and what the audit says of them.

use std::collections::BTreeSet;

use orrery::operate::act::{Changed, on_matching, on_one};
use orrery::operate::{Acted, Action, Mode, audit};
use orrery::queue::Queue;
use serde_json::json;
use uuid::Uuid;

use super::{KIND, actor, failed, filter, found};
use crate::support::World;
use crate::support::jobs::end_leases;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::{self, REPORTS, count, dispatch, standing};

fn acted(matched: u64, changed: u64) -> Acted {
    Acted { matched, changed, refused: matched - changed }
}

#[tokio::test]
async fn failures_with_one_code_run_again_in_bulk_and_nothing_else() {
    let world = World::new().await;
    let ours = failed(&world, 3, "test.ours").await;
    let others = failed(&world, 2, "test.others").await;
    let by_code = filter(&[("error", "test.ours"), ("queue", "report")]);

    let counted = on_matching(&world.app, &by_code, Action::Retry, &actor(), Mode::DryRun).await.unwrap();
    assert_eq!(counted, acted(3, 3));
    assert_eq!(found(&world, &filter(&[("state", "failed")]), 50).await.len(), 5, "nothing has changed");
    assert!(audit::list(&world.app, None, 10).await.unwrap().is_empty(), "nothing was done");

    let did = on_matching(&world.app, &by_code, Action::Retry, &actor(), Mode::Apply).await.unwrap();
    assert_eq!(did, acted(3, 3));
    assert_eq!(found(&world, &filter(&[("state", "failed")]), 50).await, others);
    assert_eq!(found(&world, &filter(&[("state", "ready")]), 50).await, ours);
    let entries = audit::list(&world.app, None, 10).await.unwrap();
    let [entry] = entries.as_slice() else { panic!("one row for the whole action: {entries:?}") };
    assert_eq!((entry.matched, entry.changed, entry.outcome.as_str()), (3, 3, "done"));
    assert_eq!(
        (entry.actor.as_str(), entry.source.as_str(), entry.action.as_str()),
        ("keeper", "dashboard", "jobs.retry")
    );
    assert_eq!(
        entry.target,
        json!({ "filter": { "queue": "report", "state": "failed", "error": "test.ours" } })
    );

    let again = on_matching(&world.app, &by_code, Action::Retry, &actor(), Mode::Apply).await.unwrap();
    assert_eq!(again, acted(0, 0), "the same again finds nothing to do");
    world.close().await;
}

#[tokio::test]
async fn rows_beyond_one_transaction_are_cancelled_and_what_has_ended_is_left_alone() {
    let world = World::new().await;
    let broken = failed(&world, 1, "test.one").await;
    rows::run(
        &world.app,
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active)
         select 'employee', n::text, 'o', true from generate_series(1, 1203) n",
    )
    .await;
    let job = rows::report(&world.app, ANNA, KIND).await;
    let claimed = world.claim_one(Queue::Report).await;
    let all = on_matching(&world.app, &filter(&[]), Action::Cancel, &actor(), Mode::Apply).await.unwrap();
    assert_eq!(all, acted(1204, 1204));
    assert_eq!(
        count(&world.app, "select count(*) from entity_update_queue where queue_status = 'skipped'").await,
        1203
    );
    assert_eq!(standing(&world.app, REPORTS, job).await.status, "cancelled");
    assert!(!world.complete(&claimed).await, "what ran is fenced");
    let ended = filter(&[("state", "failed")]);
    let refused = on_matching(&world.app, &ended, Action::Cancel, &actor(), Mode::Apply).await.unwrap();
    assert_eq!(refused, acted(1, 0));
    assert_eq!(found(&world, &ended, 10).await, broken);
    let outcomes: Vec<String> =
        audit::list(&world.app, None, 10).await.unwrap().into_iter().map(|entry| entry.outcome).collect();
    assert_eq!(outcomes, ["refused", "done"]);
    world.close().await;
}

#[tokio::test]
async fn only_rows_in_quarantine_are_released() {
    let world = World::new().await;
    let broken = failed(&world, 1, "test.one").await;
    let deadly = rows::report(&world.app, ANNA, KIND).await;
    for _ in 0..3 {
        world.claim_one(Queue::Report).await;
        end_leases(&world.app).await;
        world.rescue(Queue::Report).await;
    }
    assert_eq!(found(&world, &filter(&[("state", "quarantined")]), 10).await, BTreeSet::from([deadly]));
    let one = *broken.first().unwrap();
    let left = on_one(&world.app, Queue::Report, one, Action::Release, &actor()).await.unwrap();
    assert_eq!(left, Some(Changed::Refused { status: "failed".to_owned() }));
    let all = on_matching(&world.app, &filter(&[]), Action::Release, &actor(), Mode::Apply).await.unwrap();
    assert_eq!(all, acted(1, 1));
    assert_eq!(dispatch(&world.app, deadly).await.map(|row| row.crashes), Some(0), "it counts from 0");
    assert!(found(&world, &filter(&[("state", "quarantined")]), 10).await.is_empty());
    let nobody = on_one(&world.app, Queue::Report, Uuid::nil(), Action::Retry, &actor()).await.unwrap();
    assert_eq!(nobody, None);
    world.close().await;
}

#[tokio::test]
async fn rows_of_a_filter_without_a_queue_are_not_quarters() {
    let world = World::new().await;
    rows::run(
        &world.app,
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2031, '2031-01-02', '02:00', '06:00')",
    )
    .await;
    let entity = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    let all = on_matching(&world.app, &filter(&[]), Action::Cancel, &actor(), Mode::Apply).await.unwrap();
    assert_eq!(all, acted(1, 1));
    assert_eq!(standing(&world.app, "entity_update_queue", entity).await.status, "skipped");
    let named = filter(&[("queue", "quarter")]);
    let quarters = on_matching(&world.app, &named, Action::Cancel, &actor(), Mode::DryRun).await.unwrap();
    assert_eq!(quarters, acted(1, 1));
    world.close().await;
}
