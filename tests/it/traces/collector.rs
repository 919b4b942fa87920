//! A collector of traces that keeps what it gets.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as Status;
use prost::Message as _;
use tokio::task::JoinHandle;

/// Attributes by name, as text.
pub type Attributes = BTreeMap<String, String>;

/// A span as it arrived; ids in hexadecimal.
#[derive(Debug, Clone)]
pub struct Seen {
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub name: String,
    pub failed: bool,
    pub attributes: Attributes,
    pub events: Vec<(String, Attributes)>,
    /// Of the process.
    pub resource: Attributes,
}

impl Seen {
    /// An attribute; empty when it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// The collector.
pub struct Collector {
    url: String,
    kept: Arc<Kept>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Kept {
    refuses: AtomicBool,
    bodies: Mutex<Vec<Bytes>>,
}

impl Collector {
    /// Starts on a free port; one that `refuses` answers that it cannot, until it is told otherwise.
    pub async fn start(refuses: bool) -> Self {
        let kept = Arc::new(Kept { refuses: refuses.into(), bodies: Mutex::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&kept));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, kept, serving }
    }

    /// Its address, without the path.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes what comes from now on.
    pub fn accept(&self) {
        self.kept.refuses.store(false, Ordering::SeqCst);
    }

    /// The requests so far, those included that it refused.
    pub fn bodies(&self) -> Vec<Bytes> {
        self.kept.bodies.lock().unwrap().clone()
    }

    /// The spans of all requests.
    pub fn spans(&self) -> Vec<Seen> {
        self.bodies().into_iter().flat_map(spans_of).collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(kept): State<Arc<Kept>>, body: Bytes) -> StatusCode {
    kept.bodies.lock().unwrap().push(body);
    if kept.refuses.load(Ordering::SeqCst) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

fn spans_of(body: Bytes) -> Vec<Seen> {
    let request = ExportTraceServiceRequest::decode(body).expect("a request of OTLP");
    let mut seen = Vec::new();
    for part in request.resource_spans {
        let resource = attributes(part.resource.unwrap_or_default().attributes);
        for span in part.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            seen.push(Seen {
                trace: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                name: span.name,
                failed: span.status.is_some_and(|status| status.code == Status::Error as i32),
                attributes: attributes(span.attributes),
                events: span
                    .events
                    .into_iter()
                    .map(|event| (event.name, attributes(event.attributes)))
                    .collect(),
                resource: resource.clone(),
            });
        }
    }
    seen
}

fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    pairs.into_iter().map(|pair| (pair.key, text(pair.value))).collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(yes)) => yes.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        Some(Value::ArrayValue(array)) => {
            array.values.into_iter().map(|value| text(Some(value))).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
