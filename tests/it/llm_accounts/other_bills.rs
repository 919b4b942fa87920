//! After a refused key or an empty account nobody is billed in that provider's place: neither for the call that finds out nor for
//! those that find its breaker open. After an empty account an organization may allow it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use orrery::llm::kind::Kind;
use uuid::Uuid;

use super::asking::{account, of_organization, request, settings};
use crate::llm::client::{hasty, provider};
use crate::llm::listener::{Listener, Reply};
use crate::llm::model::{stored, writes};
use crate::support::World;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::{self, count, dispatch, run, says};

const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn an_open_breaker_leads_to_the_next_provider_unless_a_person_must_act() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    for (status, kind) in [(401, Kind::Auth), (402, Kind::QuotaExhausted)] {
        let refuses = Listener::start(vec![Reply::status(status, "", "")]).await;
        let other = Listener::start(vec![Reply::text("{\"text\":\"a\"}")]).await;
        let chain = hasty(vec![
            provider(&format!("refuses{status}"), "openai", &refuses.url(), ""),
            provider("other", "openai", &other.url(), ""),
        ]);
        let first = chain.ask(&request(&format!("Who? {status}")), &guard).await.unwrap_err();
        assert_eq!((first.kind, first.detail.status), (kind, Some(status)));
        let second = chain.ask(&request(&format!("Why? {status}")), &guard).await.unwrap_err();
        assert_eq!((second.kind, second.detail.status), (kind, None), "{second}");
        assert!(second.hint.unwrap() > Duration::from_secs(800), "as long as the breaker rests: {second:?}");
        assert_eq!((refuses.seen().len(), other.seen().len()), (1, 0), "{status}");

        // The same breaker, open for another reason.
        run(&world.app, "update orrery.breaker set reason = 'llm.overloaded: no room' where state = 'open'")
            .await;
        let third = chain.ask(&request(&format!("How? {status}")), &guard).await.unwrap();
        assert_eq!((third.step, third.failed[0].kind), (1, Kind::CircuitOpen));
        assert_eq!((refuses.seen().len(), other.seen().len()), (1, 1), "{status}");
    }
    world.close().await;
}

/// Writes the operator's file with two providers and returns its path.
fn configured(world: &World, listeners: [(&str, &Listener); 2]) -> String {
    let table = |(name, listener): (&str, &Listener)| {
        format!(
            "[[llm.provider]]\nname = \"{name}\"\nwire = \"openai\"\nbase_url = \"{}\"\nmodel = \"m-1\"\nprice = \"free\"\n",
            listener.url()
        )
    };
    let names = listeners.map(|(name, _)| format!("{name:?}")).join(", ");
    let text = format!("[llm]\nchain = [{names}]\n{}", listeners.map(table).concat());
    let path = world.logs().join("models.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Waits until a row is put off with this code.
async fn put_off(world: &World, row: Uuid, code: &str) {
    world
        .eventually(PATIENCE, &format!("row {row} is put off with {code}"), async || {
            let last = sqlx::query_scalar::<_, Option<String>>(
                "select last_code from orrery.dispatch where job_id = $1 and state = 'ready' and attempts = 0 and run_at > now()",
            )
            .bind(row)
            .fetch_optional(&world.app)
            .await
            .unwrap()
            .flatten();
            if last.as_deref() == Some(code) {
                Ok(())
            } else {
                Err(format!("{last:?}, {:?}", dispatch(&world.app, row).await))
            }
        })
        .await;
}

#[tokio::test]
async fn rows_after_a_refused_key_wait_like_the_first_and_all_run_when_the_breaker_is_closed() {
    let world = World::new().await;
    let is_right = Arc::new(AtomicBool::new(false));
    let key = Arc::clone(&is_right);
    let first = Listener::with(move |_| {
        if key.load(Ordering::Relaxed) { writes().remove(0) } else { Reply::status(401, "", "") }
    })
    .await;
    let second = Listener::start(writes()).await;
    let file = configured(&world, [("first", &first), ("second", &second)]);
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let mut asked = Vec::new();
    for kind in ["compatibility_industry", "compatibility_company"] {
        let row = rows::report(&world.app, ANNA, kind).await;
        put_off(&world, row, "llm.auth").await;
        asked.push(row);
    }
    assert_eq!((first.seen().len(), second.seen().len()), (1, 0));
    says(&world.run(&["explain", &asked[1].to_string()]).1, &["llm.auth", "close first/m-1"]);

    is_right.store(true, Ordering::Relaxed);
    says(&world.run(&["llm", "breakers", "close", "first/m-1"]).1, &["asked again from now on"]);
    for row in asked {
        let report = stored(&world, row).await;
        assert_eq!(report.get_document("generation").unwrap().get_str("generator").unwrap(), "model");
    }
    assert_eq!((first.seen().len(), second.seen().len()), (3, 0));
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}

#[tokio::test]
async fn who_allows_another_bill_goes_on_after_an_empty_account_and_waits_after_a_refused_key() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a").allowing_other_bill(true);
    for (status, kind, goes_on) in [(402, Kind::QuotaExhausted, true), (401, Kind::Auth, false)] {
        let refuses = Listener::start(vec![Reply::status(status, "", "")]).await;
        let other = Listener::start(vec![Reply::text("{\"text\":\"a\"}")]).await;
        let chain = hasty(vec![
            provider(&format!("refuses{status}"), "openai", &refuses.url(), ""),
            provider("other", "openai", &other.url(), ""),
        ]);
        // The call that finds out, and one that finds the breaker open.
        for words in [format!("Who? {status}"), format!("Why? {status}")] {
            match chain.ask(&request(&words), &guard).await {
                Ok(asked) => assert_eq!((goes_on, asked.step, asked.failed[0].kind), (true, 1, kind)),
                Err(error) => assert_eq!((goes_on, error.kind), (false, kind)),
            }
        }
        let of_other = if goes_on { 2 } else { 0 };
        assert_eq!((refuses.seen().len(), other.seen().len()), (1, of_other), "{status}");
    }
    world.close().await;
}

/// Calls for a row at a provider that ended so.
async fn booked(world: &World, row: Uuid, provider: &str, end: &str) -> i64 {
    let of = format!("job_id = '{row}' and provider = '{provider}' and {end}");
    count(&world.app, &format!("select count(*) from orrery.llm_calls where {of}")).await
}

#[tokio::test]
async fn rows_of_an_organization_that_allows_another_bill_are_written_and_booked_at_the_next_provider() {
    let world = World::new().await;
    let first = Listener::start(vec![Reply::status(402, "", "")]).await;
    let second = Listener::start(writes()).await;
    let file = configured(&world, [("first", &first), ("second", &second)]);
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let company = COMPANY.to_string();

    says(&world.run(&["orgs", "set", &company, "--other-bill", "yes"]).1, &["the next may be paid"]);
    for (kind, asked) in [("compatibility_industry", 1), ("compatibility_company", 2)] {
        let row = rows::report(&world.app, ANNA, kind).await;
        let report = stored(&world, row).await;
        let generation = report.get_document("generation").unwrap();
        assert_eq!(generation.get_str("generator").unwrap(), "model");
        assert_eq!(generation.get_str("provider").unwrap(), "second");
        assert_eq!((first.seen().len(), second.seen().len()), (1, asked), "{kind}");
        let end = "state = 'answered' and input_tokens = 900 and output_tokens = 100";
        assert_eq!(booked(&world, row, "second", end).await, 1, "{kind}");
        assert_eq!(booked(&world, row, "first", "state = 'answered'").await, 0, "{kind}");
    }

    says(&world.run(&["orgs", "set", &company, "--other-bill", "no"]).1, &["reports wait"]);
    let row = rows::report(&world.app, ANNA, "training_development").await;
    put_off(&world, row, "llm.quota_exhausted").await;
    assert_eq!((first.seen().len(), second.seen().len()), (1, 2), "nobody is asked for who takes it back");
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}
