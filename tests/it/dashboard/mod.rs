//! The dashboard of a real worker, over real HTTP and in a real browser.

mod access;
mod browser;
mod commands;
mod pages;
mod site;
mod walk;
