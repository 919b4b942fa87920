//! `orrery llm batches`.

use serde_json::{Value, json};

use super::provider::{Fate, Provider};
use super::sleepers::{HALF, Sleepers};
use crate::support::rows::says;

fn run(sleepers: &Sleepers, arguments: &[&str]) -> String {
    let output = sleepers.world.program(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn batches_are_listed_with_what_waits() {
    let provider = Provider::start().await;
    provider.state().fates = vec![Fate::Answered, Fate::Expired];
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    says(&run(&sleepers, &["llm", "batches"]), &["there has been no batch yet"]);
    sleepers.sleeper("one").await;
    let sleeper = sleepers.sleeper("two").await;
    says(&run(&sleepers, &["llm", "batches", "--open"]), &["no batch is under way", "p/m-1: 2 questions"]);
    says(
        &run(&sleepers, &["explain", &sleeper.job.lease.job_id.to_string()]),
        &["llm.batch_waiting", "orrery llm batches"],
    );
    let batcher = sleepers.batcher().await;
    sleepers.rounds_until_ended(&batcher, 1).await;
    sleepers.sleeper("three").await;

    let list: Value = serde_json::from_str(&run(&sleepers, &["llm", "batches", "--json"])).unwrap();
    let batch = &list["batches"][0];
    assert_eq!(
        (&batch["state"], &batch["items"], &batch["answered"], &batch["undone"], &batch["cost_nano_usd"]),
        (&json!("ended"), &json!(2), &json!(1), &json!(1), &json!(HALF))
    );
    assert_eq!(list["queued"][0]["questions"], json!(1));
    says(&run(&sleepers, &["llm", "batches"]), &["ended", "batch-0", "1 questions"]);
    let open: Value = serde_json::from_str(&run(&sleepers, &["llm", "batches", "--open", "--json"])).unwrap();
    assert_eq!(open["batches"], json!([]));
    let queued: Value =
        serde_json::from_str(&run(&sleepers, &["llm", "calls", "--state", "queued", "--json"])).unwrap();
    assert_eq!(queued["calls"].as_array().map(Vec::len), Some(1));
    sleepers.world.close().await;
}
