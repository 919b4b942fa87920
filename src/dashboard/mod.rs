//! The dashboard: pages for operators, answered by the worker itself.
//!
//! Every page is made on the server and works without a script; each is HTML or, from the same data, JSON. What is shown comes
//! from `operate`; nothing here asks the queues itself. `guard` decides who sees and who acts; see docs/dashboard.md.

mod access;
mod answer;
mod assets;
mod guard;
mod layout;
mod live;
mod notices;
mod pages;
mod palette;
mod parts;
mod picture;
mod problem;
mod visit;
mod words;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use sqlx::PgPool;
use tokio::net::TcpListener;

pub use access::{Access, Role, Users, UsersError, hash};

use self::live::Changes;
use self::notices::Notices;
use crate::config::{self, Config, Postgres};
use crate::operate::reports::Documents;
use crate::store::pg;

/// Connections of the pages, apart from those of the jobs: nobody who looks takes one from a job.
const CONNECTIONS: u32 = 4;

/// Longest that PostgreSQL may work for one page, seconds.
const STATEMENT_S: u64 = 20;

/// What the pages are made from.
pub struct App {
    access: Access,
    pool: PgPool,
    documents: Documents,
    quarter: config::Quarter,
    /// How long a worker may be silent before it counts as dead.
    lease: Duration,
    notices: Notices,
    changes: Changes,
}

impl App {
    /// Pages over these stores.
    #[must_use]
    pub fn new(access: Access, pool: PgPool, documents: Documents, config: &Config) -> Self {
        Self {
            access,
            pool,
            documents,
            quarter: config.quarter.clone(),
            lease: config.queue.lease(),
            notices: Notices::default(),
            changes: Changes::default(),
        }
    }
}

/// Connections for the pages. What they change is followed like the change of any operator.
///
/// # Errors
/// When PostgreSQL refuses or does not answer in time.
pub async fn connect(config: &Postgres) -> Result<PgPool, sqlx::Error> {
    let own = Postgres {
        max_connections: CONNECTIONS,
        statement_timeout_s: config.statement_timeout_s.min(STATEMENT_S),
        ..config.clone()
    };
    pg::connect(&own, pg::Role::Operator).await
}

/// Answers until the task is ended.
pub async fn serve(listener: TcpListener, app: App) {
    let app = Arc::new(app);
    let routes = pages::routes()
        .layer(from_fn_with_state(Arc::clone(&app), guard::guard))
        .with_state(Arc::clone(&app))
        .into_make_service_with_connect_info::<SocketAddr>();
    let served = async {
        if let Err(error) = axum::serve(listener, routes).await {
            tracing::error!(%error, "the dashboard is no longer answered");
        }
    };
    tokio::select! {
        () = served => {}
        () = app.changes.follow(&app.pool) => {}
    }
}
