//! Where everything of a wheel stands, before anything is drawn.
//!
//! Nothing overlaps by construction. A mark (glyph, degree, minute) is taken as the circle around its box. Marks of
//! one body stand on a radius, at rings further apart than the reaches of their marks; bodies stand apart by the
//! largest angle that any ring needs. So two marks never touch, whether on one ring or on two.

use super::geometry::{Dial, Patch, Place, apart_deg, forward_deg, least_angle_deg};
use super::letters;
use super::placed::Placed;
use super::spread::spread;
use crate::astro::{NatalChart, Sign};

/// Side of a wheel.
pub(super) const SIZE: f64 = 800.0;

/// Air around every mark.
const AIR: f64 = 1.0;

/// Radii of the parts of a wheel, from outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Radii {
    /// Labels of the angles.
    pub(super) label: f64,
    pub(super) zodiac_outer: f64,
    pub(super) zodiac_inner: f64,
    /// Ring of the houses' numbers.
    pub(super) house_outer: f64,
    pub(super) house_inner: f64,
    /// Ends of the lines of aspects.
    pub(super) aspects: f64,
}

/// The rings on which the marks of one chart's bodies stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rings {
    /// Circle on which the true longitude is marked.
    pub(super) foot: f64,
    /// Where the leader to the glyph ends.
    pub(super) head: f64,
    pub(super) glyph: f64,
    pub(super) glyph_side: f64,
    pub(super) degree: f64,
    /// Minutes of arc; left out where there is no room.
    pub(super) minute: Option<f64>,
    pub(super) retrograde: f64,
    /// Height of letters.
    pub(super) letter: f64,
}

/// Radii of a wheel of one chart.
pub(super) const SINGLE: Radii = Radii {
    label: 375.0,
    zodiac_outer: 350.0,
    zodiac_inner: 312.0,
    house_outer: 195.0,
    house_inner: 173.0,
    aspects: 173.0,
};

/// Rings of a wheel of one chart.
pub(super) const ALONE: Rings = Rings {
    foot: 312.0,
    head: 295.0,
    glyph: 275.0,
    glyph_side: 26.0,
    degree: 243.0,
    minute: Some(220.0),
    retrograde: 203.0,
    letter: 10.5,
};

/// Radii of a wheel of two charts.
pub(super) const DUAL: Radii = Radii {
    label: 375.0,
    zodiac_outer: 350.0,
    zodiac_inner: 321.0,
    house_outer: 166.0,
    house_inner: 146.0,
    aspects: 146.0,
};

/// Circle between the two charts of a dual wheel.
pub(super) const DUAL_BORDER: f64 = 243.0;

/// Rings of the outer chart of a dual wheel.
pub(super) const AROUND: Rings = Rings {
    foot: 321.0,
    head: 309.5,
    glyph: 292.5,
    glyph_side: 22.0,
    degree: 266.0,
    minute: None,
    retrograde: 250.0,
    letter: 9.0,
};

/// Rings of the inner chart of a dual wheel.
pub(super) const WITHIN: Rings = Rings {
    foot: 243.0,
    head: 234.0,
    glyph: 217.5,
    glyph_side: 22.0,
    degree: 190.0,
    minute: None,
    retrograde: 173.5,
    letter: 9.0,
};

/// What a mark shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    Glyph,
    Degree(String),
    Minute(String),
    Retrograde,
}

/// A mark with its box.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) shown: Shown,
    pub(super) patch: Patch,
    /// Whether a line of a house would run through it.
    pub(super) crossed: bool,
}

/// A body with the place that it was given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seated {
    pub(super) position: Placed,
    /// Longitude at which its marks stand.
    pub(super) shown_deg: f64,
    pub(super) marks: Vec<Mark>,
}

/// A label at a longitude.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    pub(super) text: String,
    /// Second line; may be empty.
    pub(super) below: String,
    pub(super) true_deg: f64,
    pub(super) shown_deg: f64,
    pub(super) patch: Patch,
}

/// The dial of a chart: ascendant at the left, without one 0 degrees Aries.
pub(super) fn dial(chart: &NatalChart) -> Dial {
    let centre = Place { x: SIZE / 2.0, y: SIZE / 2.0 };
    Dial { centre, left_deg: chart.angles.map_or(0.0, |angles| angles.ascendant_deg) }
}

/// Seats bodies on rings. `lines_deg` are the lines of houses that cross the rings.
pub(super) fn seat(dial: &Dial, rings: &Rings, bodies: Vec<Placed>, lines_deg: &[f64]) -> Vec<Seated> {
    let longitudes: Vec<f64> = bodies.iter().map(|body| body.longitude_deg).collect();
    let shown = spread(&longitudes, rings.least_gap_deg());
    let seats = bodies.into_iter().zip(shown);
    seats
        .map(|(position, shown_deg)| {
            let marks = rings.marks(&position).into_iter().map(|(shown, radius, (width, height))| {
                let patch = Patch { centre: dial.at(shown_deg, radius), width, height };
                let clear_deg = least_angle_deg(patch.reach(), radius) / 2.0;
                let crossed = lines_deg.iter().any(|line| apart_deg(*line, shown_deg) < clear_deg);
                Mark { shown, patch, crossed }
            });
            Seated { shown_deg, marks: marks.collect(), position }
        })
        .collect()
}

impl Rings {
    /// The marks of a body: what, at which radius, how large.
    fn marks(&self, position: &Placed) -> Vec<(Shown, f64, (f64, f64))> {
        let (degree, minute) = degree_and_minute(position.longitude_deg);
        let mut marks = vec![
            (Shown::Glyph, self.glyph, (self.glyph_side, self.glyph_side)),
            (Shown::Degree(degree.clone()), self.degree, self.letters(&degree)),
        ];
        if let Some(radius) = self.minute {
            let size = lettering(&minute, self.minute_height());
            marks.push((Shown::Minute(minute), radius, size));
        }
        if position.retrograde {
            marks.push((Shown::Retrograde, self.retrograde, self.retrograde_size()));
        }
        marks
    }

    /// The angle that keeps all marks of neighbours apart.
    pub(super) fn least_gap_deg(&self) -> f64 {
        let reach = |(width, height): (f64, f64)| width.hypot(height) / 2.0 + AIR / 2.0;
        let mut gap = least_angle_deg(reach((self.glyph_side, self.glyph_side)), self.glyph);
        // No two digits are wider than any other two: they all have one width.
        gap = gap.max(least_angle_deg(reach(self.letters("29°")), self.degree));
        if let Some(radius) = self.minute {
            gap = gap.max(least_angle_deg(reach(lettering("59′", self.minute_height())), radius));
        }
        gap.max(least_angle_deg(reach(self.retrograde_size()), self.retrograde))
    }

    /// Box of letters on these rings, strokes included.
    fn letters(&self, text: &str) -> (f64, f64) {
        lettering(text, self.letter)
    }

    pub(super) fn minute_height(&self) -> f64 {
        self.letter * 0.88
    }

    pub(super) fn retrograde_height(&self) -> f64 {
        self.letter * 0.7
    }

    fn retrograde_size(&self) -> (f64, f64) {
        lettering("℞", self.retrograde_height())
    }
}

/// Box of letters of a height, strokes included.
pub(super) fn lettering(text: &str, height: f64) -> (f64, f64) {
    (letters::width(text) * height / letters::HEIGHT + 1.5, height + 1.5)
}

/// Degree within the sign and minute, both cut off, as ephemerides print them.
pub(super) fn degree_and_minute(longitude_deg: f64) -> (String, String) {
    let within = longitude_deg.rem_euclid(30.0);
    let degree = within.floor();
    let minute = ((within - degree) * 60.0).floor().min(59.0);
    (format!("{degree:.0}°"), format!("{minute:02.0}′"))
}

/// The twelve signs in their ring.
pub(super) fn signs(dial: &Dial, radii: &Radii) -> Vec<(Sign, Patch)> {
    let radius = f64::midpoint(radii.zodiac_outer, radii.zodiac_inner);
    let side = (radii.zodiac_outer - radii.zodiac_inner - 2.0) / std::f64::consts::SQRT_2;
    let mut middle_deg = -15.0;
    let place = |sign| {
        middle_deg += 30.0;
        (sign, Patch { centre: dial.at(middle_deg, radius), width: side, height: side })
    };
    Sign::ALL.into_iter().map(place).collect()
}

/// Labels of the angles outside the zodiac; where ascendant and midheaven meet (near the poles), they move apart.
pub(super) fn angles(dial: &Dial, radii: &Radii, chart: &NatalChart) -> Vec<Label> {
    let Some(angles) = chart.angles else { return Vec::new() };
    let (ascendant, midheaven) = (angles.ascendant_deg, angles.midheaven_deg);
    let longitudes =
        [ascendant, ascendant + 180.0, midheaven, midheaven + 180.0].map(|deg| deg.rem_euclid(360.0));
    let size = lettering("29°59′", 8.0);
    let patch = |centre| Patch { centre, width: size.0, height: 23.0 };
    let gap = least_angle_deg(patch(dial.centre).reach() + AIR, radii.label);
    let labels = ["AC", "DC", "MC", "IC"].into_iter().zip(longitudes).zip(spread(&longitudes, gap));
    labels
        .map(|((text, true_deg), shown_deg)| {
            let (degree, minute) = degree_and_minute(true_deg);
            Label {
                text: text.to_owned(),
                below: format!("{degree}{minute}"),
                true_deg,
                shown_deg,
                patch: patch(dial.at(shown_deg, radii.label)),
            }
        })
        .collect()
}

/// Numbers of houses in the middle of their houses; a house too narrow for its number has none.
pub(super) fn house_numbers(dial: &Dial, radii: &Radii, cusps_deg: &[f64; 12]) -> Vec<Label> {
    let radius = f64::midpoint(radii.house_outer, radii.house_inner);
    let mut shown: Vec<Label> = Vec::with_capacity(12);
    for (at, cusp) in cusps_deg.iter().enumerate() {
        let width = forward_deg(*cusp, cusps_deg[(at + 1) % 12]);
        let middle = (cusp + width / 2.0).rem_euclid(360.0);
        let text = (at + 1).to_string();
        let (wide, high) = lettering("12", 8.5);
        let patch = Patch { centre: dial.at(middle, radius), width: wide, height: high };
        let need = least_angle_deg(patch.reach() + AIR, radius);
        let free = shown.iter().all(|other| apart_deg(other.shown_deg, middle) >= need);
        if width >= need && width < 180.0 && free {
            shown.push(Label { text, below: String::new(), true_deg: *cusp, shown_deg: middle, patch });
        }
    }
    shown
}
