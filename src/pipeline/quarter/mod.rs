//! Quarters: a due schedule expands into entity rows, counts them, and ends when they have ended.

pub mod control;
mod counts;
mod expand;
mod gate;
mod handler;
mod pace;
pub mod plan;
mod run;
mod window;

pub use handler::QuarterHandler;
pub use window::Window;
