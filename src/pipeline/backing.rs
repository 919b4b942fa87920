//! MongoDB as the worker looks after it: probed while its breaker is open, tidied up after dead workers.

use async_trait::async_trait;
use bson::doc;
use mongodb::Client;

use crate::queue::{Dependency, JobError, Stage};
use crate::runtime::Backing;
use crate::store::mongo::sessions;

/// The document store.
pub struct DocumentStore {
    client: Client,
}

impl DocumentStore {
    /// Looks after the server behind `client`.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Backing for DocumentStore {
    fn dependency(&self) -> Dependency {
        Dependency::Mongodb
    }

    async fn probe(&self) -> Result<(), String> {
        // Goes to the primary: a replica set that has none takes no writes.
        let answer = self.client.database("admin").run_command(doc! { "ping": 1 }).await;
        answer.map(drop).map_err(|error| error.kind.to_string())
    }

    async fn release(&self, worker_id: &str) -> Result<(), JobError> {
        let ended = sessions::end_transactions(&self.client, worker_id)
            .await
            .map_err(|error| JobError::mongodb(Stage::Publish, error))?;
        if ended > 0 {
            tracing::info!(worker_id, ended, "open transactions of a dead worker ended");
        }
        Ok(())
    }
}
