//! The client of language models over real sockets: judged by LLMock, which nobody here wrote, and by single exact answers.

mod asking;
pub mod client;
mod command;
mod exact;
mod guarding;
pub mod judge;
mod judged;
pub mod listener;
pub mod reports;
mod writing;
