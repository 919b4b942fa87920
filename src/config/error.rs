//! What can be wrong with the configuration; every case exits with code 78.

use std::path::PathBuf;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("configuration file {} cannot be read", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("configuration file {} is not valid TOML: {problem}", path.display())]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Line and problem.
        problem: String,
    },
    /// A key that does not exist.
    #[error(
        "configuration key {key:?} in {origin} is not known{hint}; `config/default.toml` lists every key"
    )]
    UnknownKey {
        /// The key as given.
        key: String,
        /// Where it stands.
        origin: String,
        /// ` (did you mean ...?)`, or nothing.
        hint: String,
    },
    /// A value that cannot be used.
    #[error("configuration key {key:?} in {origin}: {problem}")]
    Value {
        /// The key.
        key: String,
        /// Where its value stands.
        origin: String,
        /// What is wrong and what would be right.
        problem: String,
    },
}
