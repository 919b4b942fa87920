//! A chart with everything that is read out of it: what people and programs are shown.

use serde::Serialize;

use super::chart::NatalChart;
use super::ephemeris::{TableHeader, table_header};
use super::extra::{ExtraPoint, extra_points};
use super::patterns::{self, Pattern};

/// A chart and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading<'a> {
    /// The chart; its fields stand beside the others.
    #[serde(flatten)]
    pub chart: &'a NatalChart,
    /// Chiron and the south node.
    pub extra_points: [ExtraPoint; 2],
    /// Figures of aspects, by kind, the tightest of each kind first.
    pub patterns: Vec<Pattern>,
    /// The ephemeris table that the positions are from.
    pub ephemeris: &'static TableHeader,
}

impl<'a> Reading<'a> {
    /// Reads a chart.
    #[must_use]
    pub fn of(chart: &'a NatalChart) -> Self {
        Self {
            chart,
            extra_points: extra_points(chart),
            patterns: patterns::find(chart),
            ephemeris: table_header(),
        }
    }

    /// Chiron.
    #[must_use]
    pub const fn chiron(&self) -> &ExtraPoint {
        &self.extra_points[0]
    }
}
