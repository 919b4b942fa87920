//! Signing in, rights, encryption, and what a log may say.

pub mod certificates;
mod least;
mod log;
mod servers;
