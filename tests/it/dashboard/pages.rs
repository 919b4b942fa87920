//! What the pages say and do, without a browser.

use serde_json::Value;
use uuid::Uuid;

use super::site::{ANY_PORT, Site};
use crate::support::World;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::{self, run};

async fn states(world: &World) -> Vec<String> {
    sqlx::query_scalar("select distinct status from report_generation_queue")
        .fetch_all(&world.app)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_answers_json_and_hides_what_tells_of_persons() {
    let world = World::new().await;
    run(
        &world.app,
        "insert into orrery.queue_policy (queue, paused) values ('report', true)
                     on conflict (queue) do update set paused = true",
    )
    .await;
    let worker = world.worker(&[ANY_PORT]).await;
    let site = Site::of(&world, &worker).await;
    let reason = "a private matter";
    let id =
        rows::report_with(&world.app, ANNA, "compatibility_company", reason, serde_json::json!({})).await;
    let job = format!("/jobs/report/{id}");
    crate::quarters::schedule(&world.app, "Q1", 2031, false).await;
    for path in [
        "/",
        "/jobs",
        &job,
        "/failures",
        "/quarters",
        "/schedules",
        "/workers",
        "/organizations",
        "/reports",
        "/audit",
    ] {
        let page = site.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let data = site.data(path).await;
        assert!(!data.is_null(), "{path}");
        for text in [page.text, data.to_string()] {
            assert!(!text.contains(reason), "{path} tells a private matter");
        }
    }
    let overview = site.data("/").await;
    let queues = overview["queues"].as_array().unwrap();
    let reports = queues.iter().find(|queue| queue["queue"] == "report").unwrap();
    assert!(reports["ready"] == 1 && reports["paused"] == true, "{overview}");
    let planned = queues.iter().find(|queue| queue["queue"] == "quarter").unwrap();
    assert!(planned["ready"] == 1 && planned["oldest_s"].is_null(), "none may run now: {overview}");
    let panel = site.get("/").await.text;
    let panel = panel.split("id=\"queue-quarter\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(panel.contains("Later") && !panel.contains("Ready<") && panel.contains("state=later"), "{panel}");
    assert_eq!(site.data("/jobs?queue=report&state=ready").await["rows"].as_array().unwrap().len(), 1);
    assert_eq!(site.data("/jobs?queue=report&state=failed").await["rows"].as_array().unwrap().len(), 0);
    let wrong = site.get("/jobs?state=done").await;
    assert!(wrong.status == 400 && wrong.text.contains("completed"), "{}", wrong.text);

    let token = site.get(&job).await.csrf();
    let shown = site.post(&job, &token, &[]).await;
    assert!(shown.text.contains(reason), "{}", shown.text);
    let audit = site.data("/audit").await;
    let newest = &audit[0];
    assert!(newest["action"] == "job.reveal" && newest["actor"] == "local", "{newest}");
    assert_eq!(newest["source"], "dashboard");
    assert_eq!(newest["target"]["id"], Value::from(id.to_string()));
    assert_eq!(site.get("/jobs/report/none").await.status, 404);
    assert_eq!(site.get(&format!("/jobs/report/{}", Uuid::nil())).await.status, 404);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_match_are_counted_first_and_then_acted_on() {
    let world = World::new().await;
    run(
        &world.app,
        "insert into orrery.queue_policy (queue, paused) values ('report', true)
                     on conflict (queue) do update set paused = true",
    )
    .await;
    let worker = world.worker(&[ANY_PORT]).await;
    let site = Site::of(&world, &worker).await;
    for _ in 0..3 {
        rows::report(&world.app, ANNA, "compatibility_company").await;
    }
    let other = rows::report(&world.app, ANNA, "questionnaire_qa").await;
    let page = site.get("/jobs?type=compatibility_company").await;
    let token = page.csrf();
    let matching = [("do", "cancel matching"), ("type", "compatibility_company"), ("queue", "report")];
    let asked = site.post("/jobs/act", &token, &matching).await;
    assert_eq!(asked.status, 200);
    assert!(asked.text.contains("Cancel 3 rows"), "{}", asked.text);
    assert_eq!(states(&world).await, ["pending"], "nothing has happened yet");
    let confirmed: Vec<(&str, &str)> =
        matching.iter().copied().chain([("confirmed", "yes"), ("back", "/jobs?queue=report")]).collect();
    let done = site.post("/jobs/act", &token, &confirmed).await;
    assert_eq!(done.status, 303);
    assert!(done.header("location").starts_with("/jobs?queue=report&note="), "{}", done.header("location"));
    let said = site.get(done.header("location")).await.text;
    assert!(said.contains("3 rows are cancelled."), "{said}");
    assert!(
        !site.get(done.header("location")).await.text.contains("3 rows are cancelled."),
        "it is said once"
    );
    let (left, cancelled): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where status = 'pending'), count(*) filter (where status = 'cancelled') from report_generation_queue",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert_eq!((left, cancelled), (1, 3), "{other} is of another type");

    assert_eq!(
        site.post(
            "/organizations/set",
            &token,
            &[("organization", &COMPANY.to_string()), ("paused", "true")]
        )
        .await
        .status,
        303
    );
    let paused: bool = sqlx::query_scalar("select paused from orrery.organization_policy")
        .fetch_one(&world.app)
        .await
        .unwrap();
    assert!(paused);
    let actions: Vec<String> = sqlx::query_scalar("select action from orrery.audit order by id")
        .fetch_all(&world.app)
        .await
        .unwrap();
    assert_eq!(actions, ["jobs.cancel", "organization.pause"]);
    world.close().await;
}
