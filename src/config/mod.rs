//! Configuration: one embedded reference file, one file of the operator, the environment.

mod error;
mod layers;
mod llm;
mod sections;

use std::path::{Path, PathBuf};

pub use error::ConfigError;
pub use llm::{Auth, Llm, LlmProvider, OutputCap, Price, SchemaForm, WireName};
pub use sections::{
    Config, LlmAccount, LlmBatch, Log, Misfire, Mongodb, Postgres, Quarter, QueueSlots, Reconcile, Report,
    Timing,
};

/// The reference: every key with its default and what it means.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");

/// Where configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The operator's file, if any.
    pub file: Option<PathBuf>,
    /// Environment variables, as name and value.
    pub environment: Vec<(String, String)>,
}

impl Sources {
    /// The given file, or the one that `ORRERY_CONFIG` names, and the environment of this process.
    #[must_use]
    pub fn of_process(file: Option<&Path>) -> Self {
        let file =
            file.map(Path::to_path_buf).or_else(|| std::env::var_os("ORRERY_CONFIG").map(PathBuf::from));
        Self { file, environment: std::env::vars().collect() }
    }

    /// Reads, merges and checks all layers.
    ///
    /// # Errors
    /// Names the key, where it stands, what is wrong and what would be right.
    pub fn load(&self) -> Result<Config, ConfigError> {
        let mut config = checked(&layers::merge(self)?)?;
        config.read_secrets()?;
        Ok(config)
    }
}

impl Config {
    /// The defaults and the text of a file named `path`: reads neither that file nor the environment nor secrets.
    ///
    /// # Errors
    /// As [`Sources::load`].
    pub fn of_text(path: &Path, text: &str) -> Result<Self, ConfigError> {
        checked(&layers::with_text(path, text)?)
    }
}

fn checked(merged: &layers::Merged) -> Result<Config, ConfigError> {
    let config: Config = serde_path_to_error::deserialize(merged.table.clone()).map_err(|error| {
        let key = error.path().to_string();
        let origin = merged.origin_of(&key);
        ConfigError::Value { key, origin, problem: error.into_inner().message().to_owned() }
    })?;
    config.check(&|key| merged.origin_of(key))?;
    Ok(config)
}

#[cfg(test)]
mod tests;
