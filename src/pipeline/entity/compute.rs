//! Calculating an entity: pure but for the memory of a quarter's transits.

use std::sync::Arc;

use serde_json::json;

use super::casts::{Cast, Casts};
use super::facts::{EntityKind, Facts, Place};
use crate::astro::NatalChart;
use crate::compat::{self, Comparison, ComparisonKind, Party, Target};
use crate::domain::Quarter;
use crate::harmonic::{self, EnergyPattern, HarmonicCode};
use crate::queue::{JobError, Stage};

/// Fewest people, the subject included, of whom a department's mean is told.
pub const FEWEST_FOR_AGGREGATE: usize = 5;

/// All that is calculated of an entity in a quarter.
#[derive(Debug, Clone)]
pub struct Computed {
    /// The quarter.
    pub quarter: Quarter,
    /// Birth chart.
    pub chart: NatalChart,
    /// Code of the quarter.
    pub code: HarmonicCode,
    /// Pattern up to the quarter.
    pub pattern: EnergyPattern,
    /// Comparisons; empty for companies.
    pub comparisons: Vec<Compared>,
    /// Colleagues whose charts could be cast.
    pub colleagues: usize,
    /// Mean dimensions of the department, the subject included; `None` below [`FEWEST_FOR_AGGREGATE`].
    pub department_dimensions: Option<[f64; 8]>,
}

/// A comparison and whom it is with.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Id of the other side.
    pub target_id: String,
    /// Name of the other side.
    pub target_name: String,
    /// What came out.
    pub comparison: Comparison,
}

impl Computed {
    /// The comparison of this kind.
    #[must_use]
    pub fn comparison(&self, kind: ComparisonKind) -> Option<&Compared> {
        self.comparisons.iter().find(|compared| compared.comparison.kind == kind)
    }
}

/// Calculates everything of an entity, with charts that were cast for others before.
///
/// # Errors
/// When the birth data cannot be a chart; the message names the field.
pub fn compute(casts: &Casts, facts: &Facts, quarter: Quarter) -> Result<Computed, JobError> {
    let own = casts.of(&facts.birth, quarter).map_err(|error| {
        JobError::permanent(
            Stage::Calculate,
            error.code(),
            format!("{} of {}: {error}", facts.birth_source, facts.key),
        )
        .with_input(json!({ "field": error.field() }))
    })?;
    let pattern = harmonic::pattern(&own.chart, quarter);
    // A colleague whose own data is wrong is left out: that row fails by itself.
    let colleagues: Vec<Arc<Cast>> =
        facts.colleagues.iter().filter_map(|birth| casts.of(birth, quarter).ok()).collect();
    let founding = facts.founding.as_ref().and_then(|birth| casts.of(birth, quarter).ok());
    let comparisons = match facts.key.kind {
        EntityKind::Company => Vec::new(),
        EntityKind::Employee | EntityKind::Candidate => {
            compare_all(facts, &own.party(), &colleagues, founding.as_deref(), quarter)
        }
    };
    let department_dimensions = department_mean(&own.code, &colleagues);
    let Cast { chart, code } = Arc::unwrap_or_clone(own);
    Ok(Computed {
        quarter,
        comparisons,
        colleagues: colleagues.len(),
        department_dimensions,
        chart,
        code,
        pattern,
    })
}

fn compare_all(
    facts: &Facts,
    subject: &Party<'_>,
    colleagues: &[Arc<Cast>],
    founding: Option<&Cast>,
    quarter: Quarter,
) -> Vec<Compared> {
    let members: Vec<Party<'_>> = colleagues.iter().map(|cast| cast.party()).collect();
    let founding = founding.map(Cast::party);
    let mut all = Vec::new();
    let mut add = |place: &Place, target: Target<'_>| {
        all.push(Compared {
            target_id: place.id.to_string(),
            target_name: place.name.clone(),
            comparison: compat::compare(subject, &target, quarter),
        });
    };
    if let Some(role) = &facts.role {
        add(role, Target::Role(&role.profile));
    }
    if let Some(department) = &facts.department {
        add(department, Target::Department { profile: &department.profile, members: &members });
    }
    add(&facts.company, Target::Company { founding, profile: &facts.company.profile });
    if let Some(industry) = &facts.industry {
        add(industry, Target::Industry(&industry.profile));
    }
    all
}

fn department_mean(own: &HarmonicCode, colleagues: &[Arc<Cast>]) -> Option<[f64; 8]> {
    let people = colleagues.len() + 1;
    if people < FEWEST_FOR_AGGREGATE {
        return None;
    }
    #[allow(clippy::cast_precision_loss, reason = "a department has far fewer than 2^52 people")]
    let share = 1.0 / people as f64;
    Some(std::array::from_fn(|dimension| {
        let others: f64 = colleagues.iter().map(|cast| cast.code.dimensions[dimension]).sum();
        (own.dimensions[dimension] + others) * share
    }))
}
