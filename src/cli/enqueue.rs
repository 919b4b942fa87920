//! `orrery enqueue`.

use std::io::Read as _;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::actor::actor;
use super::exit::Usage;
use super::table;
use crate::config::Config;
use crate::domain::Quarter;
use crate::domain::report_type::ReportType;
use crate::operate::enqueue::{EnqueueError, Enqueued, Request, enqueue};
use crate::operate::moment;
use crate::store::pg::{self, Role};

const ENTITIES: [&str; 3] = ["employee", "candidate", "company"];
const CALCULATIONS: [&str; 4] = ["birth_chart", "harmonic_code", "compatibility", "energy_pattern"];

/// Asks for a report, an update of an entity, or one calculation, as an application would; prints the id of the row.
///
/// With --key the same request again gives the same row and adds none, also after that has ended. An argument that cannot be used is
/// named, and the exit code is 2. Needs the rights of an application, such as those of the role `planetshr_app`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Asks for a report on an employee.
    Report(Report),
    /// Asks for chart, code, comparisons and pattern of an employee, a candidate or a company.
    Entity {
        /// What it is.
        #[arg(long = "type", value_name = "TYPE", value_parser = PossibleValuesParser::new(ENTITIES))]
        kind: String,
        /// Which; a company by its id in `organizations`.
        #[arg(long, value_name = "ID")]
        entity: Uuid,
        #[command(flatten)]
        common: Common,
    },
    /// Asks for one chart, code, comparison or pattern.
    Calculation {
        /// Which calculation.
        #[arg(long = "type", value_name = "TYPE", value_parser = PossibleValuesParser::new(CALCULATIONS))]
        kind: String,
        /// Of what.
        #[arg(long, value_name = "TYPE", default_value = "employee", value_parser = PossibleValuesParser::new(ENTITIES))]
        entity_type: String,
        /// Of which; an id of its own where --input has `birth_data`.
        #[arg(long, value_name = "ID")]
        entity: Uuid,
        /// For which organization.
        #[arg(long, value_name = "ID")]
        org: Uuid,
        /// A JSON object for the calculation, or - to read it from standard input, where nobody else sees it.
        #[arg(long, value_name = "JSON", default_value = "{}")]
        input: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Args)]
struct Report {
    /// On whom.
    #[arg(long, value_name = "ID")]
    employee: Uuid,
    /// Which report.
    #[arg(long = "type", value_name = "TYPE", value_parser = PossibleValuesParser::new(ReportType::ALL.map(ReportType::as_str)))]
    kind: String,
    /// User of the platform who asks.
    #[arg(long, value_name = "ID")]
    requested_by: Uuid,
    /// Not before: so long from now (90m, 24h, 7d), or a day or time (UTC).
    #[arg(long, value_name = "WHEN", value_parser = at)]
    at: Option<DateTime<Utc>>,
    /// Row of the report queue that must complete first.
    #[arg(long, value_name = "ID")]
    depends_on: Option<Uuid>,
    /// Why, for whoever reads the row.
    #[arg(long, value_name = "TEXT", default_value = "manual_request")]
    reason: String,
    /// Speaks of this quarter, such as 2026-Q4, not of the present one.
    #[arg(long)]
    quarter: Option<Quarter>,
    /// Makes a new version even if nothing has changed.
    #[arg(long)]
    new_version: bool,
    /// A JSON object that is kept with the row in `request_metadata`, or - to read it from standard input.
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
    #[command(flatten)]
    common: Common,
}

// What all have. No doc comment: it would become that of the command.
#[derive(Debug, Args)]
struct Common {
    /// What tells this request from others: the same key gives the same row.
    #[arg(long)]
    key: Option<String>,
    /// From 1 to 10, the most urgent.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(i32).range(1..=10))]
    priority: i32,
    /// Print JSON instead of the id.
    #[arg(long)]
    json: bool,
}

fn at(text: &str) -> Result<DateTime<Utc>, &'static str> {
    moment::ahead(text, Utc::now()).ok_or(moment::FORMS_AHEAD)
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    // What can be seen without a database is said without one.
    let (request, common) = asked(arguments.command)?;
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    let enqueued = enqueue(&pool, &request, common.key.as_deref(), common.priority, &actor()).await;
    let enqueued = enqueued.map_err(|error| in_flags(&request, error))?;
    tell(&enqueued, common.json)
}

fn asked(command: Command) -> anyhow::Result<(Request, Common)> {
    Ok(match command {
        Command::Report(report) => {
            let metadata = metadata(&report)?;
            let request = Request::Report {
                employee_id: report.employee,
                report_type: report.kind,
                requested_by: report.requested_by,
                scheduled_for: report.at,
                reason: report.reason,
                metadata,
                depends_on: report.depends_on,
            };
            (request, report.common)
        }
        Command::Entity { kind, entity, common } => {
            (Request::Entity { entity_type: kind, entity_id: entity }, common)
        }
        Command::Calculation { kind, entity_type, entity, org, input, common } => {
            let input = object("--input", &input)?;
            let request = Request::Calculation {
                job_type: kind,
                entity_type,
                entity_id: entity,
                organization_id: org,
                input,
            };
            (request, common)
        }
    })
}

/// `request_metadata`: what is given, and the keys that have flags of their own.
fn metadata(report: &Report) -> anyhow::Result<Option<Map<String, Value>>> {
    let given = report.metadata.as_deref().map(|text| object("--metadata", text)).transpose()?;
    let mut metadata = given.clone().unwrap_or_default();
    if let Some(quarter) = report.quarter {
        metadata.insert("quarter".to_owned(), quarter.to_string().into());
    }
    if report.new_version {
        metadata.insert("new_version".to_owned(), true.into());
    }
    Ok(Some(metadata).filter(|metadata| given.is_some() || !metadata.is_empty()))
}

fn object(flag: &str, text: &str) -> anyhow::Result<Map<String, Value>> {
    let mut read = String::new();
    let text = if text == "-" {
        std::io::stdin().read_to_string(&mut read).context("standard input cannot be read")?;
        &read
    } else {
        text
    };
    serde_json::from_str(text).map_err(|error| Usage(format!("{flag}: is no JSON object: {error}")).into())
}

/// The argument of the function by the flag that gave it.
fn in_flags(request: &Request, error: EnqueueError) -> EnqueueError {
    let EnqueueError::Refused { field, problem, hint } = error else { return error };
    let flag = match (field.as_str(), request) {
        ("employee_id", _) => "--employee",
        ("entity_type", Request::Calculation { .. }) => "--entity-type",
        ("report_type" | "entity_type" | "job_type", _) => "--type",
        ("entity_id", _) => "--entity",
        ("organization_id", _) => "--org",
        ("requested_by", _) => "--requested-by",
        ("scheduled_for", _) => "--at",
        ("depends_on", _) => "--depends-on",
        ("key", _) => "--key",
        ("priority", _) => "--priority",
        ("reason", _) => "--reason",
        ("metadata", _) => "--metadata",
        ("input", _) => "--input",
        (other, _) => other,
    };
    EnqueueError::Refused { field: flag.to_owned(), problem, hint }
}

fn tell(enqueued: &Enqueued, json: bool) -> anyhow::Result<()> {
    if json {
        return table::say_json(enqueued);
    }
    table::say(&enqueued.id.to_string());
    if !enqueued.added {
        table::note(&format!("the key stood for this row already; it is {}", enqueued.status));
    }
    Ok(())
}
