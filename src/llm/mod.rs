//! Language models: the wires of their providers, what is asked and what may come back, and what a call costs.

pub mod account;
pub mod answer;
pub mod batch;
pub mod chain;
pub mod draft;
pub mod error;
pub mod guard;
mod http;
pub mod kind;
pub mod ladder;
pub mod limits;
pub mod metrics;
pub mod privacy;
pub mod probe;
pub mod prompt;
pub mod provider;
pub mod request;
pub mod retry;
pub mod schema;
mod telemetry;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod tls;
pub mod usage;
pub mod wire;
pub mod writer;

pub use answer::{Answer, Finish};
pub use chain::{Asked, Chain};
pub use error::LlmError;
pub use guard::Guard;
pub use kind::Kind;
pub use provider::Provider;
pub use request::Request;
pub use usage::Usage;
