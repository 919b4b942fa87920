//! The dashboard of a real worker, over real HTTP and in a real browser.

mod access;
mod actions;
mod browser;
mod commands;
mod form;
mod keyboard;
mod pages;
pub mod site;
mod walk;
