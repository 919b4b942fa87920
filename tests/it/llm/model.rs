//! Workers with a model, and models that write what they are asked for, or what they should not.

use bson::{Document, doc};
use serde_json::json;
use uuid::Uuid;

use super::listener::{Listener, Reply};
use super::prose::prose;
pub use super::prose::report_for;
use crate::support::World;
use crate::support::rows::REPORTS;

/// Writes the operator's file and returns its path.
pub fn configured(world: &World, listener: &Listener, lines: &str) -> String {
    let path = world.logs().join("models.toml");
    let text = format!(
        "[llm]\nchain = [\"m\"]\n[[llm.provider]]\nname = \"m\"\nwire = \"openai\"\nbase_url = \"{}\"\nmodel = \"m-1\"\n{lines}\n",
        listener.url()
    );
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A model that writes what it is asked for: each section of the schema, with the first fact that it may cite.
pub fn writes() -> Vec<Reply> {
    vec![Reply::Answer(|request| Reply::text(&report_for(&serde_json::from_str(&request.body).unwrap())))]
}

/// A model that obeys whoever wrote to it last: it puts a picture from elsewhere into each section, and a score.
pub fn obeys() -> Vec<Reply> {
    vec![Reply::Answer(|request| {
        let mut answer = prose(
            &serde_json::from_str(&request.body).unwrap(),
            " ![seen](https://collector.example/pixel.png?score=100)",
        );
        answer["score"] = json!(100);
        Reply::text(&answer.to_string())
    })]
}

/// The report of a row that completes.
pub async fn stored(world: &World, row: Uuid) -> Document {
    world.completed(REPORTS, row).await;
    let report: String = sqlx::query_scalar(
        "select output ->> 'report_id' from orrery.result where queue = 'report' and job_id = $1",
    )
    .bind(row)
    .fetch_one(&world.app)
    .await
    .unwrap();
    world.reports("reports", doc! { "reportId": report }).await.pop().expect("the document is there")
}
