//! Figures about reports: scores beside those of others, failed requests, readers.
//!
//! New scores are compared soon after they are published, all scores of an organization once a day. Nothing here is part of
//! a job: a report is complete without, and a column stays null, with the reason in `orrery.benchmark`, until there are enough others.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::Context;
use crate::queue::{JobError, Stage};
use crate::runtime::Chore;

/// Least number of others with the same report of whom an average or a rank may tell.
const FEWEST_OTHERS: i32 = 5;

/// Organizations and types that one round compares anew at most, so that a round stays short.
const MOST_ANEW: usize = 200;

/// Reports of one organization and type that wait to be compared.
#[derive(Debug, FromRow)]
struct Marked {
    organization_id: Uuid,
    report_type: String,
    reports: Vec<String>,
}

/// Compares scores and counts.
pub struct Figures {
    context: Arc<Context>,
}

impl Figures {
    /// Works on these stores.
    #[must_use]
    pub const fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Compares the scores of reports that came since the last round. Returns how many reports those were.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer; the marks stay then.
    pub async fn compare_new(&self) -> Result<usize, JobError> {
        let mut all = 0;
        loop {
            let reports = self.compare_page().await.map_err(failed)?;
            all += reports;
            if reports == 0 {
                return Ok(all);
            }
        }
    }

    async fn compare_page(&self) -> Result<usize, sqlx::Error> {
        let mut transaction = self.context.pg.begin().await?;
        let marked: Vec<Marked> =
            sqlx::query_as(include_str!("sql/take_benchmark_marks.sql")).fetch_all(&mut *transaction).await?;
        // In order of organization and type, so that two workers do not deadlock.
        for group in &marked {
            compare(&mut transaction, group.organization_id, &group.report_type, Some(&group.reports))
                .await?;
        }
        transaction.commit().await?;
        Ok(marked.iter().map(|group| group.reports.len()).sum())
    }

    /// Compares all scores of organizations and types whose last comparison is older than `hours`. Returns how many those were.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer.
    pub async fn compare_old(&self, hours: u32) -> Result<usize, JobError> {
        for done in 0..MOST_ANEW {
            if !self.compare_oldest(hours).await.map_err(failed)? {
                return Ok(done);
            }
        }
        Ok(MOST_ANEW)
    }

    async fn compare_oldest(&self, hours: u32) -> Result<bool, sqlx::Error> {
        let mut transaction = self.context.pg.begin().await?;
        let oldest: Option<(Uuid, String)> = sqlx::query_as(include_str!("sql/oldest_comparison.sql"))
            .bind(i32::try_from(hours).unwrap_or(i32::MAX))
            .fetch_optional(&mut *transaction)
            .await?;
        let Some((organization, report_type)) = oldest else { return Ok(false) };
        compare(&mut transaction, organization, &report_type, None).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Counts failed requests and readers since the last round. Returns how many failures were new.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer.
    pub async fn roll_up(&self) -> Result<i32, JobError> {
        sqlx::query_scalar("select orrery.roll_up_reports()")
            .fetch_one(&self.context.pg)
            .await
            .map_err(failed)
    }
}

fn failed(error: sqlx::Error) -> JobError {
    JobError::postgres(Stage::Publish, error)
}

async fn compare(
    connection: &mut PgConnection,
    organization: Uuid,
    report_type: &str,
    reports: Option<&[String]>,
) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("orrery.compare:{organization}:{report_type}"))
        .execute(&mut *connection)
        .await?;
    sqlx::query(include_str!("sql/compare_scores.sql"))
        .bind(organization)
        .bind(report_type)
        .bind(reports)
        .bind(FEWEST_OTHERS)
        .execute(connection)
        .await
        .map(drop)
}

#[async_trait]
impl Chore for Figures {
    fn name(&self) -> &'static str {
        "figures"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(self.context.config.figures.every_s)
    }

    async fn round(&self) -> Result<(), JobError> {
        self.compare_new().await?;
        self.compare_old(self.context.config.figures.compare_h).await?;
        self.roll_up().await.map(drop)
    }
}
