//! Figures of constructed charts.

use super::{Pattern, PatternKind, find};
use crate::astro::aspects::aspect_between;
use crate::astro::body::{Body, Point};
use crate::astro::chart::{Aspect, HouseSystem, NatalChart};
use crate::astro::zodiac::{Element, Quality, Sign};
use crate::astro::{BirthData, cast};

/// A chart whose planets stand where they are put, all others far from any aspect of figures with them; without
/// angles unless they are given.
fn chart(planets: &[(Body, f64)], angles: Option<(f64, f64)>) -> NatalChart {
    let birth = BirthData {
        date: "1990-06-15".into(),
        time: Some("14:30".into()),
        zone: Some("Europe/Berlin".into()),
        latitude_deg: Some(52.52),
        longitude_deg: Some(13.405),
    };
    let mut chart = cast(&birth, HouseSystem::Placidus).expect("a chart");
    for position in &mut chart.bodies {
        position.longitude_deg = f64::NAN;
    }
    for (body, longitude_deg) in planets {
        chart.bodies[body.index()].longitude_deg = *longitude_deg;
    }
    chart.angles = chart.angles.zip(angles).map(|(mut known, (ascendant, midheaven))| {
        (known.ascendant_deg, known.midheaven_deg) = (ascendant, midheaven);
        known
    });
    chart.aspects = aspects(planets, angles);
    // Bodies that were not put anywhere stand apart from each other and from all signs of four.
    for (body, sign) in Body::ALL.into_iter().zip(0..) {
        let longitude = &mut chart.bodies[body.index()].longitude_deg;
        if longitude.is_nan() {
            *longitude = f64::from(sign) * 30.0 + 15.0;
        }
    }
    chart
}

/// Aspects among the placed points only.
fn aspects(planets: &[(Body, f64)], angles: Option<(f64, f64)>) -> Vec<Aspect> {
    let mut points: Vec<(Point, f64)> = planets.iter().map(|(body, at)| (Point::Body(*body), *at)).collect();
    if let Some((ascendant, midheaven)) = angles {
        points.extend([(Point::Ascendant, ascendant), (Point::Midheaven, midheaven)]);
    }
    let mut found = Vec::new();
    for (i, (first, a)) in points.iter().enumerate() {
        for (second, b) in &points[i + 1..] {
            found.extend(aspect_between(*a, *b).map(|(kind, orb_deg, strength)| Aspect {
                first: *first,
                second: *second,
                kind,
                angle_deg: kind.angle_deg() + orb_deg,
                orb_deg,
                strength,
                applying: true,
                certain: true,
            }));
        }
    }
    found
}

fn kinds(patterns: &[Pattern]) -> Vec<PatternKind> {
    patterns.iter().map(|pattern| pattern.kind).collect()
}

fn bodies<const N: usize>(bodies: [Body; N]) -> Vec<Point> {
    bodies.map(Point::Body).to_vec()
}

#[test]
fn a_t_square_turns_on_the_point_in_square_to_both() {
    let found = find(&chart(&[(Body::Sun, 10.0), (Body::Moon, 191.0), (Body::Saturn, 100.0)], None));
    assert_eq!(kinds(&found), [PatternKind::TSquare]);
    assert_eq!(found[0].points, bodies([Body::Sun, Body::Moon, Body::Saturn]));
    assert_eq!(found[0].apex, Some(Point::Body(Body::Saturn)));
    assert_eq!((found[0].quality, found[0].element), (Some(Quality::Cardinal), None));
    let expected = (7.0 / 8.0 + 1.0 + 6.0 / 7.0) / 3.0;
    assert!((found[0].tightness - expected).abs() < 1e-12, "{}", found[0].tightness);
}

#[test]
fn a_grand_trine_has_an_element_and_no_apex() {
    let found = find(&chart(&[(Body::Mars, 358.0), (Body::Jupiter, 119.0), (Body::Pluto, 237.0)], None));
    assert_eq!(kinds(&found), [PatternKind::GrandTrine]);
    assert_eq!((found[0].element, found[0].apex), (Some(Element::Water), None));
    // The same over the border of a sign has none.
    let mixed = find(&chart(&[(Body::Mars, 1.0), (Body::Jupiter, 119.0), (Body::Pluto, 239.0)], None));
    assert_eq!((kinds(&mixed), mixed[0].element), (vec![PatternKind::GrandTrine], None));
}

#[test]
fn a_yod_points_at_the_body_in_quincunx_to_both() {
    let found = find(&chart(&[(Body::Venus, 0.0), (Body::Neptune, 60.0), (Body::Mercury, 210.0)], None));
    assert_eq!(kinds(&found), [PatternKind::Yod]);
    assert_eq!(found[0].apex, Some(Point::Body(Body::Mercury)));
    assert!((found[0].tightness - 1.0).abs() < 1e-12);
}

#[test]
fn a_grand_cross_is_one_figure_and_not_four_t_squares() {
    let corners = [(Body::Sun, 45.0), (Body::Mars, 136.0), (Body::Saturn, 224.0), (Body::Uranus, 316.0)];
    let found = find(&chart(&corners, None));
    assert_eq!(kinds(&found), [PatternKind::GrandCross]);
    assert_eq!((found[0].points.len(), found[0].quality), (4, Some(Quality::Fixed)));
}

#[test]
fn a_kite_holds_its_grand_trine_and_flies_towards_the_opposition() {
    let points = [(Body::Sun, 5.0), (Body::Moon, 125.0), (Body::Jupiter, 245.0), (Body::Saturn, 185.0)];
    let found = find(&chart(&points, None));
    assert_eq!(kinds(&found), [PatternKind::Kite]);
    assert_eq!(found[0].apex, Some(Point::Body(Body::Saturn)));
}

#[test]
fn a_stellium_is_four_bodies_in_a_sign_or_in_a_chain_over_its_border() {
    let in_sign = [(Body::Sun, 121.0), (Body::Mercury, 130.0), (Body::Venus, 139.0), (Body::Mars, 149.0)];
    let found = find(&chart(&in_sign, None));
    assert_eq!((kinds(&found), found[0].sign), (vec![PatternKind::Stellium], Some(Sign::Leo)));
    assert!(found[0].tightness < 1e-12, "no two of them are in conjunction: {}", found[0].tightness);

    let in_chain = [(Body::Sun, 355.0), (Body::Mercury, 359.0), (Body::Venus, 3.0), (Body::Mars, 7.0)];
    let found = find(&chart(&in_chain, None));
    assert_eq!((kinds(&found), found[0].sign), (vec![PatternKind::Stellium], None));
    assert!((found[0].tightness - 0.5).abs() < 1e-12, "{}", found[0].tightness);

    let three = [(Body::Sun, 355.0), (Body::Mercury, 359.0), (Body::Venus, 3.0)];
    assert!(find(&chart(&three, None)).is_empty());
}

#[test]
fn angles_take_part_and_nodes_do_not() {
    let with_angles = chart(&[(Body::Sun, 10.0), (Body::Moon, 190.0)], Some((100.0, 12.0)));
    assert!(find(&with_angles).iter().all(|found| found.apex == Some(Point::Ascendant)));
    assert_eq!(kinds(&find(&with_angles)), [PatternKind::TSquare, PatternKind::TSquare]);
    let nodes = chart(&[(Body::Sun, 10.0), (Body::Moon, 190.0), (Body::TrueNode, 100.0)], None);
    assert!(find(&nodes).is_empty());
}

#[test]
fn uncertain_aspects_make_no_figure() {
    let mut chart = chart(&[(Body::Sun, 10.0), (Body::Moon, 191.0), (Body::Saturn, 100.0)], None);
    chart.aspects[0].certain = false;
    assert!(find(&chart).is_empty());
}

#[test]
fn figures_come_by_kind_and_the_tightest_first() {
    let mut seen = 0;
    for day in 1..=28 {
        let birth = BirthData {
            date: format!("1989-11-{day:02}"),
            time: Some("06:00".into()),
            zone: None,
            latitude_deg: Some(48.0),
            longitude_deg: Some(2.0),
        };
        let found = find(&cast(&birth, HouseSystem::Placidus).expect("a chart"));
        seen += found.len();
        assert!(found.iter().all(|pattern| (0.0..=1.0).contains(&pattern.tightness)));
        assert!(
            found
                .windows(2)
                .all(|pair| { (pair[0].kind, -pair[0].tightness) <= (pair[1].kind, -pair[1].tightness) })
        );
        for (i, pattern) in found.iter().enumerate() {
            let same = |other: &Pattern| {
                (other.kind, &other.points, other.apex) == (pattern.kind, &pattern.points, pattern.apex)
            };
            assert!(!found[i + 1..].iter().any(same), "{pattern:?} twice");
        }
    }
    assert!(seen > 28, "{seen}");
}
