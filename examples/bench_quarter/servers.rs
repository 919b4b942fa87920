//! The two servers, and the databases of the benchmark there.

use std::str::FromStr as _;

use bson::doc;
use mongodb::Client;
use orrery::store::mongo::{self, Databases};
use orrery::store::pg::{self, Role, migrate};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::processor;

const DATABASE: &str = "orrery_bench_quarter";

/// Both servers.
pub struct Servers {
    url: String,
    options: PgConnectOptions,
    mongodb_uri: String,
    pub mongo: Client,
    pub databases: Databases,
}

impl Servers {
    pub async fn at(url: &str, mongodb_uri: &str) -> anyhow::Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            options: PgConnectOptions::from_str(url)?,
            mongodb_uri: mongodb_uri.to_owned(),
            mongo: Client::with_uri_str(mongodb_uri).await?,
            databases: Databases {
                reports: format!("{DATABASE}_reports"),
                astrology: format!("{DATABASE}_astrology"),
            },
        })
    }

    /// The URL of the benchmark's database.
    pub fn url(&self) -> String {
        let (server, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        format!("{base}/{DATABASE}{query}")
    }

    /// Settings of a program that works there.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("ORRERY_POSTGRES_URL", self.url()),
            ("ORRERY_MONGODB_URI", self.mongodb_uri.clone()),
            ("ORRERY_MONGODB_REPORTS_DATABASE", self.databases.reports.clone()),
            ("ORRERY_MONGODB_ASTROLOGY_DATABASE", self.databases.astrology.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// A connection of an application.
    pub async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection =
            self.options.clone().database(DATABASE).application_name("bench_quarter").connect().await?;
        sqlx::raw_sql("set search_path = public, calc, analytics").execute(&mut connection).await?;
        Ok(connection)
    }

    /// Runs statements without parameters.
    pub async fn run(&self, sql: &str) -> Result<(), sqlx::Error> {
        let mut connection = self.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    }

    /// Fresh databases on both servers.
    pub async fn make(&self) -> anyhow::Result<()> {
        self.remove().await?;
        self.on_server(&format!("create database {DATABASE} template template0")).await?;
        let sources = orrery::config::Sources { file: None, environment: self.environment() };
        let pool = pg::connect(&sources.load()?.postgres, Role::Operator).await?;
        migrate::up(&pool, None).await?;
        pool.close().await;
        mongo::ensure(&self.mongo, &self.databases).await?;
        Ok(())
    }

    /// Removes them.
    pub async fn remove(&self) -> anyhow::Result<()> {
        self.on_server(&format!("drop database if exists {DATABASE} with (force)")).await?;
        self.empty_mongodb().await
    }

    /// Removes them and lets go of the servers.
    pub async fn close(self) -> anyhow::Result<()> {
        self.remove().await?;
        self.mongo.shutdown().await;
        Ok(())
    }

    /// Removes the databases in MongoDB.
    async fn empty_mongodb(&self) -> anyhow::Result<()> {
        for name in [&self.databases.reports, &self.databases.astrology] {
            self.mongo.database(name).drop().await?;
        }
        Ok(())
    }

    async fn on_server(&self, sql: &str) -> Result<(), sqlx::Error> {
        let mut connection = self.options.clone().database("postgres").connect().await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    }

    /// Nothing that was left to be done later falls into what is measured.
    pub async fn settle(&self) -> anyhow::Result<()> {
        self.run("vacuum analyze").await?;
        self.flush().await
    }

    /// Both servers write to their data files what they hold in memory.
    pub async fn flush(&self) -> anyhow::Result<()> {
        self.run("checkpoint").await?;
        self.mongo.database("admin").run_command(doc! { "fsync": 1 }).await?;
        Ok(())
    }

    /// Which servers, on what, and how durable.
    pub async fn about(&self) -> anyhow::Result<String> {
        let mut connection = self.options.clone().database("postgres").connect().await?;
        let (version, fsync, commit): (String, String, String) = sqlx::query_as(
            "select current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')",
        )
        .fetch_one(&mut connection)
        .await?;
        connection.close().await?;
        let built = self.mongo.database("admin").run_command(doc! { "buildInfo": 1 }).await?;
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let mongodb = built.get_str("version").unwrap_or("?");
        Ok(format!(
            "PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}; MongoDB {mongodb}, majority, journalled; {cores} cores"
        ))
    }

    /// Seconds of processor time of both servers so far; 0 where they run elsewhere.
    pub async fn processor(&self) -> anyhow::Result<(f64, f64)> {
        let mut connection = self.options.clone().database("postgres").connect().await?;
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut connection).await?;
        let postmaster = processor::postmaster_of(u32::try_from(backend)?).unwrap_or_default();
        connection.close().await?;
        let status = self.mongo.database("admin").run_command(doc! { "serverStatus": 1 }).await?;
        let mongod = status.get_i64("pid").ok().and_then(|pid| u32::try_from(pid).ok()).unwrap_or_default();
        Ok((processor::of_server(postmaster), processor::of_process(mongod)))
    }
}
