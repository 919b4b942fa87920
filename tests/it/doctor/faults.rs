//! The faults of the drill.

use bson::{Document, doc};

/// How a fault goes away.
pub enum Mended {
    /// By the lines of the remedy, run as they stand.
    Remedy,
    /// By a worker, as the remedy says; all of these at the end.
    Worker,
    /// By a statement, where the remedy is words for a person.
    Hand(&'static str),
    /// By settings that are right again.
    Settings,
}

/// Something wrong.
pub struct Fault {
    /// What it is.
    pub name: &'static str,
    /// The check that must find it.
    pub id: &'static str,
    /// Words that its finding must hold.
    pub says: &'static str,
    /// Statements that plant it.
    pub plant: &'static [&'static str],
    /// A command of MongoDB that plants it, in the database of reports.
    pub plant_in_mongodb: Option<Document>,
    /// Arguments of the program that plant it.
    pub plant_by: Option<&'static [&'static str]>,
    /// Settings under which it is looked for.
    pub settings: &'static [(&'static str, &'static str)],
    /// How it goes away.
    pub mended: Mended,
}

const fn fault(
    name: &'static str,
    id: &'static str,
    says: &'static str,
    plant: &'static [&'static str],
) -> Fault {
    Fault {
        name,
        id,
        says,
        plant,
        plant_in_mongodb: None,
        plant_by: None,
        settings: &[],
        mended: Mended::Remedy,
    }
}

fn in_mongodb(name: &'static str, says: &'static str, command: Document) -> Fault {
    Fault { plant_in_mongodb: Some(command), ..fault(name, "mongodb.schema", says, &[]) }
}

fn wrong_setting(
    name: &'static str,
    id: &'static str,
    says: &'static str,
    settings: &'static [(&'static str, &'static str)],
) -> Fault {
    Fault { settings, mended: Mended::Settings, ..fault(name, id, says, &[]) }
}

/// All faults, in an order in which none hides another. What only a worker mends comes last.
pub fn all() -> Vec<Fault> {
    let mut all = of_the_databases();
    all.extend(of_the_settings());
    all.extend(of_the_work());
    all
}

fn of_the_databases() -> Vec<Fault> {
    vec![
        fault(
            "a trigger is switched off",
            "postgres.triggers",
            "orrery_inserted of report_generation_queue is switched off",
            &["alter table report_generation_queue disable trigger orrery_inserted"],
        ),
        fault(
            "a trigger is gone",
            "postgres.triggers",
            "orrery_changed of entity_update_queue is missing",
            &["drop trigger orrery_changed on entity_update_queue"],
        ),
        Fault {
            plant_by: Some(&["migrate", "down", "--to", "2014", "--yes"]),
            ..fault("a migration is missing", "postgres.migrations", "2015", &[])
        },
        Fault {
            mended: Mended::Hand("alter table trades rename to industries"),
            ..fault(
                "a table has another name",
                "postgres.tables",
                "industries",
                &["alter table industries rename to trades"],
            )
        },
        fault(
            "sessions begin in Tokyo",
            "postgres.time_zone",
            "Asia/Tokyo",
            &[
                "do $$ begin execute format('alter database %I set timezone to %L', current_database(), 'Asia/Tokyo'); end $$",
            ],
        ),
        fault(
            "commits are not waited for",
            "postgres.commits",
            "synchronous_commit is off",
            &[
                "do $$ begin execute format('alter database %I set synchronous_commit to off', current_database()); end $$",
            ],
        ),
        fault(
            "dead rows stay",
            "postgres.vacuum",
            "autovacuum is off for orrery.dispatch",
            &["alter table orrery.dispatch set (autovacuum_enabled = false)"],
        ),
        fault(
            "an index is gone",
            "postgres.indexes",
            "index dispatch_age is missing",
            &["drop index orrery.dispatch_age"],
        ),
        fault(
            "an index is broken",
            "postgres.indexes",
            "dispatch_ready is not valid",
            &["update pg_index set indisvalid = false where indexrelid = 'orrery.dispatch_ready'::regclass"],
        ),
        in_mongodb(
            "an index of documents is gone",
            "is missing or another",
            doc! { "dropIndexes": "reports", "index": "*" },
        ),
        in_mongodb(
            "documents are not validated",
            "the validator of",
            doc! { "collMod": "reports", "validationLevel": "off" },
        ),
        in_mongodb("a collection is gone", "is missing", doc! { "drop": "reports" }),
    ]
}

fn of_the_settings() -> Vec<Fault> {
    vec![
        wrong_setting(
            "nobody listens for PostgreSQL",
            "postgres.reachable",
            "refused",
            &[("ORRERY_POSTGRES_URL", "postgres://postgres@127.0.0.1:1/none")],
        ),
        wrong_setting(
            "nobody listens for MongoDB",
            "mongodb.reachable",
            "",
            &[
                ("ORRERY_MONGODB_URI", "mongodb://127.0.0.1:1/?directConnection=true"),
                ("ORRERY_MONGODB_SERVER_SELECTION_TIMEOUT_S", "1"),
            ],
        ),
    ]
}

fn of_the_work() -> Vec<Fault> {
    vec![
        fault("a worker was killed", "workers.dead", "host:1:dead",
            &["insert into orrery.worker (worker_id, host, pid, version, last_seen_at)
               values ('host:1:dead', 'host', 1, '0.0.1', now() - interval '1 hour')"]),
        Fault {
            mended: Mended::Hand("delete from orrery.worker"),
            ..fault("two versions are at work", "workers.versions", "0.0.1, 0.0.2",
                &["insert into orrery.worker (worker_id, host, pid, version)
                   values ('host:1:old', 'host', 1, '0.0.1'), ('host:2:new', 'host', 2, '0.0.2')"])
        },
        fault("a queue is paused", "queues.paused", "report, since",
            &["insert into orrery.queue_policy (queue, paused, note) values ('report', true, 'an upgrade')"]),
        fault("an organization is paused", "organizations.paused", "an invoice",
            &["insert into report_generation_queue (employee_id, report_type, requested_by)
               values ('60000000-0000-4000-9000-000000000001', 'personality_role_specific', '50000000-0000-4000-9000-000000000001')",
              "insert into orrery.organization_policy (organization_id, paused, note)
               select distinct organization_id, true, 'an invoice' from orrery.dispatch"]),
        fault("a breaker is open", "breakers.open", "no primary",
            &["insert into orrery.breaker (name, queues, state, reason, opened_at, probe_at)
               values ('mongodb', '{report,entity}', 'open', 'no primary', now(), now() + interval '1 hour')"]),
        fault("a row killed its workers", "rows.quarantined", "3 deaths",
            &["insert into report_generation_queue (employee_id, report_type, requested_by)
               values ('60000000-0000-4000-9000-000000000002', 'compatibility_company', '50000000-0000-4000-9000-000000000001')",
              "update report_generation_queue set status = 'failed' where report_type = 'compatibility_company'",
              "insert into orrery.quarantine (queue, job_id, crashes, evidence)
               select 'report', id, 3, '{}' from report_generation_queue where report_type = 'compatibility_company'"]),
        Fault {
            mended: Mended::Worker,
            ..fault("a row has waited for long", "rows.oldest", "has waited for",
                &["update orrery.dispatch set run_at = now() - interval '1 hour'"])
        },
        Fault {
            mended: Mended::Worker,
            ..fault("a row that no trigger saw", "rows.unseen", "1 of entity_update_queue",
                &["alter table entity_update_queue disable trigger orrery_inserted",
                  "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active, queue_status, queued_at)
                   values ('employee', '60000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', true, 'queued', now() - interval '1 hour')",
                  "alter table entity_update_queue enable trigger orrery_inserted"])
        },
        Fault {
            mended: Mended::Worker,
            ..fault("a row says that it runs", "rows.orphaned", "running since",
                &["insert into report_generation_queue (employee_id, report_type, requested_by)
                   values ('60000000-0000-4000-9000-000000000002', 'behavior_company_specific', '50000000-0000-4000-9000-000000000001')",
                  "set orrery.internal = 'on';
                   update report_generation_queue set status = 'processing', started_at = now() - interval '1 hour'
                   where report_type = 'behavior_company_specific';
                   delete from orrery.dispatch d using report_generation_queue q
                   where q.id = d.job_id and q.report_type = 'behavior_company_specific';
                   reset orrery.internal"])
        },
        Fault { mended: Mended::Worker, ..fault("nobody works", "workers.alive", "no worker is alive", &[]) },
    ]
}
