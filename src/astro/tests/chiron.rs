//! Chiron and the distances against the reference.

use super::reference::{arcsec_apart, cases};
use crate::astro::Body;
use crate::astro::ephemeris::{chiron, sky};

#[test]
fn chiron_stands_where_the_reference_has_it() {
    let (mut longitude, mut latitude, mut speed, mut distance) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    for case in cases() {
        let place = chiron(case.number("/jd_tt"));
        let at = |field: &str| case.number(&format!("/bodies/chiron/{field}"));
        longitude = longitude.max(arcsec_apart(place.longitude_deg, at("lon")));
        latitude = latitude.max((place.latitude_deg - at("lat")).abs() * 3600.0);
        speed = speed.max((place.speed_deg_per_day - at("speed_lon")).abs() * 3600.0);
        distance = distance.max((place.distance_au / at("dist_au") - 1.0).abs());
        assert_eq!(place.speed_deg_per_day < 0.0, at("speed_lon") < 0.0, "{}", case.id());
    }
    assert!(longitude < 0.7 && latitude < 0.5, "{longitude}\" {latitude}\"");
    assert!(speed < 0.1 && distance < 1.1e-5, "{speed}\" per day, {distance} of the distance");
}

#[test]
fn distances_agree_with_the_reference_to_a_hundred_thousandth() {
    let mut worst = [0.0_f64; 10];
    for case in cases() {
        let sky = sky(case.number("/jd_tt"));
        for body in Body::PLANETS {
            let off = (sky.place(body).distance_au / case.body(body, "dist_au") - 1.0).abs();
            worst[body.index()] = worst[body.index()].max(off);
        }
    }
    for body in Body::PLANETS {
        let limit = if body == Body::Moon { 1.1e-6 } else { 1.1e-5 };
        assert!(worst[body.index()] < limit, "{}: {}", body.name(), worst[body.index()]);
    }
}
