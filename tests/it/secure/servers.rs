//! PostgreSQL and MongoDB that take encrypted connections and passwords only.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bson::doc;
use sqlx::{Connection as _, PgConnection};

use super::certificates::Certificates;
use crate::chaos::server::Server;
use crate::chaos::servers::{Programs, postgres_user};
use crate::support::servers::free_port;
use crate::support::wait::eventually;
use crate::support::worker::tail;

/// Password of everybody. A sign that would have to be written otherwise in an address is not in it.
pub const PASSWORD: &str = "aVeryGoodSecret7";

/// Both servers; they end with this.
pub struct Servers {
    /// Their certificates.
    pub certificates: Certificates,
    postgres_port: u16,
    mongod_port: u16,
    _postgres: Server,
    _mongod: Server,
    // Last, because fields end in this order.
    home: Folder,
}

/// A folder that goes with its owner.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Servers {
    /// Makes and starts them; the superuser `postgres` and the user `root` have [`PASSWORD`].
    pub async fn start() -> Self {
        let home = std::env::temp_dir().join(format!("orrery-secure-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir_all(&home).unwrap();
        // The user postgres has to get in.
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o755)).unwrap();
        let certificates = Certificates::make(&home);
        let programs = Programs::find();
        let (postgres_port, mongod_port) = (free_port(), free_port());
        let mut postgres = postgres(&programs, &home, &certificates, postgres_port);
        let mut mongod = mongod(&programs, &home, &certificates, mongod_port);
        postgres.start();
        mongod.start();
        let servers = Self {
            certificates,
            postgres_port,
            mongod_port,
            _postgres: postgres,
            _mongod: mongod,
            home: Folder(home),
        };
        servers.until_postgres_answers().await;
        servers.make_root().await;
        servers
    }

    /// The address for a role, whose connections trust the authority in this file.
    pub fn postgres_url(&self, role: &str, database: &str, authority: &Path) -> String {
        format!(
            "postgres://{role}:{PASSWORD}@127.0.0.1:{}/{database}?sslmode=verify-full&sslrootcert={}",
            self.postgres_port,
            authority.display()
        )
    }

    /// The address of MongoDB for a user.
    pub fn mongodb_uri(&self, user: &str, authority: &Path) -> String {
        let who = if user.is_empty() { String::new() } else { format!("{user}:{PASSWORD}@") };
        format!(
            "mongodb://{who}127.0.0.1:{}/?replicaSet=rs0&directConnection=true&authSource=admin&tls=true&tlsCAFile={}",
            self.mongod_port,
            authority.display()
        )
    }

    async fn until_postgres_answers(&self) {
        let url = self.postgres_url("postgres", "postgres", &self.certificates.authority);
        let log = self.home.0.join("postgres.log");
        eventually(
            Duration::from_mins(1),
            "PostgreSQL answers",
            || tail(&log),
            async || match PgConnection::connect(&url).await {
                Ok(connection) => connection.close().await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            },
        )
        .await;
    }

    /// As long as there is no user, whoever comes from the same host may set up the replica set and make the first one.
    async fn make_root(&self) {
        // A client that is told of the set does not talk to a server that knows nothing of it yet.
        let uri = self.mongodb_uri("", &self.certificates.authority).replace("replicaSet=rs0&", "");
        let client = mongodb::Client::with_uri_str(uri).await.unwrap();
        let admin = client.database("admin");
        let member = doc! { "_id": 0, "host": format!("127.0.0.1:{}", self.mongod_port) };
        let log = self.home.0.join("mongodb.log");
        eventually(
            Duration::from_mins(1),
            "MongoDB becomes primary",
            || tail(&log),
            async || {
                let begin = doc! { "replSetInitiate": { "_id": "rs0", "members": [member.clone()] } };
                // Fails once it has been done.
                let initiated = admin.run_command(begin).await;
                match admin.run_command(doc! { "hello": 1 }).await {
                    Ok(answer) if answer.get_bool("isWritablePrimary").unwrap_or(false) => Ok(()),
                    other => Err(format!("{initiated:?} {other:?}")),
                }
            },
        )
        .await;
        admin
            .run_command(doc! { "createUser": "root", "pwd": PASSWORD, "roles": ["root"] })
            .await
            .expect("the first user can be made");
    }
}

fn postgres(programs: &Programs, home: &Path, certificates: &Certificates, port: u16) -> Server {
    let data = home.join("postgres");
    std::fs::create_dir_all(&data).unwrap();
    let password = home.join("password");
    std::fs::write(&password, PASSWORD).unwrap();
    // A copy of the key, because each server wants to be the only one that can read it.
    let key = home.join("postgres.key");
    std::fs::copy(&certificates.server_key, &key).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let user = postgres_user();
    if user.is_some() {
        let owned = Command::new("chown").arg("postgres").args([&data, &password, &key]).status().unwrap();
        assert!(owned.success());
    }
    let mut initdb = Command::new(programs.postgres.join("initdb"));
    initdb
        .args([
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--pwfile",
        ])
        .arg(&password)
        .arg("--pgdata")
        .arg(&data);
    if let Some((user, group)) = user {
        initdb.uid(user).gid(group);
    }
    let made = initdb.current_dir("/").output().unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    std::fs::write(data.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n").unwrap();
    let mut arguments = vec!["-D".to_owned(), data.to_str().unwrap().to_owned()];
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        "fsync=off".to_owned(),
        "timezone=UTC".to_owned(),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", certificates.server.display()),
        format!("ssl_key_file={}", key.display()),
    ] {
        arguments.extend(["-c".to_owned(), setting]);
    }
    Server::new(programs.postgres.join("postgres"), arguments, home.join("postgres.log"), "QUIT").run_by(user)
}

fn mongod(programs: &Programs, home: &Path, certificates: &Certificates, port: u16) -> Server {
    let data = home.join("mongodb");
    std::fs::create_dir_all(&data).unwrap();
    let both = home.join("mongodb.pem");
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    std::fs::write(&both, read(&certificates.server) + &read(&certificates.server_key)).unwrap();
    // What the members of a set sign in to each other with.
    let key_file = home.join("members");
    std::fs::write(&key_file, "c2VjcmV0b2Zhc2V0b2ZvbmU=").unwrap();
    std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let mut arguments: Vec<String> = [
        "--bind_ip",
        "127.0.0.1",
        "--nounixsocket",
        "--replSet",
        "rs0",
        "--oplogSize",
        "128",
        "--wiredTigerCacheSizeGB",
        "0.25",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
        "--auth",
        "--tlsMode",
        "requireTLS",
        "--tlsAllowConnectionsWithoutCertificates",
    ]
    .map(str::to_owned)
    .into();
    for (name, value) in [
        ("--dbpath", text(&data)),
        ("--port", port.to_string()),
        ("--keyFile", text(&key_file)),
        ("--tlsCertificateKeyFile", text(&both)),
        ("--tlsCAFile", text(&certificates.authority)),
    ] {
        arguments.extend([name.to_owned(), value]);
    }
    Server::new(programs.mongod.clone(), arguments, home.join("mongodb.log"), "KILL")
}
