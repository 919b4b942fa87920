//! Where the commands are typed: a platform with rows of all kinds, a worker with its pages, a folder, and what names stand for.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use regex::Regex;
use uuid::Uuid;

use crate::dashboard::site::{ANY_PORT, Site};
use crate::support::World;
use crate::support::platform::{ANNA, COMPANY, USER, WITHOUT_BIRTH};
use crate::support::rows::{self, REPORTS, run};
use crate::support::servers;
use crate::support::worker::Worker;

/// A table of prices as `LiteLLM` publishes it.
const PRICES: &str = r#"{"gpt-x": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05}}"#;

/// Tables that other people have made, for what attaches to such.
const DOCUMENTS: &str = include_str!("../../data/documents_000_001.sql");

/// Folders of a host that commands write to.
const FOLDERS: [&str; 7] = [
    "etc/orrery/credentials",
    "etc/systemd/system",
    "etc/sysusers.d",
    "etc/tmpfiles.d",
    "usr/bin",
    "usr/local/bin",
    "tmp",
];

/// What a pattern in a command or statement stands for; `{name}` is a value of the place.
const NAMES: [(&str, &str); 29] = [
    // Parts that may be left out are typed.
    (r"(?m)^(orrery [^\n#]*?) \[([^\]]*)\] \[([^\]]*)\]", "$1 $2 $3"),
    (r"(?m)^(orrery [^\n#]*?) \[([^\]]*)\]", "$1 $2"),
    (r"--(employee|entity) ID\b", "--$1 {employee}"),
    (r"--requested-by USER\b", "--requested-by {user}"),
    (r"--depends-on ROW\b", "--depends-on {waiting}"),
    (r"--(org|organization) (ID|ORGANIZATION)\b", "--$1 {organization}"),
    (r"\borgs (pause|resume|weight|set) ID\b", "orgs $1 {organization}"),
    (r"\bbudget (set|reset) ORGANIZATION\b", "budget $1 {organization}"),
    (r"\bemployee_id=ID\b", "employee_id={employee}"),
    (r"\bjobs show ID\b", "jobs show {failed}"),
    (r"--job ID\b", "--job {done}"),
    (r"\bPROVIDER/MODEL\b", "cloud/a-model"),
    ("00000000-0000-0000-0000-000000000000", "{failed}"),
    ("60000000-0000-4000-8000-000000000007", "{employee}"),
    ("50000000-0000-4000-8000-000000000002", "{user}"),
    // Ids in statements are written '...'.
    (r"organization_id = '\.\.\.'", "organization_id = '{organization}'"),
    (r"values \('\.\.\.', '1\.0\.0'\)", "values ('{organization}', '1.0.0')"),
    (r"report_id = '\.\.\.'", "report_id = '{report}'"),
    (r"schedule_id = '\.\.\.'", "schedule_id = '{schedule}'"),
    (r"quarter_(counts|errors)\('\.\.\.'\)", "quarter_$1('{schedule}')"),
    (r"(update report_generation_queue [^;]*)'\.\.\.'", "$1'{waiting}'"),
    (r"(update entity_update_queue [^;]*)'\.\.\.'", "$1'{entity}'"),
    (r"(update calculation_jobs [^;]*)'\.\.\.'", "$1'{calculation}'"),
    (r"(update quarterly_update_schedule [^;]*)'\.\.\.'", "$1'{schedule}'"),
    // Other people's tables, the pages, the demo's database, and the host.
    (r"^(orrery .*--attach)\b", "env ORRERY_POSTGRES_URL_FILE= ORRERY_POSTGRES_URL={other} $1"),
    (r"http://127\.0\.0\.1:9479", "{pages}"),
    (r"\borrery_demo(_reports|_astrology)?\b", "{database}$1"),
    (r"target/(debug|release)/orrery\b", "{program}"),
    (r#"(^|[\s"])/(etc|usr|run|tmp)/"#, "$1{folder}/$2/"),
];

/// What stands for something else and has to be replaced.
const LEFT: &str = r"'\.\.\.'|\b(ID|USER|ROW|ORGANIZATION|PROVIDER|MODEL|VERSION|SECONDS|FILE|FOLDER|SHELL|CODE|QUEUE|EMPLOYEE)\b";

/// The place of a walk.
pub struct Place {
    /// A migrated platform.
    pub world: World,
    /// A database with tables of other people.
    other: World,
    /// Where commands are typed, with the folders of a host.
    pub folder: PathBuf,
    worker: Worker,
    values: Vec<(&'static str, String)>,
    names: Vec<(Regex, &'static str)>,
}

impl Place {
    /// Prepares all that the documents take for granted.
    pub async fn new(world: World, other: World) -> Self {
        run(&other.app, DOCUMENTS).await;
        // As `orrery migrate up` sets it; a copy of the template has no settings.
        run(&world.app, &format!("alter database {} set search_path = public, calc, analytics", world.name))
            .await;
        let worker = world.worker(&[ANY_PORT]).await;
        let site = Site::of(&world, &worker).await;
        let done = rows::report(&world.app, ANNA, "compatibility_company").await;
        let failed = rows::report(&world.app, WITHOUT_BIRTH, "compatibility_company").await;
        world.completed(REPORTS, done).await;
        world.failed(REPORTS, failed).await;
        let report = world.published(done).await.report_id;
        // What the documents cancel and hold has to be there when they do.
        run(
            &world.app,
            "insert into orrery.queue_policy (queue, paused) values ('entity', true), ('calculation', true)
                         on conflict (queue) do update set paused = true",
        )
        .await;
        let waiting = rows::report_in(&world.app, ANNA, "questionnaire_qa", "1 year").await;
        let entity = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
        let calculation =
            rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, serde_json::json!({})).await;
        let schedule = crate::quarters::schedule(&world.app, "Q1", 2031, false).await;

        let folder = world.logs().join("host");
        let folder_text = folder.to_str().unwrap().to_owned();
        let id = |id: Uuid| id.to_string();
        let values = vec![
            ("employee", id(ANNA)),
            ("user", id(USER)),
            ("organization", id(COMPANY)),
            ("done", id(done)),
            ("failed", id(failed)),
            ("waiting", id(waiting)),
            ("entity", id(entity)),
            ("calculation", id(calculation)),
            ("schedule", id(schedule)),
            ("report", report),
            ("other", other.config.postgres.url.clone()),
            ("pages", site.origin.clone()),
            ("database", world.name.clone()),
            ("program", env!("CARGO_BIN_EXE_orrery").to_owned()),
            ("folder", folder_text),
        ];
        let names = NAMES.map(|(pattern, value)| (Regex::new(pattern).unwrap(), value)).into();
        let place = Self { world, other, folder, worker, values, names };
        place.furnish();
        place
    }

    fn furnish(&self) {
        for name in FOLDERS.iter().chain(&["bin", "scripts", "run/credentials/orrery.service"]) {
            std::fs::create_dir_all(self.folder.join(name)).unwrap();
        }
        let postgres = &self.world.config.postgres.url;
        let mongodb = servers::mongodb_uri();
        for (name, text) in [
            ("postgres-url", postgres.as_str()),
            ("mongodb-uri", &mongodb),
            ("etc/orrery/postgres-url", postgres),
            ("etc/orrery/mongodb-uri", &mongodb),
            ("etc/orrery/orrery.toml", include_str!("../../../deploy/debian/orrery.toml")),
            ("etc/orrery/dashboard-users", ""),
            ("run/credentials/orrery.service/cloud-key", "a-key"),
            ("prices.toml", include_str!("../../../data/llm_prices.toml")),
            ("model_prices_and_context_window.json", PRICES),
        ] {
            std::fs::write(self.folder.join(name), text).unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_orrery"), self.folder.join("bin/orrery")).unwrap();
        // Nothing here needs another user; and the servers of the demo are those of the test.
        program(&self.folder.join("bin/sudo"), "exec \"$@\"");
        let says = format!(
            "echo \"export ORRERY_POSTGRES_URL='{}'\"; echo \"export ORRERY_MONGODB_URI='{mongodb}'\"",
            servers::postgres_url()
        );
        program(&self.folder.join("scripts/servers"), &says);
    }

    /// The text with real names; one that stands for something that nobody knows is refused.
    pub fn with_names(&self, text: &str, at: &str) -> String {
        let mut text = text.to_owned();
        for (pattern, value) in &self.names {
            text = pattern.replace_all(&text, *value).into_owned();
        }
        for (name, value) in &self.values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        let left = Regex::new(LEFT).unwrap();
        for line in text.lines() {
            let code = line.split(" #").next().unwrap_or_default().split("--  ").next().unwrap_or_default();
            if let Some(found) = left.find(code) {
                panic!("{at}: nobody says what {} stands for in: {line}", found.as_str());
            }
        }
        text
    }

    /// The environment of whoever types.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let set = |name: &str, value: String| (name.to_owned(), value);
        let mut environment = self.world.environment(&[]);
        environment.extend([
            set("PATH", format!("{}:{path}", self.folder.join("bin").display())),
            set("POSTGRES_URL", self.world.config.postgres.url.clone()),
            set("MONGODB_URI", servers::mongodb_uri()),
        ]);
        environment
    }

    /// Ends the worker and removes everything.
    pub async fn close(mut self) {
        assert!(self.worker.stop(Duration::from_secs(30)).await.success(), "{}", self.world.evidence());
        self.other.close().await;
        self.world.close().await;
    }
}

fn program(path: &Path, text: &str) {
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
