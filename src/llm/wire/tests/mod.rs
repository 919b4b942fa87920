//! Exact bodies in both directions, and the table of failures.

mod answers;
mod errors;
mod questions;
