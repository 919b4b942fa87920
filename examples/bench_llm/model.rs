//! A model that writes what the schema asks for, after a fixed time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::prose::report_for;

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
    let text = report_for(&question);
    tokio::time::sleep(counts.delay).await;
    counts.now.fetch_sub(1, Ordering::Relaxed);
    Json(json!({
        "id": "c-1", "model": "m-1",
        "choices": [{ "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 3000, "completion_tokens": 900 },
    }))
}
