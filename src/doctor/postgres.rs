//! Checks of PostgreSQL, of the queues in it, and of the workers that registered there.

use std::time::Instant;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool, Row as _};

use super::{Finding, Status};
use crate::config::Config;
use crate::store::pg::migrate::{self, SchemaError};

/// What checks may ask about the configuration: stands before each of them as the table `given`.
pub const GIVEN: &str =
    "with given (connections, lease_s, orphan_s) as (values ($1::bigint, $2::bigint, $3::bigint))";

/// A check that is one statement. It returns `level` (0 well, 1 warn, 2 fail), `found`, and `fix` where the remedy depends on what was
/// found. No row means that all is well.
struct Check {
    id: &'static str,
    why: &'static str,
    well: &'static str,
    sql: &'static str,
}

macro_rules! check {
    ($id:literal, $file:literal, $well:literal, $why:literal) => {
        Check { id: $id, why: $why, well: $well, sql: include_str!(concat!("sql/", $file, ".sql")) }
    };
}

/// Of the server and the database.
const SERVER: [Check; 9] = [
    check!(
        "postgres.version",
        "version",
        "supported",
        "Statements use what PostgreSQL has since version 13."
    ),
    check!(
        "postgres.privileges",
        "privileges",
        "the user may do all that a worker does",
        "A job fails at the first table that its user may not write."
    ),
    check!(
        "postgres.time_zone",
        "time_zone",
        "UTC",
        "Columns without a zone mean what they mean in the session that writes them; the sweep reads UTC."
    ),
    check!(
        "postgres.durability",
        "durability",
        "fsync and full_page_writes are on",
        "A crash of the host must not destroy the database."
    ),
    check!(
        "postgres.commits",
        "commits",
        "they are waited for",
        "What was committed must survive a crash: the two stores are compared by it."
    ),
    check!(
        "postgres.connections",
        "connections",
        "there is room",
        "A worker that gets no connection counts PostgreSQL as down."
    ),
    check!(
        "postgres.old_snapshots",
        "old_snapshots",
        "none is older than ten minutes",
        "Dead rows of the queues stay while somebody may still see them, and claims slow down."
    ),
    check!(
        "postgres.vacuum",
        "vacuum",
        "dead rows are taken away",
        "Claims walk along indexes; dead rows make the walk long."
    ),
    check!(
        "postgres.indexes",
        "indexes",
        "every index of the queues is there and valid",
        "Without its index a claim reads the whole queue."
    ),
];

/// Of the queues and the workers.
const WORK: [Check; 10] = [
    check!("workers.alive", "workers_alive", "at least one", "Rows wait until somebody claims them."),
    check!(
        "workers.dead",
        "workers_dead",
        "none",
        "A worker that went without a word was killed; its rows ran again elsewhere."
    ),
    check!(
        "workers.versions",
        "workers_versions",
        "all alike",
        "During an upgrade two versions are right; for longer one was forgotten."
    ),
    check!("queues.paused", "queues_paused", "none", "Nothing of a paused queue is claimed, by any worker."),
    check!(
        "organizations.paused",
        "organizations_paused",
        "none",
        "Nothing of a paused organization is claimed."
    ),
    check!(
        "breakers.open",
        "breakers_open",
        "all are closed",
        "Rows that need what an open breaker stands for wait."
    ),
    check!("rows.quarantined", "rows_quarantined", "none", "Workers died over them again and again."),
    check!(
        "rows.oldest",
        "rows_oldest",
        "none waits for longer than 15 minutes",
        "Either there are too few workers or something holds the rows back."
    ),
    check!(
        "rows.unseen",
        "rows_unseen",
        "none",
        "The sweep finds rows that no trigger saw; if there are any for long, no worker sweeps."
    ),
    check!(
        "rows.orphaned",
        "rows_orphaned",
        "none",
        "Rows that say that they run, while nobody holds them: another program works on the table, or no worker sweeps."
    ),
];

/// Triggers by table, as the migrations make them.
const TRIGGERS: [&str; 3] = ["orrery_inserted", "orrery_changed", "orrery_deleted"];

pub(super) async fn examine(pool: &PgPool, config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let schema = schema(pool).await;
    let whole = schema.iter().all(|finding| finding.status == Status::Ok);
    findings.extend(schema);
    for check in &SERVER {
        findings.push(ask(pool, config, check).await);
    }
    findings.push(clock(pool).await);
    if whole {
        findings.push(triggers(pool).await);
        for check in &WORK {
            findings.push(ask(pool, config, check).await);
        }
    }
    findings
}

async fn ask(pool: &PgPool, config: &Config, check: &Check) -> Finding {
    let asked = sqlx::query(AssertSqlSafe(format!("{GIVEN}\n{}", check.sql)))
        .bind(i64::from(config.postgres.max_connections))
        .bind(i64::try_from(config.queue.lease_s).unwrap_or(i64::MAX))
        .bind(i64::try_from(config.queue.orphan_after_s).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await;
    let rows = match asked {
        Ok(rows) => rows,
        Err(error) => {
            let fix = "let the user of postgres.url read the schema orrery and the statistics";
            return Finding::fail(check.id, check.why, format!("could not be asked: {error}"), fix);
        }
    };
    let level = rows.iter().filter_map(|row| row.try_get::<i32, _>("level").ok()).max().unwrap_or(0);
    if level == 0 {
        return Finding::ok(check.id, check.why, check.well);
    }
    let texts = |column: &str| -> Vec<String> {
        let mut texts: Vec<String> = rows.iter().filter_map(|row| row.try_get(column).ok()).collect();
        texts.dedup();
        texts
    };
    let found = texts("found").join("; ");
    let fix = migrations_instead_of_names(&texts("fix").join("\n"));
    if level == 1 {
        Finding::warn(check.id, check.why, found, fix)
    } else {
        Finding::fail(check.id, check.why, found, fix)
    }
}

/// `make index NAME` becomes the statement with which the migrations make it.
fn migrations_instead_of_names(fix: &str) -> String {
    let line = |line: &str| match line.strip_prefix("make index ") {
        Some(name) => match migrate::statement(&format!("create index {name} ")) {
            Some(statement) => format!("sql: {statement}"),
            None => "orrery migrate up".to_owned(),
        },
        None => line.to_owned(),
    };
    fix.lines().map(line).collect::<Vec<_>>().join("\n")
}

async fn schema(pool: &PgPool) -> Vec<Finding> {
    const WHY: &str = "A worker refuses to start on a schema that is not its own.";
    let checks = [
        ("postgres.migrations", migrate::check_current(pool).await, "all are applied", "orrery migrate up"),
        (
            "postgres.tables",
            migrate::check_needed(pool).await,
            "all tables and columns are found",
            "create what is missing, or set postgres.search_path to the schemas that hold it",
        ),
    ];
    let finding = |(id, result, well, fix): (&'static str, Result<(), SchemaError>, &str, &str)| match result
    {
        Ok(()) => Finding::ok(id, WHY, well),
        Err(error) => Finding::fail(id, WHY, error.to_string(), fix),
    };
    checks.into_iter().map(finding).collect()
}

/// Triggers that are gone or switched off, by which the queue sees no new rows.
async fn triggers(pool: &PgPool) -> Finding {
    const ID: &str = "postgres.triggers";
    const WHY: &str =
        "Triggers tell the queue of new, changed and deleted rows; without them only the sweep does, late.";
    let asked: Result<Vec<(String, String, Option<String>)>, _> =
        sqlx::query_as(include_str!("sql/triggers.sql")).bind(&TRIGGERS[..]).fetch_all(pool).await;
    let wrong = match asked {
        Ok(wrong) => wrong,
        Err(error) => return Finding::fail(ID, WHY, format!("could not be asked: {error}"), ""),
    };
    if wrong.is_empty() {
        return Finding::ok(ID, WHY, "all are there and on");
    }
    let (mut found, mut fixes) = (Vec::new(), Vec::new());
    for (table, trigger, state) in wrong {
        if state.is_some() {
            found.push(format!("{trigger} of {table} is switched off"));
            fixes.push(format!("sql: alter table {table} enable trigger {trigger}"));
        } else {
            found.push(format!("{trigger} of {table} is missing"));
            let made = ["insert", "update", "delete"].iter().find_map(|event| {
                migrate::statement(&format!("create trigger {trigger} after {event} on {table}"))
            });
            fixes.push(
                made.map_or_else(|| "orrery migrate up".to_owned(), |statement| format!("sql: {statement}")),
            );
        }
    }
    Finding::fail(ID, WHY, found.join("; "), fixes.join("\n"))
}

/// Whether this host and the server agree on the time.
async fn clock(pool: &PgPool) -> Finding {
    const ID: &str = "postgres.clock";
    const WHY: &str =
        "Leases go by the server's clock alone; dates of reports and quarters by that of the worker.";
    const BEARABLE_S: f64 = 5.0;
    let asked = Instant::now();
    let server: Result<DateTime<Utc>, _> =
        sqlx::query_scalar("select clock_timestamp()").fetch_one(pool).await;
    let Ok(server) = server else { return Finding::fail(ID, WHY, "the server does not tell", "") };
    let here = Utc::now() - asked.elapsed() / 2;
    #[allow(clippy::cast_precision_loss, reason = "a difference of clocks")]
    let apart_s = (here - server).num_milliseconds().abs() as f64 / 1000.0;
    let found = format!("{apart_s:.1} s apart");
    if apart_s < BEARABLE_S {
        Finding::ok(ID, WHY, found)
    } else {
        Finding::warn(ID, WHY, found, "let both hosts keep their time by NTP")
    }
}
