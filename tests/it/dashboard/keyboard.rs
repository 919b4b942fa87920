//! The pages by the keyboard alone: every control is reached in its order, is seen to be reached, and does what it does.

use serde_json::Value;

use super::browser::Browser;
use super::site::{ANY_PORT, Site};
use crate::support::World;
use crate::support::platform::{ANNA, COMPANY, WITHOUT_BIRTH};
use crate::support::rows::{self, REPORTS};

/// Numbers all that can be reached, in the order in which it stands.
const NUMBER: &str = r"(() => {
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, iframe')];
  const shown = all.filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility() && !e.closest('details:not([open]) > :not(summary)'));
  window.controls = shown;
  document.activeElement.blur();
  return shown.length;
})()";

/// Where the keyboard is, and whether one sees it.
const HERE: &str = r"(() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  const box = e.getBoundingClientRect();
  const seen = e.tagName === 'IFRAME' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || e.matches('svg a');
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return { number: window.controls.indexOf(e), seen, inside, what: e.outerHTML.slice(0, 160) };
})()";

/// Goes on until the element that the script names has the keyboard.
async fn to(browser: &mut Browser, element: &str) {
    for _ in 0..300 {
        if browser.value(&format!("document.activeElement === {element}")).await == true {
            return;
        }
        browser.press("Tab").await;
    }
    panic!("{element} is not reached");
}

async fn every_control_is_reached(browser: &mut Browser, origin: &str, path: &str) {
    browser.go(&format!("{origin}{path}")).await;
    let controls = browser.value(NUMBER).await.as_u64().unwrap();
    assert!(controls > 10, "{path}: {controls}");
    for number in 0..controls {
        browser.press("Tab").await;
        let here = browser.value(HERE).await;
        assert_eq!(here["number"], number, "{path}: the keyboard is at {here}");
        assert!(here["seen"] == true && here["inside"] == true, "{path}: nobody sees {here}");
    }
}

/// Fetches the page again as the script does when the queues have changed, and says whether it came.
const RENEW: &str = r"new Promise((come) => {
  document.body.addEventListener('htmx:afterSettle', () => come(true), { once: true });
  htmx.trigger('[sse-connect]', 'sse:changed');
})";

/// Renews the live part of the page under each of its controls, with all that can be unfolded unfolded.
async fn every_control_is_kept(browser: &mut Browser, origin: &str, path: &str) {
    browser.go(&format!("{origin}{path}")).await;
    browser.value("document.querySelectorAll('#live details').forEach((e) => { e.open = true; })").await;
    let controls = browser.value("(window.controls = [...document.querySelectorAll('#live a, #live button, #live summary')]).length").await;
    assert!(controls.as_u64().unwrap() > 0, "{path}");
    for number in 0..controls.as_u64().unwrap() {
        browser.value(&format!("window.controls[{number}].focus()")).await;
        let was = browser.value("document.activeElement.outerHTML").await;
        assert_eq!(browser.value(RENEW).await, true);
        assert_eq!(
            browser.value("document.activeElement.outerHTML").await,
            was,
            "{path}: the keyboard's place"
        );
    }
    let folded = browser.value("document.querySelectorAll('#live details:not([open])').length").await;
    assert_eq!(folded, 0, "{path}: what was unfolded");
}

async fn path(browser: &mut Browser) -> Value {
    browser.value("location.pathname").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_used_by_the_keyboard_alone() {
    let world = World::new().await;
    let worker = world.worker(&[ANY_PORT]).await;
    let site = Site::of(&world, &worker).await;
    let done = rows::report(&world.app, ANNA, "compatibility_company").await;
    let failed = rows::report(&world.app, WITHOUT_BIRTH, "compatibility_company").await;
    world.completed(REPORTS, done).await;
    world.failed(REPORTS, failed).await;
    let report = world.published(done).await.report_id;
    crate::quarters::schedule(&world.app, "Q1", 2031, false).await;
    let tomorrow = rows::report_in(&world.app, ANNA, "questionnaire_qa", "1 day").await;
    let waits = rows::report_after(&world.app, ANNA, "training_development", tomorrow).await;

    let mut browser = Browser::start().await;
    browser.look(1440, 900, false).await;
    for path in [
        "/",
        "/jobs?state=failed",
        &format!("/jobs/report/{failed}"),
        "/failures",
        "/quarters",
        "/schedules",
        "/workers",
        "/organizations",
        "/reports",
        &format!("/reports/{report}"),
        "/audit",
    ] {
        every_control_is_reached(&mut browser, &site.origin, path).await;
    }

    for path in ["/", "/failures", "/quarters", &format!("/jobs/report/{waits}")] {
        every_control_is_kept(&mut browser, &site.origin, path).await;
    }

    // Past the navigation.
    browser.go(&format!("{}/quarters", site.origin)).await;
    browser.press("Tab").await;
    browser.press("Enter").await;
    assert_eq!(browser.value("document.activeElement.id").await, "main");
    // A button, with the question behind it.
    to(
        &mut browser,
        "[...document.querySelectorAll('main button')].find((b) => b.textContent === 'Cancel…')",
    )
    .await;
    browser.enter().await;
    to(&mut browser, "document.querySelector('main button.danger')").await;
    browser.enter().await;
    let said = browser.value("document.querySelector('.notice').textContent").await;
    assert!(said.as_str().unwrap().starts_with("The quarter is cancelled;"), "{said}");
    // A link, what is folded up, a field and its form.
    to(&mut browser, "document.querySelector('nav a[href=\"/organizations\"]')").await;
    browser.enter().await;
    assert_eq!(path(&mut browser).await, "/organizations");
    let company = COMPANY.to_string();
    to(
        &mut browser,
        &format!("document.getElementById('weight-{company}').closest('details').querySelector('summary')"),
    )
    .await;
    browser.press("Enter").await;
    to(&mut browser, &format!("document.getElementById('cap-{company}')")).await;
    browser.value("void (document.activeElement.value = '4')").await;
    browser.enter().await;
    let set: (i32, Option<i32>, bool) =
        sqlx::query_as("select weight, max_in_flight, paused from orrery.organization_policy")
            .fetch_one(&world.app)
            .await
            .unwrap();
    assert_eq!(set, (1, Some(4), false), "Enter sets, and holds nothing");
    // A row is chosen with the space bar, and acted on.
    browser.go(&format!("{}/jobs?state=failed", site.origin)).await;
    to(&mut browser, "document.querySelector('input[name=job]')").await;
    browser.press(" ").await;
    assert_eq!(browser.value("document.activeElement.checked").await, true);
    let errors = browser.errors();
    assert!(errors.is_empty(), "{errors:?}");
    world.close().await;
}
