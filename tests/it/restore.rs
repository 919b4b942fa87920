//! Backup while a worker runs, in the order of docs/operate.md, and restore into new databases: nothing is lost, nothing is there twice.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bson::{Document, doc};
use futures::TryStreamExt as _;
use mongodb::options::ReadConcern;
use orrery::pipeline::reconcile::Reconciler;

use crate::crash::QUICK;
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::platform::USER;
use crate::support::rows::{count, run};
use crate::support::{database, servers};

/// After a restore every token must be greater than those that the documents carry; docs/operate.md has the same line.
const TOKENS: &str = "select setval('orrery.lease_token', nextval('orrery.lease_token') + 1000000000)";

const OPEN: &str = "select count(*) from orrery.dispatch";

fn tool(name: &str, arguments: &[&str], file: &Path, flag: &str) {
    let output = Command::new(name)
        .args(arguments)
        .arg(flag)
        .arg(file)
        .output()
        .expect("PostgreSQL's programs are on PATH");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Two reports of each person in one type, so that versions follow each other, and one of another.
async fn ask(world: &World, people: &str, kind: &str) {
    let sql = format!(
        "insert into report_generation_queue (employee_id, report_type, requested_by, request_metadata)
         select e.id, '{kind}', '{USER}', '{{\"new_version\": true}}' from employees e where e.full_name like 'Person {people}'"
    );
    run(&world.app, &sql).await;
}

/// All documents of both databases at one moment, as `mongodump --oplog` takes them.
async fn documents(world: &World) -> Vec<(bool, String, Vec<Document>)> {
    let mut session = world.mongo.start_session().await.unwrap();
    session.start_transaction().read_concern(ReadConcern::snapshot()).await.unwrap();
    let mut all = Vec::new();
    for (reports, name) in [(true, &world.databases.reports), (false, &world.databases.astrology)] {
        let database = world.mongo.database(name);
        for collection in database.list_collection_names().await.unwrap() {
            let mut cursor = database
                .collection::<Document>(&collection)
                .find(doc! {})
                .session(&mut session)
                .await
                .unwrap();
            let found = cursor.stream(&mut session).try_collect().await.unwrap();
            all.push((reports, collection, found));
        }
    }
    session.commit_transaction().await.unwrap();
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_restored_from_a_backup_under_load_loses_nothing_and_repeats_nothing() {
    let old = World::new().await;
    crowd(&old.app, 30).await;
    old.set_up_mongodb().await;
    ask(&old, "%", "compatibility_company").await;
    ask(&old, "1%", "compatibility_company").await;
    ask(&old, "%", "training_development").await;
    let rows = count(&old.app, "select count(*) from report_generation_queue").await;
    let worker = old.worker(&QUICK).await;
    let until = async |done: i64| {
        old.eventually(Duration::from_mins(1), "the worker is in the middle of its work", async || {
            let ended =
                count(&old.app, "select count(*) from report_generation_queue where status = 'completed'")
                    .await;
            if ended >= done { Ok(()) } else { Err(format!("{ended} have ended")) }
        })
        .await;
    };
    until(rows / 4).await;

    // PostgreSQL first: then MongoDB has every document that a row of the backup points to.
    let file = old.logs().join("backup");
    tool("pg_dump", &["--format=custom", "--dbname", &old.config.postgres.url], &file, "--file");
    ask(&old, "2%", "compatibility_industry").await;
    until(rows / 2).await;
    let documents = documents(&old).await;
    worker.kill();

    let name = database::unique_name();
    let url = database::empty(&name).await;
    tool("pg_restore", &["--exit-on-error", "--no-owner", "--dbname", &url], &file, "--");
    let new = World::at(name, &url, &servers::mongodb_uri()).await;
    new.set_up_mongodb().await;
    for (reports, collection, found) in documents {
        let database = if reports { &new.databases.reports } else { &new.databases.astrology };
        if !found.is_empty() {
            new.mongo
                .database(database)
                .collection::<Document>(&collection)
                .insert_many(found)
                .await
                .unwrap();
        }
    }
    assert!(include_str!("../../docs/backup.md").contains(TOKENS), "the manual says the same");
    run(&new.app, TOKENS).await;
    assert_eq!(
        count(&new.app, "select count(*) from report_generation_queue").await,
        rows,
        "what came later is not in the backup"
    );
    let open = count(&new.app, OPEN).await;
    assert!(
        open > 0 && open < rows,
        "the backup is of the middle of the work: {open} of {rows} rows are open"
    );

    let mut worker = new.worker(&QUICK).await;
    new.eventually(Duration::from_mins(2), "every row has ended", async || {
        match count(&new.app, OPEN).await {
            0 => Ok(()),
            open => Err(format!("{open} are open")),
        }
    })
    .await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    let failed = "select count(*) from report_generation_queue where status <> 'completed'";
    assert_eq!(count(&new.app, failed).await, 0, "{}", new.evidence());
    Reconciler::new(new.context()).remove_orphans(Duration::ZERO).await.unwrap();
    new.assert_stores_agree().await;
    assert_eq!(
        count(&new.app, "select count(*) from report_versions").await,
        rows,
        "one version for each row"
    );
    new.close().await;
    old.close().await;
}
