//! Peers: queues of others, installed by `scripts/bench-queue` and driven through the words of `child`.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::Command;

/// What the benchmark knows of a peer.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Version that `scripts/bench-queue` installs.
    pub version: &'static str,
    /// Inserts rows numbered `$1` to `$2`, as its own functions do.
    pub insert: &'static str,
    /// Says whether a row is left.
    pub left: &'static str,
}

/// A peer that is installed.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Which.
    pub known: Known,
    /// Program and first arguments.
    program: Vec<String>,
}

/// All peers that the benchmark knows.
const KNOWN: [Known; 2] = [
    Known {
        name: "pgqueuer",
        version: "1.6.0",
        insert: "
insert into pgqueuer (priority, entrypoint, payload, status)
select (n % 10)::integer, 'bench', convert_to(jsonb_build_object('n', n)::text, 'UTF8'), 'queued'
from generate_series($1::bigint, $2::bigint) n",
        left: "select exists (select 1 from pgqueuer)",
    },
    Known {
        name: "apalis-postgres",
        version: "1.0.0",
        insert: "
insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority)
select lpad(n::text, 26, '0'), 'bench', convert_to(jsonb_build_object('n', n)::text, 'UTF8'), 'Pending', 0, 25,
       date_trunc('second', now()), (n % 10)::integer
from generate_series($1::bigint, $2::bigint) n",
        left: "select exists (select 1 from apalis.jobs where status <> 'Done')",
    },
];

impl Peer {
    /// A peer given as `name=program and first arguments`.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let (name, program) = text.split_once('=').with_context(|| format!("{text}: no program given"))?;
        let known = KNOWN
            .into_iter()
            .find(|known| known.name == name)
            .with_context(|| format!("peer {name} is unknown"))?;
        Ok(Self { known, program: program.split_whitespace().map(ToOwned::to_owned).collect() })
    }

    /// `setup` or `work` on a database.
    pub fn command(&self, verb: &str, url: &str) -> Command {
        let mut command = Command::new(&self.program[0]);
        command.args(&self.program[1..]).arg(verb).arg("--url").arg(url).stdin(Stdio::null());
        command
    }
}

/// Where a worker writes what it has to say.
pub fn log_path(name: &str) -> PathBuf {
    let folder = std::env::var_os("BENCH_LOGS").map_or_else(std::env::temp_dir, PathBuf::from);
    folder.join(format!("bench-queue-{}.log", name.replace(' ', "-")))
}

/// The same, opened.
pub fn log_file(name: &str) -> anyhow::Result<File> {
    let path = log_path(name);
    File::options().create(true).append(true).open(&path).with_context(|| path.display().to_string())
}
