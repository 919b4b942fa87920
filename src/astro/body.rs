//! The bodies and points that a chart is made of.

use serde::{Deserialize, Serialize};

/// A moving body or lunar node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the variants are the names of the bodies")]
pub enum Body {
    Sun,
    Moon,
    Mercury,
    Venus,
    Mars,
    Jupiter,
    Saturn,
    Uranus,
    Neptune,
    Pluto,
    MeanNode,
    TrueNode,
}

impl Body {
    /// Every body of a chart; the index of a body is its place here.
    pub const ALL: [Self; 12] = [
        Self::Sun,
        Self::Moon,
        Self::Mercury,
        Self::Venus,
        Self::Mars,
        Self::Jupiter,
        Self::Saturn,
        Self::Uranus,
        Self::Neptune,
        Self::Pluto,
        Self::MeanNode,
        Self::TrueNode,
    ];

    /// Sun to Pluto, without the nodes.
    pub const PLANETS: [Self; 10] = [
        Self::Sun,
        Self::Moon,
        Self::Mercury,
        Self::Venus,
        Self::Mars,
        Self::Jupiter,
        Self::Saturn,
        Self::Uranus,
        Self::Neptune,
        Self::Pluto,
    ];

    /// Place in [`Body::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// English name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sun => "Sun",
            Self::Moon => "Moon",
            Self::Mercury => "Mercury",
            Self::Venus => "Venus",
            Self::Mars => "Mars",
            Self::Jupiter => "Jupiter",
            Self::Saturn => "Saturn",
            Self::Uranus => "Uranus",
            Self::Neptune => "Neptune",
            Self::Pluto => "Pluto",
            Self::MeanNode => "Mean Node",
            Self::TrueNode => "True Node",
        }
    }
}

/// A body or an angle: what an aspect connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Point {
    /// A moving body or lunar node.
    Body(Body),
    /// The rising degree of the ecliptic.
    Ascendant,
    /// The culminating degree of the ecliptic.
    Midheaven,
}

impl Point {
    /// English name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Body(body) => body.name(),
            Self::Ascendant => "Ascendant",
            Self::Midheaven => "Midheaven",
        }
    }
}
