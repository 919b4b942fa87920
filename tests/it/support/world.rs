//! The world of one test: its databases and its workers.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use orrery::config::Config;
use orrery::pipeline::Context;
use orrery::pipeline::entity::casts::{self, Casts};
use orrery::store::mongo::{self, Databases};
use orrery::store::pg::{self, Role};
use serde_json::Value;
use sqlx::PgPool;

use super::worker::{Worker, program, tail};
use super::{database, servers, wait};

/// Databases of a test and what runs on them. A passing test ends with [`World::close`]; what a failed one leaves is
/// there to be looked at and is removed by a later run.
pub struct World {
    /// Name of the database in PostgreSQL.
    pub name: String,
    /// Connections of an application or operator: what they change is followed by the triggers.
    pub app: PgPool,
    /// Connections of a worker.
    pub worker_pool: PgPool,
    /// MongoDB.
    pub mongo: mongodb::Client,
    /// Names of the databases there.
    pub databases: Databases,
    /// Settings.
    pub config: Config,
    environment: Vec<(String, String)>,
    logs: PathBuf,
    workers: AtomicUsize,
}

impl World {
    /// The platform's tables, Orrery's schema and a small platform.
    pub async fn new() -> Self {
        let name = database::unique_name();
        let url = database::copy_of_template(&name).await;
        Self::over(name, &url).await
    }

    /// An empty database.
    pub async fn empty() -> Self {
        let name = database::unique_name();
        let url = database::empty(&name).await;
        Self::over(name, &url).await
    }

    async fn over(name: String, url: &str) -> Self {
        Self::at(name, url, &servers::mongodb_uri()).await
    }

    /// A database that exists, on servers that need not be those of the other tests.
    pub async fn at(name: String, url: &str, mongodb_uri: &str) -> Self {
        let databases =
            Databases { reports: format!("{name}_reports"), astrology: format!("{name}_astrology") };
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let environment = vec![
            set("ORRERY_POSTGRES_URL", url),
            set("ORRERY_MONGODB_URI", mongodb_uri),
            set("ORRERY_MONGODB_REPORTS_DATABASE", &databases.reports),
            set("ORRERY_MONGODB_ASTROLOGY_DATABASE", &databases.astrology),
            // Many workers run side by side here; a test of probes or pages gives its worker a port.
            set("ORRERY_HTTP_LISTEN", ""),
            set("ORRERY_DASHBOARD_LISTEN", ""),
            // Tests look at all rows that are open.
            set("ORRERY_QUARTER_PLAN", "false"),
        ];
        let config = database::config(&environment);
        let app = pg::connect(&config.postgres, Role::Operator).await.expect("PostgreSQL answers");
        let worker_pool = pg::connect(&config.postgres, Role::Worker).await.expect("PostgreSQL answers");
        let mongo = orrery::store::connect::mongodb(&config.mongodb, "orrery")
            .await
            .expect("the URI of MongoDB is valid");
        let logs = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&logs).unwrap();
        Self {
            name,
            app,
            worker_pool,
            mongo,
            databases,
            config,
            environment,
            logs,
            workers: AtomicUsize::new(0),
        }
    }

    /// Makes MongoDB's collections and indexes before a worker does.
    pub async fn set_up_mongodb(&self) {
        mongo::ensure(&self.mongo, &self.databases).await.expect("MongoDB can be set up");
    }

    /// The variables of this world's programs, with further settings.
    pub fn environment(&self, settings: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut environment = self.environment.clone();
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        environment
    }

    /// The program, with this world's databases.
    pub fn program(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = program(&self.environment);
        command.args(arguments);
        command
    }

    /// Runs the program; whether it ended well, what it said, and what it complained about.
    pub fn run(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = self.program(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    }

    /// What the program says as JSON; it must end well.
    pub fn json_of(&self, arguments: &[&str]) -> Value {
        let (good, out, wrong) = self.run(arguments);
        assert!(good, "{arguments:?}: {wrong}");
        serde_json::from_str(&out).expect("JSON")
    }

    /// Starts a worker and waits until it works.
    pub async fn worker(&self, settings: &[(&str, &str)]) -> Worker {
        let worker = self.worker_starting(settings);
        let pid = worker.pid();
        self.eventually(Duration::from_secs(30), "the worker is registered", async || {
            let there: bool =
                sqlx::query_scalar("select exists (select 1 from orrery.worker where pid = $1)")
                    .bind(pid)
                    .fetch_one(&self.app)
                    .await
                    .unwrap();
            if there { Ok(()) } else { Err(format!("no row with pid {pid}")) }
        })
        .await;
        worker
    }

    /// Starts a worker without waiting for it.
    pub fn worker_starting(&self, settings: &[(&str, &str)]) -> Worker {
        let number = self.workers.fetch_add(1, Ordering::Relaxed);
        Worker::start(&self.environment(settings), &self.logs.join(format!("worker-{number}.log")))
    }

    /// The context of the pipelines over this world's stores.
    pub fn context(&self) -> Arc<Context> {
        Arc::new(Context {
            pg: self.worker_pool.clone(),
            mongo: self.mongo.clone(),
            databases: self.databases.clone(),
            config: self.config.clone(),
            instance: "test".to_owned(),
            casts: Arc::new(Casts::new(self.config.entity.house_system, casts::REMEMBERED)),
        })
    }

    /// Looks until `look` finds it; panics after `deadline` with what was seen last and the ends of the workers' logs.
    pub async fn eventually<T>(
        &self,
        deadline: Duration,
        what: &str,
        look: impl AsyncFnMut() -> Result<T, String>,
    ) -> T {
        wait::eventually(deadline, what, || self.evidence(), look).await
    }

    /// Name of the database and the ends of the workers' logs.
    pub fn evidence(&self) -> String {
        let logs = (0..self.workers.load(Ordering::Relaxed))
            .map(|number| tail(&self.logs.join(format!("worker-{number}.log"))));
        format!("database {}\n{}", self.name, logs.collect::<Vec<_>>().join("\n"))
    }

    /// Folder of the workers' logs.
    pub fn logs(&self) -> &std::path::Path {
        &self.logs
    }

    /// Removes everything.
    pub async fn close(self) {
        self.app.close().await;
        self.worker_pool.close().await;
        for name in [&self.databases.reports, &self.databases.astrology] {
            self.mongo.database(name).drop().await.unwrap();
        }
        database::drop(&self.name).await;
        std::fs::remove_dir_all(&self.logs).unwrap();
    }
}
