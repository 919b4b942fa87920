//! Whole charts, cast from civil birth data, against the reference.

use super::reference::{Case, arcsec_apart, cases};
use crate::astro::chart::{HouseSystem, OffsetSource};
use crate::astro::{Body, NatalChart, cast};

const SYSTEMS: [(HouseSystem, &str); 10] = [
    (HouseSystem::Placidus, "placidus"),
    (HouseSystem::Koch, "koch"),
    (HouseSystem::Regiomontanus, "regiomontanus"),
    (HouseSystem::Campanus, "campanus"),
    (HouseSystem::Porphyry, "porphyry"),
    (HouseSystem::Equal, "equal"),
    (HouseSystem::WholeSign, "whole_sign"),
    (HouseSystem::Alcabitius, "alcabitius"),
    (HouseSystem::Morinus, "morinus"),
    (HouseSystem::Topocentric, "topocentric"),
];

fn chart(case: &Case, system: HouseSystem) -> NatalChart {
    cast(&case.birth(), system).unwrap_or_else(|error| panic!("{}: {error}", case.id()))
}

/// Cusps and angles may differ by 0.1", near and beyond the polar circles by 1".
fn cusp_tolerance(case: &Case) -> f64 {
    if case.number("/input/lat").abs() <= 66.0 { 0.1 } else { 1.0 }
}

#[test]
fn instants_agree_with_the_reference_to_the_second_and_delta_t_to_a_millisecond() {
    for case in cases() {
        let moment = chart(case, HouseSystem::Placidus).moment;
        assert_eq!(moment.utc, case.at("/utc").as_str().expect("utc"), "{}", case.id());
        assert_eq!(case.at("/time_resolution/utc_offset_seconds"), moment.utc_offset_s, "{}", case.id());
        let by_longitude = case.at("/time_resolution/offset_source") == "lmt_longitude";
        assert_eq!(moment.offset_source == OffsetSource::LocalMeanTime, by_longitude, "{}", case.id());
        assert!((moment.jd_ut - case.number("/jd_ut")).abs() < 1e-8, "{}", case.id());
        let delta_t_off = (moment.delta_t_s - case.number("/delta_t_seconds")).abs();
        assert!(delta_t_off < 0.001, "{}: {delta_t_off} s", case.id());
    }
}

#[test]
fn bodies_signs_and_motion_agree_with_the_reference() {
    for case in cases() {
        let chart = chart(case, HouseSystem::Placidus);
        for position in &chart.bodies {
            let (body, name) = (position.body, position.body.name());
            let off = arcsec_apart(position.longitude_deg, case.body(body, "lon"));
            assert!(off <= Case::tolerance_arcsec(body), "{} {name}: {off}\"", case.id());
            assert_eq!(position.sign.index() as u64, case.sign(body), "{} {name}", case.id());
            assert_eq!(position.retrograde, case.retrograde(body), "{} {name}", case.id());
        }
        let phase_off = arcsec_apart(chart.moon_phase.angle_deg, case.number("/moon_phase_angle"));
        assert!(phase_off < 0.03, "{}: {phase_off}\"", case.id());
    }
}

#[test]
fn angles_agree_with_the_reference() {
    for case in cases() {
        let angles = chart(case, HouseSystem::Placidus).angles.expect("time and place are known");
        for (path, degrees) in [
            ("/asc", angles.ascendant_deg),
            ("/mc", angles.midheaven_deg),
            ("/armc", angles.armc_deg),
            ("/vertex", angles.vertex_deg),
        ] {
            let off = arcsec_apart(degrees, case.number(path));
            assert!(off <= cusp_tolerance(case), "{} {path}: {off}\"", case.id());
        }
    }
}

#[test]
fn cusps_of_all_ten_systems_agree_with_the_reference() {
    for case in cases() {
        for (system, name) in SYSTEMS {
            let houses = chart(case, system).houses.expect("time and place are known");
            let Some(cusps) = case.cusps(name) else {
                assert_eq!(houses.used, HouseSystem::Porphyry, "{} {name}", case.id());
                assert_eq!(houses.fallback.as_deref(), Some("polar"), "{} {name}", case.id());
                continue;
            };
            assert_eq!((houses.requested, houses.used), (system, system), "{} {name}", case.id());
            for (house, (ours, theirs)) in houses.cusps_deg.iter().zip(cusps).enumerate() {
                let off = arcsec_apart(*ours, theirs);
                assert!(off <= cusp_tolerance(case), "{} {name} {}: {off}\"", case.id(), house + 1);
            }
        }
    }
}

#[test]
fn houses_of_bodies_agree_with_the_reference() {
    for case in cases() {
        for (system, name) in [SYSTEMS[0], SYSTEMS[4], SYSTEMS[6]] {
            let chart = chart(case, system);
            for position in &chart.bodies {
                let expected = case.house(name, position.body);
                assert_eq!(
                    position.house.map(u64::from),
                    expected,
                    "{} {name} {:?}",
                    case.id(),
                    position.body
                );
            }
        }
    }
}

/// Prints nothing and asserts the figures that the documentation states.
#[test]
fn the_stated_accuracy_holds_over_all_reference_charts() {
    let (mut planets, mut true_node, mut mean_node) = (0.0_f64, 0.0_f64, 0.0_f64);
    for case in cases() {
        for position in &chart(case, HouseSystem::Equal).bodies {
            let off = arcsec_apart(position.longitude_deg, case.body(position.body, "lon"));
            match position.body {
                Body::MeanNode => mean_node = mean_node.max(off),
                Body::TrueNode => true_node = true_node.max(off),
                _ => planets = planets.max(off),
            }
        }
    }
    assert!(planets < 0.012, "Sun to Pluto: {planets}\"");
    assert!(true_node < 0.2, "true node: {true_node}\"");
    assert!(mean_node < 0.15, "mean node: {mean_node}\"");
}
