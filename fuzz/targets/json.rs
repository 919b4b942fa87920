//! JSON of the applications' columns: requirement profiles, birth data, and values that are stored as they come.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use orrery::astro::chart::HouseSystem;
use orrery::astro::{BirthData, NatalChart, cast};
use orrery::compat::{Party, Target, compare};
use orrery::domain::{Profile, Quarter};
use orrery::harmonic::{HarmonicCode, code, transits};
use orrery::pipeline::documents::from_json;
use serde_json::Value;

const NOW: Quarter = Quarter { year: 2026, number: 4 };

fn person() -> &'static (NatalChart, HarmonicCode) {
    static PERSON: OnceLock<(NatalChart, HarmonicCode)> = OnceLock::new();
    PERSON.get_or_init(|| {
        let birth = BirthData {
            date: "1990-06-15".into(),
            time: Some("14:30".into()),
            zone: Some("Europe/Berlin".into()),
            latitude_deg: Some(52.5),
            longitude_deg: Some(13.4),
        };
        let chart = cast(&birth, HouseSystem::Placidus).expect("a chart");
        let code = code(&chart, &transits(NOW));
        (chart, code)
    })
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let _ = from_json(&value);
    if let Ok(birth) = serde_json::from_value::<BirthData>(value.clone()) {
        let _ = cast(&birth, HouseSystem::Koch);
    }
    if let Ok(profile) = serde_json::from_value::<Profile>(value) {
        let (chart, code) = person();
        let found = compare(&Party { chart, code }, &Target::Role(&profile), NOW);
        assert!(found.scores.iter().chain([&found.overall, &found.element_score]).all(|s| (0.0..=100.0).contains(s)));
    }
});
