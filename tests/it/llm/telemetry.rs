//! What the log says of calls: the fields of the `OpenTelemetry` conventions for generative AI, and no text.

use std::time::Duration;

use serde_json::{Value, json};

use super::listener::{Listener, Reply};
use super::model::{configured, report_for, stored};
use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows;

/// The fields of the lines of calls.
fn calls(log: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let fields = lines.map(|line| line["fields"].clone());
    fields.filter(|fields| fields.get("gen_ai.operation.name").is_some()).collect()
}

#[tokio::test]
async fn each_call_is_one_line_by_the_names_of_the_conventions_without_a_word_of_text() {
    let world = World::new().await;
    // The first call is refused, and the narrator writes that report; the second is answered.
    let listener = Listener::start(vec![
        Reply::status(
            400,
            "",
            r#"{"error":{"message":"Anna is not supported","type":"invalid_request_error"}}"#,
        ),
        Reply::Answer(|request| Reply::text(&report_for(&serde_json::from_str(&request.body).unwrap()))),
    ])
    .await;
    let file = configured(&world, &listener, "price = \"free\"");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file), ("ORRERY_LOG_FORMAT", "json")]).await;
    for kind in ["compatibility_industry", "compatibility_company"] {
        let row = rows::report(&world.app, ANNA, kind).await;
        stored(&world, row).await;
    }
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    let log = worker.log();
    let calls = calls(&log);
    assert_eq!(calls.len(), 2, "{log}");
    let (host, port) = ("127.0.0.1", listener.url().rsplit(':').next().unwrap().replace("/v1", ""));
    for call in &calls {
        assert_eq!(call["gen_ai.operation.name"], "chat");
        assert_eq!(call["gen_ai.provider.name"], "openai");
        assert_eq!(call["gen_ai.request.model"], "m-1");
        assert_eq!(call["gen_ai.request.max_tokens"], 8000);
        assert_eq!((&call["server.address"], call["server.port"].to_string()), (&json!(host), port.clone()));
    }
    let (failed, answered) = (&calls[0], &calls[1]);
    assert_eq!(failed["error.type"], "llm.bad_request");
    assert_eq!(failed.get("gen_ai.response.model"), None);
    assert_eq!(answered["gen_ai.response.model"], "m-1");
    assert_eq!(answered["gen_ai.response.finish_reasons"], "[\"stop\"]");
    assert_eq!(
        (&answered["gen_ai.usage.input_tokens"], &answered["gen_ai.usage.output_tokens"]),
        (&json!(900), &json!(100))
    );
    assert_eq!(answered.get("error.type"), None);
    for word in ["Anna", "Person A", "calm", "supported"] {
        assert!(!log.contains(word), "{word} is in the log: {log}");
    }
    world.close().await;
}
