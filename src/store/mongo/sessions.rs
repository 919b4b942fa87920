//! Transactions that a dead worker left open.
//!
//! MongoDB keeps them, and the locks on their documents, for up to a minute after the client is gone. Whoever takes the
//! rows over would run into them for as long.

use bson::{Document, doc};
use futures::TryStreamExt as _;
use mongodb::Client;

/// The application name under which a worker is known to MongoDB.
#[must_use]
pub fn app_name(worker_id: &str) -> String {
    format!("orrery {worker_id}")
}

/// Ends the transactions of a worker and returns how many there were. Sees and ends those of the own user only, which is all
/// that is needed, since the workers share one.
///
/// # Errors
/// When MongoDB refuses or does not answer.
pub async fn end_transactions(client: &Client, worker_id: &str) -> Result<usize, mongodb::error::Error> {
    let admin = client.database("admin");
    let open: Vec<Document> = admin
        .aggregate([
            doc! { "$currentOp": { "allUsers": false, "idleSessions": true } },
            doc! { "$match": { "appName": app_name(worker_id), "transaction": { "$exists": true } } },
            doc! { "$project": { "lsid": 1 } },
        ])
        .await?
        .try_collect()
        .await?;
    let sessions: Vec<Document> = open
        .iter()
        .filter_map(|operation| operation.get_document("lsid").ok()?.get("id").cloned())
        .map(|id| doc! { "id": id })
        .collect();
    if !sessions.is_empty() {
        admin.run_command(doc! { "killSessions": &sessions }).await?;
    }
    Ok(sessions.len())
}
