//! The worker process: claimers, slots, heartbeat, maintenance, and an orderly stop.
//!
//! `apalis.rs` is the only file that knows which library runs the slots.

mod apalis;
mod claimer;
mod daemon;
mod dial;
mod handler;
mod keeper;
mod lane;
mod listener;

pub use daemon::{Daemon, DaemonError, Life, worker_id};
pub use dial::{Dial, Dials};
pub use handler::{Backing, Chore, Done, Handler};
pub use lane::LaneProgram;
pub use listener::Listener;
