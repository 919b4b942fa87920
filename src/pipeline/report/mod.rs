//! Reports: collect, calculate, analyse, compile, publish.

mod changes;
mod collect;
mod crowds;
mod documents;
mod handler;
mod prose;
mod publish;
mod rows;
mod unchanged;

pub use handler::ReportHandler;
pub use prose::Models;
