//! Reports per second that the narrator writes on one core, by type.
//!
//! `make bench-narrator`, or `cargo run --release --example bench_narrator`. Charts, codes, patterns and comparisons are made
//! before the clock starts. Times are processor time of one thread, so that other work on the machine does not count;
//! of several rounds the median is printed. With `--log FILE`, the log of a worker, the time that storing the report took
//! there is printed beside it: each "report published" line says how long its publication waited for the stores.

#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]
#![allow(clippy::cast_precision_loss, reason = "counts are small")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, ensure};
use orrery::astro::chart::HouseSystem;
use orrery::astro::{BirthData, NatalChart, cast};
use orrery::compat::{Party, Target, compare};
use orrery::domain::{Profile, Quarter, ReportType};
use orrery::harmonic::{DIMENSIONS, EnergyPattern, HarmonicCode, code, pattern, transits};
use orrery::narrator::{Answer, Counterpart, Questionnaire, ReportInput, Subject, write};

#[path = "bench_llm/log.rs"]
mod log;

const PEOPLE: usize = 200;
const ROUNDS: usize = 5;
const QUARTER: Quarter = Quarter { year: 2026, number: 4 };

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let log = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => None,
        ["--log", file] => {
            Some(std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?)
        }
        _ => anyhow::bail!("usage: bench_narrator [--log <log of a worker>]"),
    };
    let people = (0..PEOPLE).map(Person::cast).collect::<anyhow::Result<Vec<_>>>()?;
    println!(
        "reports per second, medians of {ROUNDS} rounds over {PEOPLE} people, processor time of one core"
    );
    let mut all = 0.0;
    for kind in ReportType::ALL {
        let inputs: Vec<ReportInput<'_>> = people.iter().map(|person| person.input(kind)).collect();
        ensure!(inputs.iter().all(|input| write(input).is_ok()), "{kind}: a report cannot be written");
        let spent = median((0..ROUNDS).map(|_| per_item(&inputs)).collect());
        all += spent;
        println!("  {:<32}{}", kind.as_str(), rate(spent));
    }
    println!("  {:<32}{}", "all types, one after another", rate(all / ReportType::ALL.len() as f64));
    if let Some(log) = log {
        let stored: Vec<f64> = log.lines().filter_map(|line| log::seconds(line, "publish=")).collect();
        ensure!(!stored.is_empty(), "the log has no line \"report published\" with publish=");
        let count = stored.len();
        println!("storing a report in MongoDB and PostgreSQL, median of {count} in the log");
        println!("  {:<32}{}", "by the clock, one worker slot", rate(median(stored)));
    }
    Ok(())
}

/// Someone with everything that a report of any type is written from.
struct Person {
    chart: NatalChart,
    code: HarmonicCode,
    pattern: EnergyPattern,
    places: [Counterpart; 4],
    subject: Subject,
}

impl Person {
    fn cast(number: usize) -> anyhow::Result<Self> {
        let birth = BirthData {
            date: format!("{}-{:02}-{:02}", 1950 + number % 55, 1 + number % 12, 1 + number % 28),
            time: Some(format!("{:02}:{:02}", number % 24, number * 7 % 60)),
            zone: Some("Europe/Berlin".to_owned()),
            latitude_deg: Some(52.52),
            longitude_deg: Some(13.405),
        };
        let chart = cast(&birth, HouseSystem::Placidus)?;
        let (code, pattern) = (code(&chart, &transits(QUARTER)), pattern(&chart, QUARTER));
        let profile = profile(number);
        let party = Party { chart: &chart, code: &code };
        let place = |name: &str, target: &Target<'_>| Counterpart {
            id: name.to_owned(),
            name: name.to_owned(),
            profile: profile.clone(),
            comparison: Some(compare(&party, target, QUARTER)),
        };
        let places = [
            place("Data Engineer", &Target::Role(&profile)),
            place("Platform", &Target::Department { profile: &profile, members: &[] }),
            place("Northwind", &Target::Company { founding: None, profile: &profile }),
            place("Logistics", &Target::Industry(&profile)),
        ];
        let subject = Subject { id: format!("person-{number}"), full_name: "Ana Silva".to_owned() };
        Ok(Self { chart, code, pattern, places, subject })
    }

    fn input(&self, report_type: ReportType) -> ReportInput<'_> {
        let [role, department, company, industry] = self.places.clone().map(Some);
        ReportInput {
            report_type,
            quarter: QUARTER,
            subject: self.subject.clone(),
            chart: &self.chart,
            code: &self.code,
            pattern: &self.pattern,
            role,
            department,
            company,
            industry,
            department_size: 9,
            department_dimensions: Some([50.0; 8]),
            questionnaires: vec![questionnaire()],
            previous: None,
        }
    }
}

fn profile(number: usize) -> Profile {
    let level = |step: usize| 40.0 + ((number * 13 + step * 29) % 50) as f64;
    let asked = (0..5).map(|step| (DIMENSIONS[(number + step * 3) % 8].to_owned(), level(step)));
    Profile {
        summary: "Keeps data moving and people informed.".to_owned(),
        dimensions: asked.collect(),
        must: vec![DIMENSIONS[number % 8].to_owned()],
        values: ["integrity", "craft", "teamwork"].map(str::to_owned).to_vec(),
        skills: BTreeMap::from([("code review".to_owned(), 70.0), ("negotiation".to_owned(), 60.0)]),
    }
}

fn questionnaire() -> Questionnaire {
    let answer = |number: usize, question_type: &str, question: &str, answer: &str| Answer {
        question_id: format!("q{number}"),
        question: question.to_owned(),
        question_type: question_type.to_owned(),
        answer: Some(answer.to_owned()),
        score: None,
    };
    let answers = (0..4).flat_map(|round| {
        [
            answer(round * 3, "rating", "How well does the team work together?", "4"),
            answer(round * 3 + 1, "rating", "How satisfied are you with your workload?", "2"),
            answer(
                round * 3 + 2,
                "text",
                "How is the exchange of information?",
                "News often comes late and unclear.",
            ),
        ]
    });
    Questionnaire {
        response_id: "response".to_owned(),
        kind: "self_assessment".to_owned(),
        answers: answers.collect(),
        completion_rate: None,
    }
}

/// Seconds of processor time per report.
fn per_item(inputs: &[ReportInput<'_>]) -> f64 {
    let (wall, busy) = (Instant::now(), busy_ns());
    for input in inputs {
        black_box(write(black_box(input)).is_ok());
    }
    let spent = busy.zip(busy_ns()).map(|(before, after)| (after - before) as f64 * 1e-9);
    spent.unwrap_or_else(|| wall.elapsed().as_secs_f64()) / inputs.len() as f64
}

/// Nanoseconds that this thread has run, where the system (Linux) says so.
fn busy_ns() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn rate(seconds: f64) -> String {
    format!("{:>9.0}  ({:.3} ms)", 1.0 / seconds, seconds * 1e3)
}
