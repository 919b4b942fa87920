//! The Debian package: what Cargo.toml lists is there, its units can use its configuration, and its scripts start nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

use crate::support::worker::program;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn metadata() -> Table {
    let manifest: Table = std::fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    manifest["package"]["metadata"]["deb"].as_table().unwrap().clone()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// Files of a folder that a name with at most one star stands for.
fn matching(pattern: &Path) -> Vec<PathBuf> {
    let name = pattern.file_name().unwrap().to_str().unwrap();
    let (before, after) = name.split_once('*').unwrap_or((name, ""));
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(before)
            && name.ends_with(after)
            && (pattern.ends_with(name) || pattern.to_str().unwrap().contains('*'))
    };
    let files = std::fs::read_dir(pattern.parent().unwrap()).into_iter().flatten();
    files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).filter(is_it).collect()
}

#[test]
fn everything_that_the_package_lists_is_there() {
    let staged = std::env::temp_dir().join(format!("orrery-package-{}", uuid::Uuid::new_v4()));
    let made = Command::new(root().join("scripts/package"))
        .args(["stage", env!("CARGO_BIN_EXE_orrery")])
        .arg(&staged)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let metadata = metadata();
    let mut installed = Vec::new();
    for asset in metadata["assets"].as_array().unwrap() {
        let [source, target, rights] = texts(asset)[..] else { panic!("{asset}") };
        if source == "target/release/orrery" {
            assert_eq!((target, rights), ("usr/bin/", "755"));
            continue;
        }
        let pattern =
            source.strip_prefix("var/package/").map_or_else(|| root().join(source), |rest| staged.join(rest));
        let found = matching(&pattern);
        assert!(!found.is_empty(), "{source}: there is no such file");
        for file in found {
            let name = if target.ends_with('/') { file.file_name().unwrap().to_str().unwrap() } else { "" };
            installed.push(format!("/{target}{name}"));
        }
    }
    for wanted in texts(&metadata["conf-files"]).into_iter().chain([
        "/usr/lib/systemd/system/orrery.service",
        "/usr/lib/systemd/system/orrery-quarterly.timer",
        "/usr/lib/sysusers.d/orrery.conf",
        "/usr/lib/tmpfiles.d/orrery.conf",
        "/usr/share/man/man1/orrery-run.1",
        "/usr/share/doc/orrery/operate.md",
        "/usr/share/doc/orrery/copyright",
    ]) {
        assert!(installed.iter().any(|path| path == wanted), "{wanted} is not in {installed:#?}");
    }
    assert!(
        staged.join("changelog").is_file() && metadata["changelog"].as_str() == Some("var/package/changelog")
    );
    let all = installed.len();
    installed.sort();
    installed.dedup();
    assert_eq!(installed.len(), all, "two files would be installed under one name");
    std::fs::remove_dir_all(staged).unwrap();
}

#[test]
fn the_configuration_of_the_package_is_the_default() {
    let text = std::fs::read_to_string(root().join("deploy/debian/orrery.toml")).unwrap();
    let config = orrery::config::Config::of_text(Path::new("orrery.toml"), &text).unwrap();
    assert_eq!(config.log.format, "text");
}

/// The words of a unit's settings of one name.
fn settings(unit: &str, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("deploy/systemd").join(unit)).unwrap();
    let values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    values.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

/// The configuration names files that only root can read; the user of the units reads what systemd hands over in their stead.
#[test]
fn each_unit_can_use_the_configuration_of_the_package_with_the_credentials_that_it_gets() {
    for unit in ["orrery.service", "orrery@.service", "orrery-quarterly.service"] {
        let credentials = std::env::temp_dir().join(format!("orrery-credentials-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&credentials).unwrap();
        for loaded in settings(unit, "LoadCredential") {
            let (name, _) = loaded.split_once(':').unwrap();
            std::fs::write(credentials.join(name), "postgres://orrery:s3cret@db/hr\n").unwrap();
        }
        let environment: Vec<(String, String)> = settings(unit, "Environment")
            .iter()
            .map(|pair| pair.replace("%d", credentials.to_str().unwrap()))
            .map(|pair| {
                pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap()
            })
            .collect();
        let checked = program(&environment)
            .args(["config", "check", "--config"])
            .arg(root().join("deploy/debian/orrery.toml"))
            .output()
            .unwrap();
        assert!(checked.status.success(), "{unit}: {}", String::from_utf8_lossy(&checked.stderr));
        std::fs::remove_dir_all(credentials).unwrap();
    }
}

/// A bare Debian has what its essential packages bring: no kill, for example.
#[test]
fn the_units_start_no_program_that_a_bare_debian_does_not_have() {
    let mut started = 0;
    for file in std::fs::read_dir(root().join("deploy/systemd")).unwrap() {
        let unit = file.unwrap().file_name().into_string().unwrap();
        for setting in ["ExecStart", "ExecReload", "ExecStop"] {
            if let Some(program) = settings(&unit, setting).first() {
                assert!(
                    ["/usr/bin/orrery", "/usr/bin/logger", "/bin/sh"].contains(&program.as_str()),
                    "{unit}: {setting} {program}"
                );
                started += 1;
            }
        }
    }
    assert!(started >= 6, "{started} programs found");
}

/// A package that starts a worker before anybody wrote its addresses would only make a failed unit.
#[test]
fn the_scripts_of_the_package_are_sound_and_start_nothing() {
    for name in ["postinst", "prerm", "postrm"] {
        let path = root().join("deploy/debian").join(name);
        let checked = Command::new("sh").arg("-n").arg(&path).output().unwrap();
        assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stderr));
        let text = std::fs::read_to_string(&path).unwrap();
        for line in
            text.lines().map(str::trim).filter(|line| !line.starts_with('#') && !line.starts_with("echo"))
        {
            for word in ["enable", "start ", "restart", "try-restart"] {
                assert!(!line.contains(&format!("systemctl {word}")), "{name}: {line}");
            }
        }
    }
}
