//! Casting a chart: from birth data to everything that can be read in the sky.

use super::aspects::{self, Moving};
use super::body::{Body, Point};
use super::chart::{
    Angles, Aspect, BodyPosition, HouseSystem, Houses, Moment, MoonPhase, NatalChart, Provenance,
};
use super::dignity::{balance, dignity, dominant_element, dominant_quality};
use super::ephemeris::{EPHEMERIS_VERSION, Sky, sky};
use super::error::AstroError;
use super::houses::{HouseFinder, Vantage, divide};
use super::input::BirthData;
use super::julian::tt_of_ut;
use super::precession::apparent_sidereal_time_rad;
use super::time::Birth;
use super::zodiac::Sign;
use super::zones::TZDB_VERSION;

/// Version of the calculation rules; part of every chart's provenance.
pub const ENGINE_VERSION: &str = "1";

/// Casts a birth chart.
///
/// Houses and angles need time and place; without them they are `None`, and so are the houses of the bodies and
/// the chart ruler. An unknown time is taken as local noon, and aspects that do not hold all through the civil day
/// are marked as not certain.
///
/// # Errors
/// Names the field of the birth data that is malformed, unknown or out of range.
pub fn cast(birth: &BirthData, system: HouseSystem) -> Result<NatalChart, AstroError> {
    let birth = Birth::check(birth)?;
    let moment = birth.moment();
    let now = sky(moment.jd_tt);
    let divided = birth
        .place_deg
        .filter(|_| moment.time_known)
        .map(|(latitude, longitude)| divide(vantage(&moment, &now, latitude, longitude), system));
    let (angles, houses) = divided.unzip();
    let bodies = positions(&now, houses.as_ref());
    let day = (!moment.time_known).then(|| Day::of(&birth));
    let mut aspects = aspects::among(&points(&now, angles.as_ref()));
    if let Some(day) = &day {
        for aspect in &mut aspects {
            aspect.certain = day.holds(aspect);
        }
    }
    let (elements, qualities) = balance(&bodies);
    Ok(NatalChart {
        moon_phase: moon_phase(&now),
        chart_ruler: angles.map(|angles| Sign::of_longitude(angles.ascendant_deg).ruler()),
        moon_sign_candidates: day
            .map_or_else(|| vec![bodies[Body::Moon.index()].sign], |day| day.moon_signs()),
        moment,
        bodies,
        angles,
        houses,
        aspects,
        elements,
        qualities,
        dominant_element: dominant_element(&elements),
        dominant_quality: dominant_quality(&qualities),
        provenance: Provenance {
            engine_version: ENGINE_VERSION,
            ephemeris_version: EPHEMERIS_VERSION,
            tzdb_version: TZDB_VERSION,
        },
    })
}

/// Name of the eighth of the lunation around an elongation in degrees: the principal phases lie in the middle of
/// their eighths, so that new Moon lasts from -22.5 to 22.5 degrees.
#[must_use]
pub fn phase_name(angle_deg: f64) -> &'static str {
    const NAMES: [&str; 8] = [
        "New Moon",
        "Waxing Crescent",
        "First Quarter",
        "Waxing Gibbous",
        "Full Moon",
        "Waning Gibbous",
        "Last Quarter",
        "Waning Crescent",
    ];
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the quotient lies in 0..=8")]
    let eighth = ((angle_deg + 22.5).rem_euclid(360.0) / 45.0) as usize;
    NAMES[eighth % 8]
}

fn vantage(moment: &Moment, sky: &Sky, latitude_deg: f64, longitude_deg: f64) -> Vantage {
    let greenwich = apparent_sidereal_time_rad(moment.jd_ut, moment.jd_tt, sky);
    Vantage {
        armc_rad: greenwich + longitude_deg.to_radians(),
        obliquity_rad: sky.obliquity_rad,
        latitude_rad: latitude_deg.to_radians(),
    }
}

fn positions(sky: &Sky, houses: Option<&Houses>) -> [BodyPosition; 12] {
    let finder = houses.map(|houses| HouseFinder::new(&houses.cusps_deg));
    Body::ALL.map(|body| {
        let place = sky.place(body);
        let sign = Sign::of_longitude(place.longitude_deg);
        BodyPosition {
            body,
            longitude_deg: place.longitude_deg,
            latitude_deg: place.latitude_deg,
            speed_deg_per_day: place.speed_deg_per_day,
            sign,
            house: finder.map(|finder| finder.house_of(place.longitude_deg)),
            retrograde: place.speed_deg_per_day < 0.0,
            dignity: dignity(body, sign),
        }
    })
}

/// Bodies and, where known, angles in the order of a chart's aspects.
fn points(sky: &Sky, angles: Option<&Angles>) -> Vec<Moving> {
    let bodies = Body::ALL.into_iter().map(|body| {
        let place = sky.place(body);
        Moving {
            point: Point::Body(body),
            longitude_deg: place.longitude_deg,
            speed_deg_per_day: place.speed_deg_per_day,
        }
    });
    let fixed = |point, longitude_deg| Moving { point, longitude_deg, speed_deg_per_day: 0.0 };
    let angles = angles.into_iter().flat_map(|angles| {
        [fixed(Point::Ascendant, angles.ascendant_deg), fixed(Point::Midheaven, angles.midheaven_deg)]
    });
    bodies.chain(angles).collect()
}

fn moon_phase(sky: &Sky) -> MoonPhase {
    let elongation = sky.place(Body::Moon).longitude_deg - sky.place(Body::Sun).longitude_deg;
    let angle_deg = elongation.rem_euclid(360.0);
    MoonPhase { angle_deg, name: phase_name(angle_deg) }
}

/// The civil day of birth, from its first to its last moment, for charts without a time.
struct Day {
    begin: Sky,
    end: Sky,
}

impl Day {
    fn of(birth: &Birth) -> Self {
        let (begin, end) = birth.day_jd_ut();
        Self { begin: sky(tt_of_ut(begin)), end: sky(tt_of_ut(end)) }
    }

    /// Whether an aspect of noon also stands at both ends of the day. What stands there stands between, for within
    /// a day separations move one way only, except next to exactness, which they pass within orb.
    fn holds(&self, aspect: &Aspect) -> bool {
        let (Point::Body(first), Point::Body(second)) = (aspect.first, aspect.second) else { return false };
        [&self.begin, &self.end].into_iter().all(|sky| {
            let (first, second) = (sky.place(first).longitude_deg, sky.place(second).longitude_deg);
            aspects::aspect_between(first, second).is_some_and(|(kind, ..)| kind == aspect.kind)
        })
    }

    /// The Moon always moves forward and less than 16 degrees a day, so two signs at most.
    fn moon_signs(&self) -> Vec<Sign> {
        let sign = |sky: &Sky| Sign::of_longitude(sky.place(Body::Moon).longitude_deg);
        let mut signs = vec![sign(&self.begin), sign(&self.end)];
        signs.dedup();
        signs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_principal_phase_lies_in_the_middle_of_its_eighth() {
        for (angle, name) in [
            (0.0, "New Moon"),
            (22.4, "New Moon"),
            (337.5, "New Moon"),
            (337.4, "Waning Crescent"),
            (22.5, "Waxing Crescent"),
            (90.0, "First Quarter"),
            (135.0, "Waxing Gibbous"),
            (180.0, "Full Moon"),
            (225.0, "Waning Gibbous"),
            (270.0, "Last Quarter"),
            (359.999_999_999, "New Moon"),
        ] {
            assert_eq!(phase_name(angle), name, "{angle}");
        }
    }
}
