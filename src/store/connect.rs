//! Opening both stores.

use std::time::Duration;

use mongodb::Client;
use mongodb::options::ClientOptions;

use super::mongo::Databases;
use crate::config::Mongodb;

/// A client of MongoDB, known to the server as `app_name`; it connects when it is first used.
///
/// # Errors
/// When the URI is not a MongoDB URI.
pub async fn mongodb(config: &Mongodb, app_name: &str) -> Result<Client, mongodb::error::Error> {
    let mut options = ClientOptions::parse(&config.uri).await?;
    options.app_name = Some(app_name.to_owned());
    options.server_selection_timeout = Some(Duration::from_secs(config.server_selection_timeout_s));
    options.connect_timeout = Some(Duration::from_secs(config.server_selection_timeout_s));
    Client::with_options(options)
}

impl From<&Mongodb> for Databases {
    fn from(config: &Mongodb) -> Self {
        Self { reports: config.reports_database.clone(), astrology: config.astrology_database.clone() }
    }
}
