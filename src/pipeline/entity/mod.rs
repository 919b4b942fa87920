//! Entity updates: chart, code, comparisons and pattern of an employee, a candidate or a company.

pub mod compute;
pub mod facts;
pub mod handler;
pub mod history;
pub mod publish;
pub mod stored;

pub use compute::{Compared, Computed};
pub use facts::{EntityKey, EntityKind, Facts};
pub use handler::EntityHandler;
