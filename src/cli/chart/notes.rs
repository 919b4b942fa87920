//! What a chart tells about decisions that were taken in place of the user.

use crate::astro::NatalChart;
use crate::astro::chart::{LocalKind, OffsetSource};

/// What was decided in place of the user.
pub(super) fn notes(chart: &NatalChart) -> Vec<String> {
    let moment = &chart.moment;
    let mut notes = Vec::new();
    match moment.local_kind {
        LocalKind::Unique => {}
        LocalKind::Fold => {
            notes.push("the clocks were set back: this time happened twice, the first was taken".to_owned());
        }
        LocalKind::Gap => {
            notes.push(
                "the clocks were set forward: this time never happened, the old offset was taken".to_owned(),
            );
        }
    }
    match moment.offset_source {
        OffsetSource::ZoneHistory => {}
        OffsetSource::LocalMeanTime => {
            notes.push("before standard time: local mean time of the longitude of birth".to_owned());
        }
        OffsetSource::AssumedUtc => notes.push("no time zone was given: the time is taken as UTC".to_owned()),
    }
    if !moment.time_known {
        let signs: Vec<&str> = chart.moon_sign_candidates.iter().map(|sign| sign.name()).collect();
        notes.push(format!(
            "time unknown: positions of local noon, no houses; the Moon was in {} that day; aspects marked ? do not hold all day",
            signs.join(" or ")
        ));
    } else if chart.houses.is_none() {
        notes.push("place unknown: no houses and no angles".to_owned());
    }
    if let Some((houses, reason)) = chart.houses.as_ref().and_then(|it| Some((it, it.fallback.as_ref()?))) {
        notes.push(format!(
            "{:?} houses do not exist here ({reason}): these are {:?} houses",
            houses.requested, houses.used
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::astro::{BirthData, HouseSystem, cast};

    fn chart(time: Option<&str>, zone: Option<&str>, place: Option<(f64, f64)>) -> NatalChart {
        let birth = BirthData {
            date: "1990-03-25".to_owned(),
            time: time.map(str::to_owned),
            zone: zone.map(str::to_owned),
            latitude_deg: place.map(|(lat, _)| lat),
            longitude_deg: place.map(|(_, lon)| lon),
        };
        cast(&birth, HouseSystem::Placidus).expect("a chart")
    }

    #[test]
    fn what_was_decided_in_place_of_the_user_is_said() {
        let said = |chart: &NatalChart| notes(chart).join("; ");
        assert!(said(&chart(None, None, None)).contains("time unknown"));
        assert!(said(&chart(None, None, None)).contains("taken as UTC"));
        assert!(said(&chart(Some("02:30"), Some("Europe/Berlin"), None)).contains("never happened"));
        assert!(said(&chart(Some("10:00"), Some("Europe/Berlin"), None)).contains("place unknown"));
        let polar = chart(Some("10:00"), Some("Europe/Oslo"), Some((78.2, 15.6)));
        assert!(said(&polar).contains("Placidus houses do not exist here"));
        assert!(notes(&chart(Some("10:00"), Some("Europe/Berlin"), Some((52.5, 13.4)))).is_empty());
    }
}
