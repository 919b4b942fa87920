//! What the demo's rows are expected to become, and what became of them.

use std::collections::BTreeMap;

use serde::Deserialize;
use sqlx::FromRow;

use super::database::Demo;

const EXPECTED: &str = include_str!("../../../data/demo/expected.json");

/// How the rows of one queue are expected to end.
#[derive(Debug, Deserialize)]
pub(super) struct Plan {
    #[serde(default)]
    pub(super) inserted: i64,
    #[serde(default)]
    pub(super) completed: i64,
    #[serde(default)]
    failed: Vec<PlannedFailure>,
    #[serde(default)]
    skipped: Many,
    #[serde(default)]
    cancelled: Many,
}

/// A number of rows, or their list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Many {
    Count(i64),
    Rows(Vec<serde_json::Value>),
}

impl Default for Many {
    fn default() -> Self {
        Self::Count(0)
    }
}

impl Many {
    fn count(&self) -> i64 {
        match self {
            Self::Count(count) => *count,
            Self::Rows(rows) => i64::try_from(rows.len()).unwrap_or(i64::MAX),
        }
    }
}

#[derive(Debug, Deserialize)]
struct PlannedFailure {
    id: String,
    why: String,
}

/// One queue: counts, and the rows that ended otherwise than planned.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) table: String,
    pub(super) inserted: i64,
    pub(super) completed: i64,
    pub(super) failed_as_planned: i64,
    pub(super) skipped: i64,
    pub(super) cancelled: i64,
    pub(super) surprises: Vec<String>,
}

/// All queues.
#[derive(Debug)]
pub(super) struct Outcomes(pub(super) Vec<Outcome>);

impl Outcomes {
    pub(super) fn as_planned(&self) -> bool {
        self.0.iter().all(|outcome| outcome.surprises.is_empty())
    }
}

#[derive(Debug, FromRow)]
struct Row {
    id: String,
    status: String,
    code: Option<String>,
}

/// Compares every queue with the plan.
pub(super) async fn check(demo: &Demo) -> anyhow::Result<Outcomes> {
    let plans: BTreeMap<String, serde_json::Value> = serde_json::from_str(EXPECTED)?;
    let mut outcomes = Vec::new();
    for (table, statement) in [
        ("report_generation_queue", include_str!("../sql/demo_reports.sql")),
        ("entity_update_queue", include_str!("../sql/demo_entities.sql")),
        ("calculation_jobs", include_str!("../sql/demo_calculations.sql")),
    ] {
        let Some(plan) = plans.get(table) else { continue };
        let plan: Plan = serde_json::from_value(plan.clone())?;
        let rows: Vec<Row> = sqlx::query_as(statement).fetch_all(&demo.pg).await?;
        outcomes.push(compare(table, &plan, &rows));
    }
    Ok(Outcomes(outcomes))
}

fn compare(table: &str, plan: &Plan, rows: &[Row]) -> Outcome {
    let count =
        |status: &str| i64::try_from(rows.iter().filter(|row| row.status == status).count()).unwrap_or(0);
    let planned: BTreeMap<&str, &str> =
        plan.failed.iter().map(|failure| (failure.id.as_str(), failure.why.as_str())).collect();
    let mut surprises = Vec::new();
    let mut failed_as_planned = 0;
    for row in rows {
        match (planned.get(row.id.as_str()), row.status.as_str()) {
            (Some(why), "failed") if row.code.as_deref() == Some(why) => failed_as_planned += 1,
            (Some(why), status) => surprises.push(format!(
                "{} should have failed with {why}, but is {status} {}",
                row.id,
                row.code.as_deref().unwrap_or_default()
            )),
            (None, "failed") => {
                surprises.push(format!(
                    "{} failed with {}",
                    row.id,
                    row.code.as_deref().unwrap_or("no code")
                ));
            }
            (None, "completed" | "skipped" | "cancelled") => {}
            (None, other) => surprises.push(format!("{} has not ended: {other}", row.id)),
        }
    }
    for (what, is, should) in [
        ("inserted", i64::try_from(rows.len()).unwrap_or(0), plan.inserted),
        ("completed", count("completed"), plan.completed),
        ("skipped", count("skipped"), plan.skipped.count()),
        ("cancelled", count("cancelled"), plan.cancelled.count()),
    ] {
        if is != should {
            surprises.push(format!("{is} rows {what}, {should} planned"));
        }
    }
    Outcome {
        table: table.to_owned(),
        inserted: i64::try_from(rows.len()).unwrap_or(0),
        completed: count("completed"),
        failed_as_planned,
        skipped: count("skipped"),
        cancelled: count("cancelled"),
        surprises,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_reads() {
        let plans: BTreeMap<String, serde_json::Value> = serde_json::from_str(EXPECTED).unwrap();
        let plan: Plan = serde_json::from_value(plans["report_generation_queue"].clone()).unwrap();
        assert!(plan.inserted > 0 && !plan.failed.is_empty());
    }

    #[test]
    fn a_row_that_failed_for_another_reason_is_a_surprise() {
        let plan: Plan = serde_json::from_value(
            serde_json::json!({ "inserted": 1, "failed": [{ "id": "a", "why": "x" }] }),
        )
        .unwrap();
        let row = |code: &str| Row { id: "a".into(), status: "failed".into(), code: Some(code.into()) };
        assert!(compare("t", &plan, &[row("x")]).surprises.is_empty());
        assert_eq!(compare("t", &plan, &[row("y")]).surprises.len(), 1);
    }
}
