//! `deploy/roles`: what the roles may do is enough for a worker, over encrypted connections, and what they may not is refused.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use bson::{Bson, Document, doc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use super::servers::{PASSWORD, Servers};
use crate::support::World;
use crate::support::platform::{self, ANNA, COMPANY, USER};
use crate::support::rows::{CALCULATIONS, ENTITIES, REPORTS, run};
use crate::support::worker::program;
use crate::support::{database, rows};

fn shipped(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/roles").join(path)
}

/// What `mongosh` would run of `deploy/roles/mongodb.js`, by JavaScript itself and a stand-in for `db`.
fn commands(world: &World) -> Vec<(String, Document)> {
    const STAND_IN: &str = "const db = { getSiblingDB: (name) => ({ runCommand: (command) => {
        console.log(JSON.stringify({ name, command })); return { ok: 1, roles: [], users: [] }; } }) };\n";
    let script = std::fs::read_to_string(shipped("mongodb.js")).unwrap();
    let output = Command::new("node")
        .arg("-e")
        .arg(STAND_IN.to_owned() + &script)
        .env("ORRERY_REPORTS_DATABASE", &world.databases.reports)
        .env("ORRERY_ASTROLOGY_DATABASE", &world.databases.astrology)
        .env("ORRERY_WORKER_PASSWORD", PASSWORD)
        .env("ORRERY_APP_PASSWORD", PASSWORD)
        .output()
        .expect("node is installed (scripts/clients installs it)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let command = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let Bson::Document(command) = Bson::try_from(line["command"].clone()).unwrap() else {
            panic!("{line}")
        };
        (line["name"].as_str().unwrap().to_owned(), command)
    };
    text.lines().map(command).collect()
}

fn psql(url: &str, file: &Path) {
    let output = Command::new("psql").args(["-X", "-q", "-d", url, "-f"]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The program with other addresses than the world's.
struct As<'a> {
    world: &'a World,
    postgres: String,
    mongodb: String,
}

impl As<'_> {
    fn settings(&self) -> [(&'static str, &str); 2] {
        [("ORRERY_POSTGRES_URL", &self.postgres), ("ORRERY_MONGODB_URI", &self.mongodb)]
    }

    fn output(&self, arguments: &[&str]) -> Output {
        program(&self.world.environment(&self.settings())).args(arguments).output().unwrap()
    }

    fn well(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Exit code and complaint of a command that must fail.
    fn ill(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.output(arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// What a check of `orrery doctor` found.
    fn finding(&self, id: &str) -> Value {
        let findings: Vec<Value> =
            serde_json::from_slice(&self.output(&["doctor", "--json"]).stdout).unwrap();
        findings.into_iter().find(|finding| finding["id"] == id).expect("the check exists")
    }
}

async fn refused(connection: &mut PgConnection, sql: &str) {
    let error = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await.expect_err(sql);
    let code =
        error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default().into_owned();
    assert!(matches!(code.as_str(), "42501" | "25006"), "{sql}: {error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_least_rights_over_encrypted_connections_are_enough_and_anything_less_is_told() {
    let servers = Servers::start().await;
    let trusted = &servers.certificates.authority;
    let name = database::unique_name();
    let root = servers.postgres_url("postgres", &name, trusted);
    let mut server =
        PgConnection::connect(&servers.postgres_url("postgres", "postgres", trusted)).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut server).await.unwrap();
    let world = World::at(name.clone(), &root, &servers.mongodb_uri("root", trusted)).await;

    psql(&root, &shipped("postgresql.sql"));
    for role in ["orrery_migrator", "orrery_worker", "orrery_operator", "orrery_app"] {
        run(&world.app, &format!("alter role {role} password '{PASSWORD}'")).await;
    }
    for (database, command) in commands(&world) {
        world.mongo.database(&database).run_command(command).await.unwrap();
    }
    let with = |role: &str| As {
        world: &world,
        postgres: servers.postgres_url(role, &name, trusted),
        mongodb: servers.mongodb_uri("orrery_worker", trusted),
    };
    with("orrery_migrator").well(&["migrate", "up"]);
    psql(&root, &shipped("postgresql.sql"));
    platform::load(&world.app).await;

    let as_worker = with("orrery_worker");
    let mut worker = world.worker(&as_worker.settings()).await;
    let mut app = PgConnection::connect(&servers.postgres_url("orrery_app", &name, trusted)).await.unwrap();
    let [report, entity, calculation] = enqueued(&mut app).await;
    for (table, id) in [(REPORTS, report), (ENTITIES, entity), (CALCULATIONS, calculation)] {
        world.completed(table, id).await;
    }
    as_worker.well(&["quarter", "start"]);
    quarter_completes(&world).await;
    let document: Value = sqlx::query_scalar("select orrery.result_of('report', $1)")
        .bind(report)
        .fetch_one(&mut app)
        .await
        .unwrap();
    assert_eq!(world.reports("reports", doc! { "reportId": document["report_id"].as_str() }).await.len(), 1);
    let encrypted: bool = sqlx::query_scalar(
        "select bool_and(s.ssl) from pg_stat_ssl s join pg_stat_activity a using (pid) where a.usename = 'orrery_worker'",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert!(encrypted);

    // The application has its queues and nothing more; the operator looks and changes nothing.
    for sql in [
        "select * from entity_birth_data",
        "update employees set full_name = ''",
        "delete from report_generation_queue",
        "select * from orrery.dispatch",
    ] {
        refused(&mut app, sql).await;
    }
    let operator = with("orrery_operator");
    operator.well(&["status"]);
    operator.well(&["explain", &report.to_string()]);
    operator.well(&["quarter", "status"]);
    assert_eq!(operator.ill(&["queues", "pause", "report"]).0, Some(1));
    let mut looks = PgConnection::connect(&operator.postgres).await.unwrap();
    refused(&mut looks, "select * from entity_birth_data").await;

    assert!(worker.stop(Duration::from_secs(30)).await.success());
    for word in ["permission denied", "not authorized", "Unauthorized"] {
        assert!(!worker.log().contains(word), "{}", worker.log());
    }
    wrong_authorities_are_refused(&servers, &as_worker);
    what_is_missing_is_named(&world, &as_worker).await;
    looks.close().await.unwrap();
    app.close().await.unwrap();
    std::fs::remove_dir_all(world.logs()).unwrap();
}

/// One row of each queue but the quarters', by the functions for applications.
async fn enqueued(app: &mut PgConnection) -> [Uuid; 3] {
    let calls = [
        format!("orrery.enqueue_report('{ANNA}', 'training_development', '{USER}', 'k')"),
        format!("orrery.enqueue_entity('employee', '{ANNA}', 'k')"),
        format!("orrery.enqueue_calculation('birth_chart', 'employee', '{ANNA}', '{COMPANY}', key => 'k')"),
    ];
    let mut ids = [Uuid::nil(); 3];
    for (id, call) in ids.iter_mut().zip(calls) {
        *id = sqlx::query_scalar(AssertSqlSafe(format!("select {call}"))).fetch_one(&mut *app).await.unwrap();
    }
    ids
}

async fn quarter_completes(world: &World) {
    world
        .eventually(Duration::from_mins(1), "the quarter completes", async || {
            let open = "select count(*) from quarterly_update_schedule where status <> 'completed'";
            let waiting = "select count(*) from orrery.dispatch";
            match (rows::count(&world.app, open).await, rows::count(&world.app, waiting).await) {
                (0, 0) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
}

/// The message names the setting; the exit code keeps systemd from trying on.
fn wrong_authorities_are_refused(servers: &Servers, good: &As<'_>) {
    let authority = servers.certificates.authority.to_str().unwrap();
    let stranger = servers.certificates.stranger.to_str().unwrap();
    let wrong = |postgres: String, mongodb: String| As { world: good.world, postgres, mongodb };
    let by_stranger = wrong(good.postgres.replace(authority, stranger), good.mongodb.clone());
    let (code, said) = by_stranger.ill(&["status"]);
    assert_eq!(code, Some(78), "{said}");
    rows::says(&said, &["UnknownIssuer", "postgres.url", "sslrootcert"]);
    assert_eq!(by_stranger.finding("postgres.reachable")["status"], "fail");

    let by_stranger = wrong(good.postgres.clone(), good.mongodb.replace(authority, stranger));
    let (code, said) = by_stranger.ill(&["run"]);
    assert_eq!(code, Some(78), "{said}");
    rows::says(&said, &["UnknownIssuer", "mongodb.uri", "tlsCAFile"]);

    let plain = wrong(good.postgres.replace("verify-full", "disable"), good.mongodb.clone());
    let (code, said) = plain.ill(&["status"]);
    assert_eq!(code, Some(78), "{said}");
    let password = wrong(good.postgres.replace(PASSWORD, "another"), good.mongodb.clone());
    assert_eq!(password.ill(&["status"]).0, Some(78));
    for said in [said, password.ill(&["status"]).1] {
        assert!(!said.contains(PASSWORD) && !said.contains("another"), "{said}");
    }
}

async fn what_is_missing_is_named(world: &World, worker: &As<'_>) {
    for id in [
        "postgres.privileges",
        "mongodb.privileges",
        "postgres.migrations",
        "postgres.tables",
        "mongodb.schema",
    ] {
        let finding = worker.finding(id);
        assert_eq!(finding["status"], "ok", "{finding:#}");
    }
    run(
        &world.app,
        "revoke update on report_metadata from planetshr_worker; revoke usage on sequence orrery.lease_token from planetshr_worker;
         revoke execute on all functions in schema orrery from planetshr_worker",
    )
    .await;
    let admin = world.mongo.database("admin");
    let only = doc! { "resource": { "db": &world.databases.reports, "collection": "" }, "actions": ["find", "insert", "listCollections", "listIndexes"] };
    admin
        .run_command(doc! { "updateRole": "orrery_worker", "privileges": [only], "roles": [] })
        .await
        .unwrap();
    let found = worker.finding("postgres.privileges");
    rows::says(
        found["found"].as_str().unwrap(),
        &[
            "orrery_worker may not update report_metadata",
            "may not use orrery.lease_token",
            "orrery.wake_dependents",
        ],
    );
    let found = worker.finding("mongodb.privileges");
    rows::says(
        found["found"].as_str().unwrap(),
        &["may not update, remove", "collMod", &world.databases.astrology],
    );
    rows::says(found["fix"].as_str().unwrap(), &["orrery_worker", "deploy/roles/mongodb.js"]);

    // The remedy for PostgreSQL can be run as it stands.
    for line in worker.finding("postgres.privileges")["fix"].as_str().unwrap().lines() {
        run(&world.app, line.strip_prefix("sql: ").unwrap()).await;
    }
    assert_eq!(worker.finding("postgres.privileges")["status"], "ok");
}
