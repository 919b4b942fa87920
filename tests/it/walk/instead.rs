//! Commands of the documents that are not typed here, why, and what shows them instead.

use std::collections::BTreeSet;

use super::document::root;

/// What shows a command that is not typed.
#[derive(Debug)]
pub enum Shown {
    /// A test: its file below `tests/it`, and its name.
    By(&'static str, &'static str),
    /// `.ci/run`, or a person who types it: there is nothing in it of this program.
    ByHand,
    /// Nothing has to: it is typed wherever the program is installed.
    Typed,
}

/// A command that is not typed here.
#[derive(Debug)]
pub struct Instead {
    /// How it begins.
    pub begins: &'static str,
    /// Why not.
    pub why: &'static str,
    /// What shows it.
    pub shown: Shown,
}

const PACKAGE: Shown = Shown::By("service/package.rs", "everything_that_the_package_lists_is_there");
const UNITS: Shown = Shown::By(
    "service/systemd.rs",
    "a_worker_says_when_it_is_ready_that_it_lives_and_how_long_its_stop_may_take",
);
const ROLES: Shown = Shown::By(
    "secure/least.rs",
    "the_least_rights_over_encrypted_connections_are_enough_and_anything_less_is_told",
);
const DEMO: Shown = Shown::By(
    "crash/demo.rs",
    "a_worker_killed_again_and_again_over_the_whole_demo_loses_nothing_and_publishes_nothing_twice",
);

const ALL: [Instead; 19] = [
    Instead { begins: "make demo", why: "builds, and starts servers of its own", shown: DEMO },
    Instead { begins: "make test", why: "runs this test", shown: Shown::ByHand },
    Instead { begins: "make lint", why: "runs beside the tests", shown: Shown::ByHand },
    Instead { begins: "make setup", why: "installs what this test runs on", shown: Shown::ByHand },
    Instead { begins: "make up", why: "starts servers that outlive the test", shown: Shown::ByHand },
    Instead { begins: "make package-drill", why: "boots a Debian of its own", shown: Shown::ByHand },
    Instead { begins: "cargo build --release", why: "builds what is typed here", shown: Shown::ByHand },
    Instead { begins: "sudo apt install", why: "installs a package", shown: PACKAGE },
    Instead { begins: "sudo -u postgres ", why: "makes a role and a database of the host", shown: ROLES },
    Instead { begins: "sudo install", why: "writes below /etc", shown: PACKAGE },
    Instead { begins: "sudo orrery --config /etc/", why: "reads below /etc", shown: PACKAGE },
    Instead { begins: "sudo editor", why: "waits for a person", shown: Shown::ByHand },
    Instead { begins: "sudo systemd-sysusers", why: "makes users on the host", shown: PACKAGE },
    Instead { begins: "sudo systemctl", why: "starts services on the host", shown: UNITS },
    Instead {
        begins: "psql -X -v ON_ERROR_STOP=1 -d planetshr -f deploy/roles",
        why: "makes roles of the whole server",
        shown: ROLES,
    },
    Instead { begins: "ssh ", why: "needs another host", shown: Shown::ByHand },
    Instead {
        begins: "docker run",
        why: "needs an image of a collector",
        shown: Shown::By(
            "traces/mod.rs",
            "a_row_is_in_one_trace_with_its_application_from_the_claim_to_both_stores",
        ),
    },
    Instead { begins: "kubectl ", why: "needs a cluster", shown: Shown::ByHand },
    Instead { begins: "mongosh ", why: "makes roles of the whole server", shown: ROLES },
];

/// Programs that are not everywhere; what needs one is typed where it is.
const MAY_BE_MISSING: [Instead; 4] = [
    Instead {
        begins: "mongodump",
        why: "is a package of MongoDB's own",
        shown: Shown::By(
            "restore.rs",
            "what_is_restored_from_a_backup_under_load_loses_nothing_and_repeats_nothing",
        ),
    },
    Instead { begins: "pg_dump", why: "must not be older than the server", shown: Shown::Typed },
    Instead { begins: "curl", why: "no test needs it", shown: Shown::Typed },
    Instead { begins: "jq", why: "no test needs it", shown: Shown::Typed },
];

/// What stands in for this command.
pub fn of(command: &str) -> Option<&'static Instead> {
    ALL.iter().find(|instead| command.starts_with(instead.begins))
}

/// Programs that this command needs and that may be missing.
pub fn may_be_missing(command: &str) -> impl Iterator<Item = &'static str> {
    let words: BTreeSet<&str> =
        command.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    MAY_BE_MISSING.iter().map(|instead| instead.begins).filter(move |name| words.contains(name))
}

/// Beginnings of all.
pub fn all() -> BTreeSet<&'static str> {
    ALL.iter().chain(&MAY_BE_MISSING).map(|instead| instead.begins).collect()
}

/// Every test that is named exists, every target of make too, and every entry says why.
pub fn stands() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    for instead in ALL.iter().chain(&MAY_BE_MISSING) {
        assert!(!instead.why.is_empty(), "{instead:?}");
        if let Shown::By(file, name) = instead.shown {
            let source = std::fs::read_to_string(root().join("tests/it").join(file)).unwrap();
            assert!(source.contains(&format!("fn {name}(")), "{instead:?}");
        }
        if let Some(target) = instead.begins.strip_prefix("make ") {
            assert!(makefile.contains(&format!("\n{target}: ")), "make has no target {target}");
        }
    }
}
