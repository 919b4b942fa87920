//! Times as people write them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// What [`ahead`] understands, for messages.
pub const FORMS_AHEAD: &str = "give a time from now such as 90m, 24h or 7d, a day such as 2026-11-01, or a time such as 2026-11-01T12:00:00Z";

/// What [`moment`] understands, for messages.
pub const FORMS: &str = "give a time ago such as 90m, 24h or 7d, a day such as 2026-11-01, or a time such as 2026-11-01T12:00:00Z";

/// A time such as `90m`, `24h` or `7d` ago, the begin of a day (UTC), or a time with its zone. `None` if it is none of these.
#[must_use]
pub fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    place(text).or_else(|| now.checked_sub_signed(span(text)?))
}

/// As [`moment`], but `90m`, `24h` or `7d` from now.
#[must_use]
pub fn ahead(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    place(text).or_else(|| now.checked_add_signed(span(text)?))
}

/// A day or a time.
fn place(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// A number with its unit.
fn span(text: &str) -> Option<TimeDelta> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number = i64::from(number.parse::<u32>().ok()?);
    match unit {
        "s" => Some(TimeDelta::seconds(number)),
        "m" => Some(TimeDelta::minutes(number)),
        "h" => Some(TimeDelta::hours(number)),
        "d" => Some(TimeDelta::days(number)),
        "w" => Some(TimeDelta::weeks(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_ago_days_and_times_are_understood_and_nothing_else() {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        for (text, wanted) in [
            ("90m", "2026-11-21T10:30:00Z"),
            ("24h", "2026-11-20T12:00:00Z"),
            ("7d", "2026-11-14T12:00:00Z"),
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2026-11-01T13:00:00+02:00", "2026-11-01T11:00:00Z"),
        ] {
            assert_eq!(moment(text, now), Some(wanted.parse().unwrap()), "{text}");
        }
        for text in ["", "m", "-3d", "yesterday", "4294967295w", "5é"] {
            assert_eq!(moment(text, now), None, "{text}");
        }
        assert_eq!(ahead("90m", now), Some("2026-11-21T13:30:00Z".parse().unwrap()));
        assert_eq!(ahead("2026-12-01", now), Some("2026-12-01T00:00:00Z".parse().unwrap()));
    }
}
