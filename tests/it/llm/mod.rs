//! The client of language models over real sockets: judged by LLMock, which nobody here wrote, and by single exact answers.

mod asking;
pub mod client;
mod command;
mod cut;
mod exact;
mod flight;
mod guarding;
mod injected;
pub mod judge;
mod judged;
pub mod listener;
pub mod model;
mod prompts;
mod prose;
mod reports;
mod telemetry;
mod whole_demo;
mod writing;
