//! The commands of an operator through the real program.

use serde_json::json;

use super::{KIND, failed, filter, found};
use crate::support::World;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::{self, count, dispatch, says};

#[tokio::test]
async fn jobs_are_listed_shown_grouped_and_run_again() {
    let world = World::new().await;
    let broken = failed(&world, 3, "test.one").await;
    let ready = rows::report(&world.app, ANNA, KIND).await.to_string();
    let listed = world.json_of(&["jobs", "list", "--state", "failed", "--limit", "2", "--json"]);
    assert_eq!(listed["rows"].as_array().map(Vec::len), Some(2));
    let next = listed["next"].as_str().expect("there is more");
    let rest =
        world.json_of(&["jobs", "list", "--state", "failed", "--limit", "2", "--after", next, "--json"]);
    assert_eq!((rest["rows"].as_array().map(Vec::len), &rest["next"]), (Some(1), &json!(null)));
    says(&world.run(&["jobs", "list", "--state", "failed", "--count"]).1, &["3"]);
    says(&world.run(&["jobs", "list"]).1, &["row\tqueue\ttype", &ready, "test.one"]);
    says(&world.run(&["jobs", "failures"]).1, &["report\ttest.one\t3\t1"]);
    says(&world.run(&["jobs", "show", &ready]).1, &[KIND, "no worker runs", "created"]);
    let shown = world.json_of(&["jobs", "show", &ready, "--json"]);
    assert_eq!((&shown["state"], shown.get("arguments")), (&json!("ready"), None));
    let all = world.json_of(&["jobs", "show", &ready, "--arguments", "--json"]);
    assert_eq!(all["arguments"]["report_type"], json!(KIND));

    let dry = ["jobs", "retry", "--all-matching", "--error", "test.one", "--dry-run", "--json"];
    let counted = json!({ "action": "retry", "dry_run": true, "matched": 3, "changed": 3, "refused": 0 });
    assert_eq!(world.json_of(&dry), counted);
    for (arguments, words) in [
        (vec!["jobs", "retry", "--all-matching"], "add --yes"),
        (vec!["jobs", "retry"], "--all-matching"),
        (vec!["jobs", "cancel", &ready, "--state", "ready"], "not by both"),
        (vec!["jobs", "list", "--state", "done"], "quarantined"),
        (vec!["jobs", "list", "--after", "there"], "no place"),
        (vec!["jobs", "list", "--limit", "0"], "1 to 1000"),
    ] {
        let output = world.program(&arguments).output().unwrap();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {wrong}");
        says(&wrong, &[words]);
    }
    assert_eq!(found(&world, &filter(&[("state", "failed")]), 10).await, broken, "nothing has changed");
    let done = world.run(&["jobs", "retry", "--all-matching", "--error", "test.one", "--yes"]).1;
    says(&done, &["state failed", "3 rows, 3 changed, 0 left"]);
    says(&world.run(&["jobs", "release", &ready]).1, &["left pending", "not in quarantine"]);
    says(&world.run(&["audit", "list"]).1, &["jobs.retry\t", "jobs.release\t", "(cli)", "refused"]);
    world.close().await;
}

#[tokio::test]
async fn organizations_are_listed_paused_and_weighed() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, KIND).await;
    let company = COMPANY.to_string();
    says(&world.run(&["orgs", "pause", &company, "--note", "audit week"]).1, &["paused", "audit week"]);
    says(&world.run(&["orgs", "weight", &company, "3"]).1, &["weight 3"]);
    says(&world.run(&["orgs", "set", &company, "--cap", "2"]).1, &["cap 2"]);
    assert!(world.claim(orrery::queue::Queue::Report, 1).await.is_empty());
    let listed = &world.json_of(&["orgs", "list", "--json"])["rows"][0];
    assert_eq!(
        ["id", "weight", "max_in_flight", "paused", "note", "ready"].map(|key| listed[key].clone()),
        [json!(company), json!(3), json!(2), json!(true), json!("audit week"), json!(1)]
    );
    says(&world.run(&["orgs", "resume", &company]).1, &["goes on"]);
    says(&world.run(&["orgs", "set", &company, "--cap", "none"]).1, &["no cap"]);
    let bill = || world.json_of(&["orgs", "list", "--json"])["rows"][0]["llm_other_bill"].clone();
    assert_eq!(bill(), json!(false));
    says(&world.run(&["orgs", "set", &company, "--other-bill", "yes"]).1, &["the next may be paid"]);
    assert_eq!(bill(), json!(true));
    says(&world.run(&["orgs", "weight", &company, "1"]).1, &["weight 1"]);
    assert_eq!(bill(), json!(true), "what is not named stays");
    says(&world.run(&["orgs", "set", &company, "--other-bill", "no"]).1, &["reports wait"]);
    assert_eq!(bill(), json!(false));
    assert_eq!(
        world.program(&["orgs", "set", &company, "--other-bill", "perhaps"]).output().unwrap().status.code(),
        Some(2)
    );
    assert_eq!(world.claim(orrery::queue::Queue::Report, 1).await.len(), 1);
    assert_eq!(world.program(&["orgs", "set", &company]).output().unwrap().status.code(), Some(2));
    let (good, _, wrong) = world.run(&["orgs", "pause", "nobody"]);
    assert!(!good);
    says(&wrong, &["nothing knows an organization nobody"]);
    let actions = world.json_of(&["audit", "list", "--json"]);
    assert_eq!(actions["rows"].as_array().map(Vec::len), Some(9));
    assert_eq!(actions["rows"][0]["outcome"], json!("refused"));
    assert_eq!(actions["rows"][8]["action"], json!("organization.pause"));
    world.close().await;
}

#[tokio::test]
async fn a_schedule_runs_now_is_held_and_goes_on() {
    let world = World::new().await;
    let schedule = crate::quarters::schedule(&world.app, "Q1", 2031, false).await;
    assert!(dispatch(&world.app, schedule).await.unwrap().wait_s > 0.0);
    let next = world.json_of(&["schedules", "next", "--json"]);
    assert_eq!((&next["rows"][0]["quarter"], &next["rows"][0]["paused"]), (&json!("2031-Q1"), &json!(false)));
    let ran = world.json_of(&["schedules", "run-now", "2031-Q1", "--json"]);
    assert_eq!((&ran["id"], &ran["done"]), (&json!(schedule), &json!("started")));
    assert!(dispatch(&world.app, schedule).await.unwrap().wait_s <= 0.0, "a worker looks at once");
    says(&world.run(&["schedules", "pause", "2031-Q1", "--note", "audit"]).1, &["2031-Q1: paused"]);
    says(&world.run(&["schedules", "next"]).1, &["2031-Q1", "held"]);
    says(&world.run(&["schedules", "list"]).1, &["2031-Q1"]);
    says(&world.run(&["schedules", "resume", "2031-Q1"]).1, &["at once"]);
    says(&world.run(&["queues", "pause", "entity", "--note", "night"]).1, &["entity: paused"]);
    says(&world.run(&["queues", "list"]).1, &["entity\t", "paused: night"]);
    let actions = "select count(*) from orrery.audit where outcome = 'done' and ended_at is not null";
    assert_eq!(count(&world.app, actions).await, 4, "run now, pause, resume, and the queue");
    world.close().await;
}
