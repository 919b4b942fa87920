//! A quarter of a calendar year.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A quarter of a year in UTC, written `2026-Q4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Quarter {
    /// Calendar year.
    pub year: i32,
    /// 1 to 4.
    pub number: u8,
}

impl Quarter {
    /// The quarter with this number, 1 to 4; `None` for any other number.
    #[must_use]
    pub const fn new(year: i32, number: u8) -> Option<Self> {
        if number >= 1 && number <= 4 { Some(Self { year, number }) } else { None }
    }

    /// The quarter that holds a day.
    #[must_use]
    pub fn of_date(date: NaiveDate) -> Self {
        // Unwrap safety: month0 is 0..=11, so the quotient is 0..=3.
        let number = u8::try_from(date.month0() / 3 + 1).unwrap_or(4);
        Self { year: date.year(), number }
    }

    /// First day.
    ///
    /// # Panics
    /// Never for years that chrono can represent (about 262,000 either side of zero).
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, u32::from(self.number) * 3 - 2, 1)
            .expect("first day of a quarter exists")
    }

    /// Last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        self.next().first_day().pred_opt().unwrap_or(NaiveDate::MAX)
    }

    /// The quarter after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        self.offset(1)
    }

    /// The quarter before this one.
    #[must_use]
    pub const fn previous(self) -> Self {
        self.offset(-1)
    }

    /// The quarter `steps` after (or before, if negative) this one.
    #[must_use]
    pub const fn offset(self, steps: i32) -> Self {
        let index = self.year * 4 + self.number as i32 - 1 + steps;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=3")]
        Self { year: index.div_euclid(4), number: index.rem_euclid(4) as u8 + 1 }
    }

    /// `Q1` to `Q4`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.number {
            1 => "Q1",
            2 => "Q2",
            3 => "Q3",
            _ => "Q4",
        }
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.year, self.name())
    }
}

/// A text that names no quarter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("quarter {0:?} is not valid; write it as 2026-Q4")]
pub struct QuarterError(String);

impl FromStr for Quarter {
    type Err = QuarterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || QuarterError(text.to_owned());
        let (year, number) = text.split_once("-Q").ok_or_else(error)?;
        let digits = |run: &str, length| run.len() == length && run.bytes().all(|byte| byte.is_ascii_digit());
        // Four digits, so that no later sum of quarters can overflow.
        if !digits(year, 4) || !digits(number, 1) {
            return Err(error());
        }
        let (year, number) = (year.parse().map_err(|_| error())?, number.parse().map_err(|_| error())?);
        Self::new(year, number).ok_or_else(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_step_over_the_turn_of_the_year() {
        let quarter = Quarter::new(2026, 4).unwrap();
        assert_eq!(quarter.next(), Quarter::new(2027, 1).unwrap());
        assert_eq!(quarter.offset(-4), Quarter::new(2025, 4).unwrap());
        assert_eq!(quarter.last_day(), NaiveDate::from_ymd_opt(2026, 12, 31).unwrap());
    }

    #[test]
    fn a_quarter_reads_what_it_writes() {
        let quarter = Quarter::new(1999, 2).unwrap();
        assert_eq!(quarter.to_string().parse::<Quarter>().unwrap(), quarter);
        assert!("1999-Q5".parse::<Quarter>().is_err());
        assert!("Q2".parse::<Quarter>().is_err());
    }

    #[test]
    fn a_quarter_is_four_digits_and_one() {
        for wrong in [
            "2147483647-Q4",
            "-1-Q1",
            "+2026-Q1",
            "2026-Q+1",
            "2026-Q01",
            "26-Q1",
            "２０２６-Q1",
            "2026-Q",
            "",
        ] {
            assert!(wrong.parse::<Quarter>().is_err(), "{wrong}");
        }
    }
}
