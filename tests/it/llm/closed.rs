//! What would name somebody is neither sent nor published.

use std::time::Duration;

use bson::doc;

use super::listener::{Listener, Reply};
use super::model::{configured, stored, writes};
use super::prose::prose;
use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows::{self, REPORTS, count, dispatch, run, says};

#[tokio::test]
async fn a_question_that_would_name_somebody_is_not_sent_its_row_fails_at_once_and_the_operator_is_told() {
    let world = World::new().await;
    let listener = Listener::start(writes()).await;
    let file = configured(&world, &listener, "price = \"free\"");
    // Whatever a row brings is covered before the check. What is left is a name that the words of the prompt hold themselves.
    run(&world.app, &format!("update employees set full_name = 'Plain English' where id = '{ANNA}'")).await;
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file), ("ORRERY_LOG_FORMAT", "json")]).await;
    let row = rows::report(&world.app, ANNA, "compatibility_industry").await;

    let message = world.failed(REPORTS, row).await;
    says(&message, &["llm.privacy", "a name or an id", "it was not sent"]);
    assert!(!message.contains("English"), "{message}");
    assert_eq!(rows::error_codes(&world.app, row).await, ["llm.privacy"]);
    assert_eq!(rows::attempts(&world.app, row).await, 1, "it is not tried again");
    assert_eq!(dispatch(&world.app, row).await, None);
    let told = format!(
        "select count(*) from orrery.outbox where payload @> '{{\"queue_id\": \"{row}\", \"code\": \"llm.privacy\"}}'"
    );
    assert_eq!(count(&world.app, &told).await, 1);

    assert!(listener.seen().is_empty(), "something was sent: {:?}", listener.seen());
    assert_eq!(count(&world.app, "select count(*) from orrery.llm_calls").await, 0);
    assert_eq!(world.reports("llm_audit", doc! {}).await.len(), 0, "its texts are kept nowhere");
    world.assert_nothing_published().await;

    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    let log = worker.log();
    let is_alert = |line: &str| {
        ["\"ERROR\"", "llm.privacy", &row.to_string()].into_iter().all(|word| line.contains(word))
    };
    assert_eq!(log.lines().filter(|line| is_alert(line)).count(), 1, "{log}");
    assert!(!log.contains("Plain English"), "{log}");
    world.close().await;
}

/// Words that are names of colleagues below.
const ORDINARY: &str = "Strong Facts help English teams in short steps.";

#[tokio::test]
async fn colleagues_whose_names_are_ordinary_words_keep_nobody_from_a_report() {
    let world = World::new().await;
    let says = |request: &super::listener::Seen| {
        let mut said = prose(&serde_json::from_str(&request.body).unwrap(), "");
        let first = said["sections"][0]["content"].as_str().unwrap();
        said["sections"][0]["content"] = format!("{first} {ORDINARY}").into();
        Reply::text(&said.to_string())
    };
    let listener = Listener::start(vec![Reply::Answer(says)]).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let named = "with others as (select id, row_number() over (order by id) as n from employees where id <> $1)
         update employees e set full_name = (array['Ann Short', 'Tim Strong', 'Bo English', 'Eve Facts'])[1 + o.n % 4]
         from others o where e.id = o.id";
    let changed = sqlx::query(named).bind(ANNA).execute(&world.app).await.unwrap().rows_affected();
    assert!(changed >= 4, "{changed} colleagues");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let row = rows::report(&world.app, ANNA, "compatibility_industry").await;
    let report = stored(&world, row).await;
    let generation = report.get_document("generation").unwrap();
    assert!(!generation.get_bool("degraded").unwrap(), "{generation}");
    assert!(report.to_string().contains(ORDINARY), "{report}");
    assert_eq!(listener.seen().len(), 1, "it was asked once");
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}

#[tokio::test]
async fn an_answer_that_names_somebody_who_was_not_named_to_the_model_is_not_published() {
    let world = World::new().await;
    let names = |request: &super::listener::Seen| {
        let said = prose(&serde_json::from_str(&request.body).unwrap(), " Ask Ben Okafor how he does it.");
        Reply::text(&said.to_string())
    };
    let listener = Listener::start(vec![Reply::Answer(names)]).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let row = rows::last_attempt(&world.app, ANNA, "compatibility_industry").await;
    let report = stored(&world, row).await;
    assert!(!report.to_string().contains("Okafor"), "{report}");
    assert!(report.get_document("generation").unwrap().get_bool("degraded").unwrap(), "{report}");
    let found = "select count(*) from orrery.llm_calls where violations::text like '%privacy%'";
    assert_eq!(count(&world.app, found).await, 3, "it was told twice what is wrong");
    for request in listener.seen() {
        assert!(!request.body.contains("Okafor"), "the name went back: {}", request.body);
    }
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}
