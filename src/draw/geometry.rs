//! Places on the drawing: user units, x to the right, y down.

/// A place on the drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// The upright rectangle that a mark keeps for itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Patch {
    pub(super) centre: Place,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Patch {
    /// Half of the diagonal: the mark fits into a circle of this radius however it is turned about its centre.
    pub(super) fn reach(&self) -> f64 {
        self.width.hypot(self.height) / 2.0
    }

    /// Whether two patches share more than an edge.
    #[cfg(test)]
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        (self.centre.x - other.centre.x).abs() < f64::midpoint(self.width, other.width) - 1e-9
            && (self.centre.y - other.centre.y).abs() < f64::midpoint(self.height, other.height) - 1e-9
    }

    /// Whether the patch lies within a drawing that begins at 0, 0.
    #[cfg(test)]
    pub(super) fn within(&self, width: f64, height: f64) -> bool {
        self.centre.x - self.width / 2.0 >= 0.0
            && self.centre.x + self.width / 2.0 <= width
            && self.centre.y - self.height / 2.0 >= 0.0
            && self.centre.y + self.height / 2.0 <= height
    }
}

/// A circle on which longitudes run counterclockwise from a longitude at the left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dial {
    pub(super) centre: Place,
    /// Ecliptic longitude in degrees that stands at nine o'clock.
    pub(super) left_deg: f64,
}

impl Dial {
    /// Where a longitude stands at a radius.
    pub(super) fn at(&self, longitude_deg: f64, radius: f64) -> Place {
        let angle = (180.0 + longitude_deg - self.left_deg).to_radians();
        Place { x: self.centre.x + radius * angle.cos(), y: self.centre.y - radius * angle.sin() }
    }
}

/// The angle in degrees from one longitude forward to another, 0..360.
pub(super) fn forward_deg(from: f64, to: f64) -> f64 {
    (to - from).rem_euclid(360.0)
}

/// The angle in degrees between two longitudes, 0..=180.
pub(super) fn apart_deg(a: f64, b: f64) -> f64 {
    let forward = forward_deg(a, b);
    forward.min(360.0 - forward)
}

/// The least angle in degrees between two circles of radius `reach` around a ring of radius `radius`.
pub(super) fn least_angle_deg(reach: f64, radius: f64) -> f64 {
    2.0 * (reach / radius).min(1.0).asin().to_degrees()
}
