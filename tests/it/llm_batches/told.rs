//! What the log and the metrics say of the questions of batches: as much as of direct calls, under the same names.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::provider::{Fate, Provider};
use super::sleepers::{PATIENCE, price};
use crate::llm::client::plain;
use crate::llm::model::{report_for, stored};
use crate::support::World;
use crate::support::platform::{ANNA, BEN};
use crate::support::rows;
use crate::support::servers::free_port;

const KINDS: [&str; 2] = ["compatibility_industry", "compatibility_company"];

/// Fields that a line of a batch has as that of a direct call.
const SHARED: [&str; 12] = [
    "purpose",
    "provider",
    "tries",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.output.type",
    "gen_ai.request.model",
    "gen_ai.request.max_tokens",
    "gen_ai.request.temperature",
    "gen_ai.response.finish_reasons",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
];

/// The operator's file: one provider with batches that go off at once.
fn configured(world: &World, provider: &Provider) -> String {
    let path = world.logs().join("models.toml");
    let text = format!(
        "[llm]\nchain = [\"m\"]\n[llm_batch]\nage_s = 0\npoll_s = 1\n[[llm.provider]]\nname = \"m\"\nwire = \"openai\"\n\
         base_url = \"{}\"\nmodel = \"m-1\"\nbatch = true\n",
        provider.url("openai")
    );
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A report that goes by a batch.
async fn by_batch(world: &World, person: Uuid, kind: &str) {
    let row =
        rows::report_with(&world.app, person, kind, "quarterly_update", json!({"regeneration": "due"})).await;
    stored(world, row).await;
}

async fn metrics(port: u16) -> Result<String, String> {
    let answer = plain().get(format!("http://127.0.0.1:{port}/metrics")).send().await;
    let answer = answer.map_err(|error| error.to_string())?;
    answer.text().await.map_err(|error| error.to_string())
}

/// The fields of the lines of calls.
fn calls(log: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let fields = lines.map(|line| line["fields"].clone());
    fields.filter(|fields| fields.get("gen_ai.operation.name").is_some()).collect()
}

#[tokio::test]
async fn each_answer_of_a_batch_is_told_and_counted_like_that_of_a_direct_call() {
    let world = World::new().await;
    price(&world, "m").await;
    let provider = Provider::start().await;
    provider.state().says = report_for;
    let file = configured(&world, &provider);
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let settings = [
        ("ORRERY_CONFIG", file.as_str()),
        ("ORRERY_LOG_FORMAT", "json"),
        ("ORRERY_HTTP_LISTEN", listen.as_str()),
    ];
    let mut worker = world.worker(&settings).await;
    by_batch(&world, ANNA, KINDS[0]).await;
    let direct = rows::report(&world.app, BEN, KINDS[0]).await;
    stored(&world, direct).await;
    // The third is refused in its batch, and asked directly.
    provider.state().fates = vec![Fate::Refused];
    by_batch(&world, BEN, KINDS[1]).await;
    assert_eq!(provider.counts(), (2, 2));

    let common =
        "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"m-1\"";
    let mut wanted = vec![
        "# TYPE gen_ai_client_token_usage histogram".to_owned(),
        "# TYPE gen_ai_client_operation_duration_seconds histogram".to_owned(),
        format!(
            "gen_ai_client_operation_duration_seconds_count{{{common},orrery_way=\"batch\",error_type=\"llm.bad_request\"}} 1"
        ),
    ];
    for (way, answers) in [("batch", 1), ("direct", 2)] {
        let labels = format!("{common},orrery_way=\"{way}\"");
        wanted.push(format!("gen_ai_client_operation_duration_seconds_count{{{labels}}} {answers}"));
        for (kind, tokens) in [("input", 900), ("output", 100)] {
            let labels = format!("{labels},gen_ai_token_type=\"{kind}\"");
            wanted.push(format!("gen_ai_client_token_usage_count{{{labels}}} {answers}"));
            wanted.push(format!("gen_ai_client_token_usage_sum{{{labels}}} {}", answers * tokens));
        }
    }
    world
        .eventually(PATIENCE, "the metrics say so", async || {
            let text = metrics(port).await?;
            let missing: Vec<&String> = wanted.iter().filter(|line| !text.contains(line.as_str())).collect();
            if missing.is_empty() { Ok(()) } else { Err(format!("missing {missing:#?} in\n{text}")) }
        })
        .await;

    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    let log = worker.log();
    let calls = calls(&log);
    let batches: Vec<String> =
        sqlx::query_scalar("select id::text from orrery.llm_batches order by created_at")
            .fetch_all(&world.app)
            .await
            .unwrap();
    let in_batch: Vec<&str> = calls.iter().filter_map(|call| call["batch"].as_str()).collect();
    assert_eq!(in_batch, batches, "{log}");
    let told = |by_batch: bool| calls.iter().filter(move |call| call["batch"].is_string() == by_batch);
    let (answered, direct) = (told(true).next().unwrap(), told(false).next().unwrap());
    for field in SHARED {
        assert!(!direct[field].is_null(), "{field}: {direct}");
        assert_eq!(answered[field], direct[field], "{field}");
    }
    let refused = told(true).nth(1).unwrap();
    assert_eq!(refused["error.type"], "llm.bad_request", "{refused}");
    assert_eq!(refused.get("gen_ai.response.model"), None, "{refused}");
    world.close().await;
}
