//! Migrations: the applications' tables (`migrations/platform`) and the daemon's own state (`migrations/orrery`).
//!
//! On an empty database both sets run. Where the applications' tables are there already, made by somebody else,
//! only the second set runs: "attach".

use sqlx::migrate::{MigrateError, Migration, Migrator};
use sqlx::{PgConnection, PgPool};

static PLATFORM: Migrator = sqlx::migrate!("migrations/platform");
static OWN: Migrator = sqlx::migrate!("migrations/orrery");

/// Where applied migrations are noted: in the first schema of the search path.
const TABLE: &str = "_orrery_migrations";

/// Tables of the applications that the daemon cannot work without.
const NEEDED: [(&str, &[&str]); 17] = [
    ("employees", &["id", "organization_id", "department_id", "job_role_id", "full_name"]),
    ("organizations", &["id", "name", "industry_id"]),
    ("users", &["id"]),
    (
        "entity_birth_data",
        &["entity_type", "entity_id", "birth_date", "birth_time", "timezone", "latitude", "longitude"],
    ),
    ("report_generation_queue", &["id", "employee_id", "report_type", "status", "depends_on_queue_id"]),
    ("report_metadata", &["report_id", "employee_id", "report_type", "version", "is_latest"]),
    ("entity_update_queue", &["id", "entity_type", "entity_id", "queue_status"]),
    ("quarterly_update_schedule", &["id", "quarter", "year", "status"]),
    ("calculation_jobs", &["id", "job_type", "job_status", "input_data"]),
    ("candidates", &["id", "organization_id", "department_id", "job_role_id", "full_name"]),
    ("departments", &["id", "name"]),
    ("job_roles", &["id", "title"]),
    ("industries", &["id", "name"]),
    ("report_versions", &["report_id", "employee_id", "report_type", "version"]),
    ("report_scores", &["report_id", "overall_score"]),
    ("report_generation_errors", &["queue_id", "error_type", "error_message"]),
    ("calculation_audit_log", &["event_type", "event_timestamp"]),
];

/// Which migrations a database gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The applications' tables and the daemon's own.
    Whole,
    /// The daemon's own only.
    Attach,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A migration failed.
    #[error("migration failed")]
    Migrate(#[from] MigrateError),
    /// PostgreSQL refused or did not answer.
    #[error("schema could not be read")]
    Read(#[from] sqlx::Error),
    /// The applications' tables are there and were not made by these migrations.
    #[error(
        "table {table} exists already and was not made by Orrery; run `orrery migrate up --attach` to add only Orrery's own schema and triggers, or choose an empty database"
    )]
    Occupied {
        /// The first table that was found.
        table: String,
    },
    /// Migrations are missing.
    #[error(
        "the schema is not up to date: migration {version} ({description}) is missing; run `orrery migrate up`"
    )]
    Outdated {
        /// Its number.
        version: i64,
        /// What it is about.
        description: String,
    },
    /// Attach mode misses something.
    #[error(
        "cannot attach: {missing} not found through search_path {search_path:?}; create what is missing, or set postgres.search_path to the schemas that hold it"
    )]
    Missing {
        /// `table` or `table.column`, several with commas.
        missing: String,
        /// Where they were looked for.
        search_path: String,
    },
}

/// A migration and whether it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Number of the migration.
    pub version: i64,
    /// What it is about.
    pub description: String,
    /// Whether the database has it.
    pub applied: bool,
}

fn migrator(mode: Mode) -> Migrator {
    let own = OWN.iter().cloned();
    let all: Vec<Migration> = match mode {
        Mode::Whole => PLATFORM.iter().cloned().chain(own).collect(),
        Mode::Attach => own.collect(),
    };
    let mut migrator = Migrator::with_migrations(all);
    migrator.dangerous_set_table_name(TABLE);
    migrator
}

/// The mode that a database was set up in; `None` before the first migration.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn mode_of(pool: &PgPool) -> Result<Option<Mode>, sqlx::Error> {
    Ok(mode_in(&applied(pool).await?))
}

/// The mode that leaves these versions: the platform's migrations are numbered below 2000.
fn mode_in(applied: &[i64]) -> Option<Mode> {
    applied.first().map(|version| if *version < 2000 { Mode::Whole } else { Mode::Attach })
}

async fn applied(pool: &PgPool) -> Result<Vec<i64>, sqlx::Error> {
    let there: bool =
        sqlx::query_scalar("select to_regclass($1) is not null").bind(TABLE).fetch_one(pool).await?;
    if !there {
        return Ok(Vec::new());
    }
    sqlx::query_scalar("select version from _orrery_migrations where success order by version")
        .fetch_all(pool)
        .await
}

/// Applies what is missing. Without `mode` a fresh database gets everything, others go on as they began.
///
/// # Errors
/// When the applications' tables are in the way, when attach mode misses something, or a statement fails.
pub async fn up(pool: &PgPool, mode: Option<Mode>) -> Result<Mode, SchemaError> {
    let current = mode_of(pool).await?;
    let mode = current.or(mode).unwrap_or(Mode::Whole);
    match (mode, current) {
        (Mode::Whole, None) => refuse_occupied(pool).await?,
        (Mode::Attach, _) => check_needed(pool).await?,
        (Mode::Whole, Some(_)) => {}
    }
    migrator(mode).run(pool).await?;
    Ok(mode)
}

/// Takes back every migration after `target`, newest first; 0 takes back all.
///
/// # Errors
/// When a statement fails; migrations that were taken back stay so.
pub async fn down(pool: &PgPool, target: i64) -> Result<(), SchemaError> {
    if let Some(mode) = mode_of(pool).await? {
        migrator(mode).undo(pool, target).await?;
        if target == 0 {
            sqlx::query("drop table _orrery_migrations").execute(pool).await?;
        }
    }
    Ok(())
}

/// All migrations of the database's mode and whether it has them.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn status(pool: &PgPool) -> Result<Vec<Step>, SchemaError> {
    let applied = applied(pool).await?;
    let mode = mode_in(&applied).unwrap_or(Mode::Whole);
    Ok(migrator(mode)
        .iter()
        .filter(|migration| migration.migration_type.is_up_migration())
        .map(|migration| Step {
            version: migration.version,
            description: migration.description.to_string(),
            applied: applied.contains(&migration.version),
        })
        .collect())
}

/// Checks that no migration is missing.
///
/// # Errors
/// Names the first that is.
pub async fn check_current(pool: &PgPool) -> Result<(), SchemaError> {
    match status(pool).await?.into_iter().find(|step| !step.applied) {
        Some(step) => Err(SchemaError::Outdated { version: step.version, description: step.description }),
        None => Ok(()),
    }
}

/// The newest statement of the daemon's own migrations that begins a line with `beginning`, up to its semicolon.
#[must_use]
pub fn statement(beginning: &str) -> Option<String> {
    let ups = OWN.iter().filter(|migration| migration.migration_type.is_up_migration());
    let texts: Vec<&str> = ups.map(|migration| migration.sql.as_str()).collect();
    texts.into_iter().rev().find_map(|text| {
        let from = if text.starts_with(beginning) { 0 } else { text.find(&format!("\n{beginning}"))? + 1 };
        let statement = text[from..].split(';').next()?;
        Some(statement.split_whitespace().collect::<Vec<_>>().join(" "))
    })
}

async fn refuse_occupied(pool: &PgPool) -> Result<(), SchemaError> {
    for table in
        ["report_generation_queue", "entity_update_queue", "quarterly_update_schedule", "calculation_jobs"]
    {
        let there: bool =
            sqlx::query_scalar("select to_regclass($1) is not null").bind(table).fetch_one(pool).await?;
        if there {
            return Err(SchemaError::Occupied { table: table.to_owned() });
        }
    }
    Ok(())
}

/// Checks that every table and column that the daemon reads can be found through the search path.
///
/// # Errors
/// Names all that is missing at once.
pub async fn check_needed(pool: &PgPool) -> Result<(), SchemaError> {
    let mut connection = pool.acquire().await?;
    let mut missing = Vec::new();
    for (table, columns) in NEEDED {
        missing.extend(missing_of(&mut connection, table, columns).await?);
    }
    if missing.is_empty() {
        return Ok(());
    }
    let search_path: String = sqlx::query_scalar("show search_path").fetch_one(&mut *connection).await?;
    Err(SchemaError::Missing { missing: missing.join(", "), search_path })
}

async fn missing_of(
    connection: &mut PgConnection,
    table: &str,
    columns: &[&str],
) -> Result<Vec<String>, sqlx::Error> {
    let found: Vec<String> = sqlx::query_scalar(
        "select attname::text from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped",
    )
    .bind(table)
    .fetch_all(connection)
    .await?;
    if found.is_empty() {
        return Ok(vec![table.to_owned()]);
    }
    Ok(columns
        .iter()
        .filter(|column| !found.iter().any(|name| name == *column))
        .map(|column| format!("{table}.{column}"))
        .collect())
}
