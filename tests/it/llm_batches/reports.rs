//! Reports whose words come by a batch, written by worker processes.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::provider::{Fate, Provider};
use super::sleepers::{HALF, PATIENCE, price};
use crate::llm::model::{report_for, stored};
use crate::support::World;
use crate::support::platform::{ANNA, BEN};
use crate::support::rows::{self, count, dispatch};

const KIND: &str = "compatibility_industry";

/// The operator's file: one provider of this wire with batches that go off at once.
fn configured(world: &World, provider: &Provider, wire: &str) -> String {
    let path = world.logs().join("models.toml");
    let text = format!(
        "[llm]\nchain = [\"m\"]\n[llm_batch]\nage_s = 0\npoll_s = 1\n[[llm.provider]]\nname = \"m\"\nwire = \"{wire}\"\nbase_url = \"{}\"\nmodel = \"m-1\"\n\
         batch = true\n",
        provider.url(wire)
    );
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A row as a quarter makes it.
async fn of_a_quarter(world: &World, person: Uuid) -> Uuid {
    rows::report_with(&world.app, person, KIND, "quarterly_update", json!({"regeneration": "due"})).await
}

async fn sleeps(world: &World, row: Uuid) {
    world
        .eventually(PATIENCE, "the row sleeps", async || {
            let row = dispatch(&world.app, row).await.expect("it is open");
            if row.state == "ready" && row.wait_s > 3600.0 { Ok(row) } else { Err(format!("{row:?}")) }
        })
        .await;
}

async fn until(world: &World, what: &str, there: impl Fn() -> bool) {
    world.eventually(PATIENCE, what, async || if there() { Ok(()) } else { Err("not yet".to_owned()) }).await;
}

#[tokio::test]
async fn a_report_of_a_quarter_goes_by_a_batch_at_half_the_price_and_a_person_does_not_wait() {
    for wire in ["openai", "anthropic", "gemini"] {
        let world = World::new().await;
        price(&world, "m").await;
        let provider = Provider::start().await;
        provider.state().says = report_for;
        provider.state().ends = false;
        let file = configured(&world, &provider, wire);
        let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
        let patient = of_a_quarter(&world, ANNA).await;
        sleeps(&world, patient).await;
        until(&world, "the batch is handed in", || provider.state().batches.len() == 1).await;

        let urgent = rows::report(&world.app, BEN, KIND).await;
        let report = stored(&world, urgent).await;
        assert_eq!(report.get_i32("llmTokensUsed").unwrap(), 1000, "{wire}");
        assert_eq!(provider.state().direct, 1, "{wire}: who waits is asked for directly");
        let row = dispatch(&world.app, patient).await.expect("the other still sleeps");
        assert_eq!(
            (row.state.as_str(), row.attempts, row.snoozes),
            ("ready", 0, 1),
            "{wire}: no attempt is burnt, no slot held"
        );

        provider.state().ends = true;
        let report = stored(&world, patient).await;
        let generation = report.get_document("generation").unwrap();
        assert_eq!(generation.get_str("generator").unwrap(), "model", "{wire}");
        assert!(!generation.get_bool("degraded").unwrap(), "{wire}: {generation}");
        let paid: Vec<(Uuid, i64)> =
            sqlx::query_as("select job_id, cost_nano_usd from orrery.llm_calls where state = 'answered' order by cost_nano_usd")
                .fetch_all(&world.app)
                .await
                .unwrap();
        assert_eq!(paid, [(patient, HALF), (urgent, 2 * HALF)], "{wire}");
        let cost =
            "select count(*) from report_metadata where llm_cost_usd = 0.0014 and llm_tokens_used = 1000";
        assert_eq!(count(&world.app, cost).await, 1, "{wire}: the report says what it cost");
        assert_eq!(provider.counts(), (1, 1), "{wire}");

        for word in ["Anna", &ANNA.to_string(), &patient.to_string()] {
            assert!(!provider.read().contains(word), "{wire}: {word:?} was sent");
        }
        assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
        world.assert_stores_agree().await;
        world.close().await;
    }
}

#[tokio::test]
async fn a_worker_killed_while_it_hands_in_a_batch_pays_no_second_one() {
    let world = World::new().await;
    price(&world, "m").await;
    let provider = Provider::start().await;
    provider.state().says = report_for;
    provider.state().hangs = true;
    let file = configured(&world, &provider, "openai");
    let settings =
        [("ORRERY_CONFIG", file.as_str()), ("ORRERY_QUEUE_LEASE_S", "3"), ("ORRERY_QUEUE_HEARTBEAT_S", "1")];
    let first = world.worker(&settings).await;
    let row = of_a_quarter(&world, ANNA).await;
    until(&world, "the batch is created", || provider.state().batches.len() == 1).await;
    sleeps(&world, row).await;
    first.kill();
    provider.state().hangs = false;
    rows::run(&world.app, "update orrery.llm_batches set held_until = now()").await;
    let mut second = world.worker(&settings).await;
    stored(&world, row).await;
    assert_eq!(provider.counts(), (1, 0));
    let paid = "select sum(cost_nano_usd)::bigint from orrery.llm_calls";
    assert_eq!(count(&world.app, paid).await, HALF);
    assert!(second.stop(Duration::from_secs(20)).await.success(), "{}", second.log());
    world.close().await;
}

#[tokio::test]
async fn what_a_batch_did_not_do_is_written_directly_and_a_bad_answer_is_asked_again_directly() {
    let world = World::new().await;
    price(&world, "m").await;
    let provider = Provider::start().await;
    provider.state().ends = false;
    // The first answer of each row is no report; what asks again gets one.
    provider.state().says = |body: &Value| {
        let again = body["messages"].as_array().is_some_and(|messages| messages.len() > 2);
        if again { report_for(body) } else { "I would rather not.".to_owned() }
    };
    let file = configured(&world, &provider, "openai");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let asked_again = of_a_quarter(&world, ANNA).await;
    sleeps(&world, asked_again).await;
    provider.state().ends = true;
    stored(&world, asked_again).await;
    assert_eq!(provider.counts(), (1, 1), "the question that asks again is direct");

    provider.state().says = report_for;
    provider.state().fates = vec![Fate::Expired];
    let expired = of_a_quarter(&world, BEN).await;
    let report = stored(&world, expired).await;
    assert_eq!(report.get_document("generation").unwrap().get_str("generator").unwrap(), "model");
    assert_eq!(provider.counts(), (2, 2));
    let codes: Vec<Option<String>> =
        sqlx::query_scalar("select error_code from orrery.llm_calls where job_id = $1 order by created_at")
            .bind(expired)
            .fetch_all(&world.app)
            .await
            .unwrap();
    assert_eq!(codes, [Some("llm.batch_expired".to_owned()), None]);
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}
