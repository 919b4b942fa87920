//! A worker that cannot start says why, and systemd learns it from the exit code.

use crate::support::World;
use crate::support::rows::says;

#[tokio::test]
async fn a_wrong_configuration_key_ends_the_program_with_78_and_names_key_file_and_near_match() {
    let world = World::empty().await;
    let file = std::env::temp_dir().join(&world.name).join("orrery.toml");
    std::fs::write(&file, "[queue]\nlease_seconds = 3\n").unwrap();
    let output = world.program(&["run", "--config", file.to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(78), "{said}");
    says(&said, &["queue.lease_seconds", file.to_str().unwrap(), "queue.lease_s\""]);
    world.close().await;
}

#[tokio::test]
async fn a_server_that_is_out_of_reach_ends_the_program_with_69() {
    let world = World::empty().await;
    let output = world
        .program(&["run"])
        .env("ORRERY_POSTGRES_URL", "postgres://nobody@127.0.0.1:1/none")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(69), "{}", String::from_utf8_lossy(&output.stderr));
    world.close().await;
}

#[tokio::test]
async fn a_worker_on_a_database_without_the_schema_says_what_to_run() {
    let world = World::empty().await;
    let output = world.program(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    says(&said, &["orrery migrate up"]);
    world.close().await;
}
