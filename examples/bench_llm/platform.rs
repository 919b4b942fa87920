//! The demo's platform with many more people, and what became of their reports.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{bail, ensure};
use mongodb::Client;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

const NAME: &str = "orrery_bench_llm";

/// The databases in MongoDB, and the settings that name them.
const DOCUMENTS: [(&str, &str); 2] = [
    ("ORRERY_MONGODB_REPORTS_DATABASE", "orrery_bench_llm_reports"),
    ("ORRERY_MONGODB_ASTROLOGY_DATABASE", "orrery_bench_llm_astrology"),
];

/// Longest time without one more report, beside the time of the model.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Platform {
    server: String,
    url: String,
    mongodb: String,
}

impl Platform {
    /// Makes the databases and the people.
    pub async fn create(server: &str, orrery: &Path, mongodb: &str) -> anyhow::Result<Self> {
        let (base, _) =
            server.rsplit_once('/').ok_or_else(|| anyhow::anyhow!("no PostgreSQL URL: {server}"))?;
        let platform =
            Self { server: server.to_owned(), url: format!("{base}/{NAME}"), mongodb: mongodb.to_owned() };
        platform.remove().await?;
        let mut connection = PgConnection::connect(server).await?;
        sqlx::raw_sql("create database orrery_bench_llm").execute(&mut connection).await?;
        connection.close().await?;
        let migrated = Command::new(orrery).args(["migrate", "up"]).envs(platform.environment()).status()?;
        ensure!(migrated.success(), "orrery migrate up: {migrated}");
        let mut connection = platform.connect().await?;
        sqlx::raw_sql(include_str!("../../data/demo/01_platform.sql")).execute(&mut connection).await?;
        connection.close().await?;
        Ok(platform)
    }

    /// Settings of a program that works there.
    pub fn environment(&self) -> Vec<(&'static str, &str)> {
        let mut settings =
            vec![("ORRERY_POSTGRES_URL", self.url.as_str()), ("ORRERY_MONGODB_URI", self.mongodb.as_str())];
        settings.extend(DOCUMENTS);
        settings
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = PgConnection::connect(&self.url).await?;
        sqlx::raw_sql("set search_path = public, calc").execute(&mut connection).await?;
        Ok(connection)
    }

    /// Asks for one report each about so many people.
    pub async fn ask_for(&self, rows: u32) -> anyhow::Result<()> {
        let mut connection = self.connect().await?;
        for sql in [include_str!("people.sql"), include_str!("reports.sql")] {
            sqlx::query(sql).bind(i64::from(rows)).execute(&mut connection).await?;
        }
        sqlx::raw_sql("analyze").execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    /// Waits until every report is written.
    pub async fn until_written(&self, rows: u32, delay: Duration) -> anyhow::Result<()> {
        let patience = PATIENCE + delay;
        let mut connection = self.connect().await?;
        let (mut before, mut since) = (-1, std::time::Instant::now());
        loop {
            let (completed, failed): (i64, i64) = sqlx::query_as(
                "select count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed') from report_generation_queue",
            )
            .fetch_one(&mut connection)
            .await?;
            ensure!(failed == 0, "{failed} reports failed");
            if completed == i64::from(rows) {
                return Ok(connection.close().await?);
            }
            if completed > before {
                (before, since) = (completed, std::time::Instant::now());
            } else if since.elapsed() > patience {
                bail!("no report for {patience:?}; {completed} of {rows} are written");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Seconds from the first claim to each completion, in their order.
    pub async fn ends(&self) -> anyhow::Result<Vec<f64>> {
        let mut connection = self.connect().await?;
        let ends = sqlx::query_scalar(
            "select extract(epoch from completed_at - min(started_at) over ())::float8 from report_generation_queue order by completed_at",
        )
        .fetch_all(&mut connection)
        .await?;
        connection.close().await?;
        Ok(ends)
    }

    /// Milliseconds that the model took for each row.
    pub async fn model_times(&self) -> anyhow::Result<HashMap<Uuid, f64>> {
        let mut connection = self.connect().await?;
        let (wrong, times): (i64, Vec<(Uuid, f64)>) = (
            sqlx::query_scalar("select count(*) from orrery.llm_calls where not coalesce(usable, false)")
                .fetch_one(&mut connection)
                .await?,
            sqlx::query_as("select job_id, sum(latency_ms)::float8 from orrery.llm_calls group by job_id")
                .fetch_all(&mut connection)
                .await?,
        );
        connection.close().await?;
        ensure!(wrong == 0, "{wrong} answers of the model were of no use");
        Ok(times.into_iter().collect())
    }

    /// Removes the databases.
    pub async fn remove(&self) -> anyhow::Result<()> {
        let mongodb = Client::with_uri_str(&self.mongodb).await?;
        for (_, name) in DOCUMENTS {
            mongodb.database(name).drop().await?;
        }
        mongodb.shutdown().await;
        let mut connection = PgConnection::connect(&self.server).await?;
        sqlx::raw_sql("drop database if exists orrery_bench_llm with (force)")
            .execute(&mut connection)
            .await?;
        Ok(connection.close().await?)
    }
}
