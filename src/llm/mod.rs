//! Language models: the wires of their providers, what is asked and what may come back, and what a call costs.

pub mod usage;

pub use usage::Usage;
