//! `birth_charts`: the chart of an employee, a candidate or a company.

use bson::{Bson, Document, doc};
use chrono::{DateTime, Utc};

use super::values::{birth_date, birth_time, instant, list, location, named};
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
        key: doc! { "entity_type": entity.kind, "entity_id": entity.id, "status": "active" },
        set: doc! {
            "organization_id": entity.organization_id,
            "birth_data": birth_data(&birth),
            "planets": list(&chart.bodies, planet),
            "houses": houses(chart),
            "aspects": list(&chart.aspects, aspect),
            "calculated_data": calculated_data(chart),
            "moon_sign_candidates": chart.moon_sign_candidates.iter().map(|sign| sign.name()).collect::<Vec<_>>(),
            "house_system": house_system(chart),
            "moment": moment(&chart.moment),
            "calculation_version": made.engine_version,
            "ephemeris_version": made.ephemeris_version,
            "tzdb_version": made.tzdb_version,
            "calculated_at": now,
            "calculated_by": ENGINE,
            "last_updated": now,
            "updated_at": now,
        },
        set_on_insert: doc! { "_id": object_id(birth_chart_id(entity.kind, entity.id)), "created_at": now },
        existing_only: false,
    }
}

fn birth_data(birth: &Birth<'_>) -> Document {
    doc! {
        "date": birth_date(birth),
        "time": birth_time(birth),
        "timezone": birth.data.zone.as_deref(),
        "latitude": birth.data.latitude_deg,
        "longitude": birth.data.longitude_deg,
        "location": location(birth),
    }
}

/// `degree` is the ecliptic longitude 0..360, as the applications ask for it here.
fn planet(position: &BodyPosition) -> Document {
    doc! {
        "name": position.body.name(),
        "sign": position.sign.name(),
        "degree": position.longitude_deg,
        "degree_in_sign": position.degree_in_sign(),
        "house": position.house.map(i32::from),
        "retrograde": position.retrograde,
        "dignity": position.dignity.map(Dignity::name),
        "latitude": position.latitude_deg,
        "distance": position.distance_au,
        "speed": position.speed_deg_per_day,
    }
}

fn houses(chart: &NatalChart) -> Bson {
    let cusps = chart.houses.iter().flat_map(|houses| houses.cusps_deg);
    list((1_i32..).zip(cusps), |(number, cusp_deg)| {
        let sign = Sign::of_longitude(cusp_deg);
        doc! {
            "number": number,
            "sign": sign.name(),
            "degree": cusp_deg.rem_euclid(30.0),
            "cusp": cusp_deg,
            "ruler": sign.ruler().name(),
        }
    })
}

fn aspect(aspect: &Aspect) -> Document {
    doc! {
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

fn calculated_data(chart: &NatalChart) -> Document {
    let elements = chart.elements;
    let qualities = chart.qualities;
    doc! {
        "ascendant": chart.angles.map(|angles| angle(angles.ascendant_deg)),
        "midheaven": chart.angles.map(|angles| angle(angles.midheaven_deg)),
        "vertex": chart.angles.map(|angles| angle(angles.vertex_deg)),
        "moon_phase": chart.moon_phase.name,
        "moon_phase_angle": chart.moon_phase.angle_deg,
        "dominant_element": chart.dominant_element.name(),
        "dominant_quality": chart.dominant_quality.name(),
        "elements": named(&["fire", "earth", "air", "water"], &elements),
        "qualities": named(&["cardinal", "fixed", "mutable"], &qualities),
        "chart_ruler": chart.chart_ruler.map(Body::name),
        "patterns": list(&patterns::find(chart), pattern),
        "extra_points": list(&extra_points(chart), extra_point),
    }
}

fn pattern(pattern: &Pattern) -> Document {
    doc! {
        "type": pattern.kind.name(),
        "points": pattern.points.iter().map(|point| point.name()).collect::<Vec<_>>(),
        "apex": pattern.apex.map(Point::name),
        "element": pattern.element.map(Element::name),
        "quality": pattern.quality.map(Quality::name),
        "sign": pattern.sign.map(Sign::name),
        "tightness": pattern.tightness,
    }
}

fn extra_point(point: &ExtraPoint) -> Document {
    doc! {
        "name": point.name,
        "sign": point.sign.name(),
        "degree": point.longitude_deg,
        "degree_in_sign": point.longitude_deg.rem_euclid(30.0),
        "house": point.house.map(i32::from),
        "retrograde": point.retrograde,
        "latitude": point.latitude_deg,
        "distance": point.distance_au,
        "speed": point.speed_deg_per_day,
    }
}

fn angle(longitude_deg: f64) -> Document {
    doc! {
        "sign": Sign::of_longitude(longitude_deg).name(),
        "degree": longitude_deg,
        "degree_in_sign": longitude_deg.rem_euclid(30.0),
    }
}

fn house_system(chart: &NatalChart) -> Option<Document> {
    chart.houses.as_ref().map(|houses| {
        doc! {
            "requested": word(&houses.requested),
            "used": word(&houses.used),
            "fallback": houses.fallback.as_deref(),
        }
    })
}

/// How the civil birth data became an instant: what was known and what was decided.
fn moment(moment: &Moment) -> Document {
    doc! {
        "utc": &moment.utc,
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
fn word<T: serde::Serialize>(variant: &T) -> Bson {
    // Unwrap safety: a unit variant always serializes, to its name.
    bson::serialize_to_bson(variant).unwrap_or(Bson::Null)
}
