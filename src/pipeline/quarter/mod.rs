//! Quarters: a due schedule expands into entity rows, counts them, and ends when they have ended.

mod handler;
mod window;

pub use handler::QuarterHandler;
pub use window::Window;
