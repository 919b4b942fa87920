//! Databases in PostgreSQL: a template that is migrated once, and copies of it, one for each test.
//!
//! Every test is a process of its own, so what they share is guarded by advisory locks of the server: exclusive while
//! the template is made, shared while it is copied.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

use orrery::config::Config;
use orrery::store::pg::{self, Role, migrate};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::platform;
use super::servers::{postgres_url, with_database};

/// Key of the advisory lock.
const LOCK: i64 = 0x6f72_7265_7279;

/// What names of databases begin with, in both stores.
pub const PREFIX: &str = "orrery_it";

/// Databases that a failed test left are removed after this many seconds.
const KEPT_S: u64 = 3600;

/// A name that no other test has, with the time of its making.
pub fn unique_name() -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    format!("{PREFIX}_{:x}_{}", seconds(), &random[..8])
}

/// Whether a database with this name is from an earlier run.
pub fn is_old(name: &str) -> bool {
    let made = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split('_').nth(1))
        .map(|text| u64::from_str_radix(text, 16));
    matches!(made, Some(Ok(made)) if made + KEPT_S < seconds())
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Makes a database like the template and returns its URL.
pub async fn copy_of_template(name: &str) -> String {
    let mut server = PgConnection::connect(&postgres_url()).await.expect("PostgreSQL answers");
    let template = template_name();
    loop {
        lock(&mut server, "shared").await;
        if exists(&mut server, &template).await {
            break;
        }
        unlock(&mut server, "shared").await;
        make_template(&mut server, &template).await;
    }
    run(&mut server, &format!("create database {name} template {template}")).await;
    with_database(&postgres_url(), name)
}

/// Makes a database on any server, runs the migrations there, and returns its URL.
pub async fn migrated(server_url: &str, name: &str) -> String {
    let mut server = PgConnection::connect(server_url).await.expect("PostgreSQL answers");
    run(&mut server, &format!("create database {name} template template0")).await;
    let url = with_database(server_url, name);
    let pool = pg::connect(&postgres_config(&url), Role::Operator).await.unwrap();
    migrate::up(&pool, None).await.expect("the migrations run on an empty database");
    pool.close().await;
    url
}

/// Makes an empty database and returns its URL.
pub async fn empty(name: &str) -> String {
    let mut server = PgConnection::connect(&postgres_url()).await.expect("PostgreSQL answers");
    run(&mut server, &format!("create database {name} template template0")).await;
    with_database(&postgres_url(), name)
}

/// Removes a database, whoever is still connected to it.
pub async fn drop(name: &str) {
    let mut server = PgConnection::connect(&postgres_url()).await.expect("PostgreSQL answers");
    run(&mut server, &format!("drop database if exists {name} with (force)")).await;
}

/// Another build of the tests has other migrations, so it has another template.
fn template_name() -> String {
    let program = std::env::current_exe().unwrap();
    let about = std::fs::metadata(&program).unwrap();
    let mut hasher = DefaultHasher::new();
    (program, about.modified().unwrap(), about.len()).hash(&mut hasher);
    format!("{PREFIX}_template_{:x}", hasher.finish())
}

async fn make_template(server: &mut PgConnection, name: &str) {
    lock(server, "").await;
    if !exists(server, name).await {
        remove_old(server, name).await;
        // Made under another name, so that an interrupted run leaves no half template.
        let half = format!("{name}_half");
        run(server, &format!("drop database if exists {half} with (force)")).await;
        run(server, &format!("create database {half} template template0")).await;
        let url = with_database(&postgres_url(), &half);
        let pool = pg::connect(&postgres_config(&url), Role::Operator).await.unwrap();
        migrate::up(&pool, None).await.expect("the migrations run on an empty database");
        platform::load(&pool).await;
        pool.close().await;
        run(server, &format!("alter database {half} rename to {name}")).await;
    }
    unlock(server, "").await;
}

async fn remove_old(server: &mut PgConnection, template: &str) {
    let names: Vec<String> =
        sqlx::query_scalar("select datname::text from pg_database where datname like 'orrery\\_it\\_%'")
            .fetch_all(&mut *server)
            .await
            .unwrap();
    for name in names {
        let former_template = name.contains("_template_") && !name.starts_with(template);
        if former_template || is_old(&name) {
            run(server, &format!("drop database if exists {name} with (force)")).await;
        }
    }
}

fn postgres_config(url: &str) -> orrery::config::Postgres {
    config(&[("ORRERY_POSTGRES_URL".to_owned(), url.to_owned())]).postgres
}

/// The default configuration with these variables.
pub fn config(environment: &[(String, String)]) -> Config {
    orrery::config::Sources { file: None, environment: environment.to_vec() }
        .load()
        .expect("the settings of a test are valid")
}

async fn exists(server: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("select exists (select 1 from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(server)
        .await
        .unwrap()
}

async fn lock(server: &mut PgConnection, kind: &str) {
    advisory(server, "lock", kind).await;
}

async fn unlock(server: &mut PgConnection, kind: &str) {
    advisory(server, "unlock", kind).await;
}

async fn advisory(server: &mut PgConnection, verb: &str, kind: &str) {
    let suffix = if kind.is_empty() { String::new() } else { format!("_{kind}") };
    run(server, &format!("select pg_advisory_{verb}{suffix}({LOCK})")).await;
}

async fn run(server: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(server).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}
