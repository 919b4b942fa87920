//! A model that writes what the schema asks for, after a fixed time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The server; ends with the process.
pub struct Model {
    port: u16,
    counts: Arc<Counts>,
}

#[derive(Debug)]
struct Counts {
    delay: Duration,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Model {
    pub async fn start(delay: Duration) -> anyhow::Result<Self> {
        let counts = Arc::new(Counts { delay, now: AtomicUsize::new(0), most: AtomicUsize::new(0) });
        let socket = TcpListener::bind("127.0.0.1:0").await?;
        let port = socket.local_addr()?.port();
        let router =
            Router::new().route("/v1/chat/completions", post(answer)).with_state(Arc::clone(&counts));
        tokio::spawn(async move { axum::serve(socket, router).await });
        Ok(Self { port, counts })
    }

    /// The base URL for the wire `openai`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Most questions that waited for their answer at one moment.
    pub fn most_at_once(&self) -> usize {
        self.counts.most.load(Ordering::Relaxed)
    }
}

async fn answer(State(counts): State<Arc<Counts>>, Json(question): Json<Value>) -> Json<Value> {
    let now = counts.now.fetch_add(1, Ordering::Relaxed) + 1;
    counts.most.fetch_max(now, Ordering::Relaxed);
    let text = prose(&question).to_string();
    tokio::time::sleep(counts.delay).await;
    counts.now.fetch_sub(1, Ordering::Relaxed);
    Json(json!({
        "id": "c-1", "model": "m-1",
        "choices": [{ "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 3000, "completion_tokens": 900 },
    }))
}

/// Prose for each section that the schema names, with the first fact that it may cite.
fn prose(question: &Value) -> Value {
    let facts = allowed(question, "evidence");
    let sections = allowed(question, "sectionId").into_iter().enumerate().map(|(at, id)| {
        let topic = id.replace('_', " ");
        json!({
            "sectionId": id,
            "content": format!("Person A meets the part called {topic} with calm and with an eye for what matters over the next {} weeks.", at + 3),
            "subsections": [{
                "title": format!("Daily work on {topic}"),
                "content": format!("At Company A this shows when plans for {topic} change late and somebody has to sort what comes first of {} things.", at + 2),
                "insights": [format!("Sorts {topic} quickly and without noise.")],
                "recommendations": [format!("Write a short list for {topic} each Monday during four weeks.")],
                "evidence": [facts.first().map_or("F01", String::as_str)],
            }],
        })
    });
    json!({
        "summary": "Person A brings calm and order to Company A, and grows most where plans change late and often.",
        "sections": sections.collect::<Vec<_>>(),
        "keyInsights": ["Calm when plans change."],
        "actionItems": ["Write a short list each Monday during four weeks."],
    })
}

/// The values that the schema allows for a property.
fn allowed(value: &Value, property: &str) -> Vec<String> {
    let inner: Vec<&Value> = match value {
        Value::Object(map) => match map.get(property).map(words) {
            Some(found) if !found.is_empty() => return found,
            _ => map.values().collect(),
        },
        Value::Array(items) => items.iter().collect(),
        _ => return Vec::new(),
    };
    inner
        .into_iter()
        .map(|value| allowed(value, property))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn words(value: &Value) -> Vec<String> {
    let Value::Object(map) = value else { return Vec::new() };
    match map.get("enum") {
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => map.values().map(words).find(|found| !found.is_empty()).unwrap_or_default(),
    }
}
