//! What the thirteen scores are made of (ours, on published features).

use super::features::Feature::{Element as E, Harmonic as H, House, Planet as P, Quality as Q};
use super::features::{FEATURES, Feature};
use super::tables::{Moments, Standards};
use crate::astro::body::Body::{Jupiter, Mars, Mercury, Moon, Neptune, Pluto, Saturn, Sun, Uranus, Venus};
use crate::astro::zodiac::Element::{Air, Earth, Fire, Water};
use crate::astro::zodiac::Quality::{Cardinal, Fixed, Mutable};

/// How many scores there are: five energies, then eight dimensions.
pub const SCORES: usize = 13;

/// A weighted feature.
type Part = (Feature, f64);

/// Weights on standardised features, in the order of [`super::ENERGIES`], then of [`super::DIMENSIONS`].
const RECIPES: [&[Part]; SCORES] = [
    // physical
    &[
        (P(Mars), 1.0),
        (P(Sun), 0.8),
        (E(Fire), 0.8),
        (E(Earth), 0.4),
        (H(4), 0.4),
        (House(1), 0.5),
        (House(6), 0.4),
    ],
    // emotional
    &[
        (P(Moon), 1.0),
        (P(Mars), 0.3),
        (E(Water), 0.8),
        (Q(Cardinal), 0.3),
        (House(4), 0.5),
        (House(8), 0.4),
        (H(2), 0.4),
    ],
    // mental
    &[(P(Mercury), 1.0), (P(Uranus), 0.4), (E(Air), 1.0), (House(3), 0.4), (House(9), 0.3), (H(3), 0.3)],
    // spiritual
    &[
        (P(Neptune), 0.8),
        (P(Jupiter), 0.8),
        (E(Water), 0.4),
        (E(Fire), 0.3),
        (House(9), 0.4),
        (House(12), 0.4),
        (H(9), 0.5),
        (H(7), 0.3),
    ],
    // social
    &[
        (P(Venus), 0.8),
        (P(Jupiter), 0.5),
        (P(Moon), 0.3),
        (E(Air), 0.7),
        (House(7), 0.5),
        (House(11), 0.5),
        (H(2), 0.3),
        (H(3), 0.3),
    ],
    // leadership
    &[
        (P(Sun), 1.0),
        (P(Mars), 0.7),
        (P(Jupiter), 0.4),
        (Q(Cardinal), 0.7),
        (E(Fire), 0.5),
        (House(1), 0.4),
        (House(10), 0.6),
        (H(4), 0.4),
    ],
    // creativity
    &[
        (P(Venus), 0.7),
        (P(Neptune), 0.6),
        (P(Sun), 0.4),
        (E(Fire), 0.4),
        (E(Water), 0.4),
        (House(5), 0.6),
        (H(5), 0.8),
        (H(7), 0.5),
    ],
    // analytical
    &[
        (P(Mercury), 0.9),
        (P(Saturn), 0.7),
        (E(Earth), 0.6),
        (E(Air), 0.5),
        (House(3), 0.3),
        (House(6), 0.5),
        (H(6), 0.3),
    ],
    // communication
    &[(P(Mercury), 1.0), (P(Jupiter), 0.4), (E(Air), 0.7), (Q(Mutable), 0.4), (House(3), 0.6), (H(3), 0.4)],
    // empathy
    &[
        (P(Venus), 0.9),
        (P(Neptune), 0.9),
        (P(Moon), 0.4),
        (E(Water), 0.4),
        (Q(Mutable), 0.4),
        (House(7), 0.4),
        (House(12), 0.5),
        (H(9), 0.5),
    ],
    // resilience
    &[
        (P(Saturn), 0.9),
        (P(Pluto), 0.5),
        (P(Mars), 0.5),
        (Q(Fixed), 0.7),
        (E(Earth), 0.6),
        (House(8), 0.3),
        (H(8), 0.4),
        (H(4), 0.2),
    ],
    // adaptability
    &[
        (P(Mercury), 0.6),
        (P(Uranus), 0.6),
        (P(Moon), 0.4),
        (Q(Mutable), 1.0),
        (E(Air), 0.3),
        (House(3), 0.3),
        (H(7), 0.3),
    ],
    // focus
    &[(P(Saturn), 0.7), (P(Sun), 0.5), (P(Pluto), 0.4), (Q(Fixed), 0.9), (House(6), 0.3), (H(1), 0.8)],
];

/// Share of harmonic `n` (1..=12) in a dimension, 0 where it has none.
#[must_use]
pub fn harmonic_share(dimension: usize, n: usize) -> f64 {
    RECIPES[5 + dimension].iter().filter(|(part, _)| *part == H(n)).map(|(_, weight)| weight).sum()
}

/// Weighted sums of standardised features: thirteen raw scores.
#[must_use]
pub fn raw_scores(row: &[f64; FEATURES], standards: &Standards) -> [f64; SCORES] {
    RECIPES.map(|recipe| {
        recipe.iter().map(|(part, weight)| weight * standardised(row, standards, part.index())).sum()
    })
}

fn standardised(row: &[f64; FEATURES], standards: &Standards, feature: usize) -> f64 {
    let moments = Moments { mean: standards.feature_mean[feature], sd: standards.feature_sd[feature] };
    moments.standardise(row[feature])
}
