//! Kinds of awkward instants and places, by name: stations, changes of sign, the start of the zodiac, the date line,
//! the equator and the south, zones that tzdb has merged.

use super::reference::{Case, arcsec_apart, cases};
use crate::astro::chart::{HouseSystem, OffsetSource};
use crate::astro::ephemeris::sky;
use crate::astro::julian::tt_of_ut;
use crate::astro::{Body, NatalChart, Sign, cast};

/// An instant next to a station or a change of sign.
struct Edge {
    kind: &'static str,
    jd_ut: f64,
    body: Body,
    longitude_deg: f64,
    sign: usize,
    retrograde: bool,
}

fn edges(kind: &str) -> Vec<Edge> {
    let file = include_str!("../../../tests/data/edges_reference.csv");
    let rows = file.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| {
        let cells: Vec<&'static str> = line.split(',').collect();
        let number = |at: usize| cells[at].parse::<f64>().expect("a number");
        let named = |body: &Body| body.name().eq_ignore_ascii_case(cells[2]);
        Edge {
            kind: cells[0],
            jd_ut: number(1),
            body: Body::ALL.into_iter().find(named).expect("a body"),
            longitude_deg: number(3),
            sign: cells[4].parse().expect("a sign"),
            retrograde: cells[5] == "1",
        }
    });
    let edges: Vec<Edge> = rows.filter(|edge| edge.kind == kind).collect();
    assert!(edges.len() > 100, "{} of kind {kind}", edges.len());
    edges
}

#[test]
fn stations_turn_the_motion_where_the_reference_turns_it() {
    for edge in edges("station") {
        let place = sky(tt_of_ut(edge.jd_ut)).place(edge.body);
        assert_eq!(place.speed_deg_per_day < 0.0, edge.retrograde, "{} {}", edge.jd_ut, edge.body.name());
        let off = arcsec_apart(place.longitude_deg, edge.longitude_deg);
        assert!(off < 0.02, "{} {}: {off}\"", edge.jd_ut, edge.body.name());
    }
}

#[test]
fn ingresses_change_the_sign_where_the_reference_changes_it() {
    for edge in edges("ingress") {
        let place = sky(tt_of_ut(edge.jd_ut)).place(edge.body);
        let sign = Sign::of_longitude(place.longitude_deg);
        assert_eq!(sign.index(), edge.sign, "{} {}", edge.jd_ut, edge.body.name());
        let off = arcsec_apart(place.longitude_deg, edge.longitude_deg);
        assert!(off < 0.02, "{} {}: {off}\"", edge.jd_ut, edge.body.name());
    }
}

#[test]
fn longitudes_run_over_the_start_of_the_zodiac_and_stay_below_360() {
    // The March equinox of 2024, 03:06 UTC, minute by minute.
    let mut signs = Vec::new();
    for minute in 0..20 {
        let jd_ut = 2_460_389.622_92 + f64::from(minute) / 1_440.0;
        let longitude = sky(tt_of_ut(jd_ut)).place(Body::Sun).longitude_deg;
        assert!((0.0..360.0).contains(&longitude) && !(1.0..359.0).contains(&longitude), "{longitude}");
        signs.push(Sign::of_longitude(longitude));
    }
    signs.dedup();
    assert_eq!(signs, [Sign::Pisces, Sign::Aries]);
}

#[test]
fn both_sides_of_the_date_line_are_one_meridian() {
    let at = |longitude: f64| {
        let mut birth = cases()[0].birth();
        (birth.zone, birth.longitude_deg) = (Some("UTC".into()), Some(longitude));
        cast(&birth, HouseSystem::Placidus).expect("a chart")
    };
    let (west, east) = (at(-180.0), at(180.0));
    assert!(cusps_apart(&west, &east) < 1e-6);
    assert!(cusps_apart(&at(179.999_999), &at(-179.999_999)) < 0.1);
}

fn cusps_apart(a: &NatalChart, b: &NatalChart) -> f64 {
    let cusps = |chart: &NatalChart| chart.houses.as_ref().expect("houses").cusps_deg;
    cusps(a).iter().zip(cusps(b)).map(|(a, b)| arcsec_apart(*a, b)).fold(0.0, f64::max)
}

/// Reference charts of a kind, of which there must be some, with every cusp of Placidus and every house right.
fn all_right(name: &str, of_kind: impl Fn(&Case) -> bool) {
    let mut count = 0;
    for case in cases().iter().filter(|case| of_kind(case)) {
        let chart = cast(&case.birth(), HouseSystem::Placidus).expect("a chart");
        let cusps = case.cusps("placidus").expect("cusps");
        for (ours, theirs) in chart.houses.as_ref().expect("houses").cusps_deg.iter().zip(cusps) {
            let off = arcsec_apart(*ours, theirs);
            assert!(off < 0.1, "{name} {}: {off}\"", case.id());
        }
        for position in &chart.bodies {
            let expected = case.house("placidus", position.body);
            assert_eq!(position.house.map(u64::from), expected, "{name} {}", case.id());
        }
        count += 1;
    }
    assert!(count >= 5, "{count} charts {name}");
}

#[test]
fn charts_south_of_the_equator_are_those_of_the_reference() {
    all_right("in the south", |case| case.number("/input/lat") < 0.0);
}

#[test]
fn charts_near_the_equator_are_those_of_the_reference() {
    all_right("near the equator", |case| case.number("/input/lat").abs() < 1.0);
}

#[test]
fn charts_next_to_the_date_line_are_those_of_the_reference() {
    all_right("next to the date line", |case| case.number("/input/lon").abs() > 170.0);
}

#[test]
fn charts_of_local_mean_time_are_those_of_the_reference() {
    all_right("in local mean time", |case| case.at("/time_resolution/offset_source") == "lmt_longitude");
}

#[test]
fn charts_of_zones_that_tzdb_merged_have_the_history_of_their_own_city() {
    let merged = |case: &&Case| {
        case.has("/time_resolution/tzdb_main_offset_seconds")
            && case.at("/time_resolution/offset_source") == "tzdb"
    };
    let mut count = 0;
    for case in cases().iter().filter(merged) {
        let moment = cast(&case.birth(), HouseSystem::Equal).expect("a chart").moment;
        let merged_offset = case.number("/time_resolution/tzdb_main_offset_seconds");
        assert_eq!(moment.offset_source, OffsetSource::ZoneHistory, "{}", case.id());
        assert!((f64::from(moment.utc_offset_s) - merged_offset).abs() > 1.0, "{}", case.id());
        count += 1;
    }
    assert!(count >= 3, "{count}");
}
