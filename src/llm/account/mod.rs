//! Accounts of the calls: what is paid once and kept, what it may cost, how fast it may be asked, and when a model is left alone.
//!
//! All of it is shared by the fleet through PostgreSQL (`migrations/orrery/2014_llm_account.up.sql`); texts stand in MongoDB and
//! expire. One [`Account`] belongs to a worker, one [`JobAccount`] to each job. A connection is held for one statement at a time,
//! never while a model thinks.

mod adopt;
mod audit;
pub mod batches;
pub mod breakers;
pub mod budget;
pub mod calls;
mod guard;
pub mod prices;
mod record;
mod row;
mod settings;
mod sweep;
pub mod terms;
mod waiting;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::PgPool;
use uuid::Uuid;

use self::audit::Audit;
pub use self::guard::JobAccount;
use self::prices::PriceBook;
pub use self::settings::Settings;
pub use self::sweep::Swept;
pub use self::terms::Terms;
use super::error::LlmError;
use super::kind::Kind;
use crate::store::mongo::Databases;

/// The accounts, as one worker sees them.
#[derive(Debug)]
pub struct Account {
    pool: PgPool,
    audit: Audit,
    settings: RwLock<Arc<Settings>>,
    worker_id: String,
    terms: HashMap<String, Terms>,
    prices: RwLock<Arc<PriceBook>>,
}

/// For whom a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// Tenant; empty when unknown.
    pub organization_id: String,
    /// The row that it is made for, and the claim; `None` outside of jobs.
    pub job: Option<PayingJob>,
}

/// The row for which calls are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayingJob {
    /// Queue of the row.
    pub queue: &'static str,
    /// Primary key of the row.
    pub id: Uuid,
    /// Token of the claim: of two runs of a row the one with the greater token is right.
    pub token: i64,
}

impl Account {
    /// Reads the prices. `terms` says what the configuration knows of each provider.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer.
    pub async fn open(
        pool: PgPool,
        mongo: &mongodb::Client,
        databases: &Databases,
        settings: Settings,
        worker_id: String,
        terms: Vec<Terms>,
    ) -> Result<Arc<Self>, sqlx::Error> {
        let prices = prices::load(&pool).await?;
        let terms = terms.into_iter().map(|terms| (terms.provider.clone(), terms)).collect();
        let audit = Audit::new(mongo, databases, settings.audit_kept);
        let settings = RwLock::new(Arc::new(settings));
        Ok(Arc::new(Self { pool, audit, settings, worker_id, terms, prices: RwLock::new(Arc::new(prices)) }))
    }

    /// The guard of one job.
    #[must_use]
    pub fn of(self: &Arc<Self>, payer: Payer) -> JobAccount {
        JobAccount::new(Arc::clone(self), payer)
    }

    /// Other limits, from the next call on. How long texts are kept stays as it was.
    pub fn set_limits(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn prices(&self) -> Arc<PriceBook> {
        Arc::clone(&self.prices.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known of a provider; nothing of one that the configuration does not name.
    fn terms(&self, provider: &str) -> Terms {
        self.terms.get(provider).cloned().unwrap_or_else(|| Terms::unknown(provider))
    }
}

/// PostgreSQL did not do what a call needs: the job is put off.
fn postgres(what: &str, error: sqlx::Error) -> LlmError {
    LlmError::new(Kind::Store, format!("{what}: {error}")).with_source(error)
}

/// MongoDB did not do what a call needs: the job is put off.
fn mongodb(what: &str, error: mongodb::error::Error) -> LlmError {
    LlmError::new(Kind::Store, format!("{what}: {}", error.kind)).with_source(error)
}
