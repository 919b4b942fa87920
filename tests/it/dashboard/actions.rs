//! Every action of an operator by a visitor without scripts: a page is fetched, a button of it pressed, a page comes back.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::site::{ANY_PORT, Site};
use crate::support::World;
use crate::support::platform::{ANNA, COMPANY, WITHOUT_BIRTH};
use crate::support::rows::{self, REPORTS, count};

const QUICK: (&str, &str) = ("ORRERY_QUARTER_LOOK_MS", "100");

/// Waits until a quarter stands so on its page; returns what the page knows of it.
async fn quarter(world: &World, site: &Site, name: (i64, &str), status: &str) -> Value {
    world
        .eventually(Duration::from_mins(1), &format!("{name:?} is {status}"), async || {
            let all = site.data("/quarters").await;
            let found =
                all.as_array().unwrap().iter().find(|one| one["year"] == name.0 && one["quarter"] == name.1);
            match found {
                Some(one) if one["status"] == status => Ok(one.clone()),
                other => Err(format!("{other:?}")),
            }
        })
        .await
}

async fn failed_of(world: &World, schedule: &str) -> i64 {
    let sql = format!(
        "select count(*) from entity_update_queue where schedule_id = '{schedule}' and queue_status = 'failed'"
    );
    count(&world.app, &sql).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quarter_is_run_held_ended_and_its_failures_run_again() {
    let world = World::new().await;
    let worker = world.worker(&[ANY_PORT, QUICK]).await;
    let site = Site::of(&world, &worker).await;
    // What is held does not end before it is looked at.
    site.press("/", "/queues/pause", "value=\"entity\"", "Pause", &[]).await;
    let run =
        site.press("/schedules", "/schedules/run", "placeholder", "Run now", &[("quarter", "2031-Q1")]).await;
    assert_eq!(site.said(&run).await, "2031-Q1 runs now.");
    let first = quarter(&world, &site, (2031, "Q1"), "in_progress").await;
    let id = first["id"].as_str().unwrap();
    let held = site.press("/quarters", "/quarters/act", id, "Pause", &[]).await;
    assert_eq!(site.said(&held).await, "The quarter is paused; what runs goes on.");
    let standing = quarter(&world, &site, (2031, "Q1"), "in_progress").await;
    assert_eq!((&standing["paused"], &standing["note"]), (&json!(true), &json!("paused by local")));
    let goes_on = site.press("/quarters", "/quarters/act", id, "Resume", &[]).await;
    assert_eq!(site.said(&goes_on).await, "The quarter goes on.");
    site.press("/", "/queues/resume", "value=\"entity\"", "Resume", &[]).await;
    let ended = quarter(&world, &site, (2031, "Q1"), "completed").await;
    let failed = ended["failed"].as_i64().unwrap();
    assert_eq!(failed, 2, "the two whose birth data is wrong: {ended}");

    // A quarter that was begun by hand is due today; at the hours of its window it would go on by itself.
    rows::run(&world.app, "update quarterly_update_schedule set scheduled_date = current_date + 30").await;

    // Again all that failed, and all with one code.
    site.press("/", "/queues/pause", "value=\"entity\"", "Pause", &[]).await;
    let again = site.press("/quarters", "/quarters/act", id, "Retry failed", &[]).await;
    assert!(site.said(&again).await.starts_with("2 rows will run again inside the window"));
    assert_eq!(failed_of(&world, id).await, 0);
    site.press("/", "/queues/resume", "value=\"entity\"", "Resume", &[]).await;
    let now =
        site.press("/schedules", "/schedules/run", "placeholder", "Run now", &[("quarter", "2031-Q1")]).await;
    assert_eq!(site.said(&now).await, "2031-Q1 runs now.");
    quarter(&world, &site, (2031, "Q1"), "completed").await;
    let code = ended["errors"][0]["code"].as_str().unwrap();
    let one = site.press("/quarters", "/quarters/act", &format!("value=\"{code}\""), "Retry", &[]).await;
    assert!(site.said(&one).await.contains("will run again"), "{code}");
    site.press("/schedules", "/schedules/run", "placeholder", "Run now", &[("quarter", "2031-Q1")]).await;
    quarter(&world, &site, (2031, "Q1"), "completed").await;

    // Called off after a question; a page that is older than that changes nothing.
    site.press("/", "/queues/pause", "value=\"entity\"", "Pause", &[]).await;
    crate::quarters::schedule(&world.app, "Q2", 2031, false).await;
    let run = site.press("/schedules", "/schedules/run", "value=\"2031-Q2\"", "Run now", &[]).await;
    assert_eq!(site.said(&run).await, "2031-Q2 runs now.");
    let second = quarter(&world, &site, (2031, "Q2"), "in_progress").await;
    let id = second["id"].as_str().unwrap();
    let old = site.get("/quarters").await;
    let asked = site.press("/quarters", "/quarters/act", id, "Cancel…", &[]).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    quarter(&world, &site, (2031, "Q2"), "in_progress").await;
    let cancelled = site.press_on(&asked, "/quarters/act", id, "Cancel the quarter", &[]).await;
    assert!(site.said(&cancelled).await.starts_with("The quarter is cancelled;"));
    quarter(&world, &site, (2031, "Q2"), "cancelled").await;
    let late = site.press_on(&old, "/quarters/act", id, "Pause", &[]).await;
    assert_eq!(site.said(&late).await, "The quarter has ended already.");
    assert_eq!(quarter(&world, &site, (2031, "Q2"), "cancelled").await["paused"], false);
    let token = old.csrf();
    for what in ["pause", "resume", "retry", "cancel"] {
        let pairs = [("id", &*Uuid::nil().to_string()), ("do", what), ("confirmed", "yes")];
        assert_eq!(site.post("/quarters/act", &token, &pairs).await.status, 404, "{what}");
    }
    assert_eq!(site.post("/schedules/run", &token, &[("quarter", "2031-Q5")]).await.status, 400);
    let noted = sqlx::query_scalar::<_, String>(
        "select action from orrery.audit where action like 'schedule.%' and outcome = 'done' order by id",
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    let wanted = [
        "run_now",
        "pause",
        "resume",
        "retry_failed",
        "run_now",
        "retry_failed",
        "run_now",
        "run_now",
        "cancel",
    ];
    assert_eq!(noted, wanted.map(|action| format!("schedule.{action}")));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_run_again_organizations_are_set_and_versions_compared() {
    let world = World::new().await;
    let worker = world.worker(&[ANY_PORT]).await;
    let site = Site::of(&world, &worker).await;
    let first = rows::report(&world.app, ANNA, "compatibility_company").await;
    let failed = [
        rows::report(&world.app, WITHOUT_BIRTH, "compatibility_company").await,
        rows::report(&world.app, WITHOUT_BIRTH, "training_development").await,
    ];
    world.completed(REPORTS, first).await;
    for row in failed {
        world.failed(REPORTS, row).await;
    }
    let second = rows::new_version(&world.app, ANNA, "compatibility_company").await;
    world.completed(REPORTS, second).await;

    // A report beside its earlier version.
    let report = world.published(second).await;
    let (page, shown) =
        (format!("/reports/{}", report.report_id), format!("/reports/{}/page", report.report_id));
    assert!(site.get(&page).await.text.contains("<option value=\"1\">1</option>"), "version 1 can be chosen");
    let alone = site.press(&page, &shown, "csrf", "Show the report here", &[]).await;
    let beside = site.press(&page, &shown, "csrf", "In a window of its own", &[("compare", "1")]).await;
    assert_eq!((alone.status, beside.status), (200, 200));
    assert!(beside.text.len() > alone.text.len(), "{} and {} bytes", beside.text.len(), alone.text.len());
    assert_eq!(
        site.press(&page, &shown, "csrf", "Show the report here", &[("compare", "9")]).await.status,
        404
    );

    // A group of failures, after its number was shown; then one row that was chosen.
    site.press("/", "/queues/pause", "value=\"report\"", "Pause", &[]).await;
    let asked = site.press("/failures", "/jobs/act", "data.birth_data_missing", "Retry all…", &[]).await;
    let all = site.press_on(&asked, "/jobs/act", "confirmed", "Retry 2 rows", &[]).await;
    assert_eq!(site.said(&all).await, "2 rows will run again.");
    assert!(all.header("location").starts_with("/failures"), "{}", all.header("location"));
    let chosen = format!("report/{}", failed[0]);
    let cancelled = site.press("/jobs?state=open", "/jobs/act", &chosen, "Cancel", &[("job", &chosen)]).await;
    assert_eq!(site.said(&cancelled).await, "1 row is cancelled.");
    assert_eq!(rows::standing(&world.app, REPORTS, failed[0]).await.status, "cancelled");
    let job = format!("/jobs/report/{}", failed[0]);
    let again = site.press(&job, "/jobs/act", &chosen, "Run again", &[]).await;
    assert_eq!(site.said(&again).await, "1 row will run again.");
    let none = site.press("/jobs?state=open", "/jobs/act", &chosen, "Release", &[]).await;
    assert!(none.status == 400 && none.text.contains("No row was chosen"), "{}", none.text);

    an_organization_is_set(&site).await;
    world.close().await;
}

/// Weight, cap and note; held, let go; without a cap and a note again.
async fn an_organization_is_set(site: &Site) {
    let company = COMPANY.to_string();
    let set = async |label: &str, changed: &[(&str, &str)]| {
        site.press("/organizations", "/organizations/set", &company, label, changed).await
    };
    let policy = async || {
        let all = site.data("/organizations").await;
        let one = all.as_array().unwrap().iter().find(|one| one["id"] == company.as_str()).unwrap().clone();
        ["weight", "max_in_flight", "paused", "note"].map(|key| one[key].clone())
    };
    let done = set("Set", &[("weight", "3"), ("cap", "2"), ("note", "audit & \"week\"")]).await;
    assert_eq!(site.said(&done).await, "The organization's policy is set.");
    assert_eq!(policy().await, [json!(3), json!(2), json!(false), json!("audit & \"week\"")]);
    assert!(site.said(&set("Pause", &[]).await).await.starts_with("The organization is paused;"));
    assert_eq!(policy().await, [json!(3), json!(2), json!(true), json!("audit & \"week\"")]);
    assert_eq!(site.said(&set("Resume", &[("cap", "")]).await).await, "The organization goes on.");
    assert_eq!(policy().await, [json!(3), json!(null), json!(false), json!("audit & \"week\"")]);
    site.said(&set("Set", &[("note", "")]).await).await;
    assert_eq!(
        policy().await,
        [json!(3), json!(null), json!(false), json!(null)],
        "a note can be taken back"
    );
    let bill = async || {
        let all = site.data("/organizations").await;
        all.as_array().unwrap().iter().find(|one| one["id"] == company.as_str()).unwrap()["llm_other_bill"]
            .clone()
    };
    site.said(&set("Set", &[("other_bill", "yes")]).await).await;
    assert_eq!(bill().await, json!(true));
    site.said(&set("Set", &[("other_bill", "no")]).await).await;
    assert_eq!(bill().await, json!(false));
    for wrong in [("weight", "0"), ("weight", "x"), ("cap", "-1")] {
        assert_eq!(set("Set", &[wrong]).await.status, 400, "{wrong:?}");
    }
}
