//! Essential dignity by sign, elements and qualities.

use super::body::Body;
use super::chart::Dignity;
use super::zodiac::{Element, Quality, Sign};

/// Weights of Sun to Pluto in the balance of elements and qualities (Solar Fire's default for Sun to Neptune; that
/// of Pluto is ours).
pub const BALANCE_WEIGHTS: [f64; 10] = [3.0, 3.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0];

/// Sign in which a planet is exalted (Ptolemy, Tetrabiblos I.19); none for the modern planets and the nodes.
#[must_use]
pub const fn exaltation(body: Body) -> Option<Sign> {
    Some(match body {
        Body::Sun => Sign::Aries,
        Body::Moon => Sign::Taurus,
        Body::Mercury => Sign::Virgo,
        Body::Venus => Sign::Pisces,
        Body::Mars => Sign::Capricorn,
        Body::Jupiter => Sign::Cancer,
        Body::Saturn => Sign::Libra,
        _ => return None,
    })
}

/// Dignities of all bodies in all signs.
pub(super) const OF_SIGN: [[Option<Dignity>; 12]; 12] = {
    let mut dignities = [[None; 12]; 12];
    let mut cell = 0;
    while cell < 144 {
        dignities[cell / 12][cell % 12] = dignity(Body::ALL[cell / 12], Sign::ALL[cell % 12]);
        cell += 1;
    }
    dignities
};

/// Dignity of a body in a sign; domicile goes before exaltation and detriment before fall.
#[must_use]
pub const fn dignity(body: Body, sign: Sign) -> Option<Dignity> {
    let opposite = Sign::ALL[(sign.index() + 6) % 12];
    let exalted_in = exaltation(body);
    // Compared by number, because constants are made of this.
    if sign.ruler().index() == body.index() {
        Some(Dignity::Domicile)
    } else if is(exalted_in, sign) {
        Some(Dignity::Exaltation)
    } else if opposite.ruler().index() == body.index() {
        Some(Dignity::Detriment)
    } else if is(exalted_in, opposite) {
        Some(Dignity::Fall)
    } else {
        None
    }
}

const fn is(some: Option<Sign>, sign: Sign) -> bool {
    matches!(some, Some(known) if known.index() == sign.index())
}

/// The element with the greatest weight, the first in zodiac order among equals.
pub(super) fn dominant_element(weights: &[f64; 4]) -> Element {
    Element::ALL[first_greatest(weights)]
}

/// The quality with the greatest weight, the first in zodiac order among equals.
pub(super) fn dominant_quality(weights: &[f64; 3]) -> Quality {
    Quality::ALL[first_greatest(weights)]
}

fn first_greatest(weights: &[f64]) -> usize {
    (1..weights.len()).fold(0, |best, i| if weights[i] > weights[best] { i } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dignities_are_those_of_the_traditional_table() {
        for (body, sign, expected) in [
            (Body::Sun, Sign::Leo, Some(Dignity::Domicile)),
            (Body::Sun, Sign::Aries, Some(Dignity::Exaltation)),
            (Body::Sun, Sign::Aquarius, Some(Dignity::Detriment)),
            (Body::Sun, Sign::Libra, Some(Dignity::Fall)),
            (Body::Mercury, Sign::Virgo, Some(Dignity::Domicile)),
            (Body::Mercury, Sign::Pisces, Some(Dignity::Detriment)),
            (Body::Saturn, Sign::Cancer, Some(Dignity::Detriment)),
            (Body::Mars, Sign::Gemini, None),
            (Body::Pluto, Sign::Scorpio, None),
            (Body::TrueNode, Sign::Leo, None),
        ] {
            assert_eq!(dignity(body, sign), expected, "{} in {}", body.name(), sign.name());
        }
    }

    #[test]
    fn equal_weights_are_settled_by_zodiac_order() {
        assert_eq!(dominant_element(&[4.0, 5.0, 5.0, 3.0]), Element::Earth);
        assert_eq!(dominant_quality(&[5.0, 6.0, 6.0]), Quality::Fixed);
    }
}
