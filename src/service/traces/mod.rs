//! Traces for a collector of `OpenTelemetry`, where the program was built with the feature `otel`.

use tracing_subscriber::{Layer, Registry};

#[cfg(not(feature = "otel"))]
mod none;
#[cfg(feature = "otel")]
mod otlp;

#[cfg(not(feature = "otel"))]
pub use none::Traces;
#[cfg(feature = "otel")]
pub use otlp::Traces;

/// What listens to spans beside the log.
pub type TraceLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Traces were asked for and cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be sent to telemetry.otlp_endpoint: {0}")]
pub struct TracesError(pub String);
