//! PostgreSQL: connections and migrations.

pub mod migrate;

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

use crate::config::Postgres;

/// A worker that freezes or loses its host inside a transaction must not hold its locks for longer than a lease: the
/// server ends the session, and whoever took the row over goes on. Waits for locks end too, and cost no attempt.
const GIVE_WAY: [(&str, &str); 6] = [
    ("idle_in_transaction_session_timeout", "10s"),
    ("lock_timeout", "10s"),
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "15s"),
];

/// Who a connection belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The worker: its updates of the applications' tables do not come back through the update triggers.
    Worker,
    /// An operator or a test: what it changes is followed like the change of any application.
    Operator,
}

/// Connection options from the configuration.
///
/// # Errors
/// When the URL is not a PostgreSQL URL.
pub fn options(config: &Postgres, role: Role) -> Result<PgConnectOptions, sqlx::Error> {
    let statement_timeout_ms = (config.statement_timeout_s * 1000).to_string();
    let mut settings = vec![
        ("search_path", config.search_path.as_str()),
        ("timezone", "UTC"),
        ("statement_timeout", statement_timeout_ms.as_str()),
    ];
    if role == Role::Worker {
        settings.push(("orrery.internal", "on"));
        settings.extend(GIVE_WAY);
    }
    Ok(PgConnectOptions::from_str(&config.url)?.application_name("orrery").options(settings))
}

/// A pool of connections. One is made outside the pool first: it says why it fails, where a pool only says that it waited.
///
/// # Errors
/// When PostgreSQL refuses or does not answer in time.
pub async fn connect(config: &Postgres, role: Role) -> Result<PgPool, sqlx::Error> {
    let limit = Duration::from_secs(config.connect_timeout_s);
    let options = options(config, role)?;
    tokio::time::timeout(limit, options.connect())
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)??
        .close()
        .await?;
    PgPoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(limit)
        .connect_with(options)
        .await
}
