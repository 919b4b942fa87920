//! A chart as bare numbers: everything that can be read in the sky of one instant, without a word and without an
//! allocation. [`super::cast`] makes the full chart from it, [`super::batch`] fills slices of it.

use super::aspects::{self, Moving};
use super::body::{Body, Point};
use super::chart::{Angles, Aspect, AspectKind, Dignity, HouseSystem};
use super::dignity::{self, BALANCE_WEIGHTS};
use super::ephemeris::{Sky, covers, sky};
use super::error::AstroError;
use super::form;
use super::houses::{HouseFinder, Vantage, division};
use super::julian::tt_of_ut;
use super::precession::apparent_sidereal_time_rad;
use super::zodiac::{Element, Quality, Sign};

/// Pairs among twelve bodies and two angles, without the pair of the two nodes.
pub const MOST_ASPECTS: usize = 90;

/// An instant and, if both time and place are known, a place: checked, so that no chart of it can fail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    jd_ut: f64,
    jd_tt: f64,
    place_deg: Option<(f64, f64)>,
}

impl Event {
    /// An event at a Julian day (UT). Without a place, latitude and longitude in degrees, its chart has no houses.
    ///
    /// # Errors
    /// Names the field that is no number or out of range.
    #[allow(clippy::similar_names, reason = "ut and tt are the names of the two time scales")]
    pub fn new(jd_ut: f64, place_deg: Option<(f64, f64)>) -> Result<Self, AstroError> {
        let jd_tt = tt_of_ut(jd_ut);
        if !covers(jd_tt) {
            return Err(AstroError::Range {
                field: "jd_ut",
                value: jd_ut.to_string(),
                from: "1849-12-01",
                to: "2150-02-28",
            });
        }
        if let Some((latitude, longitude)) = place_deg {
            form::latitude(Some(latitude))?;
            form::longitude(Some(longitude))?;
        }
        Ok(Self { jd_ut, jd_tt, place_deg })
    }

    /// Of parts that are known to be good.
    #[allow(clippy::similar_names, reason = "ut and tt are the names of the two time scales")]
    pub(super) const fn resolved(jd_ut: f64, jd_tt: f64, place_deg: Option<(f64, f64)>) -> Self {
        Self { jd_ut, jd_tt, place_deg }
    }

    /// Julian day in UT.
    #[must_use]
    pub const fn jd_ut(&self) -> f64 {
        self.jd_ut
    }

    /// Julian day in terrestrial time.
    #[must_use]
    pub const fn jd_tt(&self) -> f64 {
        self.jd_tt
    }

    /// Where the houses are divided.
    #[inline]
    fn vantage(&self, sky: &Sky) -> Option<Vantage> {
        let (latitude, longitude) = self.place_deg?;
        let greenwich = apparent_sidereal_time_rad(self.jd_ut, self.jd_tt, sky);
        Some(Vantage {
            armc_rad: greenwich + longitude.to_radians(),
            obliquity_rad: sky.obliquity_rad,
            latitude_rad: latitude.to_radians(),
        })
    }
}

/// A chart as numbers. Arrays of bodies are in the order of [`Body::ALL`]; angles in degrees.
#[derive(Debug, Clone, PartialEq)]
pub struct RawChart {
    /// Apparent longitudes, 0..360.
    pub longitudes_deg: [f64; 12],
    /// Apparent latitudes.
    pub latitudes_deg: [f64; 12],
    /// Distances in astronomical units; zero for the nodes.
    pub distances_au: [f64; 12],
    /// Speeds in longitude, degrees per day; negative when retrograde.
    pub speeds_deg_per_day: [f64; 12],
    /// Signs.
    pub signs: [Sign; 12],
    /// Houses 1..=12; 0 without houses.
    pub houses: [u8; 12],
    /// Essential dignities.
    pub dignities: [Option<Dignity>; 12],
    /// Angles; `None` without time and place.
    pub angles: Option<Angles>,
    /// House system used: Porphyry where the one asked for is undefined.
    pub house_system: HouseSystem,
    /// Cusps of houses 1 to 12; meaningless without angles.
    pub cusps_deg: [f64; 12],
    /// Weights of fire, earth, air, water.
    pub elements: [f64; 4],
    /// Weights of cardinal, fixed, mutable.
    pub qualities: [f64; 3],
    /// Element of the greatest weight.
    pub dominant_element: Element,
    /// Quality of the greatest weight.
    pub dominant_quality: Quality,
    /// Ruler of the ascendant's sign; `None` without an ascendant.
    pub chart_ruler: Option<Body>,
    /// Elongation of the Moon from the Sun, 0..360.
    pub moon_phase_deg: f64,
    aspect_count: u8,
    aspects: [RawAspect; MOST_ASPECTS],
}

/// An aspect as numbers. Points are places in [`POINTS`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawAspect {
    /// First point.
    pub first: u8,
    /// Second point, later in [`POINTS`].
    pub second: u8,
    /// Which relation.
    pub kind: AspectKind,
    /// Whether the orb is shrinking.
    pub applying: bool,
    /// Distance from exactness in degrees, to 1e-6.
    pub orb_deg: f32,
    /// 1 when exact, 0 at the edge of the largest orb.
    pub strength: f32,
}

/// The points of a raw chart that aspects connect.
pub const POINTS: [Point; 14] = {
    let mut points = [Point::Ascendant; 14];
    let mut i = 0;
    while i < 12 {
        points[i] = Point::Body(Body::ALL[i]);
        i += 1;
    }
    points[13] = Point::Midheaven;
    points
};

impl Default for RawChart {
    /// A chart with nothing in it, to be filled.
    fn default() -> Self {
        let none = RawAspect {
            first: 0,
            second: 0,
            kind: AspectKind::Conjunction,
            applying: false,
            orb_deg: 0.0,
            strength: 0.0,
        };
        Self {
            longitudes_deg: [0.0; 12],
            latitudes_deg: [0.0; 12],
            distances_au: [0.0; 12],
            speeds_deg_per_day: [0.0; 12],
            signs: [Sign::Aries; 12],
            houses: [0; 12],
            dignities: [None; 12],
            angles: None,
            house_system: HouseSystem::Placidus,
            cusps_deg: [0.0; 12],
            elements: [0.0; 4],
            qualities: [0.0; 3],
            dominant_element: Element::Fire,
            dominant_quality: Quality::Cardinal,
            chart_ruler: None,
            moon_phase_deg: 0.0,
            aspect_count: 0,
            aspects: [none; MOST_ASPECTS],
        }
    }
}

impl RawChart {
    /// The chart of an event.
    #[must_use]
    pub fn of(event: &Event, system: HouseSystem) -> Self {
        let mut chart = Self::default();
        chart.fill(event, system);
        chart
    }

    /// Becomes the chart of an event, without allocating.
    pub fn fill(&mut self, event: &Event, system: HouseSystem) {
        let sky = sky(event.jd_tt);
        self.longitudes_deg = sky.longitudes_deg;
        self.latitudes_deg = sky.latitudes_deg;
        self.distances_au = sky.distances_au;
        self.speeds_deg_per_day = sky.speeds_deg_per_day;
        self.divide(event.vantage(&sky), system);
        self.read_signs();
        let elongation = self.longitudes_deg[Body::Moon.index()] - self.longitudes_deg[Body::Sun.index()];
        self.moon_phase_deg = if elongation < 0.0 { elongation + 360.0 } else { elongation };
        self.read_aspects();
    }

    /// Aspects in the order of their points.
    #[must_use]
    pub fn aspects(&self) -> &[RawAspect] {
        &self.aspects[..usize::from(self.aspect_count)]
    }

    /// Where aspects are written.
    #[cfg(test)]
    pub(super) fn aspects_mut(&mut self) -> &mut [RawAspect; MOST_ASPECTS] {
        &mut self.aspects
    }

    /// Aspects with all their words and digits, strongest first; equal strengths keep the order of the points.
    #[must_use]
    pub fn full_aspects(&self) -> Vec<Aspect> {
        let moving = |point: u8| self.moving(usize::from(point));
        let pairs = self.aspects().iter().map(|aspect| (moving(aspect.first), moving(aspect.second)));
        let mut aspects: Vec<Aspect> =
            pairs.filter_map(|(first, second)| aspects::aspect(&first, &second)).collect();
        aspects.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        aspects
    }

    fn moving(&self, point: usize) -> Moving {
        let (longitude_deg, speed_deg_per_day) = match (POINTS[point], self.angles) {
            (Point::Ascendant, Some(angles)) => (angles.ascendant_deg, 0.0),
            (Point::Midheaven, Some(angles)) => (angles.midheaven_deg, 0.0),
            _ => (self.longitudes_deg[point % 12], self.speeds_deg_per_day[point % 12]),
        };
        Moving { point: POINTS[point], longitude_deg, speed_deg_per_day }
    }

    #[inline]
    fn divide(&mut self, vantage: Option<Vantage>, system: HouseSystem) {
        self.house_system = system;
        (self.angles, self.chart_ruler, self.houses) = (None, None, [0; 12]);
        let Some(vantage) = vantage else { return };
        let division = division(vantage, system);
        self.houses = HouseFinder::new(&division.cusps_deg).houses_of(&self.longitudes_deg);
        self.chart_ruler = Some(Sign::of_circle(division.angles.ascendant_deg).ruler());
        self.angles = Some(division.angles);
        (self.house_system, self.cusps_deg) = (division.used, division.cusps_deg);
    }

    fn read_signs(&mut self) {
        for (body, longitude) in self.longitudes_deg.iter().enumerate() {
            self.signs[body] = Sign::of_circle(*longitude);
            self.dignities[body] = dignity::OF_SIGN[body][self.signs[body].index()];
        }
        (self.elements, self.qualities) = ([0.0; 4], [0.0; 3]);
        for (sign, weight) in self.signs.iter().zip(BALANCE_WEIGHTS) {
            self.elements[sign.element() as usize] += weight;
            self.qualities[sign.quality() as usize] += weight;
        }
        self.dominant_element = dignity::dominant_element(&self.elements);
        self.dominant_quality = dignity::dominant_quality(&self.qualities);
    }

    fn read_aspects(&mut self) {
        let (mut longitudes, mut speeds) = ([0.0; 14], [0.0; 14]);
        longitudes[..12].copy_from_slice(&self.longitudes_deg);
        speeds[..12].copy_from_slice(&self.speeds_deg_per_day);
        let points = match self.angles {
            Some(angles) => {
                (longitudes[12], longitudes[13]) = (angles.ascendant_deg, angles.midheaven_deg);
                14
            }
            None => 12,
        };
        self.aspect_count = aspects::among(&longitudes[..points], &speeds[..points], &mut self.aspects);
    }
}
