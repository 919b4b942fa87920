//! Julian days and terrestrial time.

use super::delta_t::delta_t_s;

/// Julian day of the Unix epoch, 1970-01-01T00:00Z.
const UNIX_EPOCH_JD: f64 = 2_440_587.5;
const DAY_S: f64 = 86_400.0;

/// Julian day (UT) of an instant on a proleptic Gregorian day.
///
/// Days from the civil date by shifting the year to begin in March, so that the leap day comes last
/// (Richards 2013, Explanatory Supplement, 3rd ed., 15.11.3).
#[must_use]
pub fn julian_day(year: i32, month: u8, day: u8, seconds_of_day: f64) -> f64 {
    let months_from_march = (i64::from(month) + 9) % 12;
    let shifted_year = i64::from(year) - i64::from(month < 3);
    let century = shifted_year.div_euclid(100);
    let days = 365 * shifted_year + shifted_year.div_euclid(4) - century
        + century.div_euclid(4)
        + (153 * months_from_march + 2) / 5
        + i64::from(day)
        - 1;
    // 0000-03-01 is the Julian day 1721119.5.
    #[allow(clippy::cast_precision_loss, reason = "days of any calendar year fit a double exactly")]
    let midnight = days as f64 + 1_721_119.5;
    midnight + seconds_of_day / DAY_S
}

/// Julian day (UT) of a Unix timestamp in seconds.
#[must_use]
pub fn julian_day_of_unix(seconds: i64) -> f64 {
    // Whole days and the rest apart, so that the second survives the division.
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    #[allow(clippy::cast_precision_loss, reason = "days and seconds of a day fit a double exactly")]
    let (days, rest) = (days as f64, rest as f64);
    UNIX_EPOCH_JD + days + rest / DAY_S
}

/// Julian day in terrestrial time of a Julian day in UT.
#[must_use]
pub fn tt_of_ut(jd_ut: f64) -> f64 {
    jd_ut + delta_t_s(jd_ut) / DAY_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days_have_their_known_numbers() {
        // Meeus, Astronomical Algorithms, 2nd ed., table 7.A and example 7.a.
        for ((year, month, day, seconds), jd) in [
            ((2000, 1, 1, 43_200.0), 2_451_545.0),
            ((1957, 10, 4, 0.81 * 86_400.0), 2_436_116.31),
            ((1987, 1, 27, 0.0), 2_446_822.5),
            ((1900, 1, 1, 0.0), 2_415_020.5),
            ((1600, 12, 31, 0.0), 2_305_812.5),
            ((2000, 2, 29, 0.0), 2_451_603.5),
            ((1970, 1, 1, 0.0), 2_440_587.5),
        ] {
            assert!((julian_day(year, month, day, seconds) - jd).abs() < 1e-8, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn unix_time_and_civil_time_meet() {
        assert!((julian_day_of_unix(946_728_000) - 2_451_545.0).abs() < 1e-9);
        let (unix, civil) = (julian_day_of_unix(-3_786_825_599), julian_day(1850, 1, 1, 1.0));
        assert!((unix - civil).abs() < 1e-9, "{unix} {civil}");
    }
}
