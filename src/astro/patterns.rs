//! Figures that several aspects of a chart make together.
//!
//! Members are Sun to Pluto, ascendant and midheaven; nodes and, without a time, angles take no part. Every aspect of
//! a figure must hold with the orb of [`AspectKind`] and be certain. Definitions: Tompkins, Aspects in Astrology
//! (1989), ch. 12; the stellium of at least four planets in a sign or within a chain of conjunctions counts bodies
//! only. Tightness, the mean strength of the aspects of a figure, is ours, and so is leaving out what a larger figure
//! holds: the T-squares of a grand cross and the grand trine of a kite.

mod search;

use serde::Serialize;

use super::body::Point;
use super::chart::NatalChart;
use super::zodiac::{Element, Quality, Sign};

#[cfg(test)]
mod tests;

/// Which figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PatternKind {
    /// Two oppositions, their ends in four squares.
    GrandCross,
    /// A grand trine with a fourth point opposite one of its points and in sextile to the other two.
    Kite,
    /// Three points in trine with each other.
    GrandTrine,
    /// Two points in opposition, both in square to a third.
    TSquare,
    /// Two points in sextile, both in quincunx to a third.
    Yod,
    /// Four or more planets in one sign, or each in conjunction with the next.
    Stellium,
}

impl PatternKind {
    /// All figures in the order in which they are reported.
    pub const ALL: [Self; 6] =
        [Self::GrandCross, Self::Kite, Self::GrandTrine, Self::TSquare, Self::Yod, Self::Stellium];

    /// English name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GrandCross => "grand cross",
            Self::Kite => "kite",
            Self::GrandTrine => "grand trine",
            Self::TSquare => "T-square",
            Self::Yod => "yod",
            Self::Stellium => "stellium",
        }
    }
}

/// A figure of a chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pattern {
    /// Which figure.
    pub kind: PatternKind,
    /// Its points in the order bodies, ascendant, midheaven.
    pub points: Vec<Point>,
    /// The point on which it turns: the square of a T-square, the quincunx of a yod, the far end of a kite's
    /// opposition.
    pub apex: Option<Point>,
    /// The element that all its points share, as those of most grand trines do.
    pub element: Option<Element>,
    /// The quality that all its points share, as those of most T-squares and grand crosses do.
    pub quality: Option<Quality>,
    /// The sign that all its points share, if any.
    pub sign: Option<Sign>,
    /// Mean strength of its aspects, 1 when all are exact; for a stellium of the conjunctions between neighbours,
    /// 0 for each pair of neighbours out of orb.
    pub tightness: f64,
}

/// The figures of a chart by kind in the order of [`PatternKind::ALL`], the tightest of each kind first.
#[must_use]
pub fn find(chart: &NatalChart) -> Vec<Pattern> {
    let sky = search::Aspected::of(chart);
    let mut patterns = sky.figures();
    patterns.sort_by(|a, b| a.kind.cmp(&b.kind).then(b.tightness.total_cmp(&a.tightness)));
    patterns
}
