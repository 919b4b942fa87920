//! What an operator sees and does: the one place that the command line and the dashboard stand on.
//!
//! Looking never costs more than a bounded number of rows, whatever the size of the tables: lists go from the newest row to the
//! oldest in steps ([`jobs`]). Whatever changes something goes through [`act`], which says in [`audit`] who did what, and changes
//! rows as any application would: the triggers do the rest.

pub mod act;
pub mod audit;
pub mod cursor;
pub mod enqueue;
pub mod failures;
pub mod filter;
pub mod jobs;
pub mod moment;
pub mod organizations;
pub mod overview;
pub mod pace;
pub mod reports;
pub mod schedules;
mod walk;
pub mod workers;

pub use act::{Acted, Action, Actor, Mode, Source};
pub use cursor::Cursor;
pub use filter::{Filter, FilterError, State};
