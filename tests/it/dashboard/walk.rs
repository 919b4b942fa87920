//! A person's walk through every page, in both themes, on a phone and on a desk.

use std::path::PathBuf;
use std::time::Duration;

use uuid::Uuid;

use super::browser::Browser;
use super::site::{ANY_PORT, Site, users_file};
use crate::support::World;
use crate::support::platform::{ANNA, BEN, WITHOUT_BIRTH};
use crate::support::rows::{self, REPORTS, run};

/// What must hold of every page; what does not is named.
const WRONG: &str = r#"(() => {
  const wrong = [];
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) {
    const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > page.clientWidth + 1 && !e.closest('.scroll') && !e.closest('svg'));
    wrong.push(`scrolls sideways: ${page.scrollWidth} > ${page.clientWidth} by ${wide.slice(0, 3).map((e) => e.outerHTML.slice(0, 120))}`);
  }
  const said = (e) => (e.textContent + (e.getAttribute('aria-label') ?? '')).trim();
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!(e.labels?.length && said(e.labels[0])) && !e.ariaLabel) wrong.push(`no label: ${e.outerHTML}`);
  for (const e of document.querySelectorAll('button, a, summary'))
    if (!said(e)) wrong.push(`no name: ${e.outerHTML}`);
  for (const e of document.querySelectorAll('svg')) 
    if (!e.ariaLabel && e.getAttribute('aria-hidden') !== 'true') wrong.push(`no name: ${e.outerHTML.slice(0, 80)}`);
  for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) wrong.push(`no alt: ${e.outerHTML}`);
  for (const e of document.querySelectorAll('iframe')) if (!e.title) wrong.push(`no title: ${e.outerHTML}`);
  if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
  if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
  if (!page.lang || !document.title) wrong.push('no language or title');
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`id twice: ${id}`);
  for (const e of document.querySelectorAll('[aria-labelledby]'))
    if (!document.getElementById(e.getAttribute('aria-labelledby'))) wrong.push(`nothing labels ${e.outerHTML.slice(0, 80)}`);
  if (document.querySelector('a').className !== 'skip') wrong.push('no link past the navigation');
  if (getComputedStyle(document.body).color === getComputedStyle(document.body).backgroundColor) wrong.push('no colours');
  return wrong;
})()"#;

/// A report, a failed one, one that waits for a paused queue's row, and an urgent one; returns the ids of the first two.
async fn rows_of_all_kinds(world: &World) -> (Uuid, Uuid) {
    let done = rows::report(&world.app, ANNA, "compatibility_company").await;
    world.completed(REPORTS, done).await;
    let failed = rows::report(&world.app, WITHOUT_BIRTH, "compatibility_company").await;
    world
        .eventually(Duration::from_mins(1), "the row fails", async || {
            let status: String =
                sqlx::query_scalar("select status from report_generation_queue where id = $1")
                    .bind(failed)
                    .fetch_one(&world.app)
                    .await
                    .unwrap();
            if status == "failed" { Ok(()) } else { Err(status) }
        })
        .await;
    (done, failed)
}

/// Where pictures are kept when somebody wants to see them.
fn pictures() -> Option<PathBuf> {
    std::env::var_os("SCREENSHOTS").map(PathBuf::from)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_works_in_both_themes_on_a_phone_and_on_a_desk() {
    let world = World::new().await;
    let users = users_file(&world, &[("otto", "operator")]);
    let worker = world.worker(&[ANY_PORT, ("ORRERY_DASHBOARD_USERS_FILE", &users)]).await;
    let site = Site::of(&world, &worker).await;
    let (done, failed) = rows_of_all_kinds(&world).await;
    run(
        &world.app,
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2031, '2031-01-01', '01:00', '05:00')",
    )
    .await;
    run(
        &world.app,
        "insert into orrery.queue_policy (queue, paused, note) values ('report', true, 'a look at the disk')
                     on conflict (queue) do update set paused = true",
    )
    .await;
    let parent = rows::report(&world.app, BEN, "compatibility_company").await;
    let child = rows::report_after(&world.app, BEN, "compatibility_department", parent).await;
    let report: String =
        sqlx::query_scalar("select output ->> 'report_id' from orrery.result where job_id = $1")
            .bind(done)
            .fetch_one(&world.app)
            .await
            .unwrap();

    let mut browser = Browser::start().await;
    browser.look(1440, 900, false).await;
    browser.go(&format!("{}/jobs?state=failed", site.origin)).await;
    assert!(browser.value("location.pathname").await == "/login");
    assert_eq!(browser.value(WRONG).await, serde_json::json!([]), "the login page");
    browser
        .go_by(
            "document.getElementById('name').value = 'otto';
             document.getElementById('password').value = 'password of otto';
             document.querySelector('.login button').click()",
        )
        .await;
    assert_eq!(
        browser.value("location.pathname + location.search").await,
        "/jobs?state=failed",
        "where one wanted to go"
    );

    let pages = [
        ("overview", "/".to_owned()),
        ("jobs", "/jobs?queue=report".to_owned()),
        ("job", format!("/jobs/report/{child}")),
        ("job-failed", format!("/jobs/report/{failed}")),
        ("job-done", format!("/jobs/report/{done}")),
        ("failures", "/failures".to_owned()),
        ("quarters", "/quarters".to_owned()),
        ("schedules", "/schedules".to_owned()),
        ("workers", "/workers".to_owned()),
        ("organizations", "/organizations".to_owned()),
        ("reports", "/reports".to_owned()),
        ("report", format!("/reports/{report}")),
        ("audit", "/audit".to_owned()),
        ("missing", "/jobs/report/none".to_owned()),
    ];
    for (dark, width) in [(false, 1440), (true, 1440), (false, 390), (true, 390)] {
        browser.look(width, 900, dark).await;
        for (name, path) in &pages {
            browser.go(&format!("{}{path}", site.origin)).await;
            let theme = if dark { "dark" } else { "light" };
            assert_eq!(browser.value(WRONG).await, serde_json::json!([]), "{name}, {theme}, {width}");
            let mut errors = browser.errors();
            // The page that is missing is a 404, and the browser says so.
            errors.retain(|error| !(*name == "missing" && error.contains("404")));
            assert!(errors.is_empty(), "{name}, {theme}, {width}: {errors:?}");
            if let Some(folder) = pictures() {
                browser.picture(&folder.join(format!("{name}-{theme}-{width}.png"))).await;
            }
        }
    }
    acts(&world, &site, &mut browser, failed, &report).await;
    world.close().await;
}

/// What an operator does with the mouse: choose colours, act on a job, reveal, read a report, see it in the audit.
async fn acts(world: &World, site: &Site, browser: &mut Browser, failed: Uuid, report: &str) {
    browser.look(1440, 900, false).await;
    browser.go(&format!("{}/", site.origin)).await;
    browser.go_by("document.querySelector('button[value=dark]').click()").await;
    assert_eq!(
        browser.value("getComputedStyle(document.body).colorScheme").await,
        "dark",
        "chosen against the system"
    );

    browser.go(&format!("{}/jobs/report/{failed}", site.origin)).await;
    assert_eq!(browser.value("document.body.textContent.includes('request_reason')").await, false);
    browser.go_by("document.querySelector('#arguments button').click()").await;
    assert_eq!(browser.value("document.body.textContent.includes('request_reason')").await, true);
    browser
        .go_by("[...document.querySelectorAll('button')].find((b) => b.textContent === 'Run again').click()")
        .await;
    assert_eq!(browser.value("document.querySelector('.notice').textContent").await, "1 row will run again.");

    browser.go(&format!("{}/reports/{report}", site.origin)).await;
    browser.value("document.querySelector('.bulk button.primary').click()").await;
    world
        .eventually(Duration::from_secs(30), "the audit tells what was done", async || {
            let noted: Vec<String> =
                sqlx::query_scalar("select action from orrery.audit where actor = 'otto' order by id")
                    .fetch_all(&world.app)
                    .await
                    .unwrap();
            if noted == ["job.reveal", "jobs.retry", "report.reveal"] {
                Ok(())
            } else {
                Err(format!("{noted:?}"))
            }
        })
        .await;
    world
        .eventually(Duration::from_secs(30), "the frame shows the report and no refusal", async || {
            let frames = browser.frames().await;
            if frames.contains(&format!("/reports/{report}/page")) { Ok(()) } else { Err(frames) }
        })
        .await;
    let mut errors = browser.errors();
    errors.retain(|error| !error.contains("404"));
    assert!(errors.is_empty(), "the report in its frame: {errors:?}");
    if let Some(folder) = pictures() {
        browser.picture(&folder.join("report-shown.png")).await;
    }

    // The overview fetches itself when something has changed.
    browser.go(&format!("{}/", site.origin)).await;
    browser.value("void (window.same = true)").await;
    run(&world.app, "update orrery.queue_policy set paused = false where queue = 'report'").await;
    world
        .eventually(Duration::from_mins(1), "the open page shows that the queue goes on", async || {
            let paused = browser.value("document.body.textContent.includes('is paused')").await;
            let same = browser.value("window.same === true").await;
            if paused == false && same == true {
                Ok(())
            } else {
                Err(format!("paused {paused}, same page {same}"))
            }
        })
        .await;
}
