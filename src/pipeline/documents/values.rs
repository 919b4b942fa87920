//! Small conversions that several documents share.

use bson::raw::{CStr, RawArrayBuf, RawBson, RawBsonRef, RawDocument, RawDocumentBuf};
use bson::{Bson, DateTime};
use chrono::{NaiveDate, NaiveTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{Birth, DocumentError};
use crate::domain::Quarter;
use crate::harmonic::{DIMENSIONS, ENERGIES};

/// Depth beyond which JSON of a platform is stored as text: the server refuses documents of more than 100 levels.
const DEPTH: usize = 64;

/// A document, written as bytes at once: reads like `doc!`, which makes a tree that is encoded later. Like any list of bytes it
/// replaces nothing: each name once.
macro_rules! raw {
    ($($name:literal: $value:expr),+ $(,)?) => {{
        // Enough for all names with numbers and dates; texts and what is embedded come on top.
        const ROOM_BYTES: usize = 5 $(+ $name.len() + 10)+;
        let mut document = $crate::pipeline::documents::values::with_room(ROOM_BYTES);
        $(document.append(::bson::raw::cstr!($name), $value);)+
        document
    }};
}
pub(super) use raw;

/// A document without fields, and room for some.
pub(super) fn with_room(bytes: usize) -> RawDocumentBuf {
    let mut empty = Vec::with_capacity(bytes);
    // Four bytes of length, and the one that ends a document.
    empty.extend_from_slice(&[5, 0, 0, 0, 0]);
    // Unwrap safety: these bytes are the empty document.
    RawDocumentBuf::from_bytes(empty).expect("the empty document")
}

/// The value, or null: a field that is not known is there all the same.
pub(super) fn or_null<'a>(value: Option<impl Into<RawBsonRef<'a>>>) -> RawBsonRef<'a> {
    value.map_or(RawBsonRef::Null, Into::into)
}

/// A name of ours as the name of a field.
pub(super) fn key(name: &str) -> &CStr {
    // Unwrap safety: no name of ours has a zero byte.
    name.try_into().expect("a name without a zero byte")
}

/// An instant.
pub(super) fn instant(at: chrono::DateTime<Utc>) -> DateTime {
    DateTime::from_chrono(at)
}

/// A day, as midnight UTC.
pub(super) fn midnight(day: NaiveDate) -> DateTime {
    DateTime::from_chrono(day.and_time(NaiveTime::MIN).and_utc())
}

/// The civil date of a birth; `None` when it is no date.
pub(super) fn birth_date(birth: &Birth<'_>) -> Option<DateTime> {
    birth.data.date.parse().ok().map(midnight)
}

/// The civil time of a birth as `HH:MM`; `None` when nobody knows it.
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
pub(super) fn energies(levels: &[f64; 5]) -> RawDocumentBuf {
    named(&ENERGIES, levels)
}

/// The eight dimensions by name.
pub(super) fn dimensions(levels: &[f64; 8]) -> RawDocumentBuf {
    named(&DIMENSIONS, levels)
}

/// Values by name.
pub(super) fn named(names: &[&str], values: &[f64]) -> RawDocumentBuf {
    let mut document = with_room(names.len() * 32);
    for (name, value) in names.iter().zip(values) {
        document.append(key(name), *value);
    }
    document
}

/// A list of documents.
pub(super) fn list<T>(
    items: impl IntoIterator<Item = T>,
    build: impl FnMut(T) -> RawDocumentBuf,
) -> RawArrayBuf {
    items.into_iter().map(build).collect()
}

/// A list of short texts.
pub(super) fn texts<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> RawArrayBuf {
    let mut list = RawArrayBuf::new();
    for text in items {
        list.push(text.as_ref());
    }
    list
}

/// A number, whichever type an application wrote it as.
pub(super) fn number(document: &RawDocument, key: &str) -> Option<f64> {
    match document.get(key).ok()?? {
        RawBsonRef::Double(value) => Some(value),
        RawBsonRef::Int32(value) => Some(f64::from(value)),
        #[allow(clippy::cast_precision_loss, reason = "scores and years lie far below 2^53")]
        RawBsonRef::Int64(value) => Some(value as f64),
        _ => None,
    }
}

/// The year and quarter of a stored part; the quarter stands as `Q4` or as 4.
pub(super) fn stored_quarter(part: &RawDocument) -> Option<Quarter> {
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
pub(super) fn part<T: Serialize>(part: &'static str, value: &T) -> Result<RawBson, DocumentError> {
    bson::serialize_to_bson(value)
        .and_then(RawBson::try_from)
        .map_err(|source| DocumentError { part, source })
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
