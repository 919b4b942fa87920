use std::io::Write as _;
use std::path::PathBuf;

use super::*;

fn file(text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("orrery-config-{}.toml", uuid::Uuid::new_v4()));
    std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    path
}

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let file = file(text);
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let result = Sources { file: Some(file.clone()), environment }.load();
    std::fs::remove_file(file).unwrap();
    result
}

#[test]
fn the_defaults_load_and_pass_their_own_checks() {
    let config = Sources::default().load().unwrap();
    assert_eq!(config.queue.lease_s, 12);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let config =
        load("[queue]\nlease_s = 30\npoll_ms = 500\n", &[("ORRERY_QUEUE_POLL_MS", "250"), ("PATH", "/bin")])
            .unwrap();
    assert_eq!((config.queue.lease_s, config.queue.poll_ms), (30, 250));
}

#[test]
fn an_unknown_key_names_the_file_and_a_near_match() {
    let error = load("[queue]\nlease_seconds = 3\n", &[]).unwrap_err().to_string();
    assert!(error.contains("\"queue.lease_seconds\""), "{error}");
    assert!(error.contains("did you mean \"queue.lease_s\"?"), "{error}");
    assert!(error.contains("orrery-config-"), "{error}");
}

#[test]
fn an_unknown_variable_names_a_near_match() {
    let error = load("", &[("ORRERY_POSTGRES_ULR", "x")]).unwrap_err().to_string();
    assert!(error.contains("did you mean \"ORRERY_POSTGRES_URL\"?"), "{error}");
}

#[test]
fn a_value_of_the_wrong_type_says_what_it_must_be() {
    let error = load("[report]\nconcurrency = \"many\"\n", &[]).unwrap_err().to_string();
    assert!(error.contains("\"report.concurrency\"") && error.contains("must be an integer"), "{error}");
    let error = load("[report]\nconcurrency = -4\n", &[]).unwrap_err().to_string();
    assert!(error.contains("report"), "{error}");
}

#[test]
fn a_heartbeat_slower_than_the_lease_allows_is_refused() {
    let error = load("[queue]\nheartbeat_s = 9\n", &[]).unwrap_err().to_string();
    assert!(error.contains("third of queue.lease_s"), "{error}");
}

#[test]
fn a_house_system_that_does_not_exist_is_refused() {
    let error = load("[entity]\nhouse_system = \"placidos\"\n", &[]).unwrap_err().to_string();
    assert!(error.contains("placidos") && error.contains("placidus"), "{error}");
}
