//! From civil birth data to an instant.
//!
//! Policy: the history of the zone decides; a time that happened twice means its first occurrence; a time that
//! was skipped keeps the offset from before the gap; while a zone kept local mean time, the birth longitude sets
//! the clock (4 minutes per degree) and not the city that gave the zone its name; an unknown time means noon.
//! UTC is taken as UT1, as astrological software does: an error of at most 0.9 s, 14" in the angles.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::chart::{LocalKind, Moment, OffsetSource};
use super::delta_t::delta_t_s;
use super::error::AstroError;
use super::input::BirthData;
use super::julian::julian_day_of_unix;
use super::{form, zones};

const ZONE_FORM: &str = "an IANA zone such as Europe/Berlin";
/// Seconds of time per degree of longitude.
const SECONDS_PER_DEGREE: f64 = 240.0;
const DAY_S: f64 = 86_400.0;

/// Checked birth data.
pub(super) struct Birth {
    date: Date,
    time: Option<Time>,
    zone: Option<&'static TimeZone>,
    /// Latitude and longitude, if both are known.
    pub(super) place_deg: Option<(f64, f64)>,
    longitude_deg: Option<f64>,
}

/// A civil time placed on the time line.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Placed {
    unix_s: i64,
    offset_s: i32,
    source: OffsetSource,
    kind: LocalKind,
}

/// Checks birth data and resolves its instant.
///
/// # Errors
/// Names the field that is missing, malformed, unknown or out of range.
pub fn moment(birth: &BirthData) -> Result<Moment, AstroError> {
    Ok(Birth::check(birth)?.moment())
}

impl Birth {
    /// Checks every field.
    pub(super) fn check(birth: &BirthData) -> Result<Self, AstroError> {
        let date = form::date(&birth.date)?;
        let time = birth.time.as_deref().map(form::time).transpose()?;
        let zone = birth.zone.as_deref().map(known_zone).transpose()?;
        let latitude = form::latitude(birth.latitude_deg)?;
        let longitude_deg = form::longitude(birth.longitude_deg)?;
        Ok(Self { date, time, zone, place_deg: latitude.zip(longitude_deg), longitude_deg })
    }

    /// The instant of birth.
    pub(super) fn moment(&self) -> Moment {
        let time = self.time.unwrap_or_else(|| Time::constant(12, 0, 0, 0));
        let placed = self.place(self.date.to_datetime(time));
        let jd_ut = julian_day_of_unix(placed.unix_s);
        let delta_t = delta_t_s(jd_ut);
        // Unwrap safety: the years 1850 to 2149 lie within the range of timestamps.
        let utc = Timestamp::from_second(placed.unix_s).expect("an instant of the ephemeris").to_string();
        Moment {
            utc,
            jd_ut,
            jd_tt: jd_ut + delta_t / DAY_S,
            delta_t_s: delta_t,
            utc_offset_s: placed.offset_s,
            offset_source: placed.source,
            local_kind: placed.kind,
            time_known: self.time.is_some(),
        }
    }

    /// Julian days (UT) at which the civil day of birth begins and ends.
    pub(super) fn day_jd_ut(&self) -> (f64, f64) {
        let midnight = |date: Date| julian_day_of_unix(self.place(date.to_datetime(Time::midnight())).unix_s);
        (midnight(self.date), midnight(self.date.saturating_add(1.day())))
    }

    fn place(&self, local: DateTime) -> Placed {
        let Some(zone) = self.zone else {
            let unix_s = seconds_of(local, Offset::UTC);
            return Placed { unix_s, offset_s: 0, source: OffsetSource::AssumedUtc, kind: LocalKind::Unique };
        };
        let (offset, kind, inside) = match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset, LocalKind::Unique, offset),
            AmbiguousOffset::Fold { before, .. } => (before, LocalKind::Fold, before),
            // Read with the offset from after the gap, a skipped time lies before it: there the old name holds.
            AmbiguousOffset::Gap { before, after } => (before, LocalKind::Gap, after),
        };
        let mean_time = self.longitude_deg.filter(|_| keeps_local_mean_time(zone, seconds_of(local, inside)));
        let (offset_s, source) = mean_time.map_or_else(
            || (offset.seconds(), OffsetSource::ZoneHistory),
            |longitude| (mean_time_offset_s(longitude), OffsetSource::LocalMeanTime),
        );
        Placed { unix_s: seconds_of(local, Offset::UTC) - i64::from(offset_s), offset_s, source, kind }
    }
}

fn known_zone(name: &str) -> Result<&'static TimeZone, AstroError> {
    zones::zone(name).ok_or_else(|| {
        let near = zones::near_name(name).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        let problem = format!("there is no such zone in tzdb {}{near}", zones::TZDB_VERSION);
        form::input("timezone", name, &problem, ZONE_FORM)
    })
}

/// Whether tzdb names the time of a zone LMT at an instant.
fn keeps_local_mean_time(zone: &TimeZone, unix_s: i64) -> bool {
    Timestamp::from_second(unix_s).is_ok_and(|instant| zone.to_offset_info(instant).abbreviation() == "LMT")
}

#[allow(clippy::cast_possible_truncation, reason = "a longitude is at most 180 degrees, 43200 seconds")]
fn mean_time_offset_s(longitude_deg: f64) -> i32 {
    (longitude_deg * SECONDS_PER_DEGREE).round() as i32
}

/// Unix seconds of a civil time read with an offset.
fn seconds_of(local: DateTime, offset: Offset) -> i64 {
    // Unwrap safety: civil times of 1850 to 2149 are within the range of timestamps whatever the offset.
    offset.to_timestamp(local).expect("a civil time of the ephemeris").as_second()
}
