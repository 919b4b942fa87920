//! Orrery: the worker daemon of an HR platform.
//!
//! Other applications insert rows into tables that they own; Orrery claims them, computes, writes the
//! result to MongoDB and PostgreSQL exactly once, and survives whatever dies in between.
//! `docs/architecture.md` shows the rooms and the way of a row.

pub mod astro;
pub mod cli;
pub mod compat;
pub mod config;
pub mod dashboard;
pub mod doctor;
pub mod domain;
pub mod draw;
pub mod harmonic;
pub mod llm;
pub mod narrator;
pub mod operate;
pub mod pipeline;
pub mod queue;
pub mod reference;
pub mod render;
pub mod runtime;
pub mod service;
pub mod store;
