//! What follows from the place in the zodiac: element, quality, polarity, ruler, and what goes with what.

use super::types::{Compatibility, EnergyAttributes};
use crate::astro::chart::AspectKind;
use crate::astro::{Element, Sign};

/// Attributes of a sign. Fire and air are the active ("masculine") signs (Ptolemy, Tetrabiblos I.12).
pub(super) const fn of_sign(sign: Sign) -> EnergyAttributes {
    EnergyAttributes {
        element: sign.element().name(),
        quality: sign.quality().name(),
        polarity: match sign.element() {
            Element::Fire | Element::Air => "active",
            Element::Earth | Element::Water => "receptive",
        },
        ruling_planet: sign.ruler().name(),
    }
}

/// Attributes of a house 1..=12: those of the sign of the same number, as modern textbooks pair them.
pub(super) const fn of_house(house: usize) -> EnergyAttributes {
    of_sign(Sign::ALL[(house + 11) % 12])
}

/// Attributes of an aspect, which has neither element nor ruler.
pub(super) const fn of_aspect(kind: AspectKind) -> EnergyAttributes {
    EnergyAttributes { element: "none", quality: "none", polarity: tone(kind), ruling_planet: "none" }
}

/// What an aspect does, as a word of the documents.
const fn tone(kind: AspectKind) -> &'static str {
    match kind {
        AspectKind::Trine | AspectKind::Sextile => "harmonious",
        AspectKind::Square | AspectKind::Opposition | AspectKind::SemiSquare | AspectKind::SesquiSquare => {
            "challenging"
        }
        AspectKind::Conjunction | AspectKind::SemiSextile | AspectKind::Quincunx => "neutral",
    }
}

/// Keys of the others of twelve by their distance: the aspects between whole signs (Ptolemy, Tetrabiblos I.13).
pub(super) fn among_twelve(own: usize, key: impl Fn(usize) -> String) -> Compatibility {
    let mut compatibility = Compatibility::default();
    for step in 1..12 {
        let other = key((own + step) % 12);
        match step {
            2 | 4 | 8 | 10 => compatibility.harmonious_with.push(other),
            3 | 6 | 9 => compatibility.challenging_with.push(other),
            _ => compatibility.neutral_with.push(other),
        }
    }
    compatibility
}

/// Keys of the other aspects by whether they work the same way.
pub(super) fn among_aspects(own: AspectKind, key: impl Fn(AspectKind) -> String) -> Compatibility {
    let mut compatibility = Compatibility::default();
    for other in AspectKind::ALL.into_iter().filter(|other| *other != own) {
        let list = match (tone(own), tone(other)) {
            (own, other) if own == other => &mut compatibility.harmonious_with,
            ("neutral", _) | (_, "neutral") => &mut compatibility.neutral_with,
            _ => &mut compatibility.challenging_with,
        };
        list.push(key(other));
    }
    compatibility
}
