//! Charts, codes and comparisons per second.
//!
//! `scripts/bench-astro` (`make bench-astro`) runs it beside Swiss Ephemeris; alone it is
//! `cargo run --release --example bench_astro`. Times are processor time of one thread, so that other work on the
//! machine does not count; of several rounds the median is printed. Rounds of both programs take turns.

#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]
#![allow(clippy::cast_precision_loss, reason = "counts are small")]

use std::alloc::System;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};
use orrery::astro::batch::{charts, charts_on};
use orrery::astro::chart::HouseSystem;
use orrery::astro::{BirthData, Event, NatalChart, RawChart, cast};
use orrery::compat::{Party, Target, compare};
use orrery::domain::Quarter;
use orrery::harmonic::{HarmonicCode, code, transits};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Counts allocations of all threads.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const EVENTS: usize = 100_000;
const PEOPLE: usize = 2_000;
const ROUNDS: usize = 7;
const SYSTEM: HouseSystem = HouseSystem::Placidus;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let reference = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => None,
        ["--beside", script, files] => Some([*script, *files]),
        _ => anyhow::bail!("usage: bench_astro [--beside <script> <folder of .se1 files>]"),
    };
    let events = events(EVENTS)?;
    let mut out = vec![RawChart::default(); EVENTS];
    let mut people = People::cast(PEOPLE)?;

    let mut rounds: Vec<[f64; 6]> = Vec::new();
    let mut theirs: Vec<[f64; 2]> = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push([
            one_by_one(&events),
            per_item(EVENTS, || charts_on(1, &events, SYSTEM, &mut out).expect("equal lengths")),
            wall_time(EVENTS, || charts(&events, SYSTEM, &mut out).expect("equal lengths")),
            people.cast_again(),
            people.codes(),
            people.comparisons(),
        ]);
        if let Some([script, files]) = reference {
            theirs.push(swiss_ephemeris(script, files)?);
        }
    }
    let [single, batch, all_cores, civil, codes, comparisons] = medians(&rounds);
    println!("per second, medians of {ROUNDS} rounds, processor time of one core");
    println!("  full charts, one by one, random dates   {}", rate(single));
    println!("  full charts, batch on one core          {}", rate(batch));
    println!("  full charts, batch on all cores (wall)  {}", rate(all_cores));
    println!("  charts from civil birth data, in words  {}", rate(civil));
    println!("  harmonic codes                          {}", rate(codes));
    println!("  comparisons of two persons              {}", rate(comparisons));
    if !theirs.is_empty() {
        let [random, by_date] = medians(&theirs);
        println!("Swiss Ephemeris through pyswisseph (bodies and cusps only)");
        println!("  random dates                            {}", rate(random));
        println!("  by date                                 {}", rate(by_date));
        println!("ratio: {:.0} on random dates, {:.0} by date", random / single, by_date / batch);
    }
    report_allocations(&events, &mut out)
}

/// Shows that the allocations of a batch do not depend on its size.
fn report_allocations(events: &[Event], out: &mut [RawChart]) -> anyhow::Result<()> {
    let mut counted = |size: usize, threads: usize| {
        let before = ALLOCATOR.stats();
        charts_on(threads, &events[..size], SYSTEM, &mut out[..size]).expect("equal lengths");
        let after = ALLOCATOR.stats();
        after.allocations + after.reallocations - before.allocations - before.reallocations
    };
    let (few, many) = (counted(EVENTS / 100, 1), counted(EVENTS, 1));
    let (few_on_two, many_on_two) = (counted(EVENTS / 100, 2), counted(EVENTS, 2));
    println!("allocations of a batch of {} and of {EVENTS} charts", EVENTS / 100);
    println!("  on one thread   {few} and {many}");
    println!("  on two threads  {few_on_two} and {many_on_two}");
    ensure!(few == many && few_on_two == many_on_two, "a batch allocates per chart");
    println!("  per chart       0");
    Ok(())
}

/// Seconds per chart, each computed by itself and read.
fn one_by_one(events: &[Event]) -> f64 {
    let mut chart = RawChart::default();
    per_item(events.len(), || {
        for event in events {
            chart.fill(black_box(event), SYSTEM);
            black_box(&chart);
        }
    })
}

/// People with their charts and codes.
struct People {
    births: Vec<BirthData>,
    charts: Vec<NatalChart>,
    codes: Vec<HarmonicCode>,
    quarter: Quarter,
}

impl People {
    fn cast(count: usize) -> anyhow::Result<Self> {
        let mut random = Random(0x5eed);
        let births: Vec<BirthData> = (0..count).map(|_| random.birth()).collect();
        let charts = births.iter().map(|birth| cast(birth, SYSTEM)).collect::<Result<Vec<_>, _>>()?;
        let quarter = Quarter { year: 2026, number: 4 };
        let codes = charts.iter().map(|chart| code(chart, &transits(quarter))).collect();
        Ok(Self { births, charts, codes, quarter })
    }

    fn cast_again(&self) -> f64 {
        per_item(self.births.len(), || {
            for birth in &self.births {
                black_box(cast(birth, SYSTEM).is_ok());
            }
        })
    }

    fn codes(&mut self) -> f64 {
        let transits = transits(self.quarter);
        per_item(self.charts.len(), || {
            for (slot, chart) in self.codes.iter_mut().zip(&self.charts) {
                *slot = code(chart, &transits);
            }
        })
    }

    fn comparisons(&self) -> f64 {
        let party = |at: usize| Party { chart: &self.charts[at], code: &self.codes[at] };
        per_item(self.charts.len() - 1, || {
            for at in 1..self.charts.len() {
                black_box(compare(&party(at - 1), &Target::Person(party(at)), self.quarter));
            }
        })
    }
}

/// Microseconds per chart, in random order and by date, as seconds.
fn swiss_ephemeris(script: &str, files: &str) -> anyhow::Result<[f64; 2]> {
    let output = Command::new("python3").args([script, files]).output().context("cannot run python3")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [random, by_date] = numbers.as_slice() else {
        anyhow::bail!("{script} failed: {}", String::from_utf8_lossy(&output.stderr));
    };
    Ok([random * 1e-6, by_date * 1e-6])
}

/// Seconds of processor time per item.
fn per_item(items: usize, work: impl FnOnce()) -> f64 {
    let (wall, busy) = (Instant::now(), busy_ns());
    work();
    let spent = busy.zip(busy_ns()).map(|(before, after)| (after - before) as f64 * 1e-9);
    spent.unwrap_or_else(|| wall.elapsed().as_secs_f64()) / items as f64
}

/// Seconds by the clock on the wall per item.
fn wall_time(items: usize, work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64() / items as f64
}

/// Nanoseconds that this thread has run, where the system (Linux) says so.
fn busy_ns() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

fn medians<const N: usize>(rounds: &[[f64; N]]) -> [f64; N] {
    std::array::from_fn(|column| {
        let mut values: Vec<f64> = rounds.iter().map(|round| round[column]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    })
}

fn rate(seconds: f64) -> String {
    format!("{:>9.0}  ({:.2} us)", 1.0 / seconds, seconds * 1e6)
}

/// Events of 1900 to 2050 between 60 degrees south and north, in random order.
fn events(count: usize) -> anyhow::Result<Vec<Event>> {
    let mut random = Random(0x1234_5678);
    let event = |_| {
        let jd_ut = 2_415_020.5 + 54_787.0 * random.share();
        let place = (120.0 * random.share() - 60.0, 360.0 * random.share() - 180.0);
        Ok(Event::new(jd_ut, Some(place))?)
    };
    (0..count).map(event).collect()
}

/// Marsaglia's xorshift64* (2003, with Vigna's multiplier).
struct Random(u64);

impl Random {
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, end: f64) -> f64 {
        (self.share() * end).floor()
    }

    fn birth(&mut self) -> BirthData {
        BirthData {
            date: format!(
                "{:.0}-{:02.0}-{:02.0}",
                1940.0 + self.below(70.0),
                1.0 + self.below(12.0),
                1.0 + self.below(28.0)
            ),
            time: Some(format!("{:02.0}:{:02.0}", self.below(24.0), self.below(60.0))),
            zone: Some("Europe/Berlin".to_owned()),
            latitude_deg: Some(52.52),
            longitude_deg: Some(13.405),
        }
    }
}
