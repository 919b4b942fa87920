//! The whole benchmark: rounds in which every system has its turn, and the tables at the end.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::blocked;
use super::database::{ORGANIZATIONS, Server};
use super::drain::{Drain, drain};
use super::noop;
use super::peers::Peer;
use super::raw;
use super::report::{grouped, median, percentile, print, sorted};
use super::steady::{self, Steady};
use super::system::System;
use super::waiting::{Idle, idle, latencies};

const DATABASE: &str = "orrery_bench_queue";

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Jobs per second.
    Drain,
    /// Idle cost and pick-up latency.
    Waiting,
    /// Many rows that wait for another.
    Blocked,
    /// Minutes of steady load.
    Steady,
}

/// What to measure.
#[derive(Debug, Args)]
pub struct Plan {
    /// The server.
    #[arg(long, env = "ORRERY_POSTGRES_URL")]
    url: String,
    /// Parts, with commas.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Part::Drain, Part::Waiting, Part::Blocked, Part::Steady])]
    parts: Vec<Part>,
    /// A peer, as `name=program and first arguments`.
    #[arg(long = "peer", value_parser = Peer::parse)]
    peers: Vec<Peer>,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Rows of a drain.
    #[arg(long, default_value_t = 50_000)]
    rows: u64,
    /// Single rows for the latency, over all rounds.
    #[arg(long, default_value_t = 1_000)]
    singles: u64,
    /// Seconds of waiting, over all rounds.
    #[arg(long, default_value_t = 30)]
    idle_s: u64,
    /// Rows that wait for another.
    #[arg(long, default_value_t = 100_000)]
    blocked: u64,
    /// Rows beside those that wait.
    #[arg(long, default_value_t = 20_000)]
    beside: u64,
    /// Minutes of steady load.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
}

#[derive(Debug, Default)]
struct Measured {
    drains: Vec<Drain>,
    idles: Vec<Idle>,
    latencies: Vec<f64>,
}

/// Runs it.
pub async fn run(plan: Plan) -> anyhow::Result<()> {
    let server = Server::at(&plan.url)?;
    println!("{}", server.about().await?);
    println!("orrery: {}", noop::SETTINGS.map(|(name, value)| format!("{name}={value}")).join(" "));
    println!(
        "raw SQL: the same table without Orrery's triggers, {} connections, batches of {}; rows of {ORGANIZATIONS} organizations",
        raw::CONNECTIONS,
        raw::BATCH
    );
    let result = measure(&server, &plan).await;
    server.remove(DATABASE).await?;
    result
}

async fn measure(server: &Server, plan: &Plan) -> anyhow::Result<()> {
    let does = |part| plan.parts.contains(&part);
    let systems: Vec<System> = [System::Orrery, System::Raw]
        .into_iter()
        .chain(plan.peers.iter().cloned().map(System::Peer))
        .collect();
    if does(Part::Drain) || does(Part::Waiting) {
        let measured = side_by_side(server, plan, &systems).await?;
        if does(Part::Drain) {
            print_drains(plan, &systems, &measured);
        }
        if does(Part::Waiting) {
            print_waiting(&systems, &measured);
        }
    }
    if does(Part::Blocked) {
        beside_blocked(server, plan).await?;
    }
    if does(Part::Steady) {
        System::Orrery.set_up(server, DATABASE).await?;
        let outcome = steady::steady(server, DATABASE, Duration::from_secs_f64(plan.minutes * 60.0)).await?;
        print_steady(plan, &outcome);
    }
    Ok(())
}

async fn side_by_side(server: &Server, plan: &Plan, systems: &[System]) -> anyhow::Result<Vec<Measured>> {
    let mut measured: Vec<Measured> = systems.iter().map(|_| Measured::default()).collect();
    let rounds = u64::try_from(plan.rounds)?;
    for round in 0..plan.rounds {
        for turn in 0..systems.len() {
            // Each round begins with another system.
            let index = (turn + round) % systems.len();
            let (system, measured) = (&systems[index], &mut measured[index]);
            eprintln!("round {} of {}: {}", round + 1, plan.rounds, system.name());
            system.set_up(server, DATABASE).await?;
            if plan.parts.contains(&Part::Waiting) && system.waits() {
                let span = Duration::from_secs(plan.idle_s.div_ceil(rounds));
                measured.idles.push(idle(server, DATABASE, system, span).await?);
                let rows = plan.singles.div_ceil(rounds);
                measured.latencies.extend(latencies(server, DATABASE, system, rows).await?);
                system.set_up(server, DATABASE).await?;
            }
            if plan.parts.contains(&Part::Drain) {
                measured.drains.push(drain(server, DATABASE, system, plan.rows).await?);
            }
        }
    }
    Ok(measured)
}

fn print_drains(plan: &Plan, systems: &[System], measured: &[Measured]) {
    let rate = |measured: &Measured| median(measured.drains.iter().map(|drain| drain.rate));
    let ours = rate(&measured[0]);
    let rows = systems.iter().zip(measured).map(|(system, measured)| {
        let rates = sorted(measured.drains.iter().map(|drain| drain.rate));
        vec![
            system.name(),
            grouped(rate(measured)),
            format!("{} to {}", grouped(percentile(&rates, 0)), grouped(percentile(&rates, 100))),
            format!("{:.2}", ours / rate(measured)),
            format!("{:.1}", median(measured.drains.iter().map(|drain| drain.worker_ms))),
            format!("{:.1}", median(measured.drains.iter().map(|drain| drain.server_ms))),
        ]
    });
    print(
        &format!("No-op rows, {} inserted first; medians of {} rounds", grouped_u64(plan.rows), plan.rounds),
        &[
            "system",
            "jobs/s",
            "lowest to highest",
            "orrery / it",
            "worker ms CPU per 1,000",
            "server ms CPU per 1,000",
        ],
        rows.collect(),
    );
}

fn print_waiting(systems: &[System], measured: &[Measured]) {
    let waiting = || systems.iter().zip(measured).filter(|(system, _)| system.waits());
    let rows = waiting().map(|(system, measured)| {
        let all = sorted(measured.latencies.iter().copied());
        let at = |percent| format!("{:.2}", percentile(&all, percent));
        vec![system.name(), all.len().to_string(), at(50), at(95), at(99), at(100)]
    });
    print(
        "Pick-up of single rows by an idle worker, milliseconds from commit to start of the handler",
        &["system", "rows", "p50", "p95", "p99", "worst"],
        rows.collect(),
    );
    let rows = waiting().map(|(system, measured)| {
        let of = |what: fn(&Idle) -> f64| format!("{:.2}", median(measured.idles.iter().map(what)));
        let statements: Vec<f64> = measured.idles.iter().filter_map(|idle| idle.statements).collect();
        vec![
            system.name(),
            of(|idle| idle.worker),
            of(|idle| idle.server),
            if statements.is_empty() {
                "not counted".to_owned()
            } else {
                format!("{:.2}", median(statements))
            },
        ]
    });
    print(
        "Waiting for nothing",
        &["system", "worker, % of a core", "server, % of a core", "statements per second and queue"],
        rows.collect(),
    );
}

async fn beside_blocked(server: &Server, plan: &Plan) -> anyhow::Result<()> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        for turn in 0..2 {
            let many = (turn + round) % 2 == 0;
            eprintln!(
                "round {} of {}: {} rows that wait",
                round + 1,
                plan.rounds,
                if many { plan.blocked } else { 0 }
            );
            System::Orrery.set_up(server, DATABASE).await?;
            let rate =
                blocked::rate(server, DATABASE, plan.beside, if many { plan.blocked } else { 0 }).await?;
            if many { with.push(rate) } else { without.push(rate) }
        }
    }
    let (with, without) = (median(with), median(without));
    print(
        &format!(
            "{} rows beside {} that wait for another",
            grouped_u64(plan.beside),
            grouped_u64(plan.blocked)
        ),
        &["", "jobs/s"],
        vec![
            vec!["none wait".to_owned(), grouped(without)],
            vec![format!("{} wait", grouped_u64(plan.blocked)), grouped(with)],
            vec!["cost".to_owned(), format!("{:.0} %", (1.0 - with / without) * 100.0)],
        ],
    );
    Ok(())
}

fn print_steady(plan: &Plan, outcome: &Steady) {
    let end = plan.minutes * 60.0;
    let tenth = end / 10.0;
    let spans = [
        ("first tenth", 0.0..tenth, false),
        ("before the snapshot", tenth..end * 0.4, false),
        ("snapshot held", end * 0.4..end * 0.6, true),
        ("after it", end * 0.6..end - tenth, false),
        ("last tenth", end - tenth..f64::INFINITY, false),
    ];
    let rows = spans.into_iter().map(|(name, span, pinned)| {
        let waits = sorted(outcome.waits.iter().filter(|(at, _)| span.contains(at)).map(|(_, wait)| *wait));
        let samples =
            || outcome.samples.iter().filter(|sample| span.contains(&sample.at) && sample.pinned == pinned);
        let most = |of: fn(&steady::Sample) -> i64| samples().map(of).max().unwrap_or_default();
        vec![
            name.to_owned(),
            format!("{:.1}", percentile(&waits, 50)),
            format!("{:.1}", percentile(&waits, 95)),
            format!("{:.1}", percentile(&waits, 99)),
            grouped_i64(most(|sample| sample.dead_queue)),
            grouped_i64(most(|sample| sample.dead_dispatch)),
            grouped_i64(most(|sample| sample.bytes / 1024)),
        ]
    });
    print(
        &format!(
            "{} rows per second for {} minutes, {} inserted; snapshot held from 40 to 60 % of the time; worker {:.2} and server {:.2} of a core; orrery.dispatch vacuumed {} times",
            steady::RATE,
            plan.minutes,
            grouped_u64(outcome.inserted),
            outcome.cores.0,
            outcome.cores.1,
            outcome.samples.last().map_or(0, |sample| sample.vacuums),
        ),
        &[
            "",
            "wait p50 ms",
            "p95",
            "p99",
            "most dead rows, queue",
            "most dead rows, dispatch",
            "dispatch KiB",
        ],
        rows.collect(),
    );
}

#[allow(clippy::cast_precision_loss, reason = "counts are small")]
fn grouped_u64(value: u64) -> String {
    grouped(value as f64)
}

#[allow(clippy::cast_precision_loss, reason = "counts are small")]
fn grouped_i64(value: i64) -> String {
    grouped(value as f64)
}
