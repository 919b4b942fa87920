//! `astrological_data`: the employees' projection of the birth chart.

use bson::raw::{RawArrayBuf, RawDocumentBuf, cstr};
use chrono::{DateTime, Utc};

use super::values::{birth_date, birth_time, instant, list, or_null, raw, texts};
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
        key: raw! { "employeeId": employee.id },
        set: raw! {
            "astroDataId": id.to_string(),
            "organizationId": employee.organization_id,
            "birthData": birth_data(&birth),
            "birthChart": birth_chart(chart),
            "aspects": list(&chart.aspects, |aspect| raw! {
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
        set_on_insert: raw! { "_id": object_id(id), "createdAt": now },
        existing_only: false,
    }
}

fn birth_data(birth: &Birth<'_>) -> RawDocumentBuf {
    let data = birth.data;
    let mut document = raw! {
        "date": or_null(birth_date(birth)),
        "time": or_null(birth_time(birth)),
        "location": raw! {
            "city": or_null(birth.city),
            "country": or_null(birth.country),
            "latitude": or_null(data.latitude_deg),
            "longitude": or_null(data.longitude_deg),
            "timezone": or_null(data.zone.as_deref()),
        },
    };
    // A point of nulls would be refused by the 2dsphere index; a missing one is simply not indexed.
    if let (Some(latitude_deg), Some(longitude_deg)) = (data.latitude_deg, data.longitude_deg) {
        // GeoJSON (RFC 7946, 3.1.1): longitude first.
        let coordinates: RawArrayBuf = [longitude_deg, latitude_deg].into_iter().collect();
        document.append(cstr!("coordinates"), raw! { "type": "Point", "coordinates": coordinates });
    }
    document
}

/// `degree` counts within the sign, 0..30; `longitude` from the vernal equinox.
fn birth_chart(chart: &NatalChart) -> RawDocumentBuf {
    let ascendant = chart.angles.map(|angles| angle(angles.ascendant_deg));
    let midheaven = chart.angles.map(|angles| angle(angles.midheaven_deg));
    let others = chart.bodies.iter().filter(|position| !matches!(position.body, Body::Sun | Body::Moon));
    raw! {
        "sun": body(RawDocumentBuf::new(), &chart.bodies[Body::Sun.index()]),
        "moon": body(RawDocumentBuf::new(), &chart.bodies[Body::Moon.index()]),
        "moonSignCandidates": texts(chart.moon_sign_candidates.iter().map(|sign| sign.name())),
        "ascendant": or_null(ascendant.as_ref()),
        "midheaven": or_null(midheaven.as_ref()),
        "planets": list(others, |position| body(raw! { "name": position.body.name() }, position)),
        "houses": houses(chart),
        "timeKnown": chart.moment.time_known,
    }
}

/// Where a body stands, after the fields that `document` has.
fn body(mut document: RawDocumentBuf, position: &BodyPosition) -> RawDocumentBuf {
    document.append(cstr!("sign"), position.sign.name());
    document.append(cstr!("degree"), position.degree_in_sign());
    document.append(cstr!("longitude"), position.longitude_deg);
    document.append(cstr!("house"), or_null(position.house.map(i32::from)));
    document.append(cstr!("retrograde"), position.retrograde);
    document
}

fn houses(chart: &NatalChart) -> RawArrayBuf {
    let cusps = chart.houses.iter().flat_map(|houses| houses.cusps_deg);
    list((1_i32..).zip(cusps), |(number, cusp_deg)| {
        raw! {
            "number": number,
            "sign": Sign::of_longitude(cusp_deg).name(),
            "degree": cusp_deg.rem_euclid(30.0),
            "longitude": cusp_deg,
        }
    })
}

fn angle(longitude_deg: f64) -> RawDocumentBuf {
    raw! {
        "sign": Sign::of_longitude(longitude_deg).name(),
        "degree": longitude_deg.rem_euclid(30.0),
        "longitude": longitude_deg,
    }
}

fn reading(chart: &NatalChart) -> RawDocumentBuf {
    let reading = interpretations(chart);
    raw! {
        "personality": reading.personality,
        "strengths": texts(&reading.strengths),
        "challenges": texts(&reading.challenges),
        "careerIndications": texts(&reading.career_indications),
        "relationshipPatterns": texts(&reading.relationship_patterns),
    }
}
