//! `energy_patterns`: how an entity's quarters behave, and the next one.

use bson::{Bson, Document, doc};
use chrono::{DateTime, Utc};

use super::values::{dimensions, energies, instant, list, midnight, quarter, texts};
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
        key: doc! { "entity_type": entity.kind, "entity_id": entity.id },
        set: doc! {
            "organization_id": entity.organization_id,
            "pattern_type": pattern.kind.name(),
            "time_series": list(&pattern.series, snapshot),
            "insights": insights(pattern),
            "predictions": {
                "next_quarter": next_quarter(pattern, confidence(pattern, chart)),
                "annual_outlook": &pattern.annual_outlook,
            },
            "calculation_version": chart.provenance.engine_version,
            "analysis_date": now,
            "updated_at": now,
        },
        set_on_insert: doc! { "_id": object_id(energy_pattern_id(entity.kind, entity.id)), "created_at": now },
        existing_only: false,
    }
}

fn snapshot(snapshot: &Snapshot) -> Document {
    let mut document = quarter(snapshot.quarter);
    document.extend(doc! {
        "date": midnight(snapshot.quarter.first_day()),
        "energy_snapshot": energies(&snapshot.energy),
        "dimensional_snapshot": dimensions(&snapshot.dimensions),
        "resonance": snapshot.resonance,
        "notable_events": texts(&snapshot.notable_events),
        "environmental_factors": texts(&snapshot.environmental_factors),
    });
    document
}

fn insights(pattern: &EnergyPattern) -> Document {
    doc! {
        "dominant_trend": pattern.dominant_trend,
        "slope_per_quarter": pattern.slope_per_quarter,
        "cycle_length": pattern.cycle_length_quarters.and_then(|quarters| i32::try_from(quarters).ok()),
        "volatility_index": pattern.volatility_index,
        "peak_periods": list(&pattern.peak_periods, period),
        "low_periods": list(&pattern.low_periods, period),
        "seasonal_patterns": list(&pattern.seasons, |season| doc! {
            "season": season.season,
            "typical_behavior": &season.typical_behavior,
            "energy_characteristics": energies(&season.energy),
        }),
    }
}

fn period(period: &Period) -> Document {
    let mut document = quarter(period.quarter);
    document.insert("dimensions", texts(&period.dimensions));
    document
}

fn next_quarter(pattern: &EnergyPattern, confidence: f64) -> Document {
    let next = &pattern.next_quarter;
    let factors = next.environmental_factors.iter().chain(&next.notable_events);
    let mut document = quarter(next.quarter);
    document.extend(doc! {
        "forecast_date": midnight(next.quarter.first_day()),
        "predicted_energy": energies(&next.energy),
        "predicted_dimensions": dimensions(&next.dimensions),
        "predicted_resonance": next.resonance,
        "confidence": confidence,
        "key_factors": factors.map(|factor| Bson::from(factor.as_str())).collect::<Vec<_>>(),
    });
    document
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
