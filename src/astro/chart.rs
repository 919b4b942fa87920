//! A birth chart as data: what the engine computes and everybody else reads.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::body::{Body, Point};
use super::zodiac::{Element, Quality, Sign};

/// A complete chart. Angles in degrees, speeds in degrees per day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NatalChart {
    /// How the civil birth data became an instant.
    pub moment: Moment,
    /// Positions in the order of [`Body::ALL`].
    pub bodies: [BodyPosition; 12],
    /// Ascendant and midheaven; `None` when time or place is unknown.
    pub angles: Option<Angles>,
    /// The twelve houses; `None` when time or place is unknown.
    pub houses: Option<Houses>,
    /// Aspects between bodies and angles, strongest first.
    pub aspects: Vec<Aspect>,
    /// Weights of fire, earth, air, water over Sun to Pluto (sum 17 with the weights 3,3,2,2,2,1,1,1,1,1).
    pub elements: [f64; 4],
    /// Weights of cardinal, fixed, mutable, as for the elements.
    pub qualities: [f64; 3],
    /// The element with the greatest weight.
    pub dominant_element: Element,
    /// The quality with the greatest weight.
    pub dominant_quality: Quality,
    /// Phase of the Moon.
    pub moon_phase: MoonPhase,
    /// Ruler of the ascendant's sign; `None` without an ascendant.
    pub chart_ruler: Option<Body>,
    /// Signs that the Moon passes on the civil day; more than one only when the time is unknown.
    pub moon_sign_candidates: Vec<Sign>,
    /// Version of the engine, the table and the time-zone data that made this chart.
    pub provenance: Provenance,
}

/// How the civil birth data became an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// The instant in UTC, RFC 3339 with seconds.
    pub utc: String,
    /// Julian day of that instant, UTC taken as UT1.
    pub jd_ut: f64,
    /// Julian day in terrestrial time.
    pub jd_tt: f64,
    /// TT minus UT in seconds.
    pub delta_t_s: f64,
    /// Offset of the civil time from UTC in seconds, east positive.
    pub utc_offset_s: i32,
    /// Where the offset came from.
    pub offset_source: OffsetSource,
    /// Whether the civil time happened once, twice or never.
    pub local_kind: LocalKind,
    /// Whether the time of birth was given; without it the chart is cast for local noon.
    pub time_known: bool,
}

/// Where an offset from UTC came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OffsetSource {
    /// History of the IANA zone.
    ZoneHistory,
    /// Local mean time of the birth longitude, before the zone knew standard time.
    LocalMeanTime,
    /// No zone was given: UTC.
    AssumedUtc,
}

/// Whether a civil time happened once, twice (clocks set back) or never (clocks set forward).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalKind {
    /// Once.
    Unique,
    /// Twice; the first occurrence was taken.
    Fold,
    /// Never; the offset before the gap was taken.
    Gap,
}

/// One body of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BodyPosition {
    /// Which body.
    pub body: Body,
    /// Apparent geocentric ecliptic longitude of date, 0..360.
    pub longitude_deg: f64,
    /// Apparent geocentric ecliptic latitude of date.
    pub latitude_deg: f64,
    /// Distance that the light seen has come, in astronomical units; `None` for the nodes, which are directions.
    pub distance_au: Option<f64>,
    /// Speed in longitude, degrees per day.
    pub speed_deg_per_day: f64,
    /// Sign that holds the longitude.
    pub sign: Sign,
    /// House 1..=12; `None` without houses.
    pub house: Option<u8>,
    /// Whether the body moves backwards in longitude.
    pub retrograde: bool,
    /// Essential dignity; `None` for peregrine planets and for the nodes.
    pub dignity: Option<Dignity>,
}

impl BodyPosition {
    /// Degrees within the sign, 0..30.
    #[must_use]
    pub fn degree_in_sign(&self) -> f64 {
        self.longitude_deg.rem_euclid(30.0)
    }
}

/// Essential dignity by sign (Lilly, Christian Astrology, 1647, p. 101-104).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dignity {
    /// In the sign it rules.
    Domicile,
    /// In the sign of its exaltation.
    Exaltation,
    /// Opposite the sign it rules.
    Detriment,
    /// Opposite the sign of its exaltation.
    Fall,
}

impl Dignity {
    /// The word that stored documents use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Domicile => "domicile",
            Self::Exaltation => "exaltation",
            Self::Detriment => "detriment",
            Self::Fall => "fall",
        }
    }
}

/// The angles of a chart, ecliptic longitudes in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Angles {
    /// Ascendant.
    pub ascendant_deg: f64,
    /// Midheaven.
    pub midheaven_deg: f64,
    /// Right ascension of the meridian.
    pub armc_deg: f64,
    /// Vertex.
    pub vertex_deg: f64,
}

/// The twelve houses and how they were divided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Houses {
    /// The system that was asked for.
    pub requested: HouseSystem,
    /// The system that was used.
    pub used: HouseSystem,
    /// Why another system was used (`polar`), if so.
    pub fallback: Option<String>,
    /// Cusps of houses 1 to 12, ecliptic longitude in degrees.
    pub cusps_deg: [f64; 12],
}

/// A way to divide the sky into twelve houses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the variants are the names of the systems")]
pub enum HouseSystem {
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

/// An angular relation between two points. As JSON it also has the word of its strength, `strength_word`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Aspect {
    /// First point, the one that comes first in the order bodies, ascendant, midheaven.
    pub first: Point,
    /// Second point.
    pub second: Point,
    /// Which relation.
    pub kind: AspectKind,
    /// Separation in degrees, 0..=180.
    pub angle_deg: f64,
    /// Distance from exactness in degrees.
    pub orb_deg: f64,
    /// `1 - orb / largest orb`, 0..=1.
    pub strength: f64,
    /// Whether the orb is shrinking.
    pub applying: bool,
    /// False when the birth time is unknown and the aspect does not hold all day.
    pub certain: bool,
}

impl Aspect {
    /// The word of its strength.
    #[must_use]
    pub fn strength_word(&self) -> &'static str {
        strength_word(self.strength)
    }
}

/// The word of a strength 0..=1, ours: `exact` within a tenth of the largest orb, `strong` within four tenths,
/// `moderate` within seven tenths, `weak` beyond.
#[must_use]
pub fn strength_word(strength: f64) -> &'static str {
    match strength {
        tight if tight >= 0.9 => "exact",
        tight if tight >= 0.6 => "strong",
        tight if tight >= 0.3 => "moderate",
        _ => "weak",
    }
}

impl Serialize for Aspect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Aspect", 9)?;
        fields.serialize_field("first", &self.first)?;
        fields.serialize_field("second", &self.second)?;
        fields.serialize_field("kind", &self.kind)?;
        fields.serialize_field("angle_deg", &self.angle_deg)?;
        fields.serialize_field("orb_deg", &self.orb_deg)?;
        fields.serialize_field("strength", &self.strength)?;
        fields.serialize_field("strength_word", self.strength_word())?;
        fields.serialize_field("applying", &self.applying)?;
        fields.serialize_field("certain", &self.certain)?;
        fields.end()
    }
}

/// The nine aspects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the variants are the names of the aspects")]
pub enum AspectKind {
    Conjunction,
    SemiSextile,
    SemiSquare,
    Sextile,
    Square,
    Trine,
    SesquiSquare,
    Quincunx,
    Opposition,
}

impl AspectKind {
    /// All aspects by angle.
    pub const ALL: [Self; 9] = [
        Self::Conjunction,
        Self::SemiSextile,
        Self::SemiSquare,
        Self::Sextile,
        Self::Square,
        Self::Trine,
        Self::SesquiSquare,
        Self::Quincunx,
        Self::Opposition,
    ];

    /// Exact angle in degrees.
    #[must_use]
    pub const fn angle_deg(self) -> f64 {
        match self {
            Self::Conjunction => 0.0,
            Self::SemiSextile => 30.0,
            Self::SemiSquare => 45.0,
            Self::Sextile => 60.0,
            Self::Square => 90.0,
            Self::Trine => 120.0,
            Self::SesquiSquare => 135.0,
            Self::Quincunx => 150.0,
            Self::Opposition => 180.0,
        }
    }

    /// Largest orb in degrees.
    #[must_use]
    pub const fn max_orb_deg(self) -> f64 {
        match self {
            Self::Conjunction | Self::Trine | Self::Opposition => 8.0,
            Self::Square => 7.0,
            Self::Sextile => 4.0,
            Self::Quincunx => 3.0,
            Self::SemiSextile | Self::SemiSquare | Self::SesquiSquare => 2.0,
        }
    }

    /// Whether this is one of the five aspects of Ptolemy, the "major" ones.
    #[must_use]
    pub const fn is_major(self) -> bool {
        matches!(self, Self::Conjunction | Self::Sextile | Self::Square | Self::Trine | Self::Opposition)
    }

    /// The word that stored documents use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Conjunction => "conjunction",
            Self::SemiSextile => "semi-sextile",
            Self::SemiSquare => "semi-square",
            Self::Sextile => "sextile",
            Self::Square => "square",
            Self::Trine => "trine",
            Self::SesquiSquare => "sesqui-square",
            Self::Quincunx => "quincunx",
            Self::Opposition => "opposition",
        }
    }
}

/// Phase of the Moon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MoonPhase {
    /// Elongation of the Moon from the Sun, 0..360 degrees.
    pub angle_deg: f64,
    /// Name of the eighth: `New Moon`, `Waxing Crescent`, `First Quarter`, ...
    pub name: &'static str,
}

/// What made a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Version of the calculation rules.
    pub engine_version: &'static str,
    /// Version of the ephemeris table.
    pub ephemeris_version: &'static str,
    /// Version of the time-zone data.
    pub tzdb_version: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::astro::Body;

    #[test]
    fn each_strength_has_its_word_and_the_word_stands_in_json() {
        for (strength, word) in
            [(1.0, "exact"), (0.89, "strong"), (0.59, "moderate"), (0.29, "weak"), (0.0, "weak")]
        {
            assert_eq!(strength_word(strength), word, "{strength}");
        }
        let aspect = Aspect {
            first: Point::Body(Body::Sun),
            second: Point::Ascendant,
            kind: AspectKind::Trine,
            angle_deg: 121.0,
            orb_deg: 1.0,
            strength: 0.875,
            applying: true,
            certain: true,
        };
        let json = serde_json::to_value(aspect).expect("JSON");
        assert_eq!(
            (json["strength_word"].as_str(), json["applying"].as_bool()),
            (Some("strong"), Some(true))
        );
        assert_eq!(serde_json::from_value::<Aspect>(json).expect("an aspect"), aspect);
    }
}
