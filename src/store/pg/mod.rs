//! PostgreSQL: connections and migrations.

pub mod migrate;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool};

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

/// A connection that was idle for longer is asked whether it still works before it is used. Asking each time costs a round trip for
/// each statement; not asking at all lets every idle connection fail once after a restart of the server. Less than the time between two
/// pulses.
const ASK_AFTER: Duration = Duration::from_millis(500);

/// One part in so many of the time to wait for a connection is the time to wait for its answer: it may be dark, its other end gone
/// without a word, and then another is tried.
const TRIES: u32 = 4;

/// The error of a server that has not answered within `limit`. It counts as down.
#[must_use]
pub fn no_answer(limit: Duration) -> sqlx::Error {
    let why = format!("no answer within {limit:?}");
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, why))
}

/// What a server answers within `limit`. Over a connection that is dark no answer comes, and no end either.
///
/// Cancel safety: that of `asked`, which is dropped when the limit is over.
///
/// # Errors
/// Those of `asked`; without an answer in time [`no_answer`].
pub async fn within<T>(
    limit: Duration,
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(limit, asked).await.unwrap_or_else(|_| Err(no_answer(limit)))
}

/// Who a connection belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The worker: its updates of the applications' tables do not come back through the update triggers.
    Worker,
    /// An operator or a test: what it changes is followed like the change of any application.
    Operator,
}

/// Connection options from the configuration. Settings are not among them: a pooler such as `PgBouncer` takes none at the start of
/// a session, so they are set when it is open.
///
/// # Errors
/// When the URL is not a PostgreSQL URL.
pub fn options(config: &Postgres) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(&config.url)?.application_name("orrery"))
}

/// Settings of every session.
fn settings(config: &Postgres, role: Role) -> Vec<(String, String)> {
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
    settings.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

async fn set_up(connection: &mut PgConnection, settings: &[(String, String)]) -> Result<(), sqlx::Error> {
    let (names, values): (Vec<&str>, Vec<&str>) =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).unzip();
    sqlx::query(
        "select set_config(s.name, s.value, false) from unnest($1::text[], $2::text[]) as s (name, value)",
    )
    .bind(names)
    .bind(values)
    .execute(connection)
    .await
    .map(drop)
}

/// A pool of connections. One is made outside the pool first: it says why it fails, where a pool only says that it waited.
///
/// # Errors
/// When PostgreSQL refuses or does not answer in time.
pub async fn connect(config: &Postgres, role: Role) -> Result<PgPool, sqlx::Error> {
    let limit = Duration::from_secs(config.connect_timeout_s);
    let options = options(config)?;
    let settings: Arc<[(String, String)]> = settings(config, role).into();
    tokio::time::timeout(limit, options.connect())
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)??
        .close()
        .await?;
    PgPoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(limit)
        .test_before_acquire(false)
        .before_acquire(move |connection, state| {
            Box::pin(async move {
                if state.idle_for > ASK_AFTER {
                    within(limit / TRIES, connection.ping()).await?;
                }
                Ok(true)
            })
        })
        // A connection that comes back is asked by the pool as well, but without a limit: one that is dark would keep its place for good.
        .after_release(move |connection, _| {
            Box::pin(async move { within(limit / TRIES, connection.ping()).await.map(|()| true) })
        })
        .after_connect(move |connection, _| {
            let settings = Arc::clone(&settings);
            Box::pin(async move { set_up(connection, &settings).await })
        })
        .connect_with(options)
        .await
}
