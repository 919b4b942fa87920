//! Small conversions that several documents share.

use bson::{Bson, DateTime, Document, doc};
use chrono::{NaiveDate, NaiveTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{Birth, DocumentError};
use crate::domain::Quarter;
use crate::harmonic::{DIMENSIONS, ENERGIES};

/// Depth beyond which JSON of a platform is stored as text: the server refuses documents of more than 100 levels.
const DEPTH: usize = 64;

/// An instant.
pub(super) fn instant(at: chrono::DateTime<Utc>) -> DateTime {
    DateTime::from_chrono(at)
}

/// A day, as midnight UTC.
pub(super) fn midnight(day: NaiveDate) -> DateTime {
    DateTime::from_chrono(day.and_time(NaiveTime::MIN).and_utc())
}

/// The civil date of a birth; null when it is no date.
pub(super) fn birth_date(birth: &Birth<'_>) -> Bson {
    birth.data.date.parse::<NaiveDate>().map_or(Bson::Null, |day| midnight(day).into())
}

/// The civil time of a birth as `HH:MM`; null when nobody knows it.
pub(super) fn birth_time<'a>(birth: &Birth<'a>) -> Option<&'a str> {
    birth.data.time.as_deref().map(|time| time.get(..5).unwrap_or(time))
}

/// The place as people write it: `Mumbai, India`.
pub(super) fn location(birth: &Birth<'_>) -> Option<String> {
    let joined = || match (birth.city, birth.country) {
        (Some(city), Some(country)) => Some(format!("{city}, {country}")),
        (one, other) => one.or(other).map(str::to_owned),
    };
    birth.location.map(str::to_owned).or_else(joined)
}

/// The five energy levels by name.
pub(super) fn energies(levels: &[f64; 5]) -> Document {
    named(&ENERGIES, levels)
}

/// The eight dimensions by name.
pub(super) fn dimensions(levels: &[f64; 8]) -> Document {
    named(&DIMENSIONS, levels)
}

/// Values by name.
pub(super) fn named(names: &[&str], values: &[f64]) -> Document {
    names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), Bson::Double(*value))).collect()
}

/// A list of documents.
pub(super) fn list<T>(items: impl IntoIterator<Item = T>, build: impl FnMut(T) -> Document) -> Bson {
    items.into_iter().map(build).map(Bson::Document).collect::<Vec<_>>().into()
}

/// A list of short texts.
pub(super) fn texts<T: AsRef<str>>(items: &[T]) -> Bson {
    items.iter().map(|text| Bson::from(text.as_ref())).collect::<Vec<_>>().into()
}

/// `quarter` as `Q4` and `year`.
pub(super) fn quarter(quarter: Quarter) -> Document {
    doc! { "quarter": quarter.name(), "year": quarter.year }
}

/// A number, whichever type an application wrote it as.
pub(super) fn number(document: &Document, key: &str) -> Option<f64> {
    match document.get(key)? {
        Bson::Double(value) => Some(*value),
        Bson::Int32(value) => Some(f64::from(*value)),
        #[allow(clippy::cast_precision_loss, reason = "scores and years lie far below 2^53")]
        Bson::Int64(value) => Some(*value as f64),
        _ => None,
    }
}

/// The year and quarter of a stored part; the quarter stands as `Q4` or as 4.
pub(super) fn stored_quarter(part: &Document) -> Option<Quarter> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "casts saturate, and such years name no stored quarter"
    )]
    let year = number(part, "year")? as i32;
    if let Ok(name) = part.get_str("quarter") {
        return format!("{year}-{name}").parse().ok();
    }
    let wanted = number(part, "quarter")?;
    (1..=4).find(|n| (f64::from(*n) - wanted).abs() < 0.5).and_then(|n| Quarter::new(year, n))
}

/// A part of a report by its serde shape.
pub(super) fn part<T: Serialize>(part: &'static str, value: &T) -> Result<Bson, DocumentError> {
    bson::serialize_to_bson(value).map_err(|source| DocumentError { part, source })
}

/// JSON of a platform as BSON: whole numbers become int32 or int64, all others doubles.
#[must_use]
pub fn from_json(value: &Value) -> Bson {
    from_json_at(value, 0)
}

fn from_json_at(value: &Value, depth: usize) -> Bson {
    match value {
        Value::Null => Bson::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::String(text) => text.as_str().into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => i32::try_from(whole).map_or(Bson::Int64(whole), Bson::Int32),
            None => number.as_f64().into(),
        },
        Value::Array(_) | Value::Object(_) if depth >= DEPTH => value.to_string().into(),
        Value::Array(items) => {
            items.iter().map(|item| from_json_at(item, depth + 1)).collect::<Vec<_>>().into()
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, item)| (key.clone(), from_json_at(item, depth + 1)));
            Bson::Document(fields.collect())
        }
    }
}
