//! The ends of the ephemeris and the polar circles against the reference.

use std::collections::HashMap;

use super::reference::{Case, arcsec_apart};
use crate::astro::Body;
use crate::astro::chart::HouseSystem;
use crate::astro::delta_t::delta_t_s;
use crate::astro::ephemeris::sky;
use crate::astro::houses::{Vantage, divide};
use crate::astro::julian::tt_of_ut;
use crate::astro::precession::apparent_sidereal_time_rad;

/// One row by column name; empty cells are left out.
type Row = HashMap<&'static str, f64>;

const SYSTEMS: [(HouseSystem, &str); 7] = [
    (HouseSystem::Regiomontanus, "regiomontanus"),
    (HouseSystem::Campanus, "campanus"),
    (HouseSystem::Porphyry, "porphyry"),
    (HouseSystem::Alcabitius, "alcabitius"),
    (HouseSystem::Topocentric, "topocentric"),
    (HouseSystem::Placidus, "placidus"),
    (HouseSystem::Koch, "koch"),
];

fn rows() -> Vec<Row> {
    let file = include_str!("../../../tests/data/extremes_reference.csv");
    let mut lines = file.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = lines.next().expect("a line of names").split(',').collect();
    let row = |line: &'static str| {
        let cells = names.iter().copied().zip(line.split(','));
        cells.filter_map(|(name, cell)| Some((name, cell.parse().ok()?))).collect()
    };
    lines.map(row).collect()
}

fn vantage(row: &Row) -> Vantage {
    let jd_tt = tt_of_ut(row["jd_ut"]);
    let sky = sky(jd_tt);
    let greenwich = apparent_sidereal_time_rad(row["jd_ut"], jd_tt, &sky);
    Vantage {
        armc_rad: greenwich + row["longitude"].to_radians(),
        obliquity_rad: sky.obliquity_rad,
        latitude_rad: row["latitude"].to_radians(),
    }
}

#[test]
fn delta_t_and_positions_hold_from_1850_to_2150() {
    for row in rows() {
        let delta_t_off = (delta_t_s(row["jd_ut"]) - row["delta_t_s"]).abs();
        assert!(delta_t_off < 0.001, "{}: {delta_t_off} s", row["jd_ut"]);
        let sky = sky(tt_of_ut(row["jd_ut"]));
        for body in Body::ALL {
            let column = body.name().to_lowercase().replace(' ', "_");
            let expected = row[column.as_str()];
            let tolerance = Case::tolerance_arcsec(body);
            let off = arcsec_apart(sky.place(body).longitude_deg, expected);
            assert!(off < tolerance, "{} {}: {off}\"", row["jd_ut"], body.name());
        }
    }
}

#[test]
fn angles_hold_at_every_latitude() {
    for row in rows().iter().filter(|row| row.contains_key("ascendant")) {
        let (angles, _) = divide(vantage(row), HouseSystem::Equal);
        for (name, degrees) in [
            ("ascendant", angles.ascendant_deg),
            ("midheaven", angles.midheaven_deg),
            ("vertex", angles.vertex_deg),
        ] {
            let off = arcsec_apart(degrees, row[name]);
            assert!(off < 0.2, "{} at {}: {name} {off}\"", row["jd_ut"], row["latitude"]);
        }
    }
}

#[test]
fn cusps_hold_at_every_latitude_and_are_refused_where_they_are_undefined() {
    for row in rows().iter().filter(|row| row.contains_key("ascendant")) {
        for (system, name) in SYSTEMS {
            let (_, houses) = divide(vantage(row), system);
            let expected: Vec<f64> = (1..=12).map(|i| row[format!("{name}_{i}").as_str()]).collect();
            let refused = expected[0] < 0.0;
            assert_eq!(houses.fallback.is_some(), refused, "{name} at {}", row["latitude"]);
            for (cusp, expected) in houses.cusps_deg.iter().zip(expected).filter(|_| !refused) {
                let off = arcsec_apart(*cusp, expected);
                assert!(off < 0.2, "{} at {}: {name} {off}\"", row["jd_ut"], row["latitude"]);
            }
        }
    }
}
