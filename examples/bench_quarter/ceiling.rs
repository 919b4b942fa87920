//! The ceiling: the same documents by bare `insert` or `update` commands and the same rows by bare multi-row `insert`, into the same
//! collections and tables with their validators, indexes and keys and all that the quarter has written of other entities, both servers
//! at once, two connections each. No claim, no token, no transaction
//! in MongoDB, nothing read, nothing calculated; the rows do not even travel: they come from a table beside.

use std::time::Instant;

use bson::raw::{RawArrayBuf, RawDocumentBuf, cstr};
use bson::{Document, doc};
use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Connection as _};

use super::servers::Servers;

/// Documents of one command.
const COMMAND: usize = 1000;

/// Bytes of documents in one command; the server takes 16 MiB.
const COMMAND_BYTES: usize = 12 * 1024 * 1024;

/// Entities of one transaction in PostgreSQL.
const BATCH: u64 = 200;

/// Connections to each server.
const CONNECTIONS: u64 = 2;

/// Tables whose rows are written again: where the rows of a sample come from, by the columns that name entity or row.
const TABLES: [(&str, &str); 4] = [
    ("entity_update_queue", "q.id = s.id"),
    ("calculation_jobs", "q.entity_type = s.entity_type and q.entity_id = s.entity_id"),
    ("calculation_audit_log", "q.entity_type = s.entity_type and q.entity_id = s.entity_id"),
    ("orrery.result", "q.queue = 'entity' and q.job_id = s.id"),
];

/// What was measured.
#[derive(Debug)]
pub struct Ceiling {
    pub entities: u64,
    pub documents: usize,
    pub rows: u64,
    /// Entities per second with both servers written at once, the documents by `insert`.
    pub inserted: f64,
    /// The same by `update` with `upsert`, by id: what writes whether the documents are there or not.
    pub upserted: f64,
    /// Seconds of the first.
    pub seconds: f64,
    /// Each server alone, the documents by `insert`.
    pub mongodb_s: f64,
    pub postgres_s: f64,
}

/// How documents are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Insert,
    Upsert,
}

/// Writes what a finished quarter has written of `entities` entities again, after it was removed.
pub async fn measure(servers: &Servers, entities: u64) -> anyhow::Result<Ceiling> {
    let documents = read_documents(servers, entities).await?;
    set_rows_aside(servers, entities).await?;
    let rows = count_rows(servers).await?;
    let mut seconds = Vec::new();
    for (verb, with_postgres) in
        [(Some(Verb::Insert), true), (Some(Verb::Upsert), true), (Some(Verb::Insert), false), (None, true)]
    {
        remove(servers, &documents).await?;
        servers.settle().await?;
        let started = Instant::now();
        tokio::try_join!(
            async {
                match verb {
                    Some(verb) => write_documents(servers, &documents, verb).await,
                    None => Ok(()),
                }
            },
            async { if with_postgres { write_rows(servers, entities).await } else { Ok(()) } },
        )?;
        seconds.push(started.elapsed().as_secs_f64());
    }
    #[allow(clippy::cast_precision_loss, reason = "counts are small")]
    let rate = |seconds: f64| entities as f64 / seconds;
    Ok(Ceiling {
        entities,
        documents: documents.iter().map(|(_, _, all)| all.len()).sum(),
        rows,
        inserted: rate(seconds[0]),
        upserted: rate(seconds[1]),
        seconds: seconds[0],
        mongodb_s: seconds[2],
        postgres_s: seconds[3],
    })
}

/// Database, collection, and documents.
type Documents = Vec<(String, &'static str, Vec<RawDocumentBuf>)>;

/// The documents of the entities that were updated first.
async fn read_documents(servers: &Servers, entities: u64) -> anyhow::Result<Documents> {
    let ids = sampled(servers, entities).await?;
    let (reports, astrology) = (&servers.databases.reports, &servers.databases.astrology);
    let mut all = Vec::new();
    for (database, collection, field) in [
        (astrology, "birth_charts", "entity_id"),
        (astrology, "harmonic_codes", "entity_id"),
        (astrology, "energy_patterns", "entity_id"),
        (astrology, "compatibility_scores", "subject_entity.id"),
        (reports, "astrological_data", "employeeId"),
        (reports, "harmonic_energy_codes", "employeeId"),
    ] {
        let mut found = servers
            .mongo
            .database(database)
            .collection::<Document>(collection)
            .find(doc! { field: { "$in": &ids } })
            .await?;
        let mut documents = Vec::new();
        while let Some(document) = found.try_next().await? {
            documents.push(RawDocumentBuf::try_from(&document)?);
        }
        all.push((database.clone(), collection, documents));
    }
    Ok(all)
}

async fn sampled(servers: &Servers, entities: u64) -> anyhow::Result<Vec<String>> {
    let mut connection = servers.connect().await?;
    let ids =
        sqlx::query_scalar("select entity_id from entity_update_queue order by completed_at, id limit $1")
            .bind(i64::try_from(entities)?)
            .fetch_all(&mut connection)
            .await?;
    connection.close().await?;
    Ok(ids)
}

async fn set_rows_aside(servers: &Servers, entities: u64) -> anyhow::Result<()> {
    servers
        .run(&format!(
            "create schema aside;
             create unlogged table aside.sample as
             select id, entity_type, entity_id, (row_number() over (order by completed_at, id) - 1) / {BATCH} as batch
             from entity_update_queue order by completed_at, id limit {entities};
             analyze aside.sample"
        ))
        .await?;
    for (table, on) in TABLES {
        let aside = aside(table);
        servers
            .run(&format!(
                "create unlogged table {aside} as select s.batch, q as line from aside.sample s join {table} q on {on};
                 create index on {aside} (batch);
                 analyze {aside}"
            ))
            .await?;
    }
    Ok(())
}

fn aside(table: &str) -> String {
    format!("aside.{}", table.rsplit('.').next().unwrap_or(table))
}

async fn count_rows(servers: &Servers) -> anyhow::Result<u64> {
    let mut connection = servers.connect().await?;
    let mut all = 0;
    for (table, _) in TABLES {
        let sql = format!("select count(*) from {}", aside(table));
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await?;
        all += u64::try_from(rows)?;
    }
    connection.close().await?;
    Ok(all)
}

/// Removes what is about to be written.
async fn remove(servers: &Servers, documents: &Documents) -> anyhow::Result<()> {
    for (database, collection, documents) in documents {
        let collection = servers.mongo.database(database).collection::<Document>(collection);
        for part in documents.chunks(COMMAND) {
            let ids = part.iter().map(|document| document.get_object_id("_id"));
            let ids = ids.collect::<Result<Vec<_>, _>>()?;
            collection.delete_many(doc! { "_id": { "$in": ids } }).await?;
        }
    }
    servers
        .run(
            "alter table entity_update_queue disable trigger user;
             alter table calculation_jobs disable trigger user",
        )
        .await?;
    for (table, on) in TABLES {
        servers.run(&format!("delete from {table} q using aside.sample s where {on}")).await?;
    }
    Ok(())
}

async fn write_documents(servers: &Servers, documents: &Documents, verb: Verb) -> anyhow::Result<()> {
    let mut commands = Vec::new();
    for (database, collection, documents) in documents {
        let mut rest = documents.as_slice();
        while !rest.is_empty() {
            let (part, later) = rest.split_at(fitting(rest));
            commands.push((database, command(collection, part, verb)?));
            rest = later;
        }
    }
    // Every second command of each connection: both are busy with all collections until the end.
    tokio::try_join!(
        send(servers, commands.iter().step_by(2)),
        send(servers, commands.iter().skip(1).step_by(2))
    )?;
    Ok(())
}

async fn send<'a>(
    servers: &Servers,
    commands: impl Iterator<Item = &'a (&'a String, RawDocumentBuf)>,
) -> anyhow::Result<()> {
    for (database, command) in commands {
        let answer = servers.mongo.database(database).run_raw_command(command.clone()).await?;
        anyhow::ensure!(!answer.contains_key("writeErrors"), "{answer}");
    }
    Ok(())
}

/// How many of these documents go into one command.
fn fitting(documents: &[RawDocumentBuf]) -> usize {
    let mut bytes = 0;
    let within = documents.iter().take(COMMAND).take_while(|document| {
        bytes += document.as_bytes().len();
        bytes < COMMAND_BYTES
    });
    within.count().max(1)
}

fn command(
    collection: &str,
    documents: &[RawDocumentBuf],
    verb: Verb,
) -> bson::error::Result<RawDocumentBuf> {
    let mut elements = RawArrayBuf::new();
    for document in documents {
        if verb == Verb::Insert {
            elements.push(document.as_ref());
            continue;
        }
        let mut found = RawDocumentBuf::new();
        found.append(cstr!("_id"), document.get_object_id("_id")?);
        let mut upsert = RawDocumentBuf::new();
        upsert.append(cstr!("q"), found);
        upsert.append(cstr!("u"), document.as_ref());
        upsert.append(cstr!("upsert"), true);
        elements.push(upsert);
    }
    let (name, list) = match verb {
        Verb::Insert => (cstr!("insert"), cstr!("documents")),
        Verb::Upsert => (cstr!("update"), cstr!("updates")),
    };
    let concern = RawDocumentBuf::try_from(&doc! { "w": "majority", "j": true }).unwrap_or_default();
    let mut command = RawDocumentBuf::new();
    command.append(name, collection);
    command.append(cstr!("ordered"), false);
    command.append(list, elements);
    command.append(cstr!("writeConcern"), concern);
    Ok(command)
}

async fn write_rows(servers: &Servers, entities: u64) -> anyhow::Result<()> {
    let connections = (0..CONNECTIONS).map(|turn| write_batches(servers, turn, entities.div_ceil(BATCH)));
    futures::future::try_join_all(connections).await?;
    Ok(())
}

/// Every second batch: calculations first, because the queue rows name them.
async fn write_batches(servers: &Servers, turn: u64, batches: u64) -> anyhow::Result<()> {
    let mut connection = servers.connect().await?;
    for batch in (0..batches).filter(|batch| batch % CONNECTIONS == turn) {
        let mut transaction = connection.begin().await?;
        for at in [1, 2, 0, 3] {
            let (table, _) = TABLES[at];
            let sql = format!("insert into {table} select (line).* from {} where batch = $1", aside(table));
            sqlx::query(AssertSqlSafe(sql)).bind(i64::try_from(batch)?).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
    }
    connection.close().await?;
    Ok(())
}
