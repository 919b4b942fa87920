//! Configuration: one embedded reference file, one file of the operator, the environment.

mod dashboard;
mod error;
mod layers;
mod llm;
mod net;
pub mod reference;
mod sections;
mod telemetry;

use std::path::{Path, PathBuf};

pub use dashboard::Dashboard;
pub use error::ConfigError;
pub use llm::{Auth, Llm, LlmProvider, OutputCap, Price, PromptNextBy, SchemaForm, WireName};
pub use net::Net;
pub use sections::{
    Config, LlmAccount, LlmBatch, Log, Misfire, Mongodb, Postgres, Quarter, QueueSlots, Reconcile, Report,
    Timing,
};
pub use telemetry::Telemetry;

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

/// A value that is in force, and why.
#[derive(Debug, Clone)]
pub struct Explained {
    /// `section.name`.
    pub key: String,
    /// The value; passwords are replaced.
    pub value: toml::Value,
    /// The file or variable that set it; `None` for the default.
    pub origin: Option<String>,
}

impl Sources {
    /// Every key in the order of the reference, as it is in force.
    ///
    /// # Errors
    /// As [`Sources::load`], but for what only the values themselves show.
    pub fn explain(&self) -> Result<Vec<Explained>, ConfigError> {
        let mut values = layers::merge(self)?.values();
        let order: Vec<String> = reference::keys().into_iter().map(|key| key.name).collect();
        values.sort_by_key(|(key, ..)| order.iter().position(|known| known == key));
        let explained = |(key, value, origin)| Explained { value: without_password(value), key, origin };
        Ok(values.into_iter().map(explained).collect())
    }
}

/// `scheme://user:password@host/?password=...` without the passwords.
fn without_password(value: toml::Value) -> toml::Value {
    let toml::Value::String(text) = &value else { return value };
    let Some((scheme, rest)) = text.split_once("://") else { return value };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    // The last @, because a password may hold one.
    let place = match place.rsplit_once('@').and_then(|(who, host)| Some((who.split_once(':')?.0, host))) {
        Some((user, host)) => format!("{user}:***@{host}"),
        None => place.to_owned(),
    };
    let query = query.map_or_else(String::new, |query| {
        let hidden = |part: &str| match part.split_once('=') {
            Some((name, _)) if name.contains("password") => format!("{name}=***"),
            _ => part.to_owned(),
        };
        format!("?{}", query.split('&').map(hidden).collect::<Vec<_>>().join("&"))
    });
    toml::Value::String(format!("{scheme}://{place}{query}"))
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
