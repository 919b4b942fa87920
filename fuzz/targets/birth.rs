//! What people write of a birth: date, time, zone, latitude, longitude and quarter, one a line.
//!
//! An empty line means that the field is not known. Whatever comes in gives a chart or an error that names its field;
//! what gives a chart also gives its reading, its wheel, its code and its pattern.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orrery::astro::chart::HouseSystem;
use orrery::astro::{BirthData, Reading, cast};
use orrery::domain::Quarter;
use orrery::draw::{WheelOptions, wheel};
use orrery::harmonic::{code, pattern, transits};

const FIELDS: [&str; 5] = ["birth_date", "birth_time", "timezone", "latitude", "longitude"];

const SYSTEMS: [HouseSystem; 10] = [
    HouseSystem::Placidus,
    HouseSystem::Koch,
    HouseSystem::Regiomontanus,
    HouseSystem::Campanus,
    HouseSystem::Porphyry,
    HouseSystem::Equal,
    HouseSystem::WholeSign,
    HouseSystem::Alcabitius,
    HouseSystem::Morinus,
    HouseSystem::Topocentric,
];

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let mut field = || lines.next().filter(|line| !line.is_empty()).map(str::to_owned);
    let date = field().unwrap_or_default();
    let (time, zone) = (field(), field());
    let mut number = || field().and_then(|text| text.parse().ok());
    let (latitude_deg, longitude_deg) = (number(), number());
    let quarter = field().and_then(|text| text.parse::<Quarter>().ok());
    let system = SYSTEMS[text.len() % SYSTEMS.len()];
    let birth = BirthData { date, time, zone, latitude_deg, longitude_deg };
    match cast(&birth, system) {
        Err(error) => assert!(FIELDS.contains(&error.field()) && !error.to_string().is_empty(), "{error}"),
        Ok(chart) => {
            assert_eq!(serde_json::to_value(Reading::of(&chart)).unwrap()["bodies"].as_array().unwrap().len(), 12);
            let drawn = wheel(&chart, &WheelOptions { title: text, chiron: true, legend: true, ..WheelOptions::default() });
            assert!(!drawn.contains("NaN") || text.contains("NaN"));
            let quarter = quarter.unwrap_or(Quarter { year: 2026, number: 4 });
            assert!(code(&chart, &transits(quarter)).energy.iter().all(|level| (0.0..=100.0).contains(level)));
            // Twenty quarters are a thousand times dearer than the rest: only for some.
            if text.len() % 64 == 0 {
                assert_eq!(pattern(&chart, quarter).series.len(), 20);
            }
        }
    }
});
