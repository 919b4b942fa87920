//! The daily execution window of a schedule, in UTC.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// When a schedule may run: every day from its date on, between start and end. An end before the start crosses midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub from: NaiveDate,
    /// Opens at.
    pub start: NaiveTime,
    /// Closes at.
    pub end: NaiveTime,
}

impl Window {
    /// `None` while the window is open; otherwise when it opens next.
    #[must_use]
    pub fn opens(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let yesterday = now.date_naive().pred_opt().unwrap_or(NaiveDate::MIN);
        let today = now.date_naive();
        if [yesterday, today].into_iter().any(|day| day >= self.from && self.holds(day, now)) {
            return None;
        }
        let first = today.max(self.from);
        let opening = first.and_time(self.start).and_utc();
        if opening > now {
            return Some(opening);
        }
        Some(first.checked_add_days(Days::new(1)).unwrap_or(first).and_time(self.start).and_utc())
    }

    /// When so much work will have been done from now on, if it goes on inside the window only. `None` when that is years away.
    #[must_use]
    pub fn reaches(&self, now: DateTime<Utc>, work: Duration) -> Option<DateTime<Utc>> {
        let begin = self.opens(now).unwrap_or(now);
        let mut left = TimeDelta::from_std(work).ok()?;
        let closes = self.closes(begin);
        if left <= closes - begin {
            return Some(begin + left);
        }
        left -= closes - begin;
        let length = self.length();
        let days = u64::try_from(left.num_seconds() / length.num_seconds().max(1)).ok()?;
        let next = self.opens(closes).unwrap_or(closes);
        let opening = next.checked_add_days(Days::new(days))?;
        opening.checked_add_signed(left - length * i32::try_from(days).ok()?)
    }

    /// How long it is open each day.
    fn length(&self) -> TimeDelta {
        let length = self.end - self.start;
        if length > TimeDelta::zero() { length } else { length + TimeDelta::days(1) }
    }

    /// When it closes, seen from a moment at which it is open.
    fn closes(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let since = now.time() - self.start;
        let since = if since < TimeDelta::zero() { since + TimeDelta::days(1) } else { since };
        now - since + self.length()
    }

    fn holds(&self, day: NaiveDate, now: DateTime<Utc>) -> bool {
        let start = day.and_time(self.start).and_utc();
        let last_day =
            if self.end > self.start { day } else { day.checked_add_days(Days::new(1)).unwrap_or(day) };
        (start..last_day.and_time(self.end).and_utc()).contains(&now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: &str, end: &str) -> Window {
        Window {
            from: "2026-10-01".parse().unwrap(),
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn inside_the_window_it_is_open() {
        assert_eq!(window("02:00:00", "06:00:00").opens(at("2026-10-03T03:00:00Z")), None);
    }

    #[test]
    fn before_its_date_it_opens_on_its_date() {
        let opens = window("02:00:00", "06:00:00").opens(at("2026-09-01T03:00:00Z"));
        assert_eq!(opens, Some(at("2026-10-01T02:00:00Z")));
    }

    #[test]
    fn after_it_closed_it_opens_on_the_next_day() {
        let opens = window("02:00:00", "06:00:00").opens(at("2026-10-03T06:00:00Z"));
        assert_eq!(opens, Some(at("2026-10-04T02:00:00Z")));
    }

    #[test]
    fn work_goes_on_in_windows_until_it_is_done() {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let four = window("02:00:00", "06:00:00");
        let reaches = |now: &str, work| four.reaches(at(now), hours(work)).unwrap();
        assert_eq!(reaches("2026-10-03T03:00:00Z", 2), at("2026-10-03T05:00:00Z"));
        assert_eq!(reaches("2026-10-03T07:00:00Z", 2), at("2026-10-04T04:00:00Z"));
        assert_eq!(reaches("2026-10-03T05:00:00Z", 2), at("2026-10-04T03:00:00Z"));
        assert_eq!(reaches("2026-10-03T05:00:00Z", 10), at("2026-10-06T03:00:00Z"));
        let night = window("22:00:00", "02:00:00");
        assert_eq!(night.reaches(at("2026-10-03T01:00:00Z"), hours(2)), Some(at("2026-10-03T23:00:00Z")));
        assert_eq!(four.reaches(at("2026-10-03T05:00:00Z"), Duration::MAX), None);
    }

    #[test]
    fn a_window_across_midnight_is_open_on_both_sides() {
        let night = window("22:00:00", "04:00:00");
        assert_eq!(night.opens(at("2026-10-03T23:00:00Z")), None);
        assert_eq!(night.opens(at("2026-10-04T03:59:59Z")), None);
        assert_eq!(night.opens(at("2026-10-04T04:00:00Z")), Some(at("2026-10-04T22:00:00Z")));
        // The night before its first day does not belong to it.
        assert_eq!(night.opens(at("2026-10-01T03:00:00Z")), Some(at("2026-10-01T22:00:00Z")));
    }
}
