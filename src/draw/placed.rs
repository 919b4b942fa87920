//! What stands on a ring of a wheel: a body of a chart, or Chiron.

use super::glyphs::{self, Stroke};
use crate::astro::Sign;
use crate::astro::chart::{BodyPosition, Dignity};
use crate::astro::extra::ExtraPoint;

/// Something with a glyph at a longitude.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    pub(super) name: &'static str,
    pub(super) glyph: &'static [Stroke],
    pub(super) longitude_deg: f64,
    pub(super) speed_deg_per_day: f64,
    pub(super) sign: Sign,
    pub(super) house: Option<u8>,
    pub(super) retrograde: bool,
    pub(super) dignity: Option<Dignity>,
}

impl From<&BodyPosition> for Placed {
    fn from(at: &BodyPosition) -> Self {
        Self {
            name: at.body.name(),
            glyph: glyphs::body(at.body),
            longitude_deg: at.longitude_deg,
            speed_deg_per_day: at.speed_deg_per_day,
            sign: at.sign,
            house: at.house,
            retrograde: at.retrograde,
            dignity: at.dignity,
        }
    }
}

impl Placed {
    /// Chiron.
    pub(super) fn chiron(at: &ExtraPoint) -> Self {
        Self {
            name: at.name,
            glyph: glyphs::CHIRON,
            longitude_deg: at.longitude_deg,
            speed_deg_per_day: at.speed_deg_per_day,
            sign: at.sign,
            house: at.house,
            retrograde: at.retrograde,
            dignity: None,
        }
    }
}
