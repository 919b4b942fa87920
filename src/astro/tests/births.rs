//! Awkward births: folds, gaps, local mean time, polar places, unknown times, and input that is wrong.

use crate::astro::chart::{HouseSystem, Houses, LocalKind, OffsetSource};
use crate::astro::houses::HouseFinder;
use crate::astro::time::moment;
use crate::astro::{AstroError, BirthData, Body, NatalChart, Point, Sign, cast};

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

fn birth(date: &str, time: &str, zone: &str, latitude: f64, longitude: f64) -> BirthData {
    BirthData {
        date: date.to_owned(),
        time: Some(time.to_owned()),
        zone: Some(zone.to_owned()),
        latitude_deg: Some(latitude),
        longitude_deg: Some(longitude),
    }
}

fn berlin(date: &str, time: &str) -> BirthData {
    birth(date, time, "Europe/Berlin", 52.52, 13.405)
}

fn timeless(date: &str, zone: &str) -> NatalChart {
    let birth = BirthData { time: None, ..birth(date, "", zone, 52.52, 13.405) };
    cast(&birth, HouseSystem::Placidus).expect("a chart")
}

fn utc(birth: &BirthData) -> (String, LocalKind, OffsetSource) {
    let moment = moment(birth).expect("a moment");
    (moment.utc, moment.local_kind, moment.offset_source)
}

fn refused(birth: &BirthData) -> AstroError {
    cast(birth, HouseSystem::Placidus).expect_err("refused")
}

#[test]
fn a_time_that_happened_twice_means_its_first_occurrence() {
    let (utc, kind, source) = utc(&berlin("2023-10-29", "02:30"));
    assert_eq!((utc.as_str(), kind), ("2023-10-29T00:30:00Z", LocalKind::Fold));
    assert_eq!(source, OffsetSource::ZoneHistory);
}

#[test]
fn a_skipped_time_keeps_the_offset_from_before_the_gap() {
    let (at, kind, _) = utc(&berlin("2023-03-26", "02:30"));
    assert_eq!((at.as_str(), kind), ("2023-03-26T01:30:00Z", LocalKind::Gap));
    // Samoa left out a whole day when it crossed the date line.
    let (at, kind, _) = utc(&birth("2011-12-30", "12:00", "Pacific/Apia", -13.83, -171.77));
    assert_eq!((at.as_str(), kind), ("2011-12-30T22:00:00Z", LocalKind::Gap));
}

#[test]
fn local_mean_time_follows_the_birth_longitude() {
    // Einstein, Ulm 1879: 10 degrees east are 40 minutes, whatever the zone's own city has.
    let einstein = birth("1879-03-14", "11:30", "Europe/Berlin", 48.4, 10.0);
    assert_eq!(
        utc(&einstein),
        ("1879-03-14T10:50:00Z".to_owned(), LocalKind::Unique, OffsetSource::LocalMeanTime)
    );
    // Without a longitude the clock of Berlin is the best guess.
    let unplaced = BirthData { longitude_deg: None, latitude_deg: None, ..einstein };
    assert_eq!(
        utc(&unplaced),
        ("1879-03-14T10:36:32Z".to_owned(), LocalKind::Unique, OffsetSource::ZoneHistory)
    );
}

#[test]
fn history_before_1970_is_that_of_the_city_itself() {
    for (zone, date, time, expected) in [
        ("Europe/Amsterdam", "1935-06-15", "12:00", "1935-06-15T10:40:28Z"),
        ("Europe/Oslo", "1945-07-01", "12:00", "1945-07-01T10:00:00Z"),
        ("Europe/Stockholm", "1942-07-01", "12:00", "1942-07-01T11:00:00Z"),
    ] {
        assert_eq!(utc(&birth(date, time, zone, 55.0, 10.0)).0, expected, "{zone}");
    }
}

#[test]
fn offsets_with_seconds_and_far_years_are_kept() {
    assert_eq!(
        utc(&birth("1930-06-01", "12:00:30", "Africa/Monrovia", 6.3, -10.8)).0,
        "1930-06-01T12:45:00Z"
    );
    assert_eq!(utc(&berlin("2149-07-01", "12:00")).0, "2149-07-01T10:00:00Z");
    assert_eq!(utc(&birth("1850-01-01", "00:00", "UTC", 0.0, 0.0)).0, "1850-01-01T00:00:00Z");
}

#[test]
fn a_missing_zone_means_utc_and_says_so() {
    let born = BirthData { zone: None, ..berlin("1990-06-15", "14:30") };
    assert_eq!(utc(&born), ("1990-06-15T14:30:00Z".to_owned(), LocalKind::Unique, OffsetSource::AssumedUtc));
}

#[test]
fn placidus_and_koch_fall_back_to_porphyry_beyond_the_polar_circles() {
    for latitude in [69.65, 78.22, -77.85, 90.0, -90.0] {
        for system in [HouseSystem::Placidus, HouseSystem::Koch] {
            let born = birth("1985-01-20", "08:15", "UTC", latitude, 18.96);
            let houses = cast(&born, system).expect("a chart").houses.expect("houses");
            let porphyry = cast(&born, HouseSystem::Porphyry).expect("a chart").houses.expect("houses");
            assert_eq!(houses, Houses { requested: system, fallback: Some("polar".into()), ..porphyry });
        }
    }
}

/// Sum of the ways from each cusp forward to the next: 360 when the houses run forwards once.
fn turn_deg(cusps: &[f64; 12]) -> f64 {
    (0..12).map(|i| (cusps[(i + 1) % 12] - cusps[i]).rem_euclid(360.0)).sum()
}

#[test]
fn cusps_run_once_round_the_zodiac_at_every_latitude_and_hour() {
    for latitude in [-89.0, -75.0, -66.6, -45.0, 0.0, 30.0, 60.0, 66.4, 66.6, 70.0, 85.0, 90.0] {
        for hour in 0..24 {
            for system in SYSTEMS {
                let polar = f64::abs(latitude) > 66.0;
                // Alcabitius and Topocentric double back beyond the polar circles, as their definitions have it.
                if polar && matches!(system, HouseSystem::Alcabitius | HouseSystem::Topocentric) {
                    continue;
                }
                let born = birth("2001-05-09", &format!("{hour:02}:00"), "UTC", latitude, 0.0);
                let chart = cast(&born, system).expect("a chart");
                let (angles, houses) = (chart.angles.expect("angles"), chart.houses.expect("houses"));
                let turn = turn_deg(&houses.cusps_deg);
                let backwards = polar && matches!(system, HouseSystem::Regiomontanus | HouseSystem::Campanus);
                assert!(
                    (turn - 360.0).abs() < 1e-6 || (backwards && (turn - 3960.0).abs() < 1e-6),
                    "{latitude} {hour} {system:?}: {turn}"
                );
                let rise = (angles.ascendant_deg - angles.midheaven_deg).rem_euclid(360.0);
                assert!(rise <= 180.0, "{latitude} {hour}: the ascendant is east of the meridian");
            }
        }
    }
}

#[test]
fn a_body_on_a_cusp_is_in_the_house_that_begins_there() {
    for (latitude, system) in
        [(52.0, HouseSystem::Placidus), (-33.0, HouseSystem::Koch), (-89.0, HouseSystem::Regiomontanus)]
    {
        for hour in 0..24 {
            let born = birth("2001-05-09", &format!("{hour:02}:00"), "UTC", latitude, 0.0);
            let cusps = cast(&born, system).expect("a chart").houses.expect("houses").cusps_deg;
            let finder = HouseFinder::new(&cusps);
            let sign = if turn_deg(&cusps) > 400.0 { -1.0 } else { 1.0 };
            for (house, cusp) in (1..=12).zip(cusps) {
                assert_eq!(finder.house_of(cusp), house, "{latitude} {hour} {house}");
                assert_eq!(finder.house_of((cusp + sign * 1e-7).rem_euclid(360.0)), house);
                let before = if house == 1 { 12 } else { house - 1 };
                assert_eq!(finder.house_of((cusp - sign * 1e-7).rem_euclid(360.0)), before);
            }
        }
    }
}

#[test]
fn without_a_time_the_chart_is_cast_for_noon_without_houses() {
    let chart = timeless("1990-06-15", "Europe/Berlin");
    assert_eq!((chart.moment.utc.as_str(), chart.moment.time_known), ("1990-06-15T10:00:00Z", false));
    assert!(chart.angles.is_none() && chart.houses.is_none() && chart.chart_ruler.is_none());
    assert!(chart.bodies.iter().all(|position| position.house.is_none()));
    assert!(chart.aspects.iter().all(|aspect| matches!(aspect.first, Point::Body(_))));
}

#[test]
fn without_a_place_the_chart_has_no_houses_but_all_its_bodies() {
    let born = BirthData { latitude_deg: None, ..berlin("1990-06-15", "14:30") };
    let chart = cast(&born, HouseSystem::Placidus).expect("a chart");
    assert!(chart.moment.time_known && chart.houses.is_none() && chart.angles.is_none());
    assert!(chart.aspects.iter().all(|aspect| aspect.certain));
}

#[test]
fn an_unknown_time_names_every_sign_the_moon_passes_on_the_day() {
    let mut days_with_two = 0;
    for day in 1..=28 {
        let date = format!("1990-06-{day:02}");
        let candidates = timeless(&date, "Europe/Berlin").moon_sign_candidates;
        let at = |time| cast(&berlin(&date, time), HouseSystem::Equal).expect("a chart").bodies[1].sign;
        let (first, last) = (at("00:00"), at("23:59"));
        let expected: Vec<Sign> = if first == last { vec![first] } else { vec![first, last] };
        assert_eq!(candidates, expected, "{date}");
        days_with_two += usize::from(candidates.len() == 2);
    }
    assert!(days_with_two > 5, "{days_with_two}");
    let timed = cast(&berlin("1990-06-15", "14:30"), HouseSystem::Placidus).expect("a chart");
    assert_eq!(timed.moon_sign_candidates, vec![timed.bodies[1].sign]);
}

#[test]
fn an_uncertain_aspect_really_fails_to_hold_at_some_hour_of_the_day() {
    let (mut certain, mut uncertain) = (0, 0);
    for day in 1..=28 {
        let date = format!("1990-06-{day:02}");
        let hours: Vec<NatalChart> = (0..24)
            .map(|hour| cast(&berlin(&date, &format!("{hour:02}:00")), HouseSystem::Equal).expect("a chart"))
            .collect();
        for aspect in timeless(&date, "Europe/Berlin").aspects {
            let holds = hours.iter().all(|chart| {
                chart.aspects.iter().any(|other| {
                    (other.first, other.second, other.kind) == (aspect.first, aspect.second, aspect.kind)
                })
            });
            let moon = Point::Body(Body::Moon);
            if aspect.certain {
                assert!(holds, "{date} {aspect:?}");
                certain += usize::from(aspect.first == moon || aspect.second == moon);
            } else {
                uncertain += usize::from(!holds);
            }
        }
    }
    assert!(certain > 10 && uncertain > 100, "{certain} certain with the Moon, {uncertain} uncertain");
}

#[test]
fn a_wrong_field_is_named_with_the_way_out() {
    let good = berlin("1990-06-15", "14:30");
    let wrong = [
        (BirthData { date: "1990-02-30".into(), ..good.clone() }, "birth_date"),
        (BirthData { date: "1849-12-31".into(), ..good.clone() }, "birth_date"),
        (BirthData { time: Some("24:00".into()), ..good.clone() }, "birth_time"),
        (BirthData { time: Some("7:5".into()), ..good.clone() }, "birth_time"),
        (BirthData { zone: Some("Europe/Berln".into()), ..good.clone() }, "timezone"),
        (BirthData { zone: Some(String::new()), ..good.clone() }, "timezone"),
        (BirthData { latitude_deg: Some(90.5), ..good.clone() }, "latitude"),
        (BirthData { latitude_deg: Some(f64::NAN), ..good.clone() }, "latitude"),
        (BirthData { longitude_deg: Some(-180.5), ..good.clone() }, "longitude"),
        (BirthData { longitude_deg: Some(f64::NEG_INFINITY), ..good }, "longitude"),
    ];
    for (born, field) in wrong {
        assert_eq!(refused(&born).field(), field, "{born:?}");
    }
    let message = refused(&BirthData { zone: Some("Europe/Berln".into()), ..berlin("1990-06-15", "14:30") });
    assert!(message.to_string().contains("did you mean Europe/Berlin?"), "{message}");
}

#[test]
fn equal_input_gives_equal_charts() {
    let born = berlin("1990-06-15", "14:30");
    assert_eq!(cast(&born, HouseSystem::Placidus), cast(&born, HouseSystem::Placidus));
}

#[test]
fn aspects_come_strongest_first_and_each_pair_once() {
    let aspects = cast(&berlin("1990-06-15", "14:30"), HouseSystem::Placidus).expect("a chart").aspects;
    assert!(aspects.len() > 20);
    assert!(aspects.windows(2).all(|pair| pair[0].strength >= pair[1].strength));
    for (i, aspect) in aspects.iter().enumerate() {
        assert!(
            aspects[i + 1..].iter().all(|other| (other.first, other.second) != (aspect.first, aspect.second))
        );
    }
}
