//! Databases of the benchmark: one for each system and round, so that nobody inherits dead rows.

use std::str::FromStr as _;

use orrery::store::pg::{self, Role, migrate};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::{noop, processor};

/// Organizations of the platform that is made up; rows are spread over them evenly.
pub const ORGANIZATIONS: i32 = 20;

/// Rows $1 to $2 of the documents' queue: 200 employees, all ten priorities.
pub const INSERT_REPORTS: &str = "
with people as (select array_agg(id order by id) as ids from employees)
insert into report_generation_queue (employee_id, report_type, priority, requested_by, request_metadata)
select ids[1 + n % 200], 'personality_role_specific', (1 + n % 10)::integer, '00000000-0000-0000-0000-000000000001', jsonb_build_object('n', n)
from generate_series($1::bigint, $2::bigint) n, people";

const PLATFORM: &str = "
insert into organizations (name) select 'Organization ' || n from generate_series(1, $1) n";
const PEOPLE: &str = "
insert into employees (organization_id, full_name)
select o.id, 'Person ' || n from organizations o, generate_series(1, 200 / $1) n";

/// The server of the benchmark.
#[derive(Debug, Clone)]
pub struct Server {
    options: PgConnectOptions,
    url: String,
}

impl Server {
    pub fn at(url: &str) -> anyhow::Result<Self> {
        Ok(Self { options: PgConnectOptions::from_str(url)?, url: url.to_owned() })
    }

    /// The URL of a database of this server.
    pub fn url_of(&self, name: &str) -> String {
        let (server, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        format!("{base}/{name}{query}")
    }

    /// A connection that no trigger takes for a worker's.
    pub async fn connect(&self, name: &str) -> Result<PgConnection, sqlx::Error> {
        self.options.clone().database(name).application_name("bench_queue").connect().await
    }

    /// Makes an empty database; one of that name is removed first.
    pub async fn create(&self, name: &str) -> Result<(), sqlx::Error> {
        self.remove(name).await?;
        self.run("postgres", &format!("create database {name} template template0")).await
    }

    /// Removes a database, whoever is connected.
    pub async fn remove(&self, name: &str) -> Result<(), sqlx::Error> {
        self.run("postgres", &format!("drop database if exists {name} with (force)")).await
    }

    /// Runs statements without parameters.
    pub async fn run(&self, database: &str, sql: &str) -> Result<(), sqlx::Error> {
        let mut connection = self.connect(database).await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    }

    /// Puts all systems on the same footing before a drain: statistics known, no checkpoint due.
    pub async fn settle(&self, database: &str) -> Result<(), sqlx::Error> {
        self.run(database, "vacuum analyze").await?;
        self.run(database, "checkpoint").await
    }

    /// The platform's tables, Orrery's schema with its triggers, and people to write reports about.
    pub async fn make_platform(&self, name: &str) -> anyhow::Result<()> {
        let config = noop::config(&self.url_of(name))?;
        let pool = pg::connect(&config.postgres, Role::Operator).await?;
        migrate::up(&pool, None).await?;
        pool.close().await;
        let mut connection = self.connect(name).await?;
        for sql in [PLATFORM, PEOPLE] {
            sqlx::query(sql).bind(ORGANIZATIONS).execute(&mut connection).await?;
        }
        connection.close().await?;
        Ok(())
    }
}

impl Server {
    /// Which server, on what, and how durable.
    pub async fn about(&self) -> Result<String, sqlx::Error> {
        let mut connection = self.connect("postgres").await?;
        let (version, fsync, commit): (String, String, String) = sqlx::query_as(
            "select current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')",
        )
        .fetch_one(&mut connection)
        .await?;
        connection.close().await?;
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        Ok(format!("PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}, {cores} cores"))
    }

    /// The process of the server; 0 when it runs elsewhere.
    pub async fn postmaster(&self) -> anyhow::Result<u32> {
        let mut connection = self.connect("postgres").await?;
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut connection).await?;
        let postmaster = processor::postmaster_of(u32::try_from(backend)?).unwrap_or_default();
        connection.close().await?;
        Ok(postmaster)
    }
}
