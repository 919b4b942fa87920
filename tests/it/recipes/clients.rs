//! The code of `docs/enqueue.md`, by the clients that `scripts/clients` puts under `var/clients`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use uuid::Uuid;

use super::document;
use crate::support::World;
use crate::support::platform::{ANNA, BEN, USER};
use crate::support::rows::{REPORTS, count, run};

/// A folder with the blocks of the document, and the address of a world's database.
struct Application {
    folder: PathBuf,
    clients: PathBuf,
    url: String,
}

impl Application {
    async fn new(world: &World) -> Self {
        let var = std::env::var_os("ORRERY_VAR")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("var"), PathBuf::from);
        let clients = var.join("clients");
        assert!(
            clients.join("list").exists(),
            "the clients are not in {}: run scripts/clients, as make test does",
            clients.display()
        );
        let clients = clients.canonicalize().unwrap();
        let folder = world.logs().join("application");
        std::fs::create_dir_all(&folder).unwrap();
        document::write_blocks(&folder);
        std::os::unix::fs::symlink(clients.join("node/node_modules"), folder.join("node_modules")).unwrap();
        // As `orrery migrate up` sets it; a copy of the template has no settings.
        run(&world.app, &format!("alter database {} set search_path = public, calc, analytics", world.name))
            .await;
        Self { folder, clients, url: world.config.postgres.url.clone() }
    }

    /// `jdbc:postgresql://host:port/database?user=...`.
    fn jdbc_url(&self) -> String {
        let (_, rest) = self.url.split_once("://").unwrap();
        let (who, place) = rest.rsplit_once('@').unwrap_or(("postgres", rest));
        let (user, password) = who.split_once(':').unwrap_or((who, ""));
        format!("jdbc:postgresql://{}?user={user}&password={password}", place.split('?').next().unwrap())
    }

    /// The JDBC driver, where `scripts/clients` found a JDK.
    fn driver(&self) -> Option<PathBuf> {
        let driver = self.clients.join("java/postgresql.jar");
        driver.exists().then_some(driver)
    }

    fn command(&self, file: &str, arguments: &[&str]) -> Command {
        let mut command = match file.rsplit_once('.').unwrap().1 {
            "py" => Command::new("python3"),
            "mjs" => Command::new("node"),
            "java" => {
                let mut java = Command::new("java");
                java.arg("-cp").arg(self.driver().expect("the driver is there"));
                java
            }
            "sql" => {
                let mut psql = Command::new("psql");
                psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", &self.url]);
                for (name, value) in ["employee", "user", "key"].iter().zip(arguments) {
                    psql.arg("-v").arg(format!("{name}={value}"));
                }
                psql.arg("-v").arg(format!("id={}", arguments.first().unwrap_or(&""))).arg("-f");
                psql
            }
            other => panic!("nothing runs .{other}"),
        };
        command.arg(file);
        if Path::new(file).extension().is_none_or(|extension| extension != "sql") {
            command.args(arguments);
        }
        command.current_dir(&self.folder);
        command.env("DATABASE_URL", &self.url).env("JDBC_URL", self.jdbc_url());
        command.env("PYTHONPATH", self.clients.join("python"));
        command
    }

    fn output(&self, file: &str, arguments: &[&str]) -> Output {
        self.command(file, arguments).output().unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// What a program prints; it must end well.
    fn said(&self, file: &str, arguments: &[&str]) -> String {
        said(file, &self.output(file, arguments))
    }

    fn started(&self, file: &str, arguments: &[&str]) -> Child {
        let mut command = self.command(file, arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// The programs that enqueue with a key.
    fn programs(&self) -> Vec<&'static str> {
        let mut programs = vec!["enqueue.sql", "enqueue.py", "enqueue.mjs"];
        if self.driver().is_some() {
            programs.push("Enqueue.java");
        }
        programs
    }
}

fn said(file: &str, output: &Output) -> String {
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{file}: {wrong}");
    String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_recipe_works_as_it_stands_and_all_clients_agree_on_a_key() {
    let world = World::new().await;
    let application = Application::new(&world).await;
    application.said("trigger.sql", &[]);
    application.said("notify.sql", &[]);

    let (anna, ben, user) = (ANNA.to_string(), BEN.to_string(), USER.to_string());
    let mut ids: Vec<String> = Vec::new();
    for program in application.programs() {
        ids.push(application.said(program, &[&anna, &user, "hire:4711"]));
        let refused = application.output(program, &[&Uuid::nil().to_string(), &user, "x"]);
        let wrong = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success(), "{program} takes an employee who does not exist");
        let named =
            if program == "enqueue.sql" { "employee_id: " } else { "employee_id is wrong: employee_id: " };
        assert!(wrong.contains(named), "{program}: {wrong}");
    }
    let id: Uuid = ids[0].parse().expect("the recipe prints the id");
    assert!(ids.iter().all(|other| *other == ids[0]), "one key, one row: {ids:?}");
    let plain: Uuid = application.said("plain.sql", &[&ben, &user]).parse().unwrap();
    run(&world.app, &format!("insert into hr.hires (employee_id, hired_by) values ('{ben}', '{user}')"))
        .await;
    assert_eq!(count(&world.app, "select count(*) from report_generation_queue").await, 3);

    let watchers = ["watch.py", "watch.mjs"].map(|file| (file, application.started(file, &[&ids[0]])));
    let mut worker = world.worker(&[]).await;
    let mut heard = Vec::new();
    for (file, child) in watchers {
        // It gives up by itself after five minutes.
        let output = tokio::task::spawn_blocking(move || child.wait_with_output()).await.unwrap().unwrap();
        heard.push(said(file, &output));
    }
    let report: String =
        sqlx::query_scalar("select output ->> 'report_id' from orrery.result where job_id = $1")
            .bind(id)
            .fetch_one(&world.app)
            .await
            .unwrap();
    assert_eq!(heard, [format!("completed {report}"), format!("completed {report}")]);
    world.completed(REPORTS, plain).await;
    let hired: Uuid =
        sqlx::query_scalar("select id from report_generation_queue where request_reason = 'new_employee'")
            .fetch_one(&world.app)
            .await
            .unwrap();
    world.completed(REPORTS, hired).await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());

    let looked = application.said("look.sql", &[&ids[0]]);
    assert!(looked.starts_with("completed|") && looked.contains(&report), "{looked}");
    let mut events: Vec<String> = application.said("events.py", &[]).lines().map(str::to_owned).collect();
    events.sort();
    let mut wanted = [id, plain, hired].map(|id| format!("report.completed {id}"));
    wanted.sort();
    assert_eq!(events, wanted);
    assert_eq!(application.said("events.py", &[]), "", "what was taken is taken");
    for _ in 0..2 {
        application.said("quarter.sql", &[]);
    }
    assert_eq!(count(&world.app, "select count(*) from quarterly_update_schedule").await, 1);
    application.said("traced.sql", &[&ben, &user]);
    let traced = "select count(*) from report_generation_queue where request_metadata ->> 'traceparent' like '00-%-01'";
    assert_eq!(count(&world.app, traced).await, 1);
    world.close().await;
}
