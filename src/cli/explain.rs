//! `orrery explain`.

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::table;
use crate::config::Config;
use crate::queue::explain;
use crate::store::pg::{self, Role};

/// Says why a row does not run, or what became of it.
///
/// ID is the primary key of a row of `report_generation_queue`, `entity_update_queue`, `quarterly_update_schedule` or
/// `calculation_jobs`. The answer names what decides: the row it waits for, a pause, a cap, a breaker, a time, its worker.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The row.
    id: Uuid,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    let dead_after_s = config.queue.lease().as_secs_f64();
    let Some(standing) = explain::standing(&pool, arguments.id, dead_after_s).await? else {
        bail!(
            "no queue has a row {}; give the primary key of a row of one of the four queues (see orrery status)",
            arguments.id
        );
    };
    let reasons = standing.reasons();
    if arguments.json {
        let answer = json!({
            "id": standing.job_id, "queue": standing.queue, "status": standing.status, "reasons": reasons,
        });
        table::say(&serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    table::say(&format!("{} {}: {}", standing.table(), standing.job_id, standing.status));
    for reason in reasons {
        table::say(&format!("  {}", reason.what));
        if !reason.way_out.is_empty() {
            table::say(&format!("    -> {}", reason.way_out));
        }
    }
    Ok(())
}
