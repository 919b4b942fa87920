//! What a caller knows of a birth or a founding.

use serde::{Deserialize, Serialize};

/// Birth or founding data as people write it; [`crate::astro::cast`] checks and resolves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BirthData {
    /// Civil date at the place of birth, `YYYY-MM-DD`.
    pub date: String,
    /// Civil time at the place of birth, `HH:MM` or `HH:MM:SS`; `None` when nobody knows it.
    pub time: Option<String>,
    /// IANA zone of the place of birth, such as `Europe/Berlin`; `None` falls back to UTC with a note.
    pub zone: Option<String>,
    /// Geographic latitude in degrees, north positive; `None` means no houses and no angles.
    pub latitude_deg: Option<f64>,
    /// Geographic longitude in degrees, east positive.
    pub longitude_deg: Option<f64>,
}
