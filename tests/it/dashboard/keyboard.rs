//! The pages by the keyboard alone: every control is reached in its order, is seen to be reached, and does what it does.

use serde_json::{Value, json};

use super::browser::Browser;
use super::site::{ANY_PORT, Site};
use crate::support::World;
use crate::support::platform::{ANNA, COMPANY, WITHOUT_BIRTH};
use crate::support::rows::{self, REPORTS};

/// Numbers all that can be reached, in the order in which it stands.
const NUMBER: &str = r"(() => {
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, iframe')];
  const shown = all.filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility() && !e.closest('details:not([open]) > :not(summary)'));
  shown.forEach((e, number) => { e.dataset.number = number; });
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
  return { number: e.dataset?.number ?? null, seen, inside, what: e.outerHTML.slice(0, 160) };
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
    // A part of the page that is renewed under the keyboard sends it back to the beginning.
    for _ in 0..5 {
        browser.go(&format!("{origin}{path}")).await;
        if tab_through(browser, path).await {
            return;
        }
    }
    panic!("{path}: the keyboard is sent back again and again");
}

/// Goes from control to control. `false`: the page was renewed meanwhile.
async fn tab_through(browser: &mut Browser, path: &str) -> bool {
    let controls = browser.value(NUMBER).await.as_u64().unwrap();
    assert!(controls > 10, "{path}: {controls}");
    for number in 0..controls {
        browser.press("Tab").await;
        let here = browser.value(HERE).await;
        // New elements have no numbers.
        if here["number"].is_null() {
            return false;
        }
        assert_eq!(here["number"], json!(number.to_string()), "{path}: the keyboard is at {here}");
        assert!(here["seen"] == true && here["inside"] == true, "{path}: nobody sees {here}");
    }
    true
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
