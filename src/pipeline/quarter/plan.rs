//! Schedule rows of coming quarters.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{Days, NaiveDate};
use sqlx::{PgConnection, PgPool};

use crate::config;
use crate::domain::Quarter;
use crate::pipeline::Context;
use crate::queue::{JobError, Stage};
use crate::runtime::Chore;

/// How many coming quarters have a row.
const AHEAD: i32 = 4;

/// The quarters after this one that are to have a row.
#[must_use]
pub fn coming(present: Quarter) -> Vec<Quarter> {
    (1..=AHEAD).map(|step| present.offset(step)).collect()
}

/// The day on which a planned quarter is due: the second of the quarter.
#[must_use]
pub fn due(quarter: Quarter) -> NaiveDate {
    quarter.first_day().checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

/// Makes the rows that are not there yet, and returns their quarters. Safe to do in many workers at once.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn plan(
    pool: &PgPool,
    settings: &config::Quarter,
    quarters: &[Quarter],
) -> Result<Vec<Quarter>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let due: Vec<(Quarter, NaiveDate)> = quarters.iter().map(|quarter| (*quarter, due(*quarter))).collect();
    let made = make(&mut transaction, settings, &due).await?;
    transaction.commit().await?;
    Ok(made)
}

/// Makes rows that are not there yet, due on these days.
pub(super) async fn make(
    connection: &mut PgConnection,
    settings: &config::Quarter,
    due: &[(Quarter, NaiveDate)],
) -> Result<Vec<Quarter>, sqlx::Error> {
    // The applications' own table need not have a key that keeps two plans from making one quarter twice.
    sqlx::query("select pg_advisory_xact_lock(hashtext('orrery.plan'), 0)").execute(&mut *connection).await?;
    let made: Vec<(String, i32)> = sqlx::query_as(include_str!("../sql/plan_quarters.sql"))
        .bind(due.iter().map(|(quarter, _)| quarter.name()).collect::<Vec<_>>())
        .bind(due.iter().map(|(quarter, _)| quarter.year).collect::<Vec<_>>())
        .bind(due.iter().map(|(_, day)| *day).collect::<Vec<_>>())
        .bind(settings.plan_start)
        .bind(settings.plan_end)
        .fetch_all(connection)
        .await?;
    let mut quarters: Vec<Quarter> =
        made.into_iter().filter_map(|(name, year)| format!("{year}-{name}").parse().ok()).collect();
    quarters.sort_unstable();
    Ok(quarters)
}

/// Makes the rows of coming quarters, daily.
pub struct Planner {
    context: Arc<Context>,
}

impl Planner {
    /// A planner over these stores.
    #[must_use]
    pub const fn new(context: Arc<Context>) -> Self {
        Self { context }
    }
}

#[async_trait]
impl Chore for Planner {
    fn name(&self) -> &'static str {
        "plan quarters"
    }

    fn every(&self) -> Duration {
        Duration::from_hours(24)
    }

    async fn round(&self) -> Result<(), JobError> {
        let quarters = coming(self.context.current_quarter());
        let made = plan(&self.context.pg, &self.context.config.quarter, &quarters)
            .await
            .map_err(|error| JobError::postgres(Stage::Collect, error))?;
        for quarter in made {
            tracing::info!(%quarter, due = %due(quarter), "quarter planned");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_four_quarters_are_due_on_their_second_day() {
        let coming = coming("2026-Q4".parse().unwrap());
        let names: Vec<String> = coming.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4"]);
        assert_eq!(due(coming[0]), "2027-01-02".parse().unwrap());
    }
}
