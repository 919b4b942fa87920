//! Workers that die, workers that come back from the dead, and stores that are out of reach.

mod batches;
mod begun;
mod dark;
mod deaths;
mod demo;
mod lanes;
mod outages;
mod pooler;
mod zombies;

use std::time::Duration;

use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{ANNA, BEN, COMPANY};
use crate::support::proxy::Proxy;
use crate::support::rows::{self, ENTITIES, REPORTS};

/// Deaths are noticed soon, none of them quarantines a row, and nothing but jobs changes a score while a test compares rows.
pub const QUICK: [(&str, &str); 8] = [
    ("ORRERY_QUEUE_LEASE_S", "3"),
    ("ORRERY_QUEUE_HEARTBEAT_S", "1"),
    ("ORRERY_QUEUE_WAITING_S", "1"),
    ("ORRERY_QUEUE_SWEEP_S", "2"),
    ("ORRERY_QUEUE_CRASH_LIMIT", "100"),
    ("ORRERY_QUEUE_BACKOFF_BASE_MS", "100"),
    ("ORRERY_QUARTER_LOOK_MS", "200"),
    ("ORRERY_FIGURES_EVERY_S", "86400"),
];

/// Inserts a report row and, beside it, an entity row of somebody else.
pub async fn two_rows(world: &World) -> [(&'static str, Uuid); 2] {
    let report = rows::report(&world.app, ANNA, "personality_role_specific").await;
    let entity = rows::entity(&world.app, "employee", &BEN.to_string(), COMPANY).await;
    [(REPORTS, report), (ENTITIES, entity)]
}

pub async fn held(world: &World, proxy: &Proxy, connections: usize) {
    world
        .eventually(Duration::from_secs(20), "the writes of the first worker are held back", async || {
            if proxy.held() >= connections {
                Ok(())
            } else {
                Err(format!("{} connections are held", proxy.held()))
            }
        })
        .await;
}
