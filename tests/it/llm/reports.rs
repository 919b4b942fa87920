//! Reports by a worker with a model: paid once, private, and the narrator's where no model can write.

use std::time::Duration;

use bson::Document;
use serde_json::Value;
use uuid::Uuid;

use super::listener::{Listener, Reply};
use super::model::{configured, stored, writes};
use crate::support::World;
use crate::support::platform::{ANNA, BEN, TYPES};
use crate::support::rows::{self, REPORTS, count};

const PATIENCE: Duration = Duration::from_mins(1);

/// What readers have of the only report of a world: its content, and its scores as they stand in their table.
async fn published(world: &World, report: &Document) -> (Document, Vec<Value>) {
    let scores = sqlx::query_scalar(
        "select to_jsonb(s) - '{id,report_id,calculated_at,created_at}'::text[] from report_scores s",
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    (report.get_document("content").unwrap().clone(), scores)
}

/// The same report by a worker that nobody disturbs.
async fn published_without_a_crash(kind: &str) -> (Document, Vec<Value>) {
    let world = World::new().await;
    let listener = Listener::start(writes()).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let row = rows::report(&world.app, ANNA, kind).await;
    let report = stored(&world, row).await;
    let published = published(&world, &report).await;
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
    published
}

/// A report whose worker is killed when the words are written and paid, and nothing is published yet.
async fn dies_before_it_publishes(world: &World, settings: &[(&str, &str)]) -> Uuid {
    // Versions are reserved after the words are written: whoever holds this table holds up the publication.
    let mut hold = world.app.begin().await.unwrap();
    sqlx::query("lock table orrery.report_slot in exclusive mode").execute(&mut *hold).await.unwrap();
    let first = world.worker(settings).await;
    let row = rows::report(&world.app, ANNA, "compatibility_industry").await;
    world
        .eventually(PATIENCE, "the answer is on record and the publication waits", async || {
            let there = "select count(*) from orrery.llm_calls where state = 'answered' and usable
                         and exists (select 1 from pg_locks where relation = 'orrery.report_slot'::regclass and not granted)";
            if count(&world.app, there).await == 1 { Ok(()) } else { Err("not yet".to_owned()) }
        })
        .await;
    first.kill();
    hold.rollback().await.unwrap();
    row
}

#[tokio::test]
async fn an_answer_that_was_cut_and_the_one_with_more_room_are_not_paid_again_after_a_death() {
    let world = World::new().await;
    let cut = r#"{"model":"m-1","choices":[{"message":{"content":"{\"summary\": \"x"},"finish_reason":"length"}],"usage":{"prompt_tokens":900,"completion_tokens":8000}}"#;
    let mut replies = vec![Reply::status(200, "", cut)];
    replies.extend(writes());
    let listener = Listener::start(replies).await;
    let file = configured(&world, &listener, "price = \"free\"\nmax_output = 16000");
    let settings =
        [("ORRERY_CONFIG", file.as_str()), ("ORRERY_QUEUE_LEASE_S", "3"), ("ORRERY_QUEUE_HEARTBEAT_S", "1")];
    let row = dies_before_it_publishes(&world, &settings).await;
    let mut second = world.worker(&settings).await;
    let report = stored(&world, row).await;
    assert_eq!(report.get_document("generation").unwrap().get_str("generator").unwrap(), "model");
    assert_eq!(listener.seen().len(), 2, "the question, and once more with more room");
    assert_eq!(
        count(&world.app, "select sum(reads)::bigint from orrery.llm_calls").await,
        2,
        "both were read again"
    );
    assert!(second.stop(Duration::from_secs(20)).await.success(), "{}", second.log());
    world.close().await;
}

#[tokio::test]
async fn an_answer_that_was_paid_is_not_paid_again_when_the_worker_dies_before_it_publishes() {
    let world = World::new().await;
    let listener = Listener::start(writes()).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let settings =
        [("ORRERY_CONFIG", file.as_str()), ("ORRERY_QUEUE_LEASE_S", "3"), ("ORRERY_QUEUE_HEARTBEAT_S", "1")];
    let row = dies_before_it_publishes(&world, &settings).await;
    let mut second = world.worker(&settings).await;
    let report = stored(&world, row).await;
    assert_eq!(listener.seen().len(), 1, "one question was sent");
    let generation = report.get_document("generation").unwrap();
    assert_eq!(generation.get_str("generator").unwrap(), "model");
    assert!(!generation.get_bool("degraded").unwrap(), "{generation}");
    assert_eq!(report.get_str("llmModel").unwrap(), "m-1");
    assert_eq!(report.get_i32("llmTokensUsed").unwrap(), 1000);
    let content = report.get_document("content").unwrap();
    assert!(content.get_str("summary").unwrap().starts_with("Anna brings calm"), "{content}");
    let paid = "select count(*) from report_metadata where llm_tokens_used = 1000 and llm_cost_usd = 0";
    assert_eq!(count(&world.app, paid).await, 1);
    assert_eq!(
        count(&world.app, "select sum(reads)::bigint from orrery.llm_calls").await,
        1,
        "it was read again"
    );
    let (said, scores) = published(&world, &report).await;
    assert_eq!(scores.len(), 1, "{scores:?}");
    let undisturbed = published_without_a_crash("compatibility_industry").await;
    assert_eq!((said, scores), undisturbed, "the report is the one that nobody disturbs");

    // The same again: what stands says it already, so nobody is asked.
    let again = rows::report(&world.app, ANNA, "compatibility_industry").await;
    world.completed(REPORTS, again).await;
    assert_eq!(listener.seen().len(), 1, "what has not changed is not asked for");
    assert!(second.stop(Duration::from_secs(20)).await.success(), "{}", second.log());
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn nothing_that_is_sent_names_a_person_a_place_or_a_birth() {
    let world = World::new().await;
    let listener = Listener::start(writes()).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let mut asked = Vec::new();
    for person in [ANNA, BEN] {
        // A department has too few people here to be spoken of.
        for kind in TYPES.into_iter().filter(|kind| *kind != "compatibility_department") {
            asked.push(rows::report(&world.app, person, kind).await);
        }
    }
    world
        .eventually(PATIENCE, "all rows end", async || {
            let open = count(&world.app, "select count(*) from orrery.dispatch").await;
            if open == 0 { Ok(()) } else { Err(format!("{open} are open")) }
        })
        .await;
    let written = count(&world.app, "select count(*) from orrery.llm_calls where usable").await;
    assert!(written >= 10, "{written} reports were written by the model\n{}", world.evidence());
    let mut forbidden: Vec<String> = sqlx::query_scalar(
        "select word from (
           select unnest(string_to_array(full_name, ' ')) as word from employees
           union select unnest(array[birth_date::text, city, country, location, to_char(birth_date, 'DD.MM.YYYY'), extract(year from birth_date)::text]) from entity_birth_data
           union select id::text from employees union select name from organizations union select full_name from employees) w
         -- Nobody Knows has a name that stands for itself, but not as a word.
         where length(word) > 3 and word not in ('Nobody', 'Knows')",
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    forbidden.extend(asked.iter().map(Uuid::to_string));
    for request in listener.seen() {
        for word in &forbidden {
            assert!(!request.body.contains(word.as_str()), "{word:?} was sent: {}", request.body);
        }
    }
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn without_a_model_that_answers_the_narrator_writes_at_the_last_attempt_and_says_so() {
    let world = World::new().await;
    let listener = Listener::start(vec![Reply::Close]).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let row = rows::last_attempt(&world.app, ANNA, "compatibility_industry").await;
    let report = stored(&world, row).await;
    let generation = report.get_document("generation").unwrap();
    assert_eq!(generation.get_str("generator").unwrap(), "narrator");
    assert!(generation.get_bool("degraded").unwrap());
    assert_eq!(generation.get_array("degradedReasons").unwrap().len(), 1, "{generation}");
    let warnings = report.get_document("content").unwrap().get_array("warnings").unwrap();
    assert!(
        warnings.iter().any(|line| line.as_str().is_some_and(|line| line.contains("built-in narrator"))),
        "{warnings:?}"
    );
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}
