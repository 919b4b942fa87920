//! A worker behind `PgBouncer` in session mode, and the death of the sessions that carry notices.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::QUICK;
use crate::support::World;
use crate::support::platform::{ANNA, BEN, COMPANY};
use crate::support::rows::{self, ENTITIES, REPORTS, count};
use crate::support::servers::free_port;

const KIND: &str = "training_development";

/// A running `PgBouncer`, killed when it goes out of scope.
struct Pooler {
    child: Child,
    url: String,
}

impl Pooler {
    /// Starts one in front of the server of `url`.
    fn start(url: &str, folder: &Path) -> Self {
        let (address, database) = url.split_once("://").unwrap().1.split_once('/').unwrap();
        let (user, server) = address.split_once('@').unwrap_or(("postgres", address));
        let (host, port) = server.split_once(':').unwrap();
        let listen = free_port();
        let database = database.split('?').next().unwrap();
        let users = folder.join("users.txt");
        std::fs::write(&users, format!("\"{user}\" \"\"\n")).unwrap();
        let settings = folder.join("pgbouncer.ini");
        std::fs::write(
            &settings,
            format!(
                "[databases]\n{database} = host={host} port={port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {listen}\n\
                 unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = session\ndefault_pool_size = 30\n\
                 ignore_startup_parameters = extra_float_digits\n",
                users.display()
            ),
        )
        .unwrap();
        let program =
            if Path::new("/usr/sbin/pgbouncer").exists() { "/usr/sbin/pgbouncer" } else { "pgbouncer" };
        // It refuses to run as root.
        let child = Command::new(program)
            .args(["-u", "nobody"])
            .arg(&settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pgbouncer is installed (make test installs it)");
        Self { child, url: format!("postgres://{user}@127.0.0.1:{listen}/{database}") }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_works_through_pgbouncer_in_session_mode() {
    let world = World::new().await;
    let folder = world.logs().to_owned();
    let pooler = Pooler::start(&world.config.postgres.url, &folder);
    let port = pooler.url.rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
    world
        .eventually(Duration::from_secs(10), "PgBouncer listens", async || {
            tokio::net::TcpStream::connect(format!("127.0.0.1:{port}"))
                .await
                .map(drop)
                .map_err(|e| e.to_string())
        })
        .await;
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_POSTGRES_URL", &pooler.url));
    let mut worker = world.worker(&settings).await;
    let report = rows::report(&world.app, ANNA, KIND).await;
    let entity = rows::entity(&world.app, "employee", &BEN.to_string(), COMPANY).await;
    for (table, id) in [(REPORTS, report), (ENTITIES, entity)] {
        world.completed(table, id).await;
    }
    // The session settings arrived: the worker's own updates did not come back through the triggers as somebody else's.
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0);
    assert_eq!(count(&world.app, "select sum(fenced)::bigint from orrery.worker").await, 0);
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_goes_on_by_polling_when_the_sessions_that_carry_notices_are_killed() {
    let world = World::new().await;
    let mut worker = world.worker(&QUICK).await;
    let killed = world
        .eventually(Duration::from_secs(10), "the listener listens", async || {
            let killed = count(
                &world.app,
                "select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'",
            )
            .await;
            if killed > 0 { Ok(killed) } else { Err("nobody listens".to_owned()) }
        })
        .await;
    assert_eq!(killed, 1);
    let report = rows::report(&world.app, ANNA, KIND).await;
    world.completed(REPORTS, report).await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}
