//! A provider whose free allowance of the day is used up is looked at again when its day is over.

use std::time::Duration;

use orrery::queue::explain;

use crate::llm::listener::{Listener, Reply};
use crate::llm::model::configured;
use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows::{self, dispatch};

const USED_UP: &str = r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[
    {"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"22s"}]}}"#;

#[tokio::test]
async fn a_row_whose_provider_has_a_daily_quota_waits_until_midnight_on_the_pacific_coast() {
    let world = World::new().await;
    let listener = Listener::start(vec![Reply::status(429, "", USED_UP)]).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let id = rows::report(&world.app, ANNA, "compatibility_industry").await;
    let row = world
        .eventually(Duration::from_mins(1), "the row is put off", async || {
            let row = dispatch(&world.app, id).await;
            row.filter(|row| row.state == "ready" && row.snoozes == 1).ok_or_else(|| "not yet".to_owned())
        })
        .await;
    // PostgreSQL knows the zone by its name, the worker by its rule.
    let midnight_s: f64 = sqlx::query_scalar(
        "select extract(epoch from (date_trunc('day', now() at time zone 'America/Los_Angeles') + interval '1 day')
                               at time zone 'America/Los_Angeles' - now())::float8",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    let (from, to) = ((midnight_s - 5.0).min(86_390.0), midnight_s + 610.0);
    assert!((from..=to).contains(&row.wait_s), "{} s, and midnight is in {midnight_s} s", row.wait_s);
    assert_eq!((row.attempts, listener.seen().len()), (0, 1));
    let reasons = explain::standing(&world.app, id, 12.0).await.unwrap().unwrap().reasons();
    let quota = reasons.iter().find(|reason| reason.code == "llm.daily_quota").expect("it is explained");
    assert!(quota.way_out.contains("when the provider's day is over"), "{quota:?}");
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}
