//! The two stores: connections, schema set-up, and what their errors mean.

pub mod availability;
pub mod bulk;
pub mod certificate;
mod command;
pub mod connect;
pub mod documents;
pub mod mongo;
pub mod pg;
pub mod statement;
