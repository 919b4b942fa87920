//! What a worker tells its host: systemd, probes of an orchestrator, Prometheus, a collector of traces.

pub mod http;
pub mod metrics;
pub mod systemd;
pub mod traces;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::PgPool;

use crate::config::Config;
use crate::runtime::Life;

/// Time beyond those of PostgreSQL after which a loop that has not come back counts as stuck.
const GRACE: Duration = Duration::from_secs(30);

/// What the answers are made of. Cheap to clone; all clones see the same.
#[derive(Debug, Clone)]
pub struct Watch {
    /// What the worker lets others see.
    pub life: Life,
    pool: Arc<OnceLock<PgPool>>,
    patience: Duration,
}

impl Watch {
    /// A watch over a worker that starts with this configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let postgres = &config.postgres;
        Self {
            life: Life::default(),
            pool: Arc::default(),
            patience: GRACE
                + Duration::from_secs(postgres.statement_timeout_s)
                + Duration::from_secs(postgres.connect_timeout_s),
        }
    }

    /// Tells where the database is, once it is connected.
    pub fn connected(&self, pool: &PgPool) {
        let _ = self.pool.set(pool.clone());
    }

    /// Loops that do not advance.
    #[must_use]
    pub fn stuck(&self) -> Vec<String> {
        self.life.vitals.stuck(self.patience)
    }

    fn pool(&self) -> Option<&PgPool> {
        self.pool.get()
    }
}
