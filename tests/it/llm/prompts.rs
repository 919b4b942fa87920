//! Which version of the prompt a report is asked with, and that the version is on record.

use std::time::Duration;

use sqlx::AssertSqlSafe;

use super::listener::Listener;
use super::model::{configured, stored, writes};
use crate::support::World;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::{self, count, run};

const PATIENCE: Duration = Duration::from_mins(1);

async fn asked_with(world: &World, version: &str) -> i64 {
    let calls =
        "select count(*) from orrery.llm_calls where usable and prompt_id = 'report' and prompt_version = ";
    sqlx::query_scalar(AssertSqlSafe(format!("{calls}'{version}'"))).fetch_one(&world.app).await.unwrap()
}

#[tokio::test]
async fn an_organization_is_asked_for_with_the_version_that_it_is_pinned_to() {
    let world = World::new().await;
    let listener = Listener::start(writes()).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let tried = [
        ("ORRERY_CONFIG", file.as_str()),
        ("ORRERY_LLM_PROMPT_NEXT", "1.1.0"),
        ("ORRERY_LLM_PROMPT_NEXT_PERCENT", "100"),
    ];
    let mut worker = world.worker(&tried).await;
    let row = rows::report(&world.app, ANNA, "compatibility_industry").await;
    let report = stored(&world, row).await;
    assert_eq!(asked_with(&world, "1.1.0").await, 1, "all try the next version");
    let generation = report.get_document("generation").unwrap();
    assert_eq!(generation.get_str("promptVersion").unwrap(), "1.1.0");

    let pin = format!(
        "insert into orrery.organization_policy (organization_id, prompt_version) values ('{COMPANY}', '1.0.0')"
    );
    sqlx::query(AssertSqlSafe(pin)).execute(&world.app).await.unwrap();
    let row = rows::report(&world.app, ANNA, "compatibility_company").await;
    stored(&world, row).await;
    assert_eq!(asked_with(&world, "1.0.0").await, 1, "but who is pinned does not");

    run(&world.app, "update orrery.organization_policy set prompt_version = '9.9.9'").await;
    let row = rows::report(&world.app, ANNA, "training_development").await;
    world
        .eventually(PATIENCE, "the row says why it waits", async || {
            let waits = "select count(*) from report_generation_queue q join orrery.dispatch d on d.job_id = q.id
                         where d.state = 'ready' and d.attempts = 0 and d.last_code = 'llm.prompt_unknown'
                           and q.last_error like '%orrery.organization_policy.prompt_version%9.9.9%[1.0.0, 1.1.0]%'";
            if count(&world.app, waits).await == 1 { Ok(()) } else { Err("not yet".to_owned()) }
        })
        .await;
    assert_eq!(listener.seen().len(), 2, "nobody was asked for it");
    run(&world.app, "update orrery.organization_policy set prompt_version = null").await;
    run(&world.app, "update orrery.dispatch set run_at = now()").await;
    stored(&world, row).await;
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}

#[tokio::test]
async fn a_worker_does_not_start_with_a_version_that_does_not_exist() {
    let world = World::new().await;
    let ended = world.program(&["run"]).env("ORRERY_LLM_PROMPT", "7.0.0").output().unwrap();
    let text = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(78), "{text}");
    assert!(
        text.contains("llm.prompt") && text.contains("7.0.0") && text.contains("[1.0.0, 1.1.0]"),
        "{text}"
    );
    world.close().await;
}
