//! The twelve signs, their elements, qualities and rulers.

use serde::{Deserialize, Serialize};

use super::body::Body;

/// One of the twelve signs of the tropical zodiac, 30 degrees each from the vernal equinox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the variants are the names of the signs")]
pub enum Sign {
    Aries,
    Taurus,
    Gemini,
    Cancer,
    Leo,
    Virgo,
    Libra,
    Scorpio,
    Sagittarius,
    Capricorn,
    Aquarius,
    Pisces,
}

/// The classical element of a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the variants are the names of the elements")]
pub enum Element {
    Fire,
    Earth,
    Air,
    Water,
}

/// The quality (modality) of a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the variants are the names of the qualities")]
pub enum Quality {
    Cardinal,
    Fixed,
    Mutable,
}

impl Sign {
    /// All signs, Aries first.
    pub const ALL: [Self; 12] = [
        Self::Aries,
        Self::Taurus,
        Self::Gemini,
        Self::Cancer,
        Self::Leo,
        Self::Virgo,
        Self::Libra,
        Self::Scorpio,
        Self::Sagittarius,
        Self::Capricorn,
        Self::Aquarius,
        Self::Pisces,
    ];

    /// The sign that holds an ecliptic longitude in degrees (any finite value; wrapped into 0..360).
    #[must_use]
    pub fn of_longitude(degrees: f64) -> Self {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the quotient lies in 0..=12"
        )]
        let index = (degrees.rem_euclid(360.0) / 30.0) as usize;
        Self::ALL[index.min(11)]
    }

    /// [`Sign::of_longitude`] of a longitude that is within 0..360 degrees already.
    #[must_use]
    #[inline]
    pub(super) fn of_circle(degrees: f64) -> Self {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the quotient lies in 0..=12"
        )]
        let index = (degrees / 30.0) as u8;
        Self::ALL[usize::from(index.min(11))]
    }

    /// Position in the zodiac, 0 for Aries to 11 for Pisces.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// English name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aries => "Aries",
            Self::Taurus => "Taurus",
            Self::Gemini => "Gemini",
            Self::Cancer => "Cancer",
            Self::Leo => "Leo",
            Self::Virgo => "Virgo",
            Self::Libra => "Libra",
            Self::Scorpio => "Scorpio",
            Self::Sagittarius => "Sagittarius",
            Self::Capricorn => "Capricorn",
            Self::Aquarius => "Aquarius",
            Self::Pisces => "Pisces",
        }
    }

    /// Fire, earth, air or water.
    #[must_use]
    pub const fn element(self) -> Element {
        Element::ALL[self as usize % 4]
    }

    /// Cardinal, fixed or mutable.
    #[must_use]
    pub const fn quality(self) -> Quality {
        Quality::ALL[self as usize % 3]
    }

    /// Traditional (pre-Uranus) domicile ruler, as in Ptolemy, Tetrabiblos I.17.
    #[must_use]
    pub const fn ruler(self) -> Body {
        match self {
            Self::Aries | Self::Scorpio => Body::Mars,
            Self::Taurus | Self::Libra => Body::Venus,
            Self::Gemini | Self::Virgo => Body::Mercury,
            Self::Cancer => Body::Moon,
            Self::Leo => Body::Sun,
            Self::Sagittarius | Self::Pisces => Body::Jupiter,
            Self::Capricorn | Self::Aquarius => Body::Saturn,
        }
    }
}

impl Element {
    /// All elements in zodiac order.
    pub const ALL: [Self; 4] = [Self::Fire, Self::Earth, Self::Air, Self::Water];

    /// English name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fire => "Fire",
            Self::Earth => "Earth",
            Self::Air => "Air",
            Self::Water => "Water",
        }
    }
}

impl Quality {
    /// All qualities in zodiac order.
    pub const ALL: [Self; 3] = [Self::Cardinal, Self::Fixed, Self::Mutable];

    /// English name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cardinal => "Cardinal",
            Self::Fixed => "Fixed",
            Self::Mutable => "Mutable",
        }
    }
}
