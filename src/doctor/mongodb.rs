//! Checks of MongoDB.

mod privileges;

use bson::{Document, doc};
use mongodb::Client;

use super::{Finding, REACHABLE};
use crate::store::certificate;
use crate::store::mongo::{Databases, setup};

/// Share of its disk that may be used before writes are in danger, percent.
const FULL: f64 = 90.0;

pub(super) async fn examine(client: &Client, databases: &Databases) -> Vec<Finding> {
    let admin = client.database("admin");
    let hello = match admin.run_command(doc! { "hello": 1 }).await {
        Ok(hello) => hello,
        Err(error) => {
            let fix = certificate::of_mongodb(&error)
                .map_or("start it, or set mongodb.uri (orrery config show --origin)", |trouble| {
                    trouble.advice
                });
            return vec![Finding::fail("mongodb.reachable", REACHABLE, error.kind.to_string(), fix)];
        }
    };
    let mut findings = vec![Finding::ok("mongodb.reachable", REACHABLE, "it answers"), replica_set(&hello)];
    findings.push(privileges::privileges(client, databases).await);
    findings.push(schema(client, databases).await);
    findings.push(disk(client, databases).await);
    findings
}

fn replica_set(hello: &Document) -> Finding {
    const ID: &str = "mongodb.replica_set";
    const WHY: &str =
        "Results are written in transactions, which only a replica set or a sharded cluster has.";
    if hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid") {
        return Finding::ok(ID, WHY, "a sharded cluster");
    }
    match (hello.get_str("setName"), hello.get_bool("isWritablePrimary")) {
        (Ok(name), Ok(true)) => Finding::ok(ID, WHY, format!("{name}, with a primary")),
        (Ok(name), _) => Finding::fail(
            ID,
            WHY,
            format!("{name} has no primary here"),
            "see rs.status(); a set needs most of its members",
        ),
        (Err(_), _) => {
            Finding::fail(ID, WHY, "a single server", "start mongod with --replSet and run rs.initiate()")
        }
    }
}

async fn schema(client: &Client, databases: &Databases) -> Finding {
    const ID: &str = "mongodb.schema";
    const WHY: &str = "Unique indexes keep stale workers out, and without the others readers crawl.";
    const FIX: &str = "orrery migrate up";
    match setup::drift(client, databases).await {
        Ok(drift) if drift.is_empty() => {
            Finding::ok(ID, WHY, "collections, validators and indexes are there")
        }
        Ok(drift) => Finding::fail(ID, WHY, drift.join("; "), FIX),
        Err(error) => Finding::fail(
            ID,
            WHY,
            error.to_string(),
            "let the user of mongodb.uri list collections and indexes",
        ),
    }
}

async fn disk(client: &Client, databases: &Databases) -> Finding {
    const ID: &str = "mongodb.disk";
    const WHY: &str = "A full disk stops all writes.";
    let stats = client.database(&databases.reports).run_command(doc! { "dbStats": 1 }).await;
    let share = stats.ok().and_then(|stats| {
        let (used, whole) = (stats.get_f64("fsUsedSize").ok()?, stats.get_f64("fsTotalSize").ok()?);
        (whole > 0.0).then(|| 100.0 * used / whole)
    });
    match share {
        None => Finding::ok(ID, WHY, "the server does not tell"),
        Some(share) if share < FULL => Finding::ok(ID, WHY, format!("{share:.0} % used")),
        Some(share) => Finding::warn(ID, WHY, format!("{share:.0} % used"), "give the server more space"),
    }
}
