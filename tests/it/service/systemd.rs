//! The words that systemd hears, over the socket that it would give.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::support::World;
use crate::support::jobs::{hold_birth_data, until_leased};
use crate::support::platform::ANNA;
use crate::support::rows;

/// Reads what has come until it holds `wanted`.
async fn heard(world: &World, socket: &UnixDatagram, all: &mut String, wanted: &str) {
    world
        .eventually(Duration::from_secs(30), wanted, async || {
            let mut buffer = [0; 4096];
            while let Ok(length) = socket.recv(&mut buffer) {
                all.push_str(&String::from_utf8_lossy(&buffer[..length]));
                all.push('\n');
            }
            if all.contains(wanted) { Ok(()) } else { Err(all.clone()) }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_says_when_it_is_ready_that_it_lives_and_how_long_its_stop_may_take() {
    let world = World::new().await;
    let path = std::env::temp_dir().join(format!("{}.sock", world.name));
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let settings = [
        ("NOTIFY_SOCKET", path.to_str().unwrap()),
        ("WATCHDOG_USEC", "3000000"),
        ("ORRERY_QUEUE_DRAIN_S", "40"),
    ];
    let mut worker = world.worker(&settings).await;
    let mut all = String::new();
    heard(&world, &socket, &mut all, "READY=1").await;
    all.clear();
    heard(&world, &socket, &mut all, "WATCHDOG=1").await;
    heard(&world, &socket, &mut all, "STATUS=running, 0 in flight").await;

    let held = hold_birth_data(&world).await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    until_leased(&world, 1).await;
    worker.signal("TERM");
    heard(&world, &socket, &mut all, "STOPPING=1").await;
    heard(&world, &socket, &mut all, "EXTEND_TIMEOUT_USEC=70000000").await;
    heard(&world, &socket, &mut all, "STATUS=draining, 1 in flight").await;
    all.clear();
    heard(&world, &socket, &mut all, "WATCHDOG=1").await;
    held.rollback().await.unwrap();
    assert!(worker.ended(Duration::from_mins(1)).await.success());
    std::fs::remove_file(path).unwrap();
    world.close().await;
}
