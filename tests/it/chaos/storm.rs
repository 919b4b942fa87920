//! Plays a plan on real processes and counts what it did.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex as StdMutex;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sqlx::PgPool;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::fleet::{Chronicle, Member, skewed};
use super::plan::{Event, Step, WORKERS};
use super::servers::Servers;
use super::wire::Mode;
use crate::support::World;

/// Time in which a worker that is told to stop must have stopped: its deadline, the time for interrupted jobs, and some more
/// for databases that do not answer.
const DRAIN: Duration = Duration::from_mins(1);

/// Everything that a storm happens to.
pub struct Storm {
    /// Databases and programs.
    pub world: World,
    /// Servers.
    pub servers: Servers,
    /// Workers.
    pub members: Vec<Mutex<Member>>,
    /// What happened to them.
    pub chronicle: Chronicle,
    /// How often each event happened.
    pub counts: StdMutex<BTreeMap<String, usize>>,
    /// Workers that did not stop well.
    pub undrained: StdMutex<Vec<String>>,
}

impl Storm {
    /// Servers, databases and workers that run.
    pub async fn gather(home: PathBuf, disk: bool) -> Self {
        let servers = Servers::start(home, disk).await;
        let url = crate::support::database::migrated(&servers.postgres_url, "storm").await;
        // The workers' logs lie in a folder of this name.
        let name = format!("{}-logs", servers.home.file_name().unwrap().to_str().unwrap());
        let world = World::at(name, &url, &servers.mongodb_uri).await;
        world.set_up_mongodb().await;
        world.load_demo("01_platform.sql");
        world.load_questionnaires().await;
        sqlx::raw_sql(include_str!("observer.sql")).execute(&world.app).await.unwrap();
        let mut members = Vec::new();
        for _ in 0..WORKERS {
            let mut member = Member::new(&servers, &world).await;
            member.start(&world, &[]);
            members.push(Mutex::new(member));
        }
        Self {
            world,
            servers,
            members,
            chronicle: Chronicle::default(),
            counts: StdMutex::default(),
            undrained: StdMutex::default(),
        }
    }

    /// Plays all steps at their times and waits until the last has ended.
    pub async fn play(&self, steps: Vec<Step>) {
        let began = Instant::now();
        let mut playing = FuturesUnordered::new();
        for step in steps {
            let due = tokio::time::sleep_until(began + step.at);
            tokio::pin!(due);
            loop {
                tokio::select! {
                    () = &mut due => break,
                    Some(()) = playing.next() => {}
                }
            }
            self.attend();
            playing.push(self.count(step));
        }
        while playing.next().await.is_some() {}
    }

    async fn count(&self, step: Step) {
        let done = self.happen(&step).await;
        let name = if done {
            format!("{:?}", step.event)
        } else {
            "left out, because it was not possible".to_owned()
        };
        *self.counts.lock().unwrap().entry(name).or_default() += 1;
    }

    /// Starts workers again that have ended by themselves.
    pub fn attend(&self) {
        for member in &self.members {
            if let Ok(mut member) = member.try_lock() {
                member.attend(&self.world, &self.chronicle);
            }
        }
    }

    /// One event; `false` when it could not happen.
    async fn happen(&self, step: &Step) -> bool {
        match step.event {
            Event::RestartPostgres => self.postgres_goes("INT").await,
            Event::KillPostgres => self.postgres_goes("KILL").await,
            Event::RestartMongodb => self.mongodb_goes("TERM").await,
            Event::KillMongodb => self.mongodb_goes("KILL").await,
            Event::FillDisk => self.disk_fills(step.lasts).await,
            Event::TerminateListeners => terminate_listeners(&self.world.app).await,
            _ => {
                let mut member = self.free_member(step.worker).await;
                self.happen_to(&mut member, step).await
            }
        }
    }

    /// The worker, or the next that nothing happens to just now, or the worker as soon as it is free.
    async fn free_member(&self, wanted: usize) -> MutexGuard<'_, Member> {
        let free = (0..WORKERS).find_map(|step| self.members[(wanted + step) % WORKERS].try_lock().ok());
        match free {
            Some(member) => member,
            None => self.members[wanted].lock().await,
        }
    }

    async fn happen_to(&self, member: &mut Member, step: &Step) -> bool {
        let pid = member.pid();
        let chronicle = &self.chronicle;
        match step.event {
            Event::KillWorker | Event::SkewClock => {
                let clock = if step.event == Event::SkewClock {
                    let Some(clock) =
                        skewed(if step.lasts.subsec_millis().is_multiple_of(2) { "+1h" } else { "-1h" })
                    else {
                        return false;
                    };
                    clock
                } else {
                    Vec::new()
                };
                chronicle.begin(pid, "killed");
                member.kill();
                tokio::time::sleep(step.lasts).await;
                member.start(&self.world, &clock);
            }
            Event::FreezeWorker => {
                let trouble = chronicle.begin(pid, "frozen");
                member.signal("STOP");
                tokio::time::sleep(step.lasts).await;
                member.signal("CONT");
                chronicle.end(trouble);
            }
            Event::DrainWorker => {
                if let Err(why) = member.drain(DRAIN).await {
                    self.undrained.lock().unwrap().push(why);
                }
                member.start(&self.world, &[]);
            }
            Event::SilencePostgres | Event::CutPostgres => {
                let trouble = chronicle.begin(pid, "cut off from PostgreSQL");
                let mode = if step.event == Event::CutPostgres { Mode::Cut } else { Mode::Silent };
                member.to_postgres.set(mode);
                tokio::time::sleep(step.lasts).await;
                member.to_postgres.set(Mode::Flow);
                chronicle.end(trouble);
            }
            _ => {
                let mode = if step.event == Event::CutMongodb { Mode::Cut } else { Mode::Silent };
                member.to_mongodb.set(mode);
                tokio::time::sleep(step.lasts).await;
                member.to_mongodb.set(Mode::Flow);
            }
        }
        true
    }

    async fn postgres_goes(&self, signal: &str) -> bool {
        let mut server = self.servers.postgres.lock().await;
        let trouble = self.chronicle.begin(None, "PostgreSQL away");
        self.servers.restart_postgres(&mut server, signal).await;
        self.chronicle.end(trouble);
        true
    }

    async fn mongodb_goes(&self, signal: &str) -> bool {
        let mut server = self.servers.mongod.lock().await;
        self.servers.restart_mongod(&mut server, signal).await;
        true
    }

    async fn disk_fills(&self, lasts: Duration) -> bool {
        let Some(disk) = &self.servers.disk else { return false };
        let mut server = self.servers.mongod.lock().await;
        disk.fill();
        tokio::time::sleep(lasts).await;
        disk.empty();
        self.servers.mongod_answers(&mut server).await;
        true
    }
}

/// Tries for a while: the database may be away, or the listeners may be on their way back from the last time.
async fn terminate_listeners(pool: &PgPool) -> bool {
    let until = Instant::now() + Duration::from_secs(15);
    while Instant::now() < until {
        let ended: Result<i64, _> = sqlx::query_scalar(
            "select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
             where application_name = 'orrery' and query ilike 'listen%'",
        )
        .fetch_one(pool)
        .await;
        if ended.is_ok_and(|ended| ended > 0) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}
