//! What a worker writes to its log about the people it works for: nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::crash::QUICK;
use crate::support::World;
use crate::support::rows::count;

/// Whatever tells who somebody is, or when and where he was born. Parts of names as well, because a log may shorten them.
const PERSONAL: &str = "
    select distinct part from (
      select full_name as part from employees union select full_name from candidates union select full_name from users
      union select regexp_split_to_table(full_name, '\\s+') from employees
      union select regexp_split_to_table(full_name, '\\s+') from candidates
      union select email from employees union select email from users
      union select birth_date::text from entity_birth_data union select to_char(birth_date, 'DD.MM.YYYY') from entity_birth_data
      union select city from entity_birth_data union select latitude::text from entity_birth_data
    ) x where length(part) > 3";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_a_worker_that_did_the_whole_demo_tells_of_nobody() {
    let world = World::new().await;
    world.load_whole_demo().await;
    // More than anybody has in production.
    let level = [("ORRERY_LOG_LEVEL", "info,orrery=debug,apalis_core=warn,sqlx=error")];
    let mut worker = world.worker(&[&QUICK[..], &level[..]].concat()).await;
    world
        .eventually(Duration::from_mins(2), "every row has ended", async || {
            let open = count(&world.app, "select count(*) from orrery.dispatch").await;
            if open == 0 { Ok(()) } else { Err(format!("{open} are open")) }
        })
        .await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());

    let log = worker.log();
    let failed = count(&world.app, "select count(*) from report_generation_errors").await;
    assert!(
        failed > 5 && log.contains("data.birth_data_missing") && log.lines().count() > 300,
        "the log is of the demo"
    );
    let personal: Vec<String> = sqlx::query_scalar(PERSONAL).fetch_all(&world.app).await.unwrap();
    assert!(personal.len() > 200, "{}", personal.len());
    let words: BTreeSet<&str> = log.split(|c: char| !(c.is_alphanumeric() || "-.@'".contains(c))).collect();
    let told: Vec<&String> =
        personal
            .iter()
            .filter(|part| {
                if part.contains(' ') { log.contains(part.as_str()) } else { words.contains(part.as_str()) }
            })
            .collect();
    assert!(told.is_empty(), "{told:?}");
    world.close().await;
}
