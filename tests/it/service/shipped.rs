//! Units, manual pages, alerts and the dashboard, as they are shipped.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use orrery::service::metrics;

use crate::support::worker::program;

fn shipped(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A folder of one's own for what the program writes.
fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("orrery-{name}-{}", uuid::Uuid::new_v4()))
}

/// What the program prints; it must end well.
fn printed(arguments: &[&str]) -> String {
    let output = program(&[]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_units_give_a_worker_no_more_than_it_needs() {
    for unit in ["orrery.service", "orrery@.service", "orrery-quarterly.service"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/systemd").join(unit);
        // An exposure of at most 1.5; the tool counts in tenths.
        let judged = Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--no-pager", "--threshold=15"])
            .arg(&path)
            .output()
            .expect("systemd-analyze runs");
        assert!(judged.status.success(), "{unit}: {}", String::from_utf8_lossy(&judged.stdout));
    }
}

#[test]
fn systemd_understands_every_line_of_the_units() {
    let folder = folder("units");
    printed(&["generate", "units", folder.to_str().unwrap()]);
    let program = env!("CARGO_BIN_EXE_orrery");
    for unit in [
        "orrery.service",
        "orrery@.service",
        "orrery-failure@.service",
        "orrery-quarterly.service",
        "orrery-quarterly.timer",
    ] {
        let path = folder.join(unit);
        // The program is not installed here, and no manual.
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, shipped(&format!("deploy/systemd/{unit}")));
        let text = text.replace("/usr/bin/orrery", program).replace("/usr/bin/logger", "/bin/true");
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("Documentation=")).collect();
        std::fs::write(&path, lines.join("\n")).unwrap();
        let verified =
            Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&verified.stderr);
        let own: Vec<&str> = said.lines().filter(|line| line.contains("orrery")).collect();
        assert!(own.is_empty(), "{unit}: {said}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_template_is_the_unit_with_a_configuration_of_its_own() {
    let template = shipped("deploy/systemd/orrery@.service");
    let unit =
        template.replace("worker %i:", "worker:").replace("/etc/orrery/%i.toml", "/etc/orrery/orrery.toml");
    assert_eq!(unit, shipped("deploy/systemd/orrery.service"));
}

#[test]
fn manual_pages_and_completions_know_every_command() {
    let folder = folder("man");
    printed(&["generate", "man", folder.to_str().unwrap()]);
    for page in ["orrery.1", "orrery-run.1", "orrery-jobs.1", "orrery-jobs-retry.1", "orrery-config-show.1"] {
        let text =
            std::fs::read_to_string(folder.join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(text.contains(".SH NAME"), "{page}: {text}");
    }
    assert!(!folder.join("orrery-dev.1").exists(), "hidden commands have no page");
    std::fs::remove_dir_all(folder).unwrap();
    let script = printed(&["generate", "completions", "bash"]);
    assert!(
        script.contains("orrery__subcmd__jobs__subcmd__retry") || script.contains("orrery__jobs__retry"),
        "{script}"
    );
}

/// Names of metrics in a text, without what Prometheus adds to histograms.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let names = text.split(|c: char| !word(c)).filter(|name| name.starts_with("orrery_"));
    names.map(|name| name.trim_end_matches("_bucket").to_owned()).collect()
}

#[test]
fn alerts_and_dashboard_name_only_metrics_that_exist() {
    let known: BTreeSet<&str> = metrics::ALL.iter().map(|(name, ..)| *name).collect();
    for file in ["deploy/prometheus/alerts.yml", "deploy/grafana/orrery.json"] {
        let named = metrics_in(&shipped(file));
        assert!(named.len() > 5, "{file}: {named:?}");
        let unknown: Vec<&String> = named.iter().filter(|name| !known.contains(name.as_str())).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
}

#[test]
fn every_alert_has_its_section_in_the_runbook() {
    let runbook = shipped("docs/runbook.md");
    let alerts = shipped("deploy/prometheus/alerts.yml");
    let names: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        assert!(runbook.contains(&format!("\n## {name}\n")), "{name} has no section");
        assert!(
            alerts.contains(&format!("docs/runbook.md#{}\n", name.to_lowercase())),
            "{name} does not name it"
        );
    }
}

#[test]
fn config_shows_what_is_in_force_why_and_no_password() {
    let file = folder("config").with_extension("toml");
    std::fs::write(&file, "[queue]\nlease_s = 30\n").unwrap();
    let environment = [
        ("ORRERY_CONFIG".to_owned(), file.to_str().unwrap().to_owned()),
        ("ORRERY_POSTGRES_URL".to_owned(), "postgres://orrery:s3cret@db/hr?password=s3cret".to_owned()),
    ];
    let run = |arguments: &[&str]| {
        let output = program(&environment).args(arguments).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (code, shown) = run(&["config", "show", "--changed", "--origin"]);
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(
        shown,
        format!(
            "[postgres]\nurl = \"postgres://orrery:***@db/hr?password=***\"  # environment variable ORRERY_POSTGRES_URL\n\n\
             [queue]\nlease_s = 30  # file {}\n",
            file.display()
        )
    );
    assert_eq!(run(&["config", "check"]).0, Some(0));
    let (_, all) = run(&["config", "show"]);
    let again: toml::Table = all.parse().expect("what is shown is a configuration file");
    assert_eq!(again["queue"]["heartbeat_s"].as_integer(), Some(3));

    std::fs::write(&file, "[queue]\nlease_s = 1\n").unwrap();
    let (code, said) = run(&["config", "check"]);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("queue.heartbeat_s"), "{said}");
    std::fs::remove_file(file).unwrap();
}
