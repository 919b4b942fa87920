//! `orrery dashboard`, and what a worker refuses to start with.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::worker::program;

/// Runs the program with these settings: exit code, what it said, and what it complained about.
fn run(settings: &[(&str, &str)], arguments: &[&str], input: &str) -> (i32, String, String) {
    let settings: Vec<(String, String)> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut child = program(&settings)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn an_address_that_others_reach_needs_somebody_who_asks_for_names() {
    let listen = ("ORRERY_DASHBOARD_LISTEN", "0.0.0.0:9479");
    for arguments in [["run"].as_slice(), &["config", "check"], &["dashboard", "check"]] {
        let (code, _, wrong) = run(&[listen], arguments, "");
        assert_eq!(code, 78, "{arguments:?}: {wrong}");
        for words in
            ["dashboard.listen", "dashboard.users_file", "dashboard.trusted_proxy_header", "127.0.0.1"]
        {
            assert!(wrong.contains(words), "{arguments:?} does not say {words}: {wrong}");
        }
    }
    let off = ("ORRERY_DASHBOARD_ENABLED", "false");
    assert_eq!(run(&[listen, off], &["config", "check"], "").0, 0, "what is off needs no users");
}

#[test]
fn a_users_file_that_cannot_be_used_stops_a_worker_before_it_connects() {
    let settings = [("ORRERY_DASHBOARD_USERS_FILE", "/nonexistent/users")];
    for arguments in [["run"].as_slice(), &["dashboard", "check"]] {
        let (code, _, wrong) = run(&settings, arguments, "");
        assert_eq!(code, 78, "{wrong}");
        assert!(wrong.contains("dashboard.users_file") && wrong.contains("/nonexistent/users"), "{wrong}");
    }
}

#[test]
fn a_hash_from_the_command_makes_a_user() {
    let (code, hash, wrong) = run(&[], &["dashboard", "hash-password"], "correct horse\n");
    assert_eq!(code, 0, "{wrong}");
    let file = std::env::temp_dir().join(format!("orrery-users-{}", uuid::Uuid::new_v4()));
    std::fs::write(&file, format!("# who may act\nanna:operator:{hash}")).unwrap();
    let path = file.to_str().unwrap();
    let (code, said, wrong) = run(&[("ORRERY_DASHBOARD_USERS_FILE", path)], &["dashboard", "check"], "");
    assert_eq!(code, 0, "{wrong}");
    assert!(said.contains("0 viewers and 1 operators") && said.contains("127.0.0.1:9479"), "{said}");
    std::fs::remove_file(file).unwrap();
    assert_ne!(run(&[], &["dashboard", "hash-password"], "\n").0, 0, "an empty password is none");
}
