//! Positions, speeds and motion against the reference at its own instants.

use super::reference::{Case, arcsec_apart, cases};
use crate::astro::Body;
use crate::astro::ephemeris::{longitudes_deg, sky};

#[test]
fn longitudes_and_latitudes_agree_with_the_reference() {
    for case in cases() {
        let sky = sky(case.number("/jd_tt"));
        for body in Body::ALL {
            let place = sky.place(body);
            let off = arcsec_apart(place.longitude_deg, case.body(body, "lon"));
            assert!(off <= Case::tolerance_arcsec(body), "{} {}: {off}\"", case.id(), body.name());
            let lat_off = (place.latitude_deg - case.body(body, "lat")).abs() * 3600.0;
            assert!(lat_off <= Case::tolerance_arcsec(body), "{} {}: {lat_off}\"", case.id(), body.name());
        }
    }
}

#[test]
fn speeds_agree_with_the_reference_to_two_arcseconds_a_day() {
    for case in cases() {
        let sky = sky(case.number("/jd_tt"));
        for body in Body::ALL {
            let off = (sky.place(body).speed_deg_per_day - case.body(body, "speed_lon")).abs() * 3600.0;
            assert!(off < 2.0, "{} {}: {off}\" per day", case.id(), body.name());
            assert_eq!(
                sky.place(body).speed_deg_per_day < 0.0,
                case.retrograde(body),
                "{} {}",
                case.id(),
                body.name()
            );
        }
    }
}

#[test]
fn obliquity_and_nutation_agree_with_the_reference_to_two_milliarcseconds() {
    for case in cases() {
        let sky = sky(case.number("/jd_tt"));
        let obliquity = (sky.obliquity_rad.to_degrees() - case.number("/obliquity_true")).abs() * 3600.0;
        let nutation =
            (sky.nutation_longitude_rad.to_degrees() - case.number("/nutation_lon")).abs() * 3600.0;
        assert!(obliquity < 0.002 && nutation < 0.004, "{}: {obliquity}\" {nutation}\"", case.id());
    }
}

#[test]
fn the_cheap_longitudes_equal_those_of_the_full_sky() {
    for day in 0..2000 {
        let jd = 2_396_758.5 + f64::from(day) * 54.321;
        let (full, cheap) = (sky(jd), longitudes_deg(jd));
        for body in Body::PLANETS {
            let off = arcsec_apart(full.place(body).longitude_deg, cheap[body.index()]);
            assert!(off < 1e-6, "{jd} {}: {off}\"", body.name());
        }
    }
}

#[test]
fn positions_run_on_smoothly_over_the_joints_of_the_table() {
    for joint in 1..400 {
        let jd = 2_396_726.5 + f64::from(joint) * 8.0;
        let (before, after) = (sky(jd - 1e-6), sky(jd + 1e-6));
        for body in Body::ALL {
            let off = arcsec_apart(before.place(body).longitude_deg, after.place(body).longitude_deg);
            assert!(off < 0.15, "{jd} {}: {off}\"", body.name());
        }
    }
}

#[test]
fn instants_outside_the_table_give_no_numbers() {
    assert!(longitudes_deg(2_396_000.0).iter().all(|x| x.is_nan()));
    assert!(sky(2_507_000.0).place(Body::Moon).longitude_deg.is_nan());
    assert!(sky(f64::NAN).obliquity_rad.is_nan());
}
