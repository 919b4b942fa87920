//! Charts and what is read from them.

use bson::Bson;

use super::fixture::{ENTITY, at, birth, birth_data, chart, made, now, untimed_chart};
use crate::pipeline::documents::{astrological_data, birth_chart, interpretations};

#[test]
fn a_place_is_a_point_with_longitude_first() {
    let data = birth_data();
    let document = made(&astrological_data(ENTITY, birth(&data), &chart(), now()));
    let point = at(&document, "birthData.coordinates.coordinates").unwrap().as_array().unwrap();
    assert_eq!(point.iter().map(|value| value.as_f64().unwrap()).collect::<Vec<_>>(), [72.88, 19.07]);
}

#[test]
fn an_unknown_place_is_no_point_and_an_unknown_time_leaves_no_houses() {
    let mut data = birth_data();
    (data.latitude_deg, data.time) = (None, None);
    let chart = untimed_chart();
    let employee = made(&astrological_data(ENTITY, birth(&data), &chart, now()));
    assert!(at(&employee, "birthData.coordinates").is_none());
    assert!(at(&employee, "birthData.time").unwrap().as_null().is_some());
    assert!(at(&employee, "birthChart.ascendant").unwrap().as_null().is_some());
    assert!(at(&employee, "birthChart.houses").unwrap().as_array().unwrap().is_empty());
    let truth = made(&birth_chart(ENTITY, birth(&data), &chart, now()));
    assert!(at(&truth, "house_system").unwrap().as_null().is_some());
    assert!(at(&truth, "planets[].house").unwrap().as_null().is_some());
    assert_eq!(at(&truth, "moon_sign_candidates").unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn birth_data_are_copied_as_a_day_and_a_short_time() {
    let data = birth_data();
    let document = made(&birth_chart(ENTITY, birth(&data), &chart(), now()));
    let day = at(&document, "birth_data.date").unwrap().as_datetime().unwrap();
    assert_eq!(day.try_to_rfc3339_string().unwrap(), "1968-03-31T00:00:00Z");
    assert_eq!(at(&document, "birth_data.time").unwrap().as_str(), Some("04:05"));
    assert_eq!(at(&document, "birth_data.location").unwrap().as_str(), Some("Mumbai, India"));
}

#[test]
fn words_and_rulers_of_a_chart_are_those_of_the_documents() {
    let data = birth_data();
    let document = made(&birth_chart(ENTITY, birth(&data), &chart(), now()));
    let word = |path| at(&document, path).unwrap().as_str().unwrap().to_owned();
    assert_eq!(word("houses[].sign"), "Leo");
    assert_eq!(word("houses[].ruler"), "Sun");
    assert_eq!(word("planets[].dignity"), "exaltation");
    assert_eq!(word("house_system.used"), "whole_sign");
    assert_eq!(word("moment.offset_source"), "zone_history");
    assert_eq!(word("aspects[].strength"), "major");
    let minor = document.get_array("aspects").unwrap()[1].as_document().unwrap();
    assert_eq!(minor.get("strength").and_then(Bson::as_str), Some("minor"));
    assert_eq!(minor.get("aspect_type").and_then(Bson::as_str), Some("quincunx"));
    assert_eq!(document.get_array("planets").unwrap().len(), 12);
}

#[test]
fn a_reading_names_what_it_is_read_from() {
    let reading = interpretations(&chart());
    assert_eq!(
        reading.personality,
        "Sun in Aries: likes to start things and to see results soon. Moon in Taurus: feels well with calm, comfort \
         and few surprises. Ascendant in Leo: comes across as confident and warm."
    );
    assert!(
        reading
            .strengths
            .contains(&"Sun in Aries (exaltation): sense of purpose is a natural asset".to_owned())
    );
    assert!(
        reading
            .strengths
            .contains(&"Sun trine Mars: sense of purpose and drive support one another".to_owned())
    );
    assert!(reading.challenges.iter().any(|line| line.starts_with("Mercury square Jupiter: ")));
    assert!(reading.career_indications[0].starts_with("Midheaven in Taurus: "));
}

#[test]
fn an_open_moon_is_said_and_not_read() {
    let mut chart = untimed_chart();
    chart.bodies[1].dignity = Some(crate::astro::chart::Dignity::Exaltation);
    let reading = interpretations(&chart);
    assert!(reading.personality.contains("Moon in Taurus or Gemini: "), "{}", reading.personality);
    assert!(!reading.personality.contains("Ascendant"));
    let lines = [reading.strengths, reading.challenges, reading.relationship_patterns].concat();
    assert!(lines.iter().all(|line| !line.starts_with("Moon")), "{lines:?}");
    assert!(reading.career_indications[0].starts_with("Sun in Aries: "));
}
