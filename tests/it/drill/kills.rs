//! Workers are killed in the middle of a job, at any moment between two heartbeats and between two looks for dead ones.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use uuid::Uuid;

use crate::crash::held;
use crate::support::World;
use crate::support::platform::{ANNA, BEN};
use crate::support::proxy::Proxy;
use crate::support::rows::{self, REPORTS, count};
use crate::support::spread::{percentile, setting, spread};

/// Kills in `make test`.
const KILLS: u64 = 4;

/// Databases side by side, each with one worker that lives and one that is killed again and again.
const LANES: u64 = 4;

/// What the guarantee says.
const BOUND: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_killed_workers_run_again_within_twenty_seconds_and_a_long_job_keeps_its_worker() {
    let kills = setting("DRILL_KILLS", KILLS);
    let long = LongJob::start().await;
    let lanes = (0..LANES).map(|lane| kill_again_and_again(lane, (kills + lane) / LANES));
    let mut times: Vec<Duration> = join_all(lanes).await.into_iter().flatten().collect();
    times.sort();
    println!("death to claimed again, default settings: {}", spread(&times));
    println!("meanwhile one job ran for {:.0} s and was not touched", long.finish().await.as_secs_f64());
    assert_eq!(times.len(), usize::try_from(kills).unwrap());
    assert!(percentile(&times, 0.95) <= BOUND, "{}", spread(&times));
}

/// Kills workers over one row each; returns the times from the death to the next claim of the row.
async fn kill_again_and_again(lane: u64, kills: u64) -> Vec<Duration> {
    let world = World::new().await;
    let mut rng = fastrand::Rng::with_seed(lane);
    let url = world.config.postgres.url.clone();
    let survivor = world.worker(&[]).await;
    let mut times = Vec::new();
    for _ in 0..kills {
        // The one who lives is held while the other takes the row.
        survivor.signal("STOP");
        let proxy = Proxy::start(&url, "facts_employee:").await;
        let victim = world.worker(&[("ORRERY_POSTGRES_URL", &proxy.url(&url))]).await;
        proxy.arm();
        let id = rows::report(&world.app, ANNA, "personality_role_specific").await;
        held(&world, &proxy, 1).await;
        survivor.signal("CONT");
        // Not to wait for something, but to die at any moment.
        tokio::time::sleep(Duration::from_millis(rng.u64(0..6000))).await;
        let died = Utc::now();
        victim.kill();
        let again = claimed_again(&world, id, died).await;
        times.push((again - died).to_std().unwrap());
        world.completed(REPORTS, id).await;
    }
    let burnt =
        count(&world.app, "select count(*) from report_generation_queue where attempt_count <> 1").await;
    assert_eq!(burnt, 0, "deaths burn no attempts");
    world.assert_stores_agree().await;
    drop(survivor);
    world.close().await;
    times
}

/// When the row was claimed after the death, by the clock of the database, which is on this host.
async fn claimed_again(world: &World, id: Uuid, died: DateTime<Utc>) -> DateTime<Utc> {
    world
        .eventually(Duration::from_secs(40), "the row of the dead worker is claimed again", async || {
            let started: Option<DateTime<Utc>> =
                sqlx::query_scalar("select started_at from report_generation_queue where id = $1")
                    .bind(id)
                    .fetch_one(&world.app)
                    .await
                    .unwrap();
            started.filter(|at| *at > died).ok_or_else(|| format!("{started:?}"))
        })
        .await
}

/// A job that stays in its handler, on a real worker, beside another worker that would take it.
struct LongJob {
    world: World,
    proxy: Proxy,
    id: Uuid,
    token: i64,
    began: std::time::Instant,
    workers: [crate::support::worker::Worker; 2],
}

impl LongJob {
    async fn start() -> Self {
        let world = World::new().await;
        let url = world.config.postgres.url.clone();
        let proxy = Proxy::start(&url, "facts_employee:").await;
        let address = proxy.url(&url);
        let patient = [("ORRERY_POSTGRES_URL", address.as_str()), ("ORRERY_REPORT_DEADLINE_S", "86400")];
        let worker = world.worker(&patient).await;
        proxy.arm();
        let id = rows::report(&world.app, BEN, "training_development").await;
        held(&world, &proxy, 1).await;
        let token = rows::dispatch(&world.app, id).await.unwrap().token.unwrap();
        let beside = world.worker(&[]).await;
        Self { world, proxy, id, token, began: std::time::Instant::now(), workers: [worker, beside] }
    }

    /// Lets the job go on and returns how long it was held.
    async fn finish(self) -> Duration {
        let took = self.began.elapsed();
        let now = rows::dispatch(&self.world.app, self.id).await.expect("the row still runs");
        assert_eq!((now.token, now.crashes), (Some(self.token), 0), "the row is with its worker: {now:?}");
        self.proxy.release();
        self.world.completed(REPORTS, self.id).await;
        drop(self.workers);
        self.world.close().await;
        took
    }
}
