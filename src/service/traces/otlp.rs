//! Sends spans by OTLP over HTTP. A thread of the library collects and hands over; what it cannot get rid of is dropped, so that
//! no job ever waits for a collector.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, ResponseBodyTooLarge};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use reqwest::redirect;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::{Layer as _, Registry};

use super::{TraceLayer, TracesError};
use crate::config::Telemetry;
use crate::llm::tls;
use crate::queue::spans;

/// Time that the collector has to take spans.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest answer that is read: a collector says how many spans it refused, and why.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Sends spans until it is flushed.
#[derive(Debug)]
pub struct Traces {
    provider: Option<SdkTracerProvider>,
}

impl Traces {
    /// Begins to send to the collector of the configuration, if it names one.
    ///
    /// # Errors
    /// When the client of the collector cannot be made. Whether the collector is there is not asked.
    pub fn start(config: &Telemetry, worker_id: &str) -> Result<(Self, Option<TraceLayer>), TracesError> {
        let Some(address) = config.traces() else { return Ok((Self { provider: None }, None)) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new()?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(address)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| TracesError(error.to_string()))?;
        let resource = Resource::builder()
            .with_service_name("orrery")
            .with_attributes([
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
                KeyValue::new("service.instance.id", worker_id.to_owned()),
            ])
            .build();
        // Whoever began the trace has decided whether it is kept.
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.otlp_sample_ratio)));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler)
            .with_resource(resource)
            .build();
        let layer = tracing_opentelemetry::layer::<Registry>()
            .with_tracer(provider.tracer("orrery"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(Targets::new().with_target(spans::TARGET, LevelFilter::INFO));
        Ok((Self { provider: Some(provider) }, Some(Box::new(layer))))
    }

    /// Sends what is still to be sent, for no longer than `limit`, and ends.
    pub async fn flush(self, limit: Duration) {
        let Some(provider) = self.provider else { return };
        let limit = limit.min(PATIENCE);
        let (done, ended) = oneshot::channel();
        // A thread of its own: the library waits for its sender, which needs the threads of the runtime.
        std::thread::spawn(move || {
            let result = provider.shutdown_with_timeout(limit);
            // Whoever has stopped waiting does not need to know.
            let _ = done.send(result);
        });
        let taken = tokio::time::timeout(limit, ended).await;
        if !matches!(taken, Ok(Ok(Ok(())))) {
            tracing::debug!("the last traces were not taken");
        }
    }
}

/// The client of the collector: TLS as for everything else, and one line in the log when the collector goes and when it is back.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: Handle,
    away: AtomicBool,
}

impl Sender {
    fn new() -> Result<Self, TracesError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config("").map_err(TracesError)?)
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("orrery/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| TracesError(error.to_string()))?;
        Ok(Self { client, runtime: Handle::current(), away: AtomicBool::new(false) })
    }

    fn tell(&self, result: &Result<Response<Bytes>, HttpError>) {
        let wrong = match result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it answers {}", response.status())),
            Err(error) => Some(deepest(error.as_ref())),
        };
        match wrong {
            Some(error) if !self.away.swap(true, Ordering::Relaxed) => tracing::warn!(
                error,
                "the collector of telemetry.otlp_endpoint takes no traces; they are dropped until it does, and the work goes on"
            ),
            None if self.away.swap(false, Ordering::Relaxed) => {
                tracing::info!("the collector takes traces again");
            }
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // The thread that asks is none of the runtime's.
        let exchange = self.runtime.spawn(exchange(self.client.clone(), request));
        let result = exchange.await.unwrap_or_else(|error| Err(error.into()));
        self.tell(&result);
        result
    }
}

async fn exchange(client: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let mut answer = client.execute(request.try_into()?).await.map_err(reqwest::Error::without_url)?;
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(ResponseBodyTooLarge::new().into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body.into())?)
}

/// The last cause, which says most.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(below) = deepest.source() {
        deepest = below;
    }
    deepest.to_string()
}
