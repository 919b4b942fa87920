//! `orrery enqueue` through the real program.

use serde_json::json;
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{ANNA, CLEO, COMPANY, USER};
use crate::support::rows::{count, dispatch, says};

const REPORT: [&str; 4] = ["enqueue", "report", "--type", "training_development"];

#[tokio::test]
async fn what_is_asked_for_at_the_command_line_is_a_row_like_any_other() {
    let world = World::new().await;
    let (anna, user) = (ANNA.to_string(), USER.to_string());
    let report = |more: &[&str]| {
        let arguments = [&REPORT, ["--employee", &anna, "--requested-by", &user].as_slice(), more].concat();
        world.json_of(&[arguments.as_slice(), &["--json"]].concat())
    };
    let first = report(&["--key", "hire:1"]);
    assert_eq!(
        [&first["queue"], &first["status"], &first["added"]],
        [&json!("report"), &json!("pending"), &json!(true)]
    );
    let again = report(&["--key", "hire:1"]);
    assert_eq!((&again["id"], &again["added"]), (&first["id"], &json!(false)), "one key, one row");

    let metadata = r#"{"ticket": 7}"#;
    let first_id = first["id"].as_str().unwrap();
    let more = report(&[
        "--at",
        "2h",
        "--priority",
        "9",
        "--quarter",
        "2026-Q3",
        "--new-version",
        "--metadata",
        metadata,
        "--reason",
        "correction",
        "--depends-on",
        first_id,
    ]);
    let id: Uuid = more["id"].as_str().unwrap().parse().unwrap();
    let row: (i32, String, serde_json::Value, Uuid, f64) = sqlx::query_as(
        "select priority, request_reason, request_metadata, depends_on_queue_id, extract(epoch from scheduled_for - now())::float8
         from report_generation_queue where id = $1",
    )
    .bind(id)
    .fetch_one(&world.app)
    .await
    .unwrap();
    let wanted = json!({ "ticket": 7, "quarter": "2026-Q3", "new_version": true });
    assert_eq!((row.0, row.1.as_str(), &row.2), (9, "correction", &wanted));
    assert_eq!(row.3.to_string(), first_id);
    assert!((5_000.0..=7_200.0).contains(&row.4), "in {} s", row.4);
    assert_eq!(dispatch(&world.app, id).await.unwrap().state, "waiting");

    let (cleo, company) = (CLEO.to_string(), COMPANY.to_string());
    let (good, said, wrong) = world.run(&["enqueue", "entity", "--type", "candidate", "--entity", &cleo]);
    assert!(good, "{wrong}");
    assert!(dispatch(&world.app, said.trim().parse().unwrap()).await.is_some(), "{said} is the id alone");
    let input = r#"{"compatibility_type": "employee_company"}"#;
    let calculation = ["enqueue", "calculation", "--type", "compatibility", "--entity", &anna];
    let calculation = [calculation.as_slice(), &["--org", &company, "--input", input, "--json"]].concat();
    assert_eq!(world.json_of(&calculation)["queue"], "calculation");
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 4);

    says(&world.run(&["audit", "list"]).1, &["jobs.enqueue", "hire:1", "(cli)", "refused"]);
    world.close().await;
}

#[tokio::test]
async fn an_argument_that_cannot_be_used_is_named_by_its_flag() {
    let world = World::new().await;
    let (anna, user, nobody) = (ANNA.to_string(), USER.to_string(), Uuid::nil().to_string());
    let report = |employee: &str, user: &str, more: &[&str]| {
        let arguments = [&REPORT, ["--employee", employee, "--requested-by", user].as_slice(), more].concat();
        arguments.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let entity = ["enqueue", "entity", "--type", "company", "--entity", &anna].map(str::to_owned).to_vec();
    for (arguments, words) in [
        (report(&nobody, &user, &[]), ["--employee: ", "is no employee"]),
        (report(&anna, &nobody, &[]), ["--requested-by: ", "scheduled work uses a user"]),
        (report(&anna, &user, &["--depends-on", &nobody]), ["--depends-on: ", "no row of"]),
        (report(&anna, &user, &["--key", ""]), ["--key: ", "1 to 200"]),
        (report(&anna, &user, &["--metadata", "[1]"]), ["--metadata: ", "no JSON object"]),
        (report(&anna, &user, &["--at", "soon"]), ["--at", "2026-11-01T12:00:00Z"]),
        (report(&anna, &user, &["--priority", "11"]), ["--priority", "1..=10"]),
        (
            vec!["enqueue".into(), "report".into(), "--type=horoscope".into()],
            ["--type", "training_development"],
        ),
        (entity, ["--entity: ", "is no company"]),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = world.program(&arguments).output().unwrap();
        let wrong = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {wrong}");
        says(&wrong, &words);
    }
    assert_eq!(count(&world.app, "select count(*) from report_generation_queue").await, 0);
    assert_eq!(count(&world.app, "select count(*) from orrery.audit").await, 0, "nothing was done");

    // Whoever may not write the audit may still ask.
    let url = world.config.postgres.url.clone();
    let joint = if url.contains('?') { '&' } else { '?' };
    let arguments = report(&anna, &user, &[]);
    let output = world
        .program(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
        .env("ORRERY_POSTGRES_URL", format!("{url}{joint}options=-c%20role%3Dplanetshr_app"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(count(&world.app, "select count(*) from report_generation_queue").await, 1);
    assert_eq!(count(&world.app, "select count(*) from orrery.audit").await, 0);
    let (url, mongodb) = ("postgres://orrery@127.0.0.1:1/none", "mongodb://127.0.0.1:1");
    let arguments = report(&anna, &user, &[]);
    let output = world
        .program(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
        .envs([("ORRERY_POSTGRES_URL", url), ("ORRERY_MONGODB_URI", mongodb)])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69), "a database out of reach is no wrong argument");
    world.close().await;
}
