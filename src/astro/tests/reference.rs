//! The reference charts: facts computed with Swiss Ephemeris 2.10.03 (DE441 files), see the header of the file.

use std::sync::OnceLock;

use serde_json::Value;

use crate::astro::{BirthData, Body};

/// Names of the bodies in the reference, in the order of [`Body::ALL`].
const NAMES: [&str; 12] = [
    "sun",
    "moon",
    "mercury",
    "venus",
    "mars",
    "jupiter",
    "saturn",
    "uranus",
    "neptune",
    "pluto",
    "mean_node",
    "true_node",
];

/// One reference chart.
pub(super) struct Case(Value);

/// All reference charts.
pub(super) fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut file: Value = serde_json::from_str(include_str!("../../../tests/data/charts_reference.json"))
            .expect("reference charts are JSON");
        let Value::Array(cases) = file["cases"].take() else { panic!("reference charts are a list") };
        cases.into_iter().map(Case).collect()
    })
}

impl Case {
    pub(super) fn id(&self) -> &str {
        self.0["id"].as_str().expect("id")
    }

    /// A number by its path, such as `/bodies/sun/lon`.
    pub(super) fn number(&self, path: &str) -> f64 {
        self.at(path).as_f64().unwrap_or_else(|| panic!("{} has a number at {path}", self.id()))
    }

    /// Any value by its path.
    pub(super) fn at(&self, path: &str) -> &Value {
        self.0.pointer(path).unwrap_or_else(|| panic!("{} has {path}", self.id()))
    }

    /// Whether there is a value at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.pointer(path).is_some_and(|value| !value.is_null())
    }

    pub(super) fn body(&self, body: Body, field: &str) -> f64 {
        self.number(&format!("/bodies/{}/{field}", NAMES[body.index()]))
    }

    pub(super) fn retrograde(&self, body: Body) -> bool {
        self.at(&format!("/bodies/{}/retrograde", NAMES[body.index()])) == true
    }

    pub(super) fn sign(&self, body: Body) -> u64 {
        self.at(&format!("/bodies/{}/sign", NAMES[body.index()])).as_u64().expect("sign")
    }

    /// Civil birth data of the case.
    pub(super) fn birth(&self) -> BirthData {
        let text = |path| self.at(path).as_str().expect("text").to_owned();
        BirthData {
            date: text("/input/date"),
            time: Some(text("/input/time")),
            zone: Some(text("/input/tz")),
            latitude_deg: Some(self.number("/input/lat")),
            longitude_deg: Some(self.number("/input/lon")),
        }
    }

    /// Cusps of houses 1 to 12 in degrees; `None` where the reference refuses the system.
    pub(super) fn cusps(&self, system: &str) -> Option<Vec<f64>> {
        let cusps = self.at(&format!("/cusps/{system}")).as_array()?;
        Some(cusps.iter().map(|cusp| cusp.as_f64().expect("cusp")).collect())
    }

    pub(super) fn house(&self, system: &str, body: Body) -> Option<u64> {
        self.at(&format!("/houses_of_bodies/{system}/{}", NAMES[body.index()])).as_u64()
    }

    /// How far a longitude may differ, in arcseconds: 0.02 for Sun to Pluto, next to the Sun as well; 0.3 for the
    /// nodes, whose mean follows another polynomial in Swiss Ephemeris.
    pub(super) const fn tolerance_arcsec(body: Body) -> f64 {
        match body {
            Body::MeanNode | Body::TrueNode => 0.3,
            _ => 0.02,
        }
    }
}

/// Distance of two longitudes in degrees, in arcseconds.
pub(super) fn arcsec_apart(a_deg: f64, b_deg: f64) -> f64 {
    let difference = (a_deg - b_deg).rem_euclid(360.0);
    difference.min(360.0 - difference) * 3600.0
}
