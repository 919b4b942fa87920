//! A report whose answer is cut where the provider has no more room: the narrator's, and paid once.

use std::time::Duration;

use bson::Bson;

use super::listener::{Listener, Reply};
use super::model::{configured, stored};
use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows::{self, count};

#[tokio::test]
async fn a_report_whose_answer_is_cut_at_the_providers_cap_is_the_narrators_and_is_paid_once() {
    let world = World::new().await;
    let cut = r#"{"model":"m-1","choices":[{"message":{"content":"{\"summary\": \"x"},"finish_reason":"length"}],"usage":{"prompt_tokens":900,"completion_tokens":8000}}"#;
    let listener = Listener::start(vec![Reply::status(200, "", cut)]).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let row = rows::report(&world.app, ANNA, "compatibility_industry").await;
    let report = stored(&world, row).await;
    let generation = report.get_document("generation").unwrap();
    assert_eq!(generation.get_str("generator").unwrap(), "narrator", "{generation}");
    assert!(generation.get_bool("degraded").unwrap(), "{generation}");
    let reasons = generation.get_array("degradedReasons").unwrap();
    assert_eq!(*reasons, [Bson::String("llm.output_truncated".to_owned())]);
    assert_eq!(listener.seen().len(), 1, "the same question is not sent again");
    let calls = "select count(*) from orrery.llm_calls where state = 'answered' and output_tokens = 8000";
    assert_eq!(count(&world.app, calls).await, 1);
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}
