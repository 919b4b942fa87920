//! `orrery doctor`: each planted fault is found by its check, and the remedy that it names mends it.
//!
//! `make doctor-drill` shows the list.

mod faults;

use std::process::Output;
use std::time::Duration;

use serde_json::Value;
use sqlx::AssertSqlSafe;

use self::faults::{Fault, Mended};
use crate::support::World;
use crate::support::rows::run;

/// What `orrery doctor --json` says, by check; `settings` win over those of the world.
fn examined(world: &World, settings: &[(&str, &str)]) -> Vec<Value> {
    let output = asked(world, settings, &["doctor", "--json"]);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn asked(world: &World, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = crate::support::worker::program(&world.environment(settings));
    command.args(arguments).output().unwrap()
}

fn finding<'a>(findings: &'a [Value], id: &str) -> &'a Value {
    findings
        .iter()
        .find(|finding| finding["id"] == id)
        .unwrap_or_else(|| panic!("no check {id} in {findings:#?}"))
}

/// Follows the lines of a remedy that can be run as they stand.
async fn follow(world: &World, fix: &str) {
    let mut followed = 0;
    for line in fix.lines() {
        if let Some(sql) = line.strip_prefix("sql: ") {
            run(&world.app, sql).await;
        } else if let Some(arguments) = line.strip_prefix("orrery ") {
            let output = asked(world, &[], &arguments.split(' ').collect::<Vec<_>>());
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        } else {
            continue;
        }
        followed += 1;
    }
    assert!(followed > 0, "nothing in the remedy can be run: {fix}");
}

#[allow(clippy::print_stdout, reason = "`make doctor-drill` shows the list")]
async fn drill(world: &World, fault: &Fault) {
    for sql in fault.plant {
        run(&world.app, sql).await;
    }
    if let Some(command) = &fault.plant_in_mongodb {
        let database = world.mongo.database(&world.databases.reports);
        database.run_command(command.clone()).await.unwrap();
    }
    if let Some(arguments) = fault.plant_by {
        assert!(asked(world, &[], arguments).status.success(), "{}", fault.name);
    }
    let findings = examined(world, fault.settings);
    let found = finding(&findings, fault.id);
    assert_ne!(found["status"], "ok", "{}: {found:#}", fault.name);
    let said = found["found"].as_str().unwrap();
    assert!(said.contains(fault.says), "{}: {said:?} does not say {:?}", fault.name, fault.says);
    assert!(!found["why"].as_str().unwrap().is_empty());
    let fix = found["fix"].as_str().unwrap();
    assert!(!fix.is_empty(), "{}: no remedy", fault.name);
    println!("{:<34}{:<22}{said}\n{:<56}{}", fault.name, fault.id, "", fix.lines().next().unwrap());
    match fault.mended {
        Mended::Remedy => follow(world, fix).await,
        Mended::Hand(sql) => run(&world.app, sql).await,
        Mended::Settings => {}
        Mended::Worker => return,
    }
    let after = examined(world, &[]);
    assert_eq!(finding(&after, fault.id)["status"], "ok", "{}: {:#}", fault.name, finding(&after, fault.id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_planted_fault_is_found_and_its_remedy_mends_it() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let all = faults::all();
    assert!(all.len() >= 20, "{}", all.len());
    for fault in &all {
        drill(&world, fault).await;
    }
    // What only a worker mends, it mends all of.
    let mut worker =
        world.worker(&[("ORRERY_QUEUE_SWEEP_S", "2"), ("ORRERY_QUEUE_ORPHAN_AFTER_S", "30")]).await;
    let waiting: Vec<&Fault> = all.iter().filter(|fault| matches!(fault.mended, Mended::Worker)).collect();
    world
        .eventually(Duration::from_mins(1), "the worker mends the rest", async || {
            let findings = examined(&world, &[]);
            let ill = waiting
                .iter()
                .map(|fault| finding(&findings, fault.id))
                .filter(|found| found["status"] != "ok");
            let ill: Vec<String> = ill.map(|found| format!("{found:#}")).collect();
            if ill.is_empty() { Ok(()) } else { Err(ill.join("\n")) }
        })
        .await;
    assert!(worker.stop(Duration::from_mins(1)).await.success());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_may_too_little_is_told_what_to_grant() {
    let world = World::new().await;
    let role = format!("{}_weak", world.name);
    run(
        &world.app,
        &format!(
            "create role {role} login; grant usage on schema orrery, public, calc, analytics to {role};
             grant select on all tables in schema orrery, public, calc, analytics to {role};
             grant execute on all functions in schema orrery to {role}"
        ),
    )
    .await;
    let url = world.config.postgres.url.replacen("postgres@", &format!("{role}@"), 1);
    assert!(url.contains(&role), "{url}");
    let settings = [("ORRERY_POSTGRES_URL", url.as_str())];
    let findings = examined(&world, &settings);
    let found = finding(&findings, "postgres.privileges");
    assert_eq!(found["status"], "fail", "{found:#}");
    assert!(found["found"].as_str().unwrap().contains("may not update report_generation_queue"), "{found:#}");
    follow(&world, found["fix"].as_str().unwrap()).await;
    let findings = examined(&world, &settings);
    assert_eq!(finding(&findings, "postgres.privileges")["status"], "ok");
    run(&world.app, &format!("drop owned by {role}; drop role {role}")).await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_system_has_nothing_wrong_and_the_exit_code_says_so() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let nobody = asked(&world, &[], &["doctor"]);
    assert_eq!(nobody.status.code(), Some(1), "without a worker nothing runs");
    let said = String::from_utf8_lossy(&nobody.stdout);
    assert!(said.contains("FAIL  workers.alive: no worker is alive"), "{said}");

    let _worker = world.worker(&[]).await;
    let findings = examined(&world, &[]);
    // Other tests share the servers, which do without fsync to be quick: none of that is of this test.
    let shared = ["postgres.connections", "postgres.old_snapshots", "postgres.durability", "mongodb.disk"];
    for found in findings.iter().filter(|found| !shared.contains(&found["id"].as_str().unwrap())) {
        assert_eq!(found["status"], "ok", "{found:#}");
    }
    let fails = findings.iter().any(|found| found["status"] == "fail");
    assert_eq!(asked(&world, &[], &["doctor"]).status.code(), Some(i32::from(fails)));
    let all: i64 = sqlx::query_scalar(AssertSqlSafe("select count(*) from orrery.dispatch"))
        .fetch_one(&world.app)
        .await
        .unwrap();
    assert_eq!(all, 0, "looking changes nothing");
    world.close().await;
}
