//! `astrological_data`: the employees' projection of the birth chart.

use bson::{Bson, Document, doc};
use chrono::{DateTime, Utc};

use super::values::{birth_date, birth_time, instant, list, texts};
use super::{Birth, ENGINE, Entity, astro_data_id, interpretations};
use crate::astro::chart::BodyPosition;
use crate::astro::{Body, NatalChart, Sign};
use crate::store::documents::{Store, Upsert, object_id};

/// The chart of an employee with its reading. One document per employee; `astroDataId` changes with the engine.
#[must_use]
pub fn astrological_data(
    employee: Entity<'_>,
    birth: Birth<'_>,
    chart: &NatalChart,
    now: DateTime<Utc>,
) -> Upsert {
    let now = instant(now);
    let id = astro_data_id(employee.id, chart.provenance.engine_version);
    Upsert {
        store: Store::Reports,
        collection: "astrological_data",
        key: doc! { "employeeId": employee.id },
        set: doc! {
            "astroDataId": id.to_string(),
            "organizationId": employee.organization_id,
            "birthData": birth_data(&birth),
            "birthChart": birth_chart(chart),
            "aspects": list(&chart.aspects, |aspect| doc! {
                "planet1": aspect.first.name(),
                "planet2": aspect.second.name(),
                "aspectType": aspect.kind.name(),
                "orb": aspect.orb_deg,
                "strength": aspect.strength,
                "certain": aspect.certain,
            }),
            "interpretations": reading(chart),
            "calculationEngine": ENGINE,
            "calculationDate": now,
            "version": chart.provenance.engine_version,
            "updatedAt": now,
        },
        set_on_insert: doc! { "_id": object_id(id), "createdAt": now },
        existing_only: false,
    }
}

fn birth_data(birth: &Birth<'_>) -> Document {
    let data = birth.data;
    let mut document = doc! {
        "date": birth_date(birth),
        "time": birth_time(birth),
        "location": {
            "city": birth.city,
            "country": birth.country,
            "latitude": data.latitude_deg,
            "longitude": data.longitude_deg,
            "timezone": data.zone.as_deref(),
        },
    };
    // A point of nulls would be refused by the 2dsphere index; a missing one is simply not indexed.
    if let (Some(latitude_deg), Some(longitude_deg)) = (data.latitude_deg, data.longitude_deg) {
        // GeoJSON (RFC 7946, 3.1.1): longitude first.
        document
            .insert("coordinates", doc! { "type": "Point", "coordinates": [longitude_deg, latitude_deg] });
    }
    document
}

/// `degree` counts within the sign, 0..30; `longitude` from the vernal equinox.
fn birth_chart(chart: &NatalChart) -> Document {
    let others = chart.bodies.iter().filter(|position| !matches!(position.body, Body::Sun | Body::Moon));
    doc! {
        "sun": body(&chart.bodies[Body::Sun.index()]),
        "moon": body(&chart.bodies[Body::Moon.index()]),
        "moonSignCandidates": chart.moon_sign_candidates.iter().map(|sign| sign.name()).collect::<Vec<_>>(),
        "ascendant": chart.angles.map(|angles| angle(angles.ascendant_deg)),
        "midheaven": chart.angles.map(|angles| angle(angles.midheaven_deg)),
        "planets": list(others, |position| {
            let mut document = doc! { "name": position.body.name() };
            document.extend(body(position));
            document
        }),
        "houses": houses(chart),
        "timeKnown": chart.moment.time_known,
    }
}

fn body(position: &BodyPosition) -> Document {
    doc! {
        "sign": position.sign.name(),
        "degree": position.degree_in_sign(),
        "longitude": position.longitude_deg,
        "house": position.house.map(i32::from),
        "retrograde": position.retrograde,
    }
}

fn houses(chart: &NatalChart) -> Bson {
    let cusps = chart.houses.iter().flat_map(|houses| houses.cusps_deg);
    list((1_i32..).zip(cusps), |(number, cusp_deg)| {
        let mut document = doc! { "number": number };
        document.extend(angle(cusp_deg));
        document
    })
}

fn angle(longitude_deg: f64) -> Document {
    doc! {
        "sign": Sign::of_longitude(longitude_deg).name(),
        "degree": longitude_deg.rem_euclid(30.0),
        "longitude": longitude_deg,
    }
}

fn reading(chart: &NatalChart) -> Document {
    let reading = interpretations(chart);
    doc! {
        "personality": reading.personality,
        "strengths": texts(&reading.strengths),
        "challenges": texts(&reading.challenges),
        "careerIndications": texts(&reading.career_indications),
        "relationshipPatterns": texts(&reading.relationship_patterns),
    }
}
