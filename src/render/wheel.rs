//! The stored chart: signs without degrees.

use serde::Deserialize;
use serde_json::Value;

use super::figures::{Rows, headed};
use super::words::{percent, words};
use crate::astro::chart::AspectKind;
use crate::astro::{Body, Sign};
use crate::draw::{SignWheel, Tie};

/// A chart by sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wheel {
    stored: Stored,
    bodies: Vec<(Body, Sign, bool)>,
    angles: Vec<(&'static str, Sign)>,
    ties: Vec<Tie>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Stored {
    bodies: Vec<Placed>,
    angles: Vec<Angle>,
    aspects: Vec<Aspect>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Placed {
    name: String,
    sign: Option<String>,
    house: Option<u8>,
    retrograde: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Angle {
    name: String,
    sign: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Aspect {
    first: String,
    second: String,
    kind: String,
    strength: f64,
}

impl Wheel {
    /// Why there are no degrees.
    pub(super) const NOTE: &str = "Signs only. Degrees and the signs of the slow planets are left out, \
                                   because they would give away the date of birth.";

    pub(super) fn read(data: &Value) -> Option<Self> {
        let stored = Stored::deserialize(data).ok()?;
        let bodies = stored.bodies.iter().filter_map(|placed| {
            Some((body(&placed.name)?, sign(placed.sign.as_deref()?)?, placed.retrograde))
        });
        let angles = stored.angles.iter().filter_map(|angle| {
            let name = if angle.name == "Ascendant" { "AC" } else { "MC" };
            Some((name, sign(&angle.sign)?))
        });
        let ties = stored.aspects.iter().filter_map(|aspect| {
            let kind = AspectKind::ALL.into_iter().find(|kind| kind.name() == aspect.kind)?;
            Some(Tie {
                first: body(&aspect.first)?,
                second: body(&aspect.second)?,
                kind,
                strength: aspect.strength,
            })
        });
        let (bodies, angles, ties) = (bodies.collect(), angles.collect(), ties.collect());
        Some(Self { stored, bodies, angles, ties })
    }

    pub(super) fn drawn<'a>(&'a self, title: &'a str) -> SignWheel<'a> {
        SignWheel { title, bodies: &self.bodies, angles: &self.angles, ties: &self.ties }
    }

    /// Bodies and angles; then aspects, strongest first.
    pub(super) fn tables(&self) -> Vec<Rows> {
        let angles = self
            .stored
            .angles
            .iter()
            .map(|angle| vec![angle.name.clone(), angle.sign.clone(), "–".to_owned()]);
        let placed = self.stored.bodies.iter().map(|body| {
            let back = if body.retrograde { " (retrograde)" } else { "" };
            let sign = body.sign.clone().unwrap_or_else(|| "not shown".to_owned());
            let house = body.house.map_or_else(|| "–".to_owned(), |house| house.to_string());
            vec![format!("{}{back}", body.name), sign, house]
        });
        let placed = headed(&["Body", "Sign", "House"], placed.chain(angles));
        let mut aspects: Vec<&Aspect> = self.stored.aspects.iter().collect();
        aspects.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        let aspects = aspects.into_iter().map(|aspect| {
            vec![format!("{} {} {}", aspect.first, aspect.kind, aspect.second), percent(aspect.strength)]
        });
        vec![placed, headed(&["Aspect", "Strength"], aspects)]
            .into_iter()
            .filter(|rows| rows.len() > 1)
            .collect()
    }
}

fn body(name: &str) -> Option<Body> {
    Body::ALL.into_iter().find(|body| body.name() == name)
}

fn sign(name: &str) -> Option<Sign> {
    Sign::ALL.into_iter().find(|sign| sign.name() == words(name))
}
