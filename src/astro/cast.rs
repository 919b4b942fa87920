//! Casting a chart: from birth data to everything that can be read in the sky.

use super::aspects;
use super::body::{Body, Point};
use super::chart::{Aspect, BodyPosition, HouseSystem, Houses, MoonPhase, NatalChart, Provenance};
use super::ephemeris::{EPHEMERIS_VERSION, Sky, sky};
use super::error::AstroError;
use super::input::BirthData;
use super::julian::tt_of_ut;
use super::raw::{Event, RawChart};
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
    let place = birth.place_deg.filter(|_| moment.time_known);
    let raw = RawChart::of(&Event::resolved(moment.jd_ut, moment.jd_tt, place), system);
    let mut aspects = raw.full_aspects();
    let day = (!moment.time_known).then(|| Day::of(&birth));
    if let Some(day) = &day {
        for aspect in &mut aspects {
            aspect.certain = day.holds(aspect);
        }
    }
    Ok(NatalChart {
        moon_sign_candidates: day.map_or_else(|| vec![raw.signs[Body::Moon.index()]], |day| day.moon_signs()),
        moment,
        bodies: positions(&raw),
        angles: raw.angles,
        houses: houses(&raw, system),
        aspects,
        elements: raw.elements,
        qualities: raw.qualities,
        dominant_element: raw.dominant_element,
        dominant_quality: raw.dominant_quality,
        moon_phase: MoonPhase { angle_deg: raw.moon_phase_deg, name: phase_name(raw.moon_phase_deg) },
        chart_ruler: raw.chart_ruler,
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

fn positions(raw: &RawChart) -> [BodyPosition; 12] {
    Body::ALL.map(|body| {
        let at = body.index();
        BodyPosition {
            body,
            longitude_deg: raw.longitudes_deg[at],
            latitude_deg: raw.latitudes_deg[at],
            distance_au: (!matches!(body, Body::MeanNode | Body::TrueNode)).then_some(raw.distances_au[at]),
            speed_deg_per_day: raw.speeds_deg_per_day[at],
            sign: raw.signs[at],
            house: (raw.houses[at] > 0).then_some(raw.houses[at]),
            retrograde: raw.speeds_deg_per_day[at] < 0.0,
            dignity: raw.dignities[at],
        }
    })
}

fn houses(raw: &RawChart, requested: HouseSystem) -> Option<Houses> {
    raw.angles.map(|_| Houses {
        requested,
        used: raw.house_system,
        fallback: (raw.house_system != requested).then(|| "polar".to_owned()),
        cusps_deg: raw.cusps_deg,
    })
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
