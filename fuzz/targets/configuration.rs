//! The operator's file: any text gives a configuration, or an error that says where and what.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use orrery::config::Config;

fuzz_target!(|text: &str| {
    if let Err(error) = Config::of_text(Path::new("orrery.toml"), text) {
        assert!(!error.to_string().is_empty());
    }
});
