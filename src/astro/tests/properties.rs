//! Whatever comes in: no panic, and what comes out keeps its laws.

use proptest::prelude::*;

use crate::astro::chart::{HouseSystem, NatalChart};
use crate::astro::{AstroError, BirthData, Event, RawChart, Sign, cast, extra_points, patterns};

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
const FIELDS: [&str; 5] = ["birth_date", "birth_time", "timezone", "latitude", "longitude"];

/// Any text, and text that is nearly right.
fn date() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9]{1,5}-[0-9]{1,2}-[0-9]{1,3}",
        (1848..2152_u32, 0..14_u32, 0..33_u32).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}")),
    ]
}

fn time() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        any::<Option<String>>(),
        (0..26_u32, 0..62_u32).prop_map(|(h, m)| Some(format!("{h:02}:{m:02}"))),
        "[0-9]{2}:[0-9]{2}:[0-9]{2}".prop_map(Some),
    ]
}

fn zone() -> impl Strategy<Value = Option<String>> {
    let names: Vec<&'static str> = crate::astro::zones::names().collect();
    prop_oneof![
        Just(None),
        any::<Option<String>>(),
        proptest::sample::select(names).prop_map(|name| Some(name.to_owned())),
    ]
}

fn coordinate(limit: f64) -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        Just(None),
        any::<f64>().prop_map(Some),
        (-limit * 1.05..limit * 1.05).prop_map(Some),
        proptest::sample::select(vec![limit, -limit, 0.0, f64::NAN, f64::INFINITY]).prop_map(Some),
    ]
}

prop_compose! {
    fn any_birth()(
        date in date(),
        time in time(),
        zone in zone(),
        latitude_deg in coordinate(90.0),
        longitude_deg in coordinate(180.0),
    ) -> BirthData {
        BirthData { date, time, zone, latitude_deg, longitude_deg }
    }
}

prop_compose! {
    fn good_birth()(
        (year, month, day) in (1850..2150_u32, 1..13_u32, 1..29_u32),
        (hour, minute, second) in (0..24_u32, 0..60_u32, 0..60_u32),
        timed in any::<bool>(),
        zone in proptest::sample::select(crate::astro::zones::names().collect::<Vec<_>>()),
        latitude in -90.0..=90.0,
        longitude in -180.0..=180.0,
    ) -> BirthData {
        BirthData {
            date: format!("{year:04}-{month:02}-{day:02}"),
            time: timed.then(|| format!("{hour:02}:{minute:02}:{second:02}")),
            zone: Some(zone.to_owned()),
            latitude_deg: Some(latitude),
            longitude_deg: Some(longitude),
        }
    }
}

/// What holds in every chart.
fn assert_laws(chart: &NatalChart, system: HouseSystem) {
    for position in &chart.bodies {
        assert!((0.0..360.0).contains(&position.longitude_deg), "{position:?}");
        assert_eq!(position.sign, Sign::of_longitude(position.longitude_deg));
        assert!((0.0..30.0).contains(&position.degree_in_sign()));
        assert_eq!(position.retrograde, position.speed_deg_per_day < 0.0);
        assert_eq!(position.house.is_some(), chart.houses.is_some());
        assert!(position.house.is_none_or(|house| (1..=12).contains(&house)));
    }
    assert_eq!(chart.houses.is_some(), chart.moment.time_known && chart.angles.is_some());
    for cusp in chart.houses.iter().flat_map(|houses| houses.cusps_deg) {
        assert!((0.0..360.0).contains(&cusp), "{cusp} {system:?}");
    }
    if let (Some(houses), Some(angles)) = (&chart.houses, &chart.angles) {
        assert_eq!(houses.requested, system);
        assert_eq!(houses.fallback.is_some(), houses.used != system);
        let ascendant_opens_the_first = !matches!(houses.used, HouseSystem::WholeSign | HouseSystem::Morinus);
        assert!(!ascendant_opens_the_first || (houses.cusps_deg[0] - angles.ascendant_deg).abs() < 1e-9);
        assert!((0.0..360.0).contains(&angles.vertex_deg) && (0.0..360.0).contains(&angles.armc_deg));
    }
    for aspect in &chart.aspects {
        assert!((0.0..=180.0).contains(&aspect.angle_deg) && (0.0..=1.0).contains(&aspect.strength));
        assert!((aspect.orb_deg - (aspect.angle_deg - aspect.kind.angle_deg()).abs()).abs() < 1e-9);
        assert!(aspect.orb_deg <= aspect.kind.max_orb_deg());
    }
    assert!((chart.elements.iter().sum::<f64>() - 17.0).abs() < 1e-9);
    assert!((chart.qualities.iter().sum::<f64>() - 17.0).abs() < 1e-9);
    assert!(chart.moon_sign_candidates.contains(&chart.bodies[1].sign));
    for point in extra_points(chart) {
        assert!(
            (0.0..360.0).contains(&point.longitude_deg) && point.house.is_some() == chart.houses.is_some()
        );
    }
    for pattern in patterns::find(chart) {
        assert!(pattern.points.len() >= 3 && (0.0..=1.0).contains(&pattern.tightness), "{pattern:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn any_text_and_any_number_give_a_chart_or_an_error_that_names_its_field(
        birth in any_birth(),
        system in proptest::sample::select(SYSTEMS.to_vec()),
    ) {
        match cast(&birth, system) {
            Ok(chart) => assert_laws(&chart, system),
            Err(error) => prop_assert!(FIELDS.contains(&error.field()), "{error}"),
        }
    }

    #[test]
    fn good_birth_data_always_give_a_lawful_chart(
        birth in good_birth(),
        system in proptest::sample::select(SYSTEMS.to_vec()),
    ) {
        let chart = cast(&birth, system);
        prop_assert!(chart.is_ok(), "{chart:?}");
        assert_laws(&chart.expect("checked"), system);
    }

    #[test]
    fn an_event_is_within_the_table_and_on_the_globe_or_it_is_refused(
        jd_ut in prop_oneof![any::<f64>(), 2_396_000.0..2_507_000.0],
        latitude in prop_oneof![any::<f64>(), -91.0..91.0],
        longitude in prop_oneof![any::<f64>(), -181.0..181.0],
        system in proptest::sample::select(SYSTEMS.to_vec()),
    ) {
        match Event::new(jd_ut, Some((latitude, longitude))) {
            Ok(event) => {
                let chart = RawChart::of(&event, system);
                prop_assert!(chart.longitudes_deg.iter().all(|longitude| (0.0..360.0).contains(longitude)));
                prop_assert!(chart.houses.iter().all(|house| (1..=12).contains(house)));
                prop_assert_eq!(chart.full_aspects().len(), chart.aspects().len());
            }
            Err(AstroError::Range { field, .. } | AstroError::Input { field, .. }) => {
                prop_assert!(["jd_ut", "latitude", "longitude"].contains(&field));
            }
        }
    }

    #[test]
    fn a_minute_moves_no_body_by_more_than_the_moon_moves(birth in good_birth(), step in 1.0..60.0_f64) {
        let chart = cast(&birth, HouseSystem::Equal).expect("good data");
        let Ok(later) = Event::new(chart.moment.jd_ut + step / 86_400.0, None) else { return Ok(()) };
        let later = RawChart::of(&later, HouseSystem::Equal);
        for (before, after) in chart.bodies.iter().zip(later.longitudes_deg) {
            let moved = (after - before.longitude_deg).abs();
            prop_assert!(moved.min(360.0 - moved) < 0.012, "{:?} {}", before, after);
        }
    }
}
