//! Accounts of language models, shared by several workers over one database.

pub mod asking;
mod breakers;
mod buckets;
mod budgets;
mod commands;
mod daily_quota;
mod dying;
mod explained;
mod first_snooze;
mod fleet;
mod other_bills;
mod paid_once;
mod people;
mod reasons;
