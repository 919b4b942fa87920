//! One cheap look for all queues: the poll behind the notices.

use sqlx::PgPool;

use super::name::Queue;

/// What is due.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Pulse {
    /// Queues with rows that may be claimed now.
    pub due: Vec<Queue>,
    /// Rows that may be claimed now and over which a worker died.
    pub suspects: usize,
    /// Queues with leases that ran out.
    pub expired: Vec<Queue>,
    /// Breakers whose probe is due.
    pub probes: Vec<String>,
}

/// Looks once at all that no notice tells.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn pulse(pool: &PgPool) -> Result<Pulse, sqlx::Error> {
    let words: Vec<&str> = Queue::ALL.iter().map(|queue| queue.as_str()).collect();
    let (due, suspects, expired, probes): (Vec<String>, i64, Vec<String>, Vec<String>) =
        sqlx::query_as(include_str!("sql/pulse.sql")).bind(&words).fetch_one(pool).await?;
    let queues = |words: Vec<String>| words.iter().filter_map(|word| word.parse().ok()).collect();
    Ok(Pulse {
        due: queues(due),
        suspects: usize::try_from(suspects).unwrap_or(0),
        expired: queues(expired),
        probes,
    })
}
