//! Signing in, rights, encryption, and what a log may say.

mod certificates;
mod least;
mod log;
mod servers;
