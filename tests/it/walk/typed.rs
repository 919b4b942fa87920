//! Typing commands and statements, and looking at how they end.

use std::collections::BTreeSet;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::document::{Block, Typed};
use super::instead;
use super::place::Place;
use super::printed;
use crate::support::worker::program;

/// Commands that end otherwise than well, as the documents say: how they begin and end, and with which exit code.
const ENDS: [(&str, &str, i32); 2] = [
    // Where nobody can be asked, --yes is needed.
    ("orrery jobs retry --all-matching", "data.birth_data_missing", 2),
    // One check fails.
    ("orrery doctor", "", 1),
];

/// What is between the output of two commands.
const MARK: &str = "@@ a command has ended with";

/// Whoever types.
pub struct Walker<'a> {
    place: &'a Place,
    /// Commands and blocks of statements that were run.
    pub ran: usize,
    /// Beginnings of [`instead`] that were met.
    pub used: BTreeSet<&'static str>,
    /// What went otherwise than the documents say.
    pub wrong: Vec<String>,
}

/// Whether a program is on `PATH`.
pub fn installed(name: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {name}")])
        .stdout(Stdio::null())
        .status()
        .unwrap()
        .success()
}

/// The command without the remark behind it.
fn bare(command: &str) -> &str {
    command.split(" #").next().unwrap_or_default().trim()
}

fn ends(command: &str) -> i32 {
    let bare = bare(command);
    let found = ENDS.iter().find(|(begins, ends, _)| bare.starts_with(begins) && bare.ends_with(ends));
    found.map_or(0, |(_, _, code)| *code)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl<'a> Walker<'a> {
    pub fn new(place: &'a Place) -> Self {
        Self { place, ran: 0, used: BTreeSet::new(), wrong: Vec::new() }
    }

    /// Runs the commands of a block one after the other in one shell.
    pub fn commands(&mut self, block: &Block) {
        let typed: Vec<Typed> =
            block.commands().into_iter().filter(|typed| self.is_typed(&typed.text)).collect();
        if typed.is_empty() {
            return;
        }
        let at = block.at();
        let commands: Vec<String> =
            typed.iter().map(|typed| self.place.with_names(&typed.text, &at)).collect();
        let ended = format!("\nended=$?; printf '\\n{MARK} %s\\n' $ended | tee /dev/stderr\n");
        let script: String = commands.iter().flat_map(|command| [command.as_str(), ended.as_str()]).collect();
        let output = self.shell(&script);
        let (said, wrong) = (text(&output.stdout), text(&output.stderr));
        let parts = |text: &str| -> Vec<(String, Option<i32>)> {
            let mut parts = vec![(String::new(), None)];
            for line in text.lines() {
                let part = parts.last_mut().unwrap();
                if let Some(code) = line.strip_prefix(MARK) {
                    part.1 = code.trim().parse().ok();
                    parts.push((String::new(), None));
                } else {
                    part.0.push_str(line);
                    part.0.push('\n');
                }
            }
            parts
        };
        let (said, wrong) = (parts(&said), parts(&wrong));
        for (number, (typed, command)) in typed.iter().zip(&commands).enumerate() {
            let none = (String::new(), None);
            let (said, code) = said.get(number).unwrap_or(&none);
            let wrong = &wrong.get(number).unwrap_or(&none).0;
            self.ran += 1;
            let right = ends(&typed.text);
            self.check(*code == Some(right), || {
                format!("{at}: {command}\nends with {code:?}, not {right}\n{said}\n{wrong}")
            });
            self.printed(&at, typed, said);
        }
    }

    /// Whether a command is typed; what it needs may be missing.
    fn is_typed(&mut self, command: &str) -> bool {
        if let Some(instead) = instead::of(command) {
            self.used.insert(instead.begins);
            return false;
        }
        let mut all = true;
        for name in instead::may_be_missing(command) {
            self.used.insert(name);
            all &= installed(name) && (name != "pg_dump" || self.dumps());
        }
        // The next one uses what this one has read.
        all && (installed("jq") || !command.contains("$token"))
    }

    /// Whether `pg_dump` is not older than the server.
    fn dumps(&self) -> bool {
        let major = |output: Output| {
            let said = text(&output.stdout);
            let version =
                said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
            version.and_then(|version| version.split('.').next()?.parse::<u32>().ok())
        };
        let url = &self.place.world.config.postgres.url;
        let server =
            Command::new("psql").args(["-X", "-A", "-t", "-d", url, "-c", "show server_version"]).output();
        major(Command::new("pg_dump").arg("--version").output().unwrap()) >= major(server.unwrap())
    }

    fn check(&mut self, right: bool, wrong: impl FnOnce() -> String) {
        if !right {
            self.wrong.push(wrong());
        }
    }

    fn printed(&mut self, at: &str, typed: &Typed, said: &str) {
        let command = bare(&typed.text);
        if let Some(begins) = &typed.prints {
            let right = said.starts_with(begins.as_str());
            self.check(right, || format!("{at}: {command} does not print {begins}: {said}"));
        }
        if command.starts_with("orrery") && command.contains("--json") || command.contains("format=json'") {
            let value: Result<Value, _> = serde_json::from_str(said);
            self.check(value.is_ok(), || format!("{at}: {command} prints no JSON: {said}"));
        }
    }

    fn shell(&self, script: &str) -> Output {
        let mut bash = program(&[]);
        // The variables of the program, in a shell.
        let mut shell = Command::new("bash");
        for (name, value) in bash.envs(self.place.environment()).get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.args(["-c", script]).current_dir(&self.place.folder).stdin(Stdio::null());
        shell.output().expect("bash is there")
    }

    /// Runs the statements of a block in psql.
    pub fn sql(&mut self, block: &Block) {
        let statements = self.place.with_names(&block.code, &block.at());
        self.psql(&block.at(), &statements);
    }

    /// Runs a statement of the running text, and takes it back.
    pub fn spoken(&mut self, document: &str, statement: &str) {
        self.psql(document, &format!("begin;\n{statement};\nrollback;\n"));
    }

    fn psql(&mut self, at: &str, statements: &str) {
        let file = self.place.folder.join("statements.sql");
        std::fs::write(&file, statements).unwrap();
        let output = Command::new("psql")
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.place.world.config.postgres.url, "-f"])
            .arg(&file)
            .output()
            .expect("psql is there: it comes with PostgreSQL");
        let wrong = || format!("{at}: {}\n{statements}", text(&output.stderr));
        self.check(output.status.success(), wrong);
        self.ran += 1;
    }

    /// Runs what stands behind `$ `, and compares what it prints.
    pub fn session(&mut self, block: &Block) {
        let mut parts = block.code.split("$ ").filter(|part| !part.trim().is_empty()).peekable();
        assert!(parts.peek().is_some() && block.code.starts_with("$ "), "{}: {}", block.at(), block.code);
        for part in parts {
            let (command, shown) = part.split_once('\n').unwrap_or((part, ""));
            let said = printed::with_fault(self.place, command, || self.shell(command));
            let (printed, wrong) = (text(&said.stdout), text(&said.stderr));
            let right = said.status.code() == Some(ends(command));
            self.check(right, || format!("{}: {command}: {printed}{wrong}", block.at()));
            let missing = printed::not_printed(shown, &printed);
            self.check(missing.is_empty(), || {
                format!("{}: {missing:?} is not printed, but:\n{printed}", block.at())
            });
            self.ran += 1;
        }
    }

    /// Lets the program check a configuration; what it names has to be there.
    pub fn configuration(&mut self, block: &Block) {
        let file = self.place.folder.join("checked.toml");
        let settings = self.place.with_names(&block.code, &block.at());
        std::fs::write(&file, &settings).unwrap();
        if settings.contains("orrery.toml:") {
            std::fs::write(self.place.folder.join("etc/orrery/orrery.toml"), &settings).unwrap();
        }
        let output = program(&[]).args(["config", "check", "--config"]).arg(&file).output().unwrap();
        let wrong = || format!("{}: {}\n{settings}", block.at(), text(&output.stderr));
        self.check(output.status.success(), wrong);
        self.ran += 1;
    }
}
