//! The client of language models over real sockets: judged by LLMock, which nobody here wrote, and by single exact answers.

mod asking;
mod client;
mod command;
mod exact;
mod guarding;
mod injected;
mod judge;
mod judged;
mod listener;
mod model;
mod reports;
mod whole_demo;
mod writing;
