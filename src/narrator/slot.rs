//! The slots of a theme's sentences.

use super::content::{Lines, ThemeText};

/// A slot of a theme's sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the slots of data/narrator/themes/*.toml")]
pub enum Slot {
    Claim,
    Everyday,
    Upside,
    Overuse,
    Helps,
    Low,
    LowEveryday,
    LowHelps,
    Pressure,
    Do,
    Dont,
    Question,
    Demand,
    Match,
    Gap,
    Practice,
    Adds,
    Lacks,
    Manager,
}

impl Slot {
    pub(super) fn lines(self, text: &ThemeText) -> &Lines {
        match self {
            Self::Claim => &text.claim,
            Self::Everyday => &text.everyday,
            Self::Upside => &text.upside,
            Self::Overuse => &text.overuse,
            Self::Helps => &text.helps,
            Self::Low => &text.low,
            Self::LowEveryday => &text.low_everyday,
            Self::LowHelps => &text.low_helps,
            Self::Pressure => &text.pressure,
            Self::Do => &text.good,
            Self::Dont => &text.dont,
            Self::Question => &text.question,
            Self::Demand => &text.demand,
            Self::Match => &text.matched,
            Self::Gap => &text.gap,
            Self::Practice => &text.practice,
            Self::Adds => &text.adds,
            Self::Lacks => &text.lacks,
            Self::Manager => &text.manager,
        }
    }

    /// Claims carry a citation; the sentences that unfold a claim do not.
    pub(super) const fn is_claim(self) -> bool {
        matches!(
            self,
            Self::Claim
                | Self::Low
                | Self::Pressure
                | Self::Match
                | Self::Gap
                | Self::Demand
                | Self::Adds
                | Self::Lacks
        )
    }
}
