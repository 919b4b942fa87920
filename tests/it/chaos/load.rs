//! The application of a storm: it inserts rows into all four queues without a break, by plain SQL, and cancels some.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::ledger::{Entry, Ledger, Plan};
use super::people::{Organization, wrong};

/// Types that every employee of the demo can get.
const TYPES: [&str; 4] = [
    "personality_role_specific",
    "compatibility_company",
    "training_development",
    "compatibility_department",
];

/// Time between two waves of rows.
const WAVE: Duration = Duration::from_millis(700);

/// Waves between two bursts of one organization.
const BURST_EVERY: u32 = 12;

/// Rows of a burst.
const BURST: usize = 40;

/// Waves between two quarters.
const QUARTER_EVERY: u32 = 200;

/// One row on its way into a table.
struct New {
    id: Uuid,
    columns: Value,
    entry: Entry,
}

/// Inserts and cancels until it is told to stop.
pub struct Load {
    /// The application's connections.
    pub pool: PgPool,
    /// What it has asked for.
    pub ledger: Arc<Ledger>,
    /// For whom.
    pub organizations: Vec<Organization>,
    /// Where chance comes from.
    pub rng: Rng,
    /// Open rows at which the application waits: on a busy machine the workers would not catch up with it.
    pub most_open: i64,
}

impl Load {
    /// Inserts wave after wave until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut clock = tokio::time::interval(WAVE);
        let mut recent: Vec<(Uuid, &'static str)> = Vec::new();
        for wave in 0.. {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = clock.tick() => {}
            }
            while self.backlog().await > self.most_open && !stop.is_cancelled() {
                clock.tick().await;
            }
            let mut rows = self.wave();
            if wave % BURST_EVERY == 1 {
                rows.extend(self.burst());
            }
            if wave % 3 == 2 {
                rows.extend(self.special(wave / 3));
            }
            if wave % QUARTER_EVERY == 5 {
                rows.push(quarter(wave / QUARTER_EVERY));
            }
            recent.extend(
                rows.iter().filter(|row| row.entry.queue != "quarter").map(|row| (row.id, row.entry.queue)),
            );
            for queue in ["report", "entity", "calculation", "quarter"] {
                self.insert(queue, rows.iter().filter(|row| row.entry.queue == queue).collect()).await;
            }
            self.ledger.add(rows.into_iter().map(|row| (row.id, row.entry)));
            recent.drain(..recent.len().saturating_sub(10));
            if self.rng.bool() {
                let (id, queue) = recent.swap_remove(self.rng.usize(..recent.len()));
                self.cancel(id, queue).await;
            }
        }
    }

    /// Rows that have not ended.
    async fn backlog(&self) -> i64 {
        stubbornly(|| sqlx::query_scalar("select count(*) from orrery.dispatch").fetch_one(&self.pool)).await
    }

    /// The same rows for every organization.
    fn wave(&mut self) -> Vec<New> {
        let mut rows = Vec::new();
        for organization in self.organizations.clone() {
            rows.push(self.report(&organization, Plan::Completes));
            rows.push(self.entity(&organization));
            if self.rng.bool() {
                rows.push(self.calculation(&organization));
            }
        }
        rows
    }

    /// One organization asks for much at once.
    fn burst(&mut self) -> Vec<New> {
        let organization = self.organizations[self.rng.usize(..self.organizations.len())].clone();
        (0..BURST)
            .map(|number| {
                if number % 2 == 0 {
                    self.report(&organization, Plan::Completes)
                } else {
                    self.entity(&organization)
                }
            })
            .collect()
    }

    /// Rows that wait for others, rows in a hurry, rows for later, rows that must fail.
    fn special(&mut self, number: u32) -> Vec<New> {
        let organization = self.organizations[self.rng.usize(..self.organizations.len())].clone();
        let mut first = self.report(&organization, Plan::Completes);
        match number % 6 {
            0 => {
                let mut second = self.report(&organization, Plan::Completes);
                let mut third = self.report(&organization, Plan::Completes);
                after(&mut second, &first);
                after(&mut third, &second);
                vec![first, second, third]
            }
            1 => {
                let mut blocked = [(); 2].map(|()| self.report(&organization, Plan::Completes));
                first.columns["blocks_queue_ids"] =
                    json!(blocked.iter().map(|row| row.id).collect::<Vec<_>>());
                for row in &mut blocked {
                    row.entry.parents.push(first.id);
                    row.entry.comparable = false;
                }
                std::iter::once(first).chain(blocked).collect()
            }
            2 => {
                let at = chrono::Utc::now() + chrono::TimeDelta::milliseconds(self.rng.i64(500..4000));
                first.columns["scheduled_for"] = json!(at);
                let mut urgent = self.report(&organization, Plan::Completes);
                urgent.columns["priority"] = json!(self.rng.u8(6..=10));
                let mut idle = self.report(&organization, Plan::Completes);
                idle.columns["priority"] = json!(self.rng.u8(1..=4));
                for row in [&mut first, &mut urgent, &mut idle] {
                    row.entry.comparable = false;
                }
                vec![first, urgent, idle]
            }
            3 => {
                let person = &wrong()[self.rng.usize(..3)];
                first.columns["employee_id"] = json!(person.employee);
                first.entry.plan = Plan::Fails(person.code);
                let mut second = self.report(&organization, Plan::Completes);
                after(&mut second, &first);
                vec![first, second]
            }
            4 => {
                first.columns["report_type"] = json!("compatibility_departement");
                first.entry.plan = Plan::Fails("report.type_unknown");
                let mut skipped = self.entity(&organization);
                skipped.columns["subscription_active"] = json!(false);
                skipped.entry.plan = Plan::Skipped;
                vec![first, skipped]
            }
            _ => {
                let mut legacy = self.entity(&organization);
                legacy.columns["entity_id"] = json!("emp-legacy-17");
                legacy.entry.plan = Plan::Fails("data.entity_id_invalid");
                let mut unborn = self.calculation(&organization);
                unborn.columns["entity_id"] = json!(wrong()[0].employee);
                unborn.columns["input_data"] =
                    json!({ "entity_type": "employee", "entity_id": wrong()[0].employee });
                unborn.entry.plan = Plan::Fails("data.birth_data_missing");
                vec![first, legacy, unborn]
            }
        }
    }

    fn report(&mut self, organization: &Organization, plan: Plan) -> New {
        let id = self.id();
        let columns = json!({
            "id": id, "employee_id": self.one_of(&organization.employees), "report_type": self.one_of(&TYPES),
            "requested_by": organization.user,
            // Most get a version of their own; the others may find that nothing has changed.
            "request_metadata": { "new_version": !id.as_u128().is_multiple_of(4) },
        });
        New { id, columns, entry: entry("report", plan) }
    }

    fn entity(&mut self, organization: &Organization) -> New {
        let id = self.id();
        let columns = json!({
            "id": id, "entity_type": "employee", "entity_id": self.one_of(&organization.employees),
            "organization_id": organization.id, "subscription_active": true, "queue_status": "queued",
        });
        New { id, columns, entry: entry("entity", Plan::Completes) }
    }

    fn calculation(&mut self, organization: &Organization) -> New {
        let (id, employee) = (self.id(), self.one_of(&organization.employees));
        let columns = json!({
            "id": id, "job_type": self.one_of(&["birth_chart", "harmonic_code", "energy_pattern"]),
            "entity_type": "employee", "entity_id": employee, "organization_id": organization.id,
            "input_data": { "entity_type": "employee", "entity_id": employee },
            "algorithm_version": "1.0.0", "engine_version": "1.0.0",
        });
        New { id, columns, entry: entry("calculation", Plan::Completes) }
    }

    fn id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.rng.u128(..).to_be_bytes()).into_uuid()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.rng.usize(..all.len())]
    }

    /// Inserts rows in one statement that names only the columns that are given, and tries until the database says that they are there.
    async fn insert(&self, queue: &str, rows: Vec<&New>) {
        let Some(first) = rows.first() else { return };
        let mut shapes: Vec<Vec<&String>> = Vec::new();
        for row in &rows {
            let shape: Vec<&String> = row.columns.as_object().unwrap().keys().collect();
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
        // Who blocks others is there before them, and whom others name too.
        shapes.sort_by_key(|shape| {
            let has = |name: &str| shape.iter().any(|column| *column == name);
            (!has("blocks_queue_ids"), has("depends_on_queue_id"))
        });
        let table = table(first.entry.queue);
        for shape in shapes {
            let same: Vec<&Value> = rows
                .iter()
                .map(|row| &row.columns)
                .filter(|columns| columns.as_object().unwrap().keys().collect::<Vec<_>>() == shape)
                .collect();
            let names = shape.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
            let key = if queue == "quarter" { "(quarter, year)" } else { "(id)" };
            let sql = format!(
                "insert into {table} ({names}) select {names} from jsonb_populate_recordset(null::{table}, $1) on conflict {key} do nothing"
            );
            stubbornly(|| sqlx::query(AssertSqlSafe(sql.clone())).bind(json!(same)).execute(&self.pool))
                .await;
        }
    }

    async fn cancel(&self, id: Uuid, queue: &'static str) {
        let (column, word, open) = match queue {
            "report" => ("status", "cancelled", "'pending', 'processing'"),
            "entity" => ("queue_status", "skipped", "'queued', 'processing'"),
            _ => ("job_status", "cancelled", "'pending', 'in_progress'"),
        };
        // The word itself is among the open ones: the answer to a first try may have been lost.
        let again = if queue == "entity" { "" } else { ", 'cancelled'" };
        let sql = format!(
            "update {} set {column} = '{word}' where id = $1 and {column} in ({open}{again}) returning id",
            table(queue)
        );
        let hit: Option<Uuid> =
            stubbornly(|| sqlx::query_scalar(AssertSqlSafe(sql.clone())).bind(id).fetch_optional(&self.pool))
                .await;
        if hit.is_some() {
            self.ledger.cancelled(id);
        }
    }
}

/// A quarter of its own year, which begins at once.
fn quarter(number: u32) -> New {
    let id = Uuid::from_u128(0xd000_0000_0000_4000_8000_0000_0000_0000 + u128::from(number));
    let utc = chrono::Utc::now();
    let columns = json!({
        "id": id, "quarter": format!("Q{}", number % 4 + 1), "year": 2027 + number / 4, "scheduled_date": utc.date_naive(),
        "execution_start_time": "00:00", "execution_end_time": "23:59:59", "batch_size": 25, "status": "scheduled",
    });
    New { id, columns, entry: entry("quarter", Plan::Completes) }
}

fn after(child: &mut New, parent: &New) {
    child.columns["depends_on_queue_id"] = json!(parent.id);
    child.entry.parents.push(parent.id);
    child.entry.comparable = false;
}

const fn entry(queue: &'static str, plan: Plan) -> Entry {
    Entry { queue, plan, parents: Vec::new(), cancelled: false, comparable: true }
}

/// Table of a queue.
pub fn table(queue: &str) -> &'static str {
    match queue {
        "report" => "report_generation_queue",
        "entity" => "entity_update_queue",
        "calculation" => "calculation_jobs",
        _ => "quarterly_update_schedule",
    }
}

/// Tries until the database has answered. An application would do the same, and every statement here may be repeated.
pub async fn stubbornly<T, F: Future<Output = Result<T, sqlx::Error>>>(mut attempt: impl FnMut() -> F) -> T {
    loop {
        match attempt().await {
            Ok(value) => return value,
            // A statement that is wrong never works.
            Err(sqlx::Error::Database(error)) if !passing(error.code().as_deref()) => panic!("{error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Whether an error goes by: the server is stopping or starting, or has lost a process; deadlocks and time limits.
fn passing(code: Option<&str>) -> bool {
    code.is_some_and(|code| {
        code.starts_with("57") || code.starts_with("08") || code.starts_with("40") || code == "53300"
    })
}
