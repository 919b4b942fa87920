//! The client of language models over real sockets: judged by LLMock, which nobody here wrote, and by single exact answers.

mod asking;
mod ca;
pub mod client;
mod closed;
mod command;
mod cut;
mod exact;
mod fates;
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
