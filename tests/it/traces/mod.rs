//! Traces: what a collector gets of rows, and what a row says of the trace that it belongs to.

mod collector;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use self::collector::{Collector, Seen};
use crate::llm::listener::Listener;
use crate::llm::model::{configured, writes};
use crate::support::World;
use crate::support::platform::{ANNA, BEN, COMPANY, WITHOUT_BIRTH, WRONG_ZONE};
use crate::support::rows::{self, ENTITIES, REPORTS};

/// The trace and the span of an application.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

/// What is known of the people, and what a model writes of them.
const PERSONAL: [&str; 9] = [
    "Anna",
    "Lindqvist",
    "Okafor",
    "Nobody Knows",
    "lantern.example",
    "1985-03-14",
    "Stockholm",
    "Atlantis",
    "calm",
];

/// The one span of a row that ran alone.
fn job(spans: &[Seen], id: Uuid) -> &Seen {
    let id = id.to_string();
    let found: Vec<&Seen> =
        spans.iter().filter(|span| span.name == "orrery.job" && span.get("orrery.job.id") == id).collect();
    assert_eq!(found.len(), 1, "one span for one attempt of {id}: {spans:#?}");
    found[0]
}

fn children<'a>(spans: &'a [Seen], parent: &Seen) -> Vec<&'a Seen> {
    spans.iter().filter(|span| span.trace == parent.trace && span.parent == parent.id).collect()
}

fn names<'a>(spans: &[&'a Seen]) -> BTreeSet<&'a str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

#[tokio::test]
async fn a_row_is_in_one_trace_with_its_application_from_the_claim_to_both_stores() {
    let world = World::new().await;
    let (collector, listener) = (Collector::start(false).await, Listener::start(writes()).await);
    let file = configured(&world, &listener, "price = \"free\"");
    let settings = [("ORRERY_CONFIG", file.as_str()), ("ORRERY_TELEMETRY_OTLP_ENDPOINT", collector.url())];
    let mut worker = world.worker(&settings).await;
    let parameters = json!({ "traceparent": format!("00-{TRACE}-{SPAN}-01") });
    let traced =
        rows::report_with(&world.app, ANNA, "compatibility_industry", "manual_request", parameters).await;
    let failing = rows::report(&world.app, WITHOUT_BIRTH, "compatibility_industry").await;
    let people: Vec<String> =
        std::iter::repeat_n([ANNA, BEN], 6).flatten().map(|id| id.to_string()).collect();
    let mut entities: Vec<Uuid> = sqlx::query_scalar(
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active, queue_status)
         select 'employee', id, $2, true, 'queued' from unnest($1) id returning id",
    )
    .bind(&people)
    .bind(COMPANY)
    .fetch_all(&world.app)
    .await
    .unwrap();
    let wrong = rows::entity(&world.app, "employee", &WRONG_ZONE.to_string(), COMPANY).await;
    world.completed(REPORTS, traced).await;
    world.failed(REPORTS, failing).await;
    world.failed(ENTITIES, wrong).await;
    for id in &entities {
        world.completed(ENTITIES, *id).await;
    }
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());

    let spans = collector.spans();
    assert_report(&spans, traced);
    assert_failure(&spans, failing);
    entities.push(wrong);
    assert_entities(&spans, &entities, wrong);
    let bodies: Vec<u8> = collector.bodies().concat();
    let bodies = String::from_utf8_lossy(&bodies);
    for word in PERSONAL {
        assert!(!bodies.contains(word), "{word} is in a trace");
    }
    assert!(!worker.log().contains("orrery.job"), "spans are for traces, not for the log: {}", worker.log());
    world.close().await;
}

fn assert_report(spans: &[Seen], id: Uuid) {
    let (root, company) = (job(spans, id), COMPANY.to_string());
    assert_eq!((root.trace.as_str(), root.parent.as_str()), (TRACE, SPAN));
    for (name, value) in [
        ("orrery.queue", "report"),
        ("orrery.organization.id", company.as_str()),
        ("orrery.attempt", "1"),
        ("orrery.outcome", "completed"),
        ("orrery.code", ""),
    ] {
        assert_eq!(root.get(name), value, "{name} of {root:#?}");
    }
    assert!(root.get("orrery.token").parse::<i64>().is_ok_and(|token| token > 0), "{root:#?}");
    assert_eq!(root.get("orrery.worker.id"), root.resource["service.instance.id"]);
    assert_eq!(root.resource["service.name"], "orrery");
    let parts = children(spans, root);
    let expected = [
        "orrery.ask",
        "orrery.calculate",
        "orrery.collect",
        "orrery.narrate",
        "orrery.publish.mongodb",
        "orrery.publish.postgresql",
        "orrery.recheck",
    ];
    assert_eq!(names(&parts), BTreeSet::from(expected));
    assert!(spans.iter().all(|span| span.trace != TRACE || !span.failed), "{spans:#?}");
    let ask = parts.iter().find(|span| span.name == "orrery.ask").unwrap();
    let calls = children(spans, ask);
    assert_eq!(names(&calls), BTreeSet::from(["chat m-1"]), "{spans:#?}");
    for (name, value) in [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "m-1"),
        ("gen_ai.response.model", "m-1"),
        ("gen_ai.usage.input_tokens", "900"),
        ("gen_ai.usage.output_tokens", "100"),
        ("server.address", "127.0.0.1"),
        ("orrery.call.tries", "1"),
    ] {
        assert_eq!(calls[0].get(name), value, "{name} of {:#?}", calls[0]);
    }
    let all = spans.iter().filter(|span| span.trace == TRACE).count();
    assert_eq!(all, 1 + parts.len() + calls.len(), "nothing else is in the trace");
}

fn assert_failure(spans: &[Seen], id: Uuid) {
    let root = job(spans, id);
    assert!(
        root.trace != TRACE && root.parent.is_empty(),
        "a row that names no trace begins its own: {root:#?}"
    );
    assert_eq!(root.get("orrery.outcome"), "failed");
    assert!(root.failed && root.get("orrery.code").starts_with("data."), "{root:#?}");
    assert_eq!(root.get("error.type"), root.get("orrery.code"));
    let parts = children(spans, root);
    assert_eq!(names(&parts), BTreeSet::from(["orrery.collect"]));
    assert!(parts[0].failed, "{parts:#?}");
}

/// Rows of entities share spans; each is named in one.
fn assert_entities(spans: &[Seen], ids: &[Uuid], wrong: Uuid) {
    let roots: Vec<&Seen> =
        spans.iter().filter(|span| span.parent.is_empty() && span.get("orrery.queue") == "entity").collect();
    assert!(roots.len() < ids.len(), "a span for a batch, not for each row: {}", roots.len());
    let mut named: Vec<&str> = roots
        .iter()
        .flat_map(|root| [root.get("orrery.job.id"), root.get("orrery.job.ids")])
        .flat_map(str::split_whitespace)
        .collect();
    named.sort_unstable();
    let mut expected: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    expected.sort_unstable();
    assert_eq!(named, expected);
    let batch = roots.iter().find(|root| root.name == "orrery.batch").expect("a batch");
    assert_eq!(batch.get("orrery.rows"), batch.get("orrery.job.ids").split_whitespace().count().to_string());
    for part in ["orrery.collect", "orrery.calculate", "orrery.publish.mongodb", "orrery.publish.postgresql"]
    {
        assert!(names(&children(spans, batch)).contains(part), "{part}: {spans:#?}");
    }
    let wrong = wrong.to_string();
    let of_wrong: Vec<(&str, &str)> = roots
        .iter()
        .flat_map(|root| {
            let alone = (root.get("orrery.job.id") == wrong).then_some(&root.attributes);
            let events = root.events.iter().filter(|(name, _)| name == "orrery.row");
            alone.into_iter().chain(events.map(|(_, attributes)| attributes))
        })
        .map(|told| (told["orrery.job.id"].as_str(), told["orrery.outcome"].as_str()))
        .collect();
    assert_eq!(of_wrong, [(wrong.as_str(), "failed")], "only what did not complete is told row by row");
}

#[tokio::test]
async fn a_collector_that_takes_nothing_costs_one_warning_and_no_work() {
    let world = World::new().await;
    let collector = Collector::start(true).await;
    let settings = [("ORRERY_TELEMETRY_OTLP_ENDPOINT", collector.url()), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    let mut worker = world.worker(&settings).await;
    let patience = Duration::from_secs(30);
    for kind in ["compatibility_industry", "compatibility_company"] {
        let before = collector.bodies().len();
        let row = rows::report(&world.app, ANNA, kind).await;
        world.completed(REPORTS, row).await;
        world
            .eventually(patience, "the collector is asked", async || {
                let asked = collector.bodies().len();
                if asked > before { Ok(()) } else { Err(format!("{asked} requests")) }
            })
            .await;
    }
    collector.accept();
    let row = rows::report(&world.app, ANNA, "compatibility_job_role").await;
    world.completed(REPORTS, row).await;
    world
        .eventually(patience, "the collector is known to be back", async || {
            let log = worker.log();
            if log.contains("takes traces again") { Ok(()) } else { Err(log) }
        })
        .await;
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    let log = worker.log();
    assert_eq!(log.matches("takes no traces").count(), 1, "{log}");
    assert!(log.contains("503"), "{log}");
    world.close().await;
}
