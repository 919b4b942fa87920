//! `birth_charts`: the chart of an employee, a candidate or a company.

use bson::raw::{RawArrayBuf, RawBson, RawDocumentBuf};
use chrono::{DateTime, Utc};

use super::values::{birth_date, birth_time, instant, list, location, named, or_null, raw, texts};
use super::{Birth, ENGINE, Entity, birth_chart_id};
use crate::astro::chart::{Aspect, BodyPosition, Dignity, Moment};
use crate::astro::patterns::{self, Pattern};
use crate::astro::{Body, Element, ExtraPoint, NatalChart, Point, Quality, Sign, extra_points};
use crate::store::documents::{Store, Upsert, object_id};

/// The active chart of an entity.
#[must_use]
pub fn birth_chart(entity: Entity<'_>, birth: Birth<'_>, chart: &NatalChart, now: DateTime<Utc>) -> Upsert {
    let now = instant(now);
    let made = &chart.provenance;
    Upsert {
        store: Store::Astrology,
        collection: "birth_charts",
        key: raw! { "entity_type": entity.kind, "entity_id": entity.id, "status": "active" },
        set: raw! {
            "organization_id": entity.organization_id,
            "birth_data": birth_data(&birth),
            "planets": list(&chart.bodies, planet),
            "houses": houses(chart),
            "aspects": list(&chart.aspects, aspect),
            "calculated_data": calculated_data(chart),
            "moon_sign_candidates": texts(chart.moon_sign_candidates.iter().map(|sign| sign.name())),
            "house_system": or_null(house_system(chart).as_ref()),
            "moment": moment(&chart.moment),
            "calculation_version": made.engine_version,
            "ephemeris_version": made.ephemeris_version,
            "tzdb_version": made.tzdb_version,
            "calculated_at": now,
            "calculated_by": ENGINE,
            "last_updated": now,
            "updated_at": now,
        },
        set_on_insert: raw! { "_id": object_id(birth_chart_id(entity.kind, entity.id)), "created_at": now },
        existing_only: false,
    }
}

fn birth_data(birth: &Birth<'_>) -> RawDocumentBuf {
    raw! {
        "date": or_null(birth_date(birth)),
        "time": or_null(birth_time(birth)),
        "timezone": or_null(birth.data.zone.as_deref()),
        "latitude": or_null(birth.data.latitude_deg),
        "longitude": or_null(birth.data.longitude_deg),
        "location": or_null(location(birth).as_deref()),
    }
}

/// `degree` is the ecliptic longitude 0..360, as the applications ask for it here.
fn planet(position: &BodyPosition) -> RawDocumentBuf {
    raw! {
        "name": position.body.name(),
        "sign": position.sign.name(),
        "degree": position.longitude_deg,
        "degree_in_sign": position.degree_in_sign(),
        "house": or_null(position.house.map(i32::from)),
        "retrograde": position.retrograde,
        "dignity": or_null(position.dignity.map(Dignity::name)),
        "latitude": position.latitude_deg,
        "distance": or_null(position.distance_au),
        "speed": position.speed_deg_per_day,
    }
}

fn houses(chart: &NatalChart) -> RawArrayBuf {
    let cusps = chart.houses.iter().flat_map(|houses| houses.cusps_deg);
    list((1_i32..).zip(cusps), |(number, cusp_deg)| {
        let sign = Sign::of_longitude(cusp_deg);
        raw! {
            "number": number,
            "sign": sign.name(),
            "degree": cusp_deg.rem_euclid(30.0),
            "cusp": cusp_deg,
            "ruler": sign.ruler().name(),
        }
    })
}

fn aspect(aspect: &Aspect) -> RawDocumentBuf {
    raw! {
        "planet1": aspect.first.name(),
        "planet2": aspect.second.name(),
        "aspect_type": aspect.kind.name(),
        "angle": aspect.angle_deg,
        "orb": aspect.orb_deg,
        "strength": if aspect.kind.is_major() { "major" } else { "minor" },
        "strength_score": aspect.strength,
        "strength_word": aspect.strength_word(),
        "applying": aspect.applying,
        "certain": aspect.certain,
    }
}

fn calculated_data(chart: &NatalChart) -> RawDocumentBuf {
    let ascendant = chart.angles.map(|angles| angle(angles.ascendant_deg));
    let midheaven = chart.angles.map(|angles| angle(angles.midheaven_deg));
    let vertex = chart.angles.map(|angles| angle(angles.vertex_deg));
    raw! {
        "ascendant": or_null(ascendant.as_ref()),
        "midheaven": or_null(midheaven.as_ref()),
        "vertex": or_null(vertex.as_ref()),
        "moon_phase": chart.moon_phase.name,
        "moon_phase_angle": chart.moon_phase.angle_deg,
        "dominant_element": chart.dominant_element.name(),
        "dominant_quality": chart.dominant_quality.name(),
        "elements": named(&["fire", "earth", "air", "water"], &chart.elements),
        "qualities": named(&["cardinal", "fixed", "mutable"], &chart.qualities),
        "chart_ruler": or_null(chart.chart_ruler.map(Body::name)),
        "patterns": list(&patterns::find(chart), pattern),
        "extra_points": list(&extra_points(chart), extra_point),
    }
}

fn pattern(pattern: &Pattern) -> RawDocumentBuf {
    raw! {
        "type": pattern.kind.name(),
        "points": texts(pattern.points.iter().map(|point| point.name())),
        "apex": or_null(pattern.apex.map(Point::name)),
        "element": or_null(pattern.element.map(Element::name)),
        "quality": or_null(pattern.quality.map(Quality::name)),
        "sign": or_null(pattern.sign.map(Sign::name)),
        "tightness": pattern.tightness,
    }
}

fn extra_point(point: &ExtraPoint) -> RawDocumentBuf {
    raw! {
        "name": point.name,
        "sign": point.sign.name(),
        "degree": point.longitude_deg,
        "degree_in_sign": point.longitude_deg.rem_euclid(30.0),
        "house": or_null(point.house.map(i32::from)),
        "retrograde": point.retrograde,
        "latitude": point.latitude_deg,
        "distance": or_null(point.distance_au),
        "speed": point.speed_deg_per_day,
    }
}

fn angle(longitude_deg: f64) -> RawDocumentBuf {
    raw! {
        "sign": Sign::of_longitude(longitude_deg).name(),
        "degree": longitude_deg,
        "degree_in_sign": longitude_deg.rem_euclid(30.0),
    }
}

fn house_system(chart: &NatalChart) -> Option<RawDocumentBuf> {
    chart.houses.as_ref().map(|houses| {
        raw! {
            "requested": word(&houses.requested),
            "used": word(&houses.used),
            "fallback": or_null(houses.fallback.as_deref()),
        }
    })
}

/// How the civil birth data became an instant: what was known and what was decided.
fn moment(moment: &Moment) -> RawDocumentBuf {
    raw! {
        "utc": moment.utc.as_str(),
        "jd_ut": moment.jd_ut,
        "jd_tt": moment.jd_tt,
        "delta_t_s": moment.delta_t_s,
        "utc_offset_s": moment.utc_offset_s,
        "offset_source": word(&moment.offset_source),
        "local_kind": word(&moment.local_kind),
        "time_known": moment.time_known,
    }
}

/// The snake-case word of a unit variant.
fn word<T: serde::Serialize>(variant: &T) -> RawBson {
    // Unwrap safety: a unit variant always serializes, to its name.
    bson::serialize_to_bson(variant).and_then(RawBson::try_from).unwrap_or(RawBson::Null)
}
