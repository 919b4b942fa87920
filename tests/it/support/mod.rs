//! What the tests stand on: databases of their own, worker processes, rows, and waiting without sleeping.

pub mod crowd;
pub mod database;
pub mod demo;
pub mod documents;
pub mod jobs;
pub mod platform;
pub mod proxy;
pub mod published;
pub mod rows;
pub mod servers;
pub mod spread;
pub mod wait;
pub mod worker;
pub mod world;

pub use world::World;
