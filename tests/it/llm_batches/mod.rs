//! Questions that go by batches: judged by LLMock on the three interfaces, and against a provider of our own for all that LLMock does
//! not do: results in another order, expired and refused items, a creation that is never answered.

mod commands;
mod ends;
mod judged;
mod kills;
mod provider;
mod reports;
mod sleepers;
mod told;
mod waiting;
