//! Language models: the wires of their providers, what is asked and what may come back, and what a call costs.

pub mod account;
pub mod answer;
pub mod error;
pub mod guard;
pub mod kind;
pub mod limits;
pub mod request;
pub mod schema;
pub mod usage;

pub use answer::{Answer, Finish};
pub use error::LlmError;
pub use guard::Guard;
pub use kind::Kind;
pub use request::Request;
pub use usage::Usage;
