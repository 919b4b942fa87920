//! PostgreSQL and MongoDB of one storm: private, as durable as they are by default, and free to be killed.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bson::doc;
use orrery::store::mongo::replica_set::init_replica_set;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::Mutex;

use super::disk::Disk;
use super::server::Server;
use crate::support::servers::free_port;
use crate::support::wait::eventually;

/// Time that a server gets to answer after a start.
const START: Duration = Duration::from_mins(1);

/// Both servers and their folder.
pub struct Servers {
    /// Folder with data and logs.
    pub home: PathBuf,
    /// URL of the database `postgres`.
    pub postgres_url: String,
    /// URI of MongoDB.
    pub mongodb_uri: String,
    /// The postmaster.
    pub postgres: Mutex<Server>,
    /// The only node of the replica set.
    pub mongod: Mutex<Server>,
    /// A small file system under MongoDB's data, where one could be mounted.
    pub disk: Option<Disk>,
}

impl Servers {
    /// Makes both servers anew under `home` and starts them. `disk`: whether to try for a small file system of MongoDB's own.
    pub async fn start(home: PathBuf, disk: bool) -> Self {
        std::fs::create_dir_all(&home).unwrap();
        let programs = Programs::find();
        let postgres_port = free_port();
        let mongod_port = free_port();
        let mut postgres = postgres(&programs, &home, postgres_port);
        let (mut mongod, disk) = mongod(&programs, &home, mongod_port, disk);
        postgres.start();
        mongod.start();
        let servers = Self {
            postgres_url: format!("postgres://postgres@127.0.0.1:{postgres_port}/postgres"),
            mongodb_uri: format!("mongodb://127.0.0.1:{mongod_port}/?replicaSet=rs0&directConnection=true"),
            home,
            postgres: Mutex::new(postgres),
            mongod: Mutex::new(mongod),
            disk,
        };
        init_replica_set(&servers.mongodb_uri).await.expect("the replica set can be made");
        servers.postgres_answers(&mut *servers.postgres.lock().await).await;
        servers
    }

    /// Stops PostgreSQL in the given way and starts it again.
    pub async fn restart_postgres(&self, server: &mut Server, signal: &str) {
        server.end(signal).await;
        server.start();
        self.postgres_answers(server).await;
    }

    /// Stops MongoDB in the given way and starts it again.
    pub async fn restart_mongod(&self, server: &mut Server, signal: &str) {
        server.end(signal).await;
        server.start();
        self.mongod_answers(server).await;
    }

    /// Waits until PostgreSQL answers; what a killed postmaster left behind may keep the first starts from it.
    async fn postgres_answers(&self, server: &mut Server) {
        let log = server.log().clone();
        eventually(
            START,
            "PostgreSQL answers",
            || crate::support::worker::tail(&log),
            async || {
                if !server.runs() {
                    server.start();
                }
                match PgConnection::connect(&self.postgres_url).await {
                    Ok(connection) => connection.close().await.map_err(|error| error.to_string()),
                    Err(error) => Err(error.to_string()),
                }
            },
        )
        .await;
    }

    /// Waits until MongoDB takes writes.
    pub async fn mongod_answers(&self, server: &mut Server) {
        let log = server.log().clone();
        let client = mongodb::Client::with_uri_str(&self.mongodb_uri).await.unwrap();
        eventually(
            START,
            "MongoDB takes writes",
            || crate::support::worker::tail(&log),
            async || {
                if !server.runs() {
                    server.start();
                }
                match client.database("admin").run_command(doc! { "hello": 1 }).await {
                    Ok(answer) if answer.get_bool("isWritablePrimary").unwrap_or(false) => Ok(()),
                    Ok(answer) => Err(answer.to_string()),
                    Err(error) => Err(error.to_string()),
                }
            },
        )
        .await;
    }
}

/// Where the programs are, as the scripts find them.
pub struct Programs {
    /// Folder of PostgreSQL's programs.
    pub postgres: PathBuf,
    /// MongoDB.
    pub mongod: PathBuf,
}

impl Programs {
    /// Asks `scripts/servers`.
    pub fn find() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/servers");
        let output = Command::new(script).args(["--name", "chaos", "install"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = |name: &str| {
            text.lines().find_map(|line| line.strip_prefix(name)).map(|rest| rest.trim().to_owned())
        };
        match (found("postgresql"), found("mongodb")) {
            (Some(postgres), Some(mongod)) => Self { postgres: postgres.into(), mongod: mongod.into() },
            _ => panic!(
                "this test needs the programs of PostgreSQL and MongoDB, because it starts servers of its own: {}",
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    }
}

fn postgres(programs: &Programs, home: &Path, port: u16) -> Server {
    let data = home.join("postgres");
    std::fs::create_dir_all(&data).unwrap();
    let user = postgres_user();
    if user.is_some() {
        assert!(Command::new("chown").args(["postgres"]).arg(&data).status().unwrap().success());
    }
    let log = home.join("postgres.log");
    let mut initdb = Command::new(programs.postgres.join("initdb"));
    initdb
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"])
        .arg(&data);
    if let Some((user, group)) = user {
        initdb.uid(user).gid(group);
    }
    let made = initdb.current_dir("/").output().unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let mut arguments = vec!["-D".to_owned(), data.to_str().unwrap().to_owned()];
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
        "shared_buffers=128MB",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_min_messages=warning",
        "fsync=on",
        "synchronous_commit=on",
        "full_page_writes=on",
    ] {
        arguments.extend(["-c".to_owned(), setting.to_owned()]);
    }
    arguments.extend(["-c".to_owned(), format!("port={port}")]);
    // SIGQUIT: stop at once; what is committed is in the log.
    Server::new(programs.postgres.join("postgres"), arguments, log, "QUIT").run_by(user)
}

fn mongod(programs: &Programs, home: &Path, port: u16, disk: bool) -> (Server, Option<Disk>) {
    let data = home.join("mongodb");
    std::fs::create_dir_all(&data).unwrap();
    let disk = if disk { Disk::mount(&data) } else { None };
    let port = port.to_string();
    let arguments = [
        "--dbpath",
        data.to_str().unwrap(),
        "--port",
        &port,
        "--bind_ip",
        "127.0.0.1",
        "--nounixsocket",
        "--replSet",
        "rs0",
        // The whole storm stays in it: it is read at the end.
        "--oplogSize",
        "1500",
        "--wiredTigerCacheSizeGB",
        "0.5",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
        // Told to stop, it waits so long for another node to take over, of which there is none; otherwise for 15 s.
        "--setParameter",
        "shutdownTimeoutMillisForSignaledShutdown=2000",
    ];
    let log = home.join("mongodb.log");
    (Server::new(programs.mongod.clone(), arguments.map(str::to_owned).into(), log, "KILL"), disk)
}

/// PostgreSQL refuses to run as root; then it runs as the user `postgres`.
pub fn postgres_user() -> Option<(u32, u32)> {
    (id(&["-u"]) == Some(0)).then(|| {
        (id(&["-u", "postgres"]).expect("the user postgres exists"), id(&["-g", "postgres"]).unwrap())
    })
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}
