//! Makes the reference tables in `data/calibration` from a seeded reference population.
//!
//! `cargo run --release --example calibrate -- --out data/calibration`; equal code gives equal files.

use std::error::Error;
use std::path::{Path, PathBuf};

use orrery::astro::chart::HouseSystem;
use orrery::astro::{BirthData, NatalChart};
use orrery::compat::Party;
use orrery::compat::pair::{Other, element_raw, raw_scores as pair_raw, weighted};
use orrery::compat::tables::{PairQuantiles, PairTable, PeopleTable};
use orrery::domain::Quarter;
use orrery::harmonic::code::code_of;
use orrery::harmonic::features::{FEATURES, features};
use orrery::harmonic::natal::Natal;
use orrery::harmonic::pattern::{SERIES_QUARTERS, unrest};
use orrery::harmonic::recipes::{SCORES, raw_scores};
use orrery::harmonic::spectrum::HARMONICS;
use orrery::harmonic::stats::{deviation, mean, percentile, quantiles};
use orrery::harmonic::tables::{
    Moments, PowerTable, QuarterTable, ScoreTable, Standards, Tables, YearMoments,
};
use orrery::harmonic::types::Spectrum;
use orrery::harmonic::{HarmonicCode, QuarterTransits, transits};
use serde_json::Value;

/// Version of the reference population; raise it whenever the files change.
const VERSION: &str = "reference-2";

/// Births of the reference population.
const BIRTH_YEARS: (f64, f64) = (1930.0, 2013.0);

/// Foundings of companies.
const FOUNDING_YEARS: (f64, f64) = (1900.0, 2026.0);

const PEOPLE: usize = 60_000;
const PEOPLE_PER_YEAR: usize = 3_000;
const PEOPLE_IN_QUARTERS: usize = 3_000;
const POOL: usize = 8_000;
const PAIRS: usize = 60_000;
const SAMPLE: usize = 512;
const STEPS: usize = 32;

/// First and last year of the table by year of birth, a row each: reaches beyond the population, for founders
/// and the very old. One year per row, because wider windows leave up to 4 % of a score's variance to the
/// single year.
const YEAR_ROWS: (i32, i32) = (1851, 2050);

/// Places of birth: zone, latitude and longitude in degrees.
const PLACES: [(&str, f64, f64); 24] = [
    ("Europe/London", 51.51, -0.13),
    ("Europe/Berlin", 52.52, 13.40),
    ("Europe/Paris", 48.86, 2.35),
    ("Europe/Madrid", 40.42, -3.70),
    ("Europe/Stockholm", 59.33, 18.07),
    ("Europe/Warsaw", 52.23, 21.01),
    ("Europe/Moscow", 55.76, 37.62),
    ("Europe/Istanbul", 41.01, 28.98),
    ("Africa/Cairo", 30.04, 31.24),
    ("Africa/Lagos", 6.52, 3.38),
    ("Africa/Nairobi", -1.29, 36.82),
    ("Africa/Johannesburg", -26.20, 28.05),
    ("Asia/Kolkata", 28.61, 77.21),
    ("Asia/Dhaka", 23.81, 90.41),
    ("Asia/Shanghai", 31.23, 121.47),
    ("Asia/Tokyo", 35.68, 139.69),
    ("Asia/Manila", 14.60, 120.98),
    ("Asia/Jakarta", -6.21, 106.85),
    ("Australia/Sydney", -33.87, 151.21),
    ("America/New_York", 40.71, -74.01),
    ("America/Chicago", 41.88, -87.63),
    ("America/Los_Angeles", 34.05, -118.24),
    ("America/Mexico_City", 19.43, -99.13),
    ("America/Sao_Paulo", -23.55, -46.63),
];

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let out = out_directory()?;
    let mut random = Random(0x0bad_5eed_cafe_f00d);
    let timed = population(&mut random, PEOPLE, BIRTH_YEARS, true)?;
    let untimed = population(&mut random, PEOPLE, BIRTH_YEARS, false)?;
    let powers = power_table(&timed);
    let scores = ScoreTable {
        version: VERSION.to_owned(),
        about: "mean and deviation of features, and of raw scores by year of birth".to_owned(),
        timed: standards(&mut random, &powers, &timed, true)?,
        untimed: standards(&mut random, &powers, &untimed, false)?,
    };
    let mut tables = Tables { powers, scores, quarters: unit_quarters() };
    tables.quarters = quarter_table(&timed[..PEOPLE_IN_QUARTERS], &tables);
    write(&out, "powers.json", &tables.powers)?;
    write(&out, "scores.json", &tables.scores)?;
    write(&out, "quarters.json", &tables.quarters)?;

    let people = Pool { timed: coded(&timed[..POOL], &tables), untimed: coded(&untimed[..POOL], &tables) };
    let companies = Pool {
        timed: coded(&population(&mut random, POOL, FOUNDING_YEARS, true)?, &tables),
        untimed: coded(&population(&mut random, POOL, FOUNDING_YEARS, false)?, &tables),
    };
    let pairs = PairTable {
        version: VERSION.to_owned(),
        about: "33 quantiles of raw sums over random pairs, by number of charts with a known time".to_owned(),
        person: classes(&mut random, &people, &people, Other::Person),
        company: classes(&mut random, &people, &companies, Other::Company),
    };
    write(&out, "pairs.json", &pairs)?;
    write(&out, "people.json", &sample(&people.timed))
}

/// Marsaglia's xorshift64* (2003, with Vigna's multiplier): enough for a reference population, and it never
/// changes.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Uniform in 0..1.
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in 0..n.
    #[allow(clippy::cast_possible_truncation, reason = "smaller than n")]
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// Charts of births spread evenly over years, hours and places.
fn population(random: &mut Random, size: usize, years: (f64, f64), timed: bool) -> Outcome<Vec<NatalChart>> {
    (0..size).map(|_| birth(random, years, timed)).collect()
}

#[allow(clippy::cast_possible_truncation, reason = "a whole number of seconds since 1970")]
fn birth(random: &mut Random, years: (f64, f64), timed: bool) -> Outcome<NatalChart> {
    let year = years.0 + random.unit() * (years.1 - years.0);
    let seconds = ((year - 1970.0) * 365.2425 * 86_400.0) as i64;
    let moment = chrono::DateTime::from_timestamp(seconds, 0).ok_or("no such birth")?;
    let (zone, latitude, longitude) = PLACES[random.below(PLACES.len())];
    let data = BirthData {
        date: moment.format("%Y-%m-%d").to_string(),
        time: timed.then(|| moment.format("%H:%M").to_string()),
        zone: Some(zone.to_owned()),
        latitude_deg: Some(latitude),
        longitude_deg: Some(longitude),
    };
    Ok(orrery::astro::cast(&data, HouseSystem::Placidus)?)
}

fn power_table(charts: &[NatalChart]) -> PowerTable {
    let spectra: Vec<Spectrum> = charts.iter().map(Spectrum::natal).collect();
    let row =
        |n: usize| rounded(&quantiles(&mut spectra.iter().map(|s| s.power(n)).collect::<Vec<_>>(), STEPS));
    PowerTable {
        version: VERSION.to_owned(),
        about: "33 quantiles of |S_n|^2 / sum w^2 for n = 1 to 32".to_owned(),
        quantiles: (1..=HARMONICS).map(row).collect(),
    }
}

fn feature_row(chart: &NatalChart, powers: &PowerTable) -> [f64; FEATURES] {
    let spectrum = Spectrum::natal(chart);
    features(chart, &std::array::from_fn(|n| percentile(&powers.quantiles[n], spectrum.power(n + 1))))
}

/// Moments of one kind of chart.
fn standards(
    random: &mut Random,
    powers: &PowerTable,
    charts: &[NatalChart],
    timed: bool,
) -> Outcome<Standards> {
    let rows: Vec<[f64; FEATURES]> = charts.iter().map(|chart| feature_row(chart, powers)).collect();
    let column = |k: usize| rows.iter().map(|row| row[k]).collect::<Vec<_>>();
    let mut standards = Standards {
        feature_mean: rounded(&(0..FEATURES).map(|k| mean(&column(k))).collect::<Vec<_>>()),
        feature_sd: rounded(&(0..FEATURES).map(|k| deviation(&column(k))).collect::<Vec<_>>()),
        years: Vec::new(),
    };
    for year in (YEAR_ROWS.0..=YEAR_ROWS.1).map(f64::from) {
        let around = (year, year + 1.0);
        let raw: Vec<[f64; SCORES]> = population(random, PEOPLE_PER_YEAR, around, timed)?
            .iter()
            .map(|chart| raw_scores(&feature_row(chart, powers), &standards))
            .collect();
        let moments = std::array::from_fn::<_, SCORES, _>(|k| {
            moments(&raw.iter().map(|row| row[k]).collect::<Vec<_>>())
        });
        standards.years.push(YearMoments {
            year: year + 0.5,
            mean: moments.map(|m| m.mean),
            sd: moments.map(|m| m.sd),
        });
    }
    Ok(standards)
}

fn moments(values: &[f64]) -> Moments {
    Moments { mean: round(mean(values)), sd: round(deviation(values)) }
}

fn unit_quarters() -> QuarterTable {
    let unit = Moments { mean: 0.0, sd: 1.0 };
    QuarterTable {
        version: VERSION.to_owned(),
        about: "moments over the reference population in the quarters of 1990 to 2039".to_owned(),
        transit_sd: [1.0; 5],
        resonance: unit,
        stability: unit,
        intensity: vec![0.0; STEPS + 1],
        volatility: vec![0.0; STEPS + 1],
    }
}

fn quarter_table(charts: &[NatalChart], tables: &Tables) -> QuarterTable {
    let natals: Vec<Natal> = charts.iter().map(|chart| Natal::of(chart, tables)).collect();
    let quarters = (1990..2040).flat_map(|year| (1..=4).filter_map(move |number| Quarter::new(year, number)));
    let skies: Vec<_> = quarters.map(transits).collect();
    let meetings = || skies.iter().flat_map(|sky| natals.iter().map(move |natal| (natal, sky)));
    let states: Vec<_> = meetings().map(|(natal, sky)| natal.in_quarter(sky)).collect();
    let term =
        |k: usize| moments(&meetings().map(|(natal, sky)| natal.transit_term(k, sky)).collect::<Vec<_>>());
    let mut table = QuarterTable {
        transit_sd: std::array::from_fn(|k| term(k).sd),
        resonance: moments(&states.iter().map(|s| s.overall).collect::<Vec<_>>()),
        stability: moments(&states.iter().map(|s| s.shift).collect::<Vec<_>>()),
        intensity: rounded(&quantiles(&mut states.iter().map(|s| s.force).collect::<Vec<_>>(), STEPS)),
        ..unit_quarters()
    };
    let scored = Tables { quarters: table.clone(), ..tables.clone() };
    table.volatility = volatility(&natals, &skies, &scored);
    table
}

/// Quantiles of the unrest of series that end in quarters all over the table, three for each person.
fn volatility(natals: &[Natal], skies: &[std::sync::Arc<QuarterTransits>], tables: &Tables) -> Vec<f64> {
    let length = usize::try_from(SERIES_QUARTERS).unwrap_or_default();
    let series = |person: usize| {
        let natal = &natals[person / 3];
        let first = 67 * person % (skies.len() - length + 1);
        let resonance = |sky| natal.in_quarter(sky).overall_score(tables);
        unrest(&skies[first..first + length].iter().map(|sky| resonance(sky)).collect::<Vec<_>>())
    };
    rounded(&quantiles(&mut (0..3 * natals.len()).map(series).collect::<Vec<_>>(), STEPS))
}

/// Charts with their codes; the one at `i` in quarter `i mod 8` of 2025 and 2026.
type Coded = Vec<(NatalChart, HarmonicCode)>;

struct Pool {
    timed: Coded,
    untimed: Coded,
}

fn coded(charts: &[NatalChart], tables: &Tables) -> Coded {
    let first = Quarter { year: 2025, number: 1 };
    let code = |(step, chart): (i32, &NatalChart)| {
        let sky = transits(first.offset(step % 8));
        (chart.clone(), code_of(chart, &Natal::of(chart, tables), &sky, tables))
    };
    (0..).zip(charts).map(code).collect()
}

/// Quantiles of pairs of which none, one and both have a known time.
fn classes(random: &mut Random, people: &Pool, others: &Pool, kind: Other) -> Vec<PairQuantiles> {
    let half = PAIRS / 2;
    let none = pairs(random, (&people.untimed, &others.untimed), kind, PAIRS);
    let mut one = pairs(random, (&people.timed, &others.untimed), kind, half);
    one.extend(pairs(random, (&people.untimed, &others.timed), kind, half));
    let both = pairs(random, (&people.timed, &others.timed), kind, PAIRS);
    [none, one, both].iter().map(|rows| pair_quantiles(rows)).collect()
}

/// Eight raw sums and the element likeness of random pairs of one quarter.
fn pairs(random: &mut Random, (left, right): (&Coded, &Coded), kind: Other, size: usize) -> Vec<[f64; 9]> {
    let one = |random: &mut Random| {
        let first = random.below(left.len());
        let second = first % 8 + 8 * random.below(right.len() / 8);
        // In a class of people a chart must not meet itself.
        let second = if second == first { (second + 8) % right.len() } else { second };
        let (a, b) = (party(&left[first]), party(&right[second]));
        let raw = pair_raw(&a, &b, kind);
        let elements = element_raw(a.chart, b.chart, kind == Other::Company);
        std::array::from_fn(|k| raw.get(k).copied().unwrap_or(elements))
    };
    (0..size).map(|_| one(random)).collect()
}

fn party((chart, code): &(NatalChart, HarmonicCode)) -> Party<'_> {
    Party { chart, code }
}

fn pair_quantiles(rows: &[[f64; 9]]) -> PairQuantiles {
    let table = |k: usize| rounded(&quantiles(&mut rows.iter().map(|row| row[k]).collect::<Vec<_>>(), STEPS));
    let scores: Vec<Vec<f64>> = (0..8).map(table).collect();
    let whole = |row: &[f64; 9]| weighted(&std::array::from_fn(|k| 100.0 * percentile(&scores[k], row[k])));
    let overall = rounded(&quantiles(&mut rows.iter().map(whole).collect::<Vec<_>>(), STEPS));
    PairQuantiles { overall, elements: table(8), scores }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers 0..=100")]
fn sample(people: &Coded) -> PeopleTable {
    let row = |(_, code): &(NatalChart, HarmonicCode)| {
        let strengths = code.strengths.iter().map(|strength| 100.0 * strength);
        let levels = code.energy.iter().chain(&code.dimensions).copied().chain(strengths);
        levels.map(|level| level.round() as u8).collect()
    };
    PeopleTable {
        version: VERSION.to_owned(),
        about: "a sample of the reference population: 5 energies, 8 dimensions, 12 harmonics".to_owned(),
        rows: people.iter().take(SAMPLE).map(row).collect(),
    }
}

fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

fn rounded(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| round(*value)).collect()
}

fn out_directory() -> Outcome<PathBuf> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("--out"), Some(directory)) => Ok(directory.into()),
        _ => Err("usage: calibrate --out <directory>".into()),
    }
}

fn write(directory: &Path, name: &str, table: &impl serde::Serialize) -> Outcome<()> {
    let mut text = String::new();
    lines(&serde_json::to_value(table)?, 0, &mut text);
    text.push('\n');
    std::fs::create_dir_all(directory)?;
    Ok(std::fs::write(directory.join(name), text)?)
}

/// JSON with one line per row of numbers, so that a change shows as the rows it touches.
fn lines(value: &Value, depth: usize, text: &mut String) {
    let (open, close, items): (char, char, Vec<(Option<&String>, &Value)>) = match value {
        Value::Array(items) if !is_row(value) => ('[', ']', items.iter().map(|v| (None, v)).collect()),
        Value::Object(items) if !is_row(value) => {
            ('{', '}', items.iter().map(|(key, v)| (Some(key), v)).collect())
        }
        row => return text.push_str(&row.to_string()),
    };
    text.push(open);
    for (at, (key, item)) in items.into_iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(depth + 1));
        if let Some(key) = key {
            text.extend(["\"", key, "\": "]);
        }
        lines(item, depth + 1, text);
    }
    text.push('\n');
    text.push_str(&" ".repeat(depth));
    text.push(close);
}

/// Numbers only, or the numbers of one year.
fn is_row(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(Value::is_number),
        Value::Object(items) => {
            items.values().all(|item| item.is_number() || item.is_array() && is_row(item))
                && items.values().any(Value::is_number)
        }
        _ => true,
    }
}
