//! In which house a longitude lies.

/// Finds the house of a longitude among twelve cusps.
///
/// A house reaches from its cusp up to the next. Beyond the polar circles the houses of Regiomontanus and Campanus
/// run backwards through the zodiac at some hours; then a house reaches down to the next cusp.
#[derive(Debug, Clone, Copy)]
pub struct HouseFinder {
    first_deg: f64,
    backwards: bool,
    /// How far each cusp lies from the first in the direction of the houses, 0..360.
    reach_deg: [f64; 12],
}

impl HouseFinder {
    /// Prepares the search among cusps of 0..360 degrees.
    #[must_use]
    #[inline]
    pub fn new(cusps_deg: &[f64; 12]) -> Self {
        let arcs = (0..12).map(|i| ahead_deg(cusps_deg[i], cusps_deg[(i + 1) % 12]));
        let turn: f64 = arcs.sum();
        // Twelve arcs make one turn forwards, or eleven when each is the rest of a circle.
        let mut finder = Self { first_deg: cusps_deg[0], backwards: turn > 2_000.0, reach_deg: [0.0; 12] };
        let mut reach_deg = *cusps_deg;
        for reach in &mut reach_deg {
            *reach = finder.reach(*reach);
        }
        finder.reach_deg = reach_deg;
        finder
    }

    /// The house, 1..=12, that holds a longitude of 0..360 degrees.
    #[must_use]
    pub fn house_of(&self, longitude_deg: f64) -> u8 {
        let [house] = self.houses_of(&[longitude_deg]);
        house
    }

    /// The houses of several longitudes.
    #[must_use]
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "a house is at most 12")]
    pub fn houses_of<const N: usize>(&self, longitudes_deg: &[f64; N]) -> [u8; N] {
        let mut reaches = *longitudes_deg;
        for reach in &mut reaches {
            *reach = self.reach(*reach);
        }
        // Counted in words as wide as the angles, so that the comparisons run side by side.
        let mut houses = [1_u64; N];
        for cusp in &self.reach_deg[1..] {
            for (house, reach) in houses.iter_mut().zip(&reaches) {
                *house += u64::from(cusp <= reach);
            }
        }
        houses.map(|house| house as u8)
    }

    #[inline]
    fn reach(&self, longitude_deg: f64) -> f64 {
        if self.backwards {
            ahead_deg(longitude_deg, self.first_deg)
        } else {
            ahead_deg(self.first_deg, longitude_deg)
        }
    }
}

/// Way from one longitude forward to another, 0..360 degrees; both within 0..360.
#[inline]
fn ahead_deg(from: f64, to: f64) -> f64 {
    let way = to - from;
    if way < 0.0 { way + 360.0 } else { way }
}
