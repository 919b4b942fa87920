//! Times as people write them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// What [`moment`] understands, for messages.
pub const FORMS: &str = "give a time ago such as 90m, 24h or 7d, a day such as 2026-11-01, or a time such as 2026-11-01T12:00:00Z";

/// A time such as `90m`, `24h` or `7d` ago, the begin of a day (UTC), or a time with its zone. `None` if it is none of these.
#[must_use]
pub fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number = number.parse::<u32>().ok()?;
    let ago = match unit {
        "s" => TimeDelta::seconds(i64::from(number)),
        "m" => TimeDelta::minutes(i64::from(number)),
        "h" => TimeDelta::hours(i64::from(number)),
        "d" => TimeDelta::days(i64::from(number)),
        "w" => TimeDelta::weeks(i64::from(number)),
        _ => return None,
    };
    now.checked_sub_signed(ago)
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
    }
}
