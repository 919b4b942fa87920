//! `/livez`, `/readyz`, `/startupz` and `/metrics` of a real worker.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::Value;

use crate::llm::client::plain;
use crate::support::World;
use crate::support::jobs::{hold_birth_data, until_leased};
use crate::support::platform::ANNA;
use crate::support::rows::{self, REPORTS, run};

/// A port that nobody has at the moment.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The answer: its status, and its text or why there is none.
async fn get(port: u16, path: &str) -> Result<(u16, String), String> {
    let answer = plain()
        .get(format!("http://127.0.0.1:{port}{path}"))
        .send()
        .await
        .map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    Ok((status, answer.text().await.map_err(|error| error.to_string())?))
}

async fn reasons(world: &World, port: u16, path: &str, wanted: &str) {
    world
        .eventually(Duration::from_secs(20), wanted, async || {
            let (status, text) = get(port, path).await?;
            let answer: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            if status == 503 && answer["reasons"].to_string().contains(wanted) { Ok(()) } else { Err(text) }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn probes_tell_whether_a_worker_works_and_why_not() {
    let world = World::new().await;
    let port = free_port();
    let mut worker = world.worker(&[("ORRERY_HTTP_LISTEN", &format!("127.0.0.1:{port}"))]).await;
    for path in ["/startupz", "/livez", "/readyz"] {
        world
            .eventually(Duration::from_secs(20), path, async || match get(port, path).await? {
                (200, _) => Ok(()),
                other => Err(format!("{other:?}")),
            })
            .await;
    }

    run(
        &world.app,
        "insert into orrery.breaker (name, queues, state, reason, probe_at)
         values ('mongodb', '{report}', 'open', 'no primary', now() + interval '1 hour')",
    )
    .await;
    reasons(&world, port, "/readyz", "no primary").await;
    assert_eq!(get(port, "/livez").await.unwrap().0, 200, "an open breaker is no reason to end the process");
    run(&world.app, "delete from orrery.breaker").await;

    let held = hold_birth_data(&world).await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    until_leased(&world, 1).await;
    worker.signal("TERM");
    reasons(&world, port, "/readyz", "drains").await;
    assert_eq!(get(port, "/livez").await.unwrap().0, 200, "a worker that drains is left alone");
    held.rollback().await.unwrap();
    assert!(worker.ended(Duration::from_mins(1)).await.success());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_count_what_was_done_and_what_waits() {
    let world = World::new().await;
    let port = free_port();
    let _worker = world.worker(&[("ORRERY_HTTP_LISTEN", &format!("127.0.0.1:{port}"))]).await;
    let done = rows::report(&world.app, ANNA, "compatibility_company").await;
    world.completed(REPORTS, done).await;
    run(
        &world.app,
        "insert into report_generation_queue (employee_id, report_type, requested_by, scheduled_for)
         select employee_id, report_type, requested_by, now() + interval '1 day' from report_generation_queue",
    )
    .await;
    let wanted = [
        "orrery_jobs_total{queue=\"report\",outcome=\"completed\"} 1",
        "orrery_claimed_rows_total{queue=\"report\"} 1",
        "orrery_job_seconds_count{queue=\"report\"} 1",
        "orrery_queue_rows{queue=\"report\",state=\"ready\"} 1",
        "orrery_queue_oldest_ready_seconds{queue=\"report\"} 0",
        "orrery_workers{state=\"alive\"} 1",
        "orrery_workers{state=\"dead\"} 0",
        "orrery_worker_phase{phase=\"running\"} 1",
        "orrery_worker_stuck_loops 0",
        "orrery_postgres_down 0",
        "orrery_jobs_in_flight 0",
        "# HELP orrery_jobs_total",
    ];
    world
        .eventually(Duration::from_secs(20), "the metrics say so", async || {
            let (_, text) = get(port, "/metrics").await?;
            let missing: Vec<&str> = wanted.into_iter().filter(|line| !text.contains(line)).collect();
            if missing.is_empty() { Ok(()) } else { Err(format!("missing {missing:#?} in\n{text}")) }
        })
        .await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_stops_no_worker() {
    let world = World::new().await;
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = other.local_addr().unwrap().to_string();
    let worker = world.worker(&[("ORRERY_HTTP_LISTEN", &listen)]).await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    world.completed(REPORTS, id).await;
    assert!(worker.log().contains("http.listen"), "{}", worker.log());
    world.close().await;
}
