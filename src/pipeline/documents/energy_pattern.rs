//! `energy_patterns`: how an entity's quarters behave, and the next one.

use bson::raw::RawDocumentBuf;
use chrono::{DateTime, Utc};

use super::values::{dimensions, energies, instant, list, midnight, or_null, raw, texts};
use super::{Entity, energy_pattern_id};
use crate::astro::NatalChart;
use crate::harmonic::{EnergyPattern, Period, Snapshot};
use crate::store::documents::{Store, Upsert, object_id};

/// The pattern of an entity.
#[must_use]
pub fn energy_pattern(
    entity: Entity<'_>,
    pattern: &EnergyPattern,
    chart: &NatalChart,
    now: DateTime<Utc>,
) -> Upsert {
    let now = instant(now);
    Upsert {
        store: Store::Astrology,
        collection: "energy_patterns",
        key: raw! { "entity_type": entity.kind, "entity_id": entity.id },
        set: raw! {
            "organization_id": entity.organization_id,
            "pattern_type": pattern.kind.name(),
            "time_series": list(&pattern.series, snapshot),
            "insights": insights(pattern),
            "predictions": raw! {
                "next_quarter": next_quarter(pattern, confidence(pattern, chart)),
                "annual_outlook": pattern.annual_outlook.as_str(),
            },
            "calculation_version": chart.provenance.engine_version,
            "analysis_date": now,
            "updated_at": now,
        },
        set_on_insert: raw! { "_id": object_id(energy_pattern_id(entity.kind, entity.id)), "created_at": now },
        existing_only: false,
    }
}

fn snapshot(snapshot: &Snapshot) -> RawDocumentBuf {
    raw! {
        "quarter": snapshot.quarter.name(),
        "year": snapshot.quarter.year,
        "date": midnight(snapshot.quarter.first_day()),
        "energy_snapshot": energies(&snapshot.energy),
        "dimensional_snapshot": dimensions(&snapshot.dimensions),
        "resonance": snapshot.resonance,
        "notable_events": texts(&snapshot.notable_events),
        "environmental_factors": texts(&snapshot.environmental_factors),
    }
}

fn insights(pattern: &EnergyPattern) -> RawDocumentBuf {
    let cycle_length = pattern.cycle_length_quarters.and_then(|quarters| i32::try_from(quarters).ok());
    raw! {
        "dominant_trend": pattern.dominant_trend,
        "slope_per_quarter": pattern.slope_per_quarter,
        "cycle_length": or_null(cycle_length),
        "volatility_index": pattern.volatility_index,
        "peak_periods": list(&pattern.peak_periods, period),
        "low_periods": list(&pattern.low_periods, period),
        "seasonal_patterns": list(&pattern.seasons, |season| raw! {
            "season": season.season,
            "typical_behavior": season.typical_behavior.as_str(),
            "energy_characteristics": energies(&season.energy),
        }),
    }
}

fn period(period: &Period) -> RawDocumentBuf {
    raw! {
        "quarter": period.quarter.name(),
        "year": period.quarter.year,
        "dimensions": texts(&period.dimensions),
    }
}

fn next_quarter(pattern: &EnergyPattern, confidence: f64) -> RawDocumentBuf {
    let next = &pattern.next_quarter;
    let factors = next.environmental_factors.iter().chain(&next.notable_events);
    raw! {
        "quarter": next.quarter.name(),
        "year": next.quarter.year,
        "forecast_date": midnight(next.quarter.first_day()),
        "predicted_energy": energies(&next.energy),
        "predicted_dimensions": dimensions(&next.dimensions),
        "predicted_resonance": next.resonance,
        "confidence": confidence,
        "key_factors": texts(factors),
    }
}

/// How well the next quarter is known, 0..=1 (ours). The ephemeris is exact, so what limits it is the birth data (an
/// unknown time leaves the Moon open by up to 7.5 degrees either way and drops the angles) and how much the quarters swing.
fn confidence(pattern: &EnergyPattern, chart: &NatalChart) -> f64 {
    let data = match (chart.moment.time_known, chart.angles.is_some()) {
        (true, true) => 0.9,
        (true, false) => 0.8,
        (false, _) => 0.65,
    };
    let swing = 0.2 * pattern.volatility_index.clamp(0.0, 100.0) / 100.0;
    ((data - swing) * 100.0).round() / 100.0
}
