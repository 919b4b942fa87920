//! Reading the fields of birth data strictly: accepted forms only, nothing guessed.

use jiff::civil::{Date, Time};

use super::error::AstroError;

const FIRST_DAY: &str = "1850-01-01";
const LAST_DAY: &str = "2149-12-31";
const DATE_FORM: &str = "an existing day as YYYY-MM-DD";
const TIME_FORM: &str = "HH:MM or HH:MM:SS from 00:00 to 23:59:59, or nothing when the time is unknown";

/// A civil date within the range of the ephemeris.
pub(super) fn date(text: &str) -> Result<Date, AstroError> {
    let invalid = |problem: &str| input("birth_date", text, problem, DATE_FORM);
    let [year, month, day] =
        digits::<3>(text, b'-', &[4, 2, 2]).ok_or_else(|| invalid("it is not of the form YYYY-MM-DD"))?;
    // The digits bound the year to 0..=9999 and the others to 0..=99, so the conversions cannot fail.
    let (year, month, day) = (
        i16::try_from(year).unwrap_or_default(),
        i8::try_from(month).unwrap_or_default(),
        i8::try_from(day).unwrap_or_default(),
    );
    let date = Date::new(year, month, day).map_err(|_| invalid("there is no such day"))?;
    if (1850..=2149).contains(&date.year()) {
        Ok(date)
    } else {
        Err(AstroError::Range { field: "birth_date", value: text.to_owned(), from: FIRST_DAY, to: LAST_DAY })
    }
}

/// A civil time.
pub(super) fn time(text: &str) -> Result<Time, AstroError> {
    let invalid = |problem: &str| input("birth_time", text, problem, TIME_FORM);
    let fields = digits::<3>(text, b':', &[2, 2, 2])
        .or_else(|| digits::<2>(text, b':', &[2, 2]).map(|[hour, minute]| [hour, minute, 0]))
        .ok_or_else(|| invalid("it is not of the form HH:MM or HH:MM:SS"))?;
    let [hour, minute, second] = fields.map(|field| i8::try_from(field).unwrap_or(i8::MAX));
    Time::new(hour, minute, second, 0).map_err(|_| invalid("there is no such time of day"))
}

/// A geographic coordinate, if given: finite and within `limit` degrees either way.
fn coordinate(
    field: &'static str,
    degrees: Option<f64>,
    limit: f64,
    accepted: &'static str,
) -> Result<Option<f64>, AstroError> {
    match degrees {
        Some(value) if !value.is_finite() => {
            Err(input(field, &value.to_string(), "it is not a finite number", accepted))
        }
        Some(value) if value.abs() > limit => {
            Err(input(field, &value.to_string(), "it is out of range", accepted))
        }
        checked => Ok(checked),
    }
}

/// A geographic latitude, if given.
pub(super) fn latitude(degrees: Option<f64>) -> Result<Option<f64>, AstroError> {
    coordinate("latitude", degrees, 90.0, "degrees from -90 to 90, north positive")
}

/// A geographic longitude, if given.
pub(super) fn longitude(degrees: Option<f64>) -> Result<Option<f64>, AstroError> {
    coordinate("longitude", degrees, 180.0, "degrees from -180 to 180, east positive")
}

/// An error about one field.
pub(super) fn input(field: &'static str, value: &str, problem: &str, accepted: &'static str) -> AstroError {
    AstroError::Input { field, value: value.to_owned(), problem: problem.to_owned(), accepted }
}

/// Splits a text into exactly `N` runs of decimal digits of the given lengths.
fn digits<const N: usize>(text: &str, separator: u8, lengths: &[usize; N]) -> Option<[u32; N]> {
    let mut runs = text.as_bytes().split(|byte| *byte == separator);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let run = runs.next().filter(|run| run.len() == *length && run.iter().all(u8::is_ascii_digit))?;
        *number = run.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    }
    runs.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_strictly() {
        assert!(date("1990-02-28").is_ok() && date("2000-02-29").is_ok());
        assert!(date("1850-01-01").is_ok() && date("2149-12-31").is_ok());
        for wrong in [
            "",
            "1990-2-28",
            "1990-02-30",
            "1900-02-29",
            "1990/02/28",
            "28-02-1990",
            " 1990-02-28",
            "1990-02-28T00:00",
        ] {
            let error = date(wrong).expect_err(wrong);
            assert_eq!((error.field(), error.code()), ("birth_date", "astro.input_invalid"), "{wrong}");
        }
        for outside in ["1849-12-31", "2150-01-01", "0001-01-01"] {
            assert_eq!(date(outside).expect_err(outside).code(), "astro.ephemeris_range");
        }
    }

    #[test]
    fn times_are_read_strictly() {
        assert_eq!(time("23:59:59"), Ok(Time::constant(23, 59, 59, 0)));
        assert_eq!(time("00:00"), Ok(Time::midnight()));
        for wrong in [
            "",
            "24:00",
            "7:5",
            "07:05:60",
            "12:60",
            "noon",
            "07.30",
            "07:30:00.5",
            "-1:00",
            "１２:00",
            "07:30 ",
        ] {
            assert_eq!(time(wrong).expect_err(wrong).field(), "birth_time", "{wrong}");
        }
    }

    #[test]
    fn coordinates_must_be_numbers_on_the_globe() {
        let latitude = |value| coordinate("latitude", Some(value), 90.0, "degrees from -90 to 90");
        assert!(latitude(90.0).is_ok() && latitude(-90.0).is_ok());
        for wrong in [90.000_1, -91.0, f64::NAN, f64::INFINITY] {
            assert_eq!(latitude(wrong).expect_err("out of range").field(), "latitude");
        }
        assert_eq!(coordinate("latitude", None, 90.0, ""), Ok(None));
    }
}
