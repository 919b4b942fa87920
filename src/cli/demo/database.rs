//! The databases of the demo.

use std::process::Stdio;
use std::str::FromStr as _;

use anyhow::Context as _;
use bson::Document;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::config::Config;
use crate::pipeline::reference;
use crate::store::connect;
use crate::store::mongo::{self, Databases};
use crate::store::pg::{self, Role, migrate};

/// Name of the demo's database in PostgreSQL.
const DATABASE: &str = "orrery_demo";

const FILES: [(&str, &str); 5] = [
    ("01_platform.sql", include_str!("../../../data/demo/01_platform.sql")),
    ("02_entities.sql", include_str!("../../../data/demo/02_entities.sql")),
    ("03_reports.sql", include_str!("../../../data/demo/03_reports.sql")),
    ("04_quarter.sql", include_str!("../../../data/demo/04_quarter.sql")),
    ("05_calculations.sql", include_str!("../../../data/demo/05_calculations.sql")),
];

const QUESTIONNAIRES: &str = include_str!("../../../data/demo/questionnaires.json");

/// The demo's own databases, fresh and migrated.
pub(super) struct Demo {
    /// Configuration that points at them.
    pub(super) config: Config,
    /// PostgreSQL, as an operator.
    pub(super) pg: PgPool,
    /// MongoDB.
    pub(super) mongo: mongodb::Client,
    /// Names in MongoDB.
    pub(super) databases: Databases,
}

impl Demo {
    pub(super) async fn create(mut config: Config) -> anyhow::Result<Self> {
        recreate(&config).await?;
        config.postgres.url = with_database(&config.postgres.url, DATABASE)?;
        config.mongodb.reports_database = format!("{DATABASE}_reports");
        config.mongodb.astrology_database = format!("{DATABASE}_astrology");
        let databases = Databases::from(&config.mongodb);
        let mongo = connect::mongodb(&config.mongodb, "orrery").await?;
        for name in [&databases.reports, &databases.astrology] {
            mongo.database(name).drop().await.context("MongoDB cannot be reached")?;
        }
        let pg = pg::connect(&config.postgres, Role::Operator).await?;
        migrate::up(&pg, None).await?;
        mongo::ensure(&mongo, &databases).await?;
        reference::seed(&mongo, &databases).await?;
        Ok(Self { config, pg, mongo, databases })
    }

    /// Runs one of the embedded files through `psql`, as an application's script would.
    pub(super) async fn psql(&self, file: &str) -> anyhow::Result<()> {
        let text =
            FILES.iter().find(|(name, _)| *name == file).map(|(_, text)| *text).context("no such file")?;
        let mut psql = Command::new("psql")
            .args([
                "--no-psqlrc",
                "--quiet",
                "--set",
                "ON_ERROR_STOP=1",
                "--file",
                "-",
                &self.config.postgres.url,
            ])
            .env("PGOPTIONS", format!("-c search_path={}", self.config.postgres.search_path.replace(' ', "")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("psql cannot be started; install the PostgreSQL client")?;
        let mut input = psql.stdin.take().context("psql has no standard input")?;
        // psql reads to the end before it can fill its error pipe, so writing first cannot lock up on these files.
        input.write_all(text.as_bytes()).await?;
        drop(input);
        let done = psql.wait_with_output().await?;
        anyhow::ensure!(
            done.status.success(),
            "psql refused {file}: {}",
            String::from_utf8_lossy(&done.stderr).trim()
        );
        Ok(())
    }

    /// Stores the answers that people gave in the platform's questionnaires.
    pub(super) async fn load_questionnaires(&self) -> anyhow::Result<()> {
        let values: Vec<serde_json::Value> = serde_json::from_str(QUESTIONNAIRES)?;
        let documents = values
            .into_iter()
            .map(|value| match bson::Bson::try_from(value)? {
                bson::Bson::Document(document) => Ok(document),
                other => anyhow::bail!("a questionnaire is a {:?}", other.element_type()),
            })
            .collect::<anyhow::Result<Vec<Document>>>()?;
        self.mongo
            .database(&self.databases.reports)
            .collection::<Document>("questionnaire_responses")
            .insert_many(documents)
            .await?;
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.pg.close().await;
    }
}

async fn recreate(config: &Config) -> anyhow::Result<()> {
    let server = config.clone();
    let mut postgres = server.postgres;
    postgres.max_connections = 1;
    postgres.url = with_database(&postgres.url, "postgres")?;
    let pool = pg::connect(&postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    sqlx::query("drop database if exists orrery_demo with (force)").execute(&pool).await?;
    sqlx::query("create database orrery_demo").execute(&pool).await?;
    pool.close().await;
    Ok(())
}

/// The same server, another database.
fn with_database(url: &str, database: &str) -> anyhow::Result<String> {
    PgConnectOptions::from_str(url).context("postgres.url")?;
    let (address, parameters) =
        url.split_once('?').map_or((url, None), |(address, rest)| (address, Some(rest)));
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    let end = address[after_scheme..].find('/').map_or(address.len(), |at| after_scheme + at);
    let parameters = parameters.map_or_else(String::new, |rest| format!("?{rest}"));
    Ok(format!("{}/{database}{parameters}", &address[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_of_an_address_changes() {
        let changed = with_database("postgres://u:p@host:5433/planetshr?sslmode=require", "other").unwrap();
        assert_eq!(changed, "postgres://u:p@host:5433/other?sslmode=require");
        assert_eq!(with_database("postgres://host", "other").unwrap(), "postgres://host/other");
    }
}
