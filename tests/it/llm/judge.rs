//! LLMock as a process of its own: speaks the wires, fails on command, and judges the client. `scripts/llmock` puts it into `var/llmock`.
//!
//! Its verdict comes from the status and the time of each request (its verdict.py), whatever the wire. What it cannot bring about is
//! named where its verdict is asked for.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::servers::free_port;
use crate::support::wait::eventually;

/// Starts it without the second that it puts by itself into each 429, 503, 504 and 529 for which a scenario names no time. What
/// it judges by stays as it is.
const WITHOUT_HINTS: &str = "import runpy, llmock.simulation as simulation; \
                             simulation.RETRYABLE_STATUS_CODES = frozenset(); \
                             runpy.run_module('llmock.cli', run_name='__main__')";

/// Starts it with the batches of Gemini in the words of Google's reference, for which it has other ones.
const IN_GOOGLES_WORDS: &str = include_str!("google.py");

/// The three wires that it speaks, by its own names, and their paths.
pub const WIRES: [(&str, &str); 3] = [("openai", "/v1"), ("anthropic", "/anthropic"), ("gemini", "/gemini")];

/// A running LLMock, for one test.
pub struct Llmock {
    process: Child,
    port: u16,
    http: reqwest::Client,
}

impl Llmock {
    /// Starts it with these further arguments.
    pub async fn start(arguments: &[&str]) -> Self {
        Self::run(["-m", "llmock.cli"], arguments).await
    }

    /// Starts one whose refusals name no time unless the scenario does.
    pub async fn without_hints() -> Self {
        Self::run(["-c", WITHOUT_HINTS], &[]).await
    }

    /// Starts one that takes batches on all wires.
    pub async fn with_all_batches() -> Self {
        Self::run(["-c", IN_GOOGLES_WORDS], &[]).await
    }

    async fn run(program: [&str; 2], arguments: &[&str]) -> Self {
        let var = std::env::var_os("ORRERY_VAR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("var"), PathBuf::from);
        let folder = var.join("llmock");
        assert!(
            folder.join("list.txt").exists(),
            "LLMock is not in {}: run scripts/llmock",
            folder.display()
        );
        let port = free_port();
        let process = Command::new("python3")
            .args(program)
            .args(["serve", "--log-level", "error", "--port", &port.to_string()])
            .args(arguments)
            .env("PYTHONPATH", &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3 runs");
        let http = super::client::plain();
        let judge = Self { process, port, http };
        // Python needs seconds to start on a busy machine.
        eventually(Duration::from_mins(1), "LLMock listens", String::new, async || {
            let answer = judge.http.get(judge.at("/health")).send().await;
            answer.map(|_| ()).map_err(|error| error.to_string())
        })
        .await;
        judge
    }

    /// Address of a path.
    pub fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Queues behaviours and forgets all that was before.
    pub async fn scenario(&self, behaviors: &Value) {
        self.send("/_llmock/reset", &json!({})).await;
        if behaviors.as_array().is_some_and(|list| !list.is_empty()) {
            self.send("/_llmock/scenario", &json!({"behaviors": behaviors})).await;
        }
    }

    /// Queues a behaviour for each wire, so that the wires can be spoken side by side, and forgets all that was before.
    pub async fn scenario_of_each_wire(&self, behavior: &Value) {
        let of_wire = |(wire, _): (&str, &str)| {
            let mut behavior = behavior.clone();
            behavior["match"] = json!({"provider": wire});
            behavior
        };
        self.scenario(&json!(WIRES.map(of_wire))).await;
    }

    async fn send(&self, path: &str, body: &Value) {
        let sent = self.http.post(self.at(path)).body(body.to_string()).send().await.unwrap();
        assert!(sent.status().is_success(), "{path}: {}", sent.text().await.unwrap());
    }

    async fn get(&self, path: &str) -> Value {
        let text = self.http.get(self.at(path)).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Each request so far, in order.
    async fn requests(&self) -> Vec<Value> {
        self.get("/_llmock/requests").await["requests"].as_array().unwrap().clone()
    }

    /// Each request of a wire so far, in order.
    async fn requests_of(&self, wire: &str) -> Vec<Value> {
        let mut requests = self.requests().await;
        requests.retain(|one| one["provider"] == wire);
        requests
    }

    /// Status of each request so far, in order.
    pub async fn statuses(&self) -> Vec<u64> {
        self.requests().await.iter().map(|one| one["status"].as_u64().unwrap()).collect()
    }

    /// Status of each request of a wire so far, in order.
    pub async fn statuses_of(&self, wire: &str) -> Vec<u64> {
        self.requests_of(wire).await.iter().map(|one| one["status"].as_u64().unwrap()).collect()
    }

    /// Seconds that the answer to each request so far asked to wait, in order.
    pub async fn hints(&self) -> Vec<Option<f64>> {
        self.requests().await.iter().map(|one| one["retry_after"].as_f64()).collect()
    }

    /// Wire and fault of each request so far that met one, in order.
    pub async fn faults(&self) -> Vec<String> {
        let fault = |one: &Value| Some(format!("{} {}", one["provider"].as_str()?, one["fault"].as_str()?));
        self.requests().await.iter().filter_map(fault).collect()
    }

    /// Method and path of each request of a wire so far, in order.
    pub async fn asked_of(&self, wire: &str) -> Vec<String> {
        let word = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
        let requests = self.requests_of(wire).await;
        requests.iter().map(|one| format!("{} {}", word(one, "method"), word(one, "path"))).collect()
    }

    /// Asserts that the client did nothing wrong.
    pub async fn acquits(&self, what: &str) {
        let verdict = self.get("/_llmock/verdict").await;
        assert_eq!(verdict["passed"], json!(true), "{what}: {verdict:#}");
    }
}

impl Drop for Llmock {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
