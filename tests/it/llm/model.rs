//! Workers with a model, and models that write what they are asked for, or what they should not.

use bson::{Document, doc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::listener::{Listener, Reply};
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

/// What a model says to a question.
pub fn report_for(body: &Value) -> String {
    prose(body, "").to_string()
}

/// Prose for each section that the schema names; `more` ends each section.
fn prose(body: &Value, more: &str) -> Value {
    let ids = choices(body, "sectionId");
    let facts = choices(body, "evidence");
    let sections: Vec<Value> = ids
            .iter()
            .enumerate()
            .map(|(at, id)| {
                let topic = id.replace('_', " ");
                json!({
                    "sectionId": id,
                    "content": format!("Person A meets the part called {topic} with calm and with an eye for what matters over the next {} weeks.{more}", at + 3),
                    "subsections": [{
                        "title": format!("Daily work on {topic}"),
                        "content": format!("At Company A this shows when plans for {topic} change late and somebody has to sort what comes first of {} things.", at + 2),
                        "insights": [format!("Sorts {topic} quickly and without noise.")],
                        "recommendations": [format!("Write a short list for {topic} each Monday during four weeks.")],
                        "evidence": [facts.first().map_or("F01", |fact| fact.as_str())]
                    }]
                })
            })
            .collect();
    json!({
        "summary": "Person A brings calm and order to Company A, and grows most where plans change late and often.",
        "sections": sections,
        "keyInsights": ["Calm when plans change."],
        "actionItems": ["Write a short list each Monday during four weeks."]
    })
}

/// The values that a schema in `value` allows for a property.
fn choices(value: &Value, property: &str) -> Vec<String> {
    match value {
        Value::Object(map) => {
            if let Some(found) = map.get(property) {
                let allowed = words_below(found);
                if !allowed.is_empty() {
                    return allowed;
                }
            }
            map.values()
                .map(|inner| choices(inner, property))
                .find(|found| !found.is_empty())
                .unwrap_or_default()
        }
        Value::Array(items) => items
            .iter()
            .map(|inner| choices(inner, property))
            .find(|found| !found.is_empty())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn words_below(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => match map.get("enum") {
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => map.values().map(words_below).find(|found| !found.is_empty()).unwrap_or_default(),
        },
        _ => Vec::new(),
    }
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
