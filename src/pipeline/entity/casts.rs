//! Charts and codes that were cast before. People of one department are compared with each other, so without a memory every chart
//! would be cast once for each colleague.

use std::sync::Arc;

use super::facts::Birth;
use crate::astro::chart::HouseSystem;
use crate::astro::{self, AstroError, NatalChart};
use crate::compat::Party;
use crate::domain::{Memory, Quarter};
use crate::harmonic::{self, HarmonicCode};

/// Charts with codes that a process remembers, of people who are compared with their colleagues.
pub const REMEMBERED: usize = 4096;

/// A chart and its code of a quarter.
#[derive(Debug, Clone)]
pub struct Cast {
    /// The chart.
    pub chart: NatalChart,
    /// The code.
    pub code: HarmonicCode,
}

impl Cast {
    /// As one side of a comparison.
    #[must_use]
    pub const fn party(&self) -> Party<'_> {
        Party { chart: &self.chart, code: &self.code }
    }
}

/// All that a chart and a code depend on; never a person. Corrected birth data is another key, so nothing here can be stale.
type Key = (Quarter, String, Option<String>, Option<String>, Option<u64>, Option<u64>);

/// Charts and codes by birth data. Equal input, equal output, whether it was remembered or not.
#[derive(Debug)]
pub struct Casts {
    houses: HouseSystem,
    known: Memory<Key, Arc<Cast>>,
}

impl Casts {
    /// Remembers up to `limit` of them; 0 remembers none.
    #[must_use]
    pub fn new(houses: HouseSystem, limit: usize) -> Self {
        Self { houses, known: Memory::new(limit) }
    }

    /// The chart and the code of this birth data.
    ///
    /// # Errors
    /// When the birth data cannot be a chart.
    pub fn of(&self, birth: &Birth, quarter: Quarter) -> Result<Arc<Cast>, AstroError> {
        self.known.get_or_try(key(birth, quarter), || self.cast(birth, quarter))
    }

    fn cast(&self, birth: &Birth, quarter: Quarter) -> Result<Arc<Cast>, AstroError> {
        let chart = astro::cast(&birth.data(), self.houses)?;
        let code = harmonic::code(&chart, &harmonic::transits(quarter));
        Ok(Arc::new(Cast { chart, code }))
    }
}

fn key(birth: &Birth, quarter: Quarter) -> Key {
    (
        quarter,
        birth.birth_date.clone(),
        birth.birth_time.clone(),
        birth.timezone.clone(),
        birth.latitude.map(f64::to_bits),
        birth.longitude.map(f64::to_bits),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn birth(year: i32) -> Birth {
        serde_json::from_value(
            serde_json::json!({ "birth_date": format!("{year}-03-14"), "birth_time": "09:25:00",
            "timezone": "Europe/Stockholm", "latitude": 59.3293, "longitude": 18.0686 }),
        )
        .unwrap()
    }

    #[test]
    fn equal_birth_data_is_cast_once_and_the_memory_stays_within_its_limit() {
        let quarter = Quarter { year: 2026, number: 4 };
        let casts = Casts::new(HouseSystem::Placidus, 8);
        let first = casts.of(&birth(1985), quarter).unwrap();
        assert!(Arc::ptr_eq(&first, &casts.of(&birth(1985), quarter).unwrap()));
        for year in 1950..1980 {
            casts.of(&birth(year), quarter).unwrap();
        }
        assert!(casts.known.len() <= 8);
        assert!(!Arc::ptr_eq(&first, &casts.of(&birth(1985), quarter).unwrap()), "forgotten long ago");
    }

    #[test]
    fn another_quarter_is_another_code() {
        let casts = Casts::new(HouseSystem::Placidus, 8);
        let of = |number| casts.of(&birth(1985), Quarter { year: 2026, number }).unwrap();
        assert_ne!(of(3).code, of(4).code);
    }
}
