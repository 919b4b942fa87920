//! What the offline commands take: births, house systems, quarters.

use anyhow::Context as _;
use chrono::Utc;
use clap::{Args, ValueEnum};

use crate::astro::{AstroError, BirthData, HouseSystem, NatalChart, cast};
use crate::domain::Quarter;
use crate::domain::quarter::QuarterError;

/// The birth (or founding) that a command is about.
#[derive(Debug, Args)]
pub(super) struct Birth {
    /// Day at the place of birth, from 1850 to 2149.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: String,
    /// Time at the place of birth; without it there are no houses, and positions are those of noon.
    #[arg(long, value_name = "HH:MM[:SS]")]
    time: Option<String>,
    /// Time zone of the place of birth; without it the time is taken as UTC.
    #[arg(long, value_name = "IANA ZONE")]
    zone: Option<String>,
    /// Latitude in degrees, north positive; without a place there are no houses.
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true, requires = "lon")]
    lat: Option<f64>,
    /// Longitude in degrees, east positive.
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true, requires = "lat")]
    lon: Option<f64>,
}

/// The second birth of a command.
#[derive(Debug, Args)]
#[allow(clippy::struct_field_names, reason = "clap names the options after the fields")]
pub(super) struct WithBirth {
    /// Day of the second birth.
    #[arg(long, value_name = "YYYY-MM-DD")]
    with_date: String,
    /// Time of the second birth.
    #[arg(long, value_name = "HH:MM[:SS]")]
    with_time: Option<String>,
    /// Time zone of the second birth.
    #[arg(long, value_name = "IANA ZONE")]
    with_zone: Option<String>,
    /// Latitude of the second birth.
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true, requires = "with_lon")]
    with_lat: Option<f64>,
    /// Longitude of the second birth.
    #[arg(long, value_name = "DEGREES", allow_negative_numbers = true, requires = "with_lat")]
    with_lon: Option<f64>,
}

/// How to divide the houses.
#[derive(Debug, Args)]
pub(super) struct Houses {
    /// House system; where it does not exist (near the poles), the chart says which one was taken instead.
    #[arg(long, value_enum, default_value_t, value_name = "SYSTEM", hide_possible_values = false)]
    houses: System,
}

/// Which quarter.
#[derive(Debug, Args)]
pub(super) struct InQuarter {
    /// Quarter such as 2026-Q4; the current one if not given.
    #[arg(long, value_name = "YEAR-Qn", value_parser = covered_quarter)]
    quarter: Option<Quarter>,
}

/// House systems by the names of the command line.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum System {
    #[default]
    Placidus,
    Koch,
    Regiomontanus,
    Campanus,
    Porphyry,
    Equal,
    WholeSign,
    Alcabitius,
    Morinus,
    Topocentric,
}

impl Birth {
    /// Casts the chart.
    pub(super) fn chart(&self, houses: &Houses) -> anyhow::Result<NatalChart> {
        let birth = BirthData {
            date: self.date.clone(),
            time: self.time.clone(),
            zone: self.zone.clone(),
            latitude_deg: self.lat,
            longitude_deg: self.lon,
        };
        chart(&birth, houses, "")
    }

    /// The birth as it was given, in a line.
    pub(super) fn as_given(&self) -> String {
        given(&self.date, self.time.as_deref(), self.zone.as_deref(), self.lat.zip(self.lon))
    }
}

impl WithBirth {
    /// Casts the chart.
    pub(super) fn chart(&self, houses: &Houses) -> anyhow::Result<NatalChart> {
        let birth = BirthData {
            date: self.with_date.clone(),
            time: self.with_time.clone(),
            zone: self.with_zone.clone(),
            latitude_deg: self.with_lat,
            longitude_deg: self.with_lon,
        };
        chart(&birth, houses, "with-")
    }

    /// The birth as it was given, in a line.
    pub(super) fn as_given(&self) -> String {
        let place = self.with_lat.zip(self.with_lon);
        given(&self.with_date, self.with_time.as_deref(), self.with_zone.as_deref(), place)
    }
}

impl InQuarter {
    /// The quarter that was asked for, else the one that the system clock is in.
    pub(super) fn or_current(&self) -> Quarter {
        self.quarter.unwrap_or_else(|| Quarter::of_date(Utc::now().date_naive()))
    }
}

/// A quarter that the ephemeris covers.
fn covered_quarter(text: &str) -> Result<Quarter, String> {
    let quarter: Quarter = text.parse().map_err(|error: QuarterError| error.to_string())?;
    if (1850..=2149).contains(&quarter.year) {
        Ok(quarter)
    } else {
        Err("the ephemeris covers 1850-Q1 to 2149-Q4".to_owned())
    }
}

fn chart(birth: &BirthData, houses: &Houses, prefix: &str) -> anyhow::Result<NatalChart> {
    cast(birth, houses.houses.into())
        .map_err(|error| {
            let option = format!("--{prefix}{}", option(&error));
            anyhow::Error::new(error).context(option)
        })
        .context("the chart cannot be cast")
}

/// The option that gave a field.
fn option(error: &AstroError) -> &'static str {
    match error.field() {
        "birth_date" => "date",
        "birth_time" => "time",
        "timezone" => "zone",
        "latitude" => "lat",
        "longitude" => "lon",
        other => other,
    }
}

fn given(date: &str, time: Option<&str>, zone: Option<&str>, place: Option<(f64, f64)>) -> String {
    let time = time.unwrap_or("time unknown");
    let zone = zone.unwrap_or("UTC");
    let place = place.map_or_else(
        || "place unknown".to_owned(),
        |(lat, lon)| {
            let (north, east) = (if lat < 0.0 { 'S' } else { 'N' }, if lon < 0.0 { 'W' } else { 'E' });
            format!("{:.4}°{north} {:.4}°{east}", lat.abs(), lon.abs())
        },
    );
    format!("{date} {time} {zone}, {place}")
}

impl From<System> for HouseSystem {
    fn from(system: System) -> Self {
        match system {
            System::Placidus => Self::Placidus,
            System::Koch => Self::Koch,
            System::Regiomontanus => Self::Regiomontanus,
            System::Campanus => Self::Campanus,
            System::Porphyry => Self::Porphyry,
            System::Equal => Self::Equal,
            System::WholeSign => Self::WholeSign,
            System::Alcabitius => Self::Alcabitius,
            System::Morinus => Self::Morinus,
            System::Topocentric => Self::Topocentric,
        }
    }
}
