//! Words that every room shares: quarters, report types, requirement profiles, deterministic ids, fingerprints.
//!
//! A pure room: no I/O, no clock, no async.

pub mod digest;
pub mod ids;
pub mod memory;
pub mod profile;
pub mod quarter;
pub mod report_type;

pub use memory::Memory;
pub use profile::Profile;
pub use quarter::Quarter;
pub use report_type::ReportType;
