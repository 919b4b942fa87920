//! `harmonic_codes`: the code of the quarter and the ones before it.

use bson::raw::{RawArrayBuf, RawDocument, RawDocumentBuf};
use chrono::{DateTime, Utc};

use super::values::{dimensions, energies, instant, key, list, midnight, number, or_null, raw};
use super::{Entity, birth_chart_id, harmonic_code_id, history};
use crate::harmonic::meaning::BASE_TONE_HZ;
use crate::harmonic::{Component, DIMENSIONS, ENERGIES, HarmonicCode, Resonance};
use crate::store::documents::{Store, Upsert, object_id};

/// What the history keeps of a code. The levels are kept as well, so that the change to the next quarter can be told again when
/// that quarter is computed again.
const KEPT: [&str; 9] = [
    "version",
    "quarter",
    "year",
    "generated_at",
    "energy_signature",
    "primary_harmonic",
    "energy_levels",
    "dimensions",
    "delta_from_previous",
];

/// What a document in `harmonic_codes` is made from.
#[derive(Debug, Clone, Copy)]
pub struct HarmonicCodeArgs<'a> {
    /// Whose code.
    pub entity: Entity<'a>,
    /// The code of the quarter.
    pub code: &'a HarmonicCode,
    /// The document as it stands in the store, if it does: its current code becomes history.
    pub previous: Option<&'a RawDocument>,
    /// Whether the platform wants the next quarter computed without being asked.
    pub auto_update_enabled: bool,
    /// Whether the organization's subscription is active.
    pub subscription_active: bool,
    /// Time of the calculation.
    pub now: DateTime<Utc>,
}

/// The code of an entity with its history.
#[must_use]
pub fn harmonic_code(args: &HarmonicCodeArgs<'_>) -> Upsert {
    let (entity, code, now) = (args.entity, args.code, instant(args.now));
    let stored = args.previous.and_then(|document| document.get_document("current_code").ok());
    let latest = stored.map(|stored| history::entry(stored, &KEPT));
    let entries = history::carried_on(args.previous, "historical_codes", latest.as_deref(), code.quarter);
    let delta = history::before(&entries, code.quarter).map(|before| delta(code, before));
    let next = code.quarter.next();
    Upsert {
        store: Store::Astrology,
        collection: "harmonic_codes",
        key: raw! { "entity_type": entity.kind, "entity_id": entity.id },
        set: raw! {
            "organization_id": entity.organization_id,
            "birth_chart_id": object_id(birth_chart_id(entity.kind, entity.id)),
            "current_code": current_code(code, delta.as_deref(), now),
            "historical_codes": entries.into_iter().collect::<RawArrayBuf>(),
            "next_update": raw! {
                "scheduled_date": midnight(next.first_day()),
                "quarter": next.name(),
                "year": next.year,
                "status": "pending",
            },
            "calculation_version": code.formula_version,
            "auto_update_enabled": args.auto_update_enabled,
            "subscription_active": args.subscription_active,
            "updated_at": now,
        },
        set_on_insert: raw! { "_id": object_id(harmonic_code_id(entity.kind, entity.id)), "created_at": now },
        existing_only: false,
    }
}

fn current_code(code: &HarmonicCode, delta: Option<&RawDocument>, now: bson::DateTime) -> RawDocumentBuf {
    raw! {
        "version": code.quarter.to_string(),
        "generated_at": now,
        "quarter": code.quarter.name(),
        "year": code.quarter.year,
        "primary_harmonic": i32::from(code.primary_harmonic),
        "secondary_harmonics": code.secondary_harmonics.iter().map(|n| i32::from(*n)).collect::<RawArrayBuf>(),
        "energy_signature": code.energy_signature.as_str(),
        "energy_levels": energies(&code.energy),
        "dimensions": dimensions(&code.dimensions),
        "resonances": list(&code.resonances, resonance),
        "components": list(&code.components, component),
        "strengths": code.strengths.into_iter().collect::<RawArrayBuf>(),
        "dominant": code.dominant,
        "balance": code.balance,
        "stability": code.stability,
        "intensity": code.intensity,
        "frequency_hz": code.frequency_hz,
        "wavelength_m": code.wavelength_m,
        "digest": code.digest.as_str(),
        "delta_from_previous": or_null(delta),
    }
}

fn resonance(resonance: &Resonance) -> RawDocumentBuf {
    raw! {
        "type": resonance.kind,
        "frequency": hz(resonance.harmonic),
        "harmonic": i32::from(resonance.harmonic),
        "strength": resonance.strength,
        "effect": resonance.effect.as_str(),
    }
}

fn component(component: &Component) -> RawDocumentBuf {
    raw! {
        "harmonic": i32::from(component.harmonic),
        "value": component.value,
        "color": component.color,
        "meaning": component.meaning,
        "influence": component.influence,
    }
}

/// The audible label of a harmonic in Hz.
pub(super) fn hz(harmonic: u8) -> f64 {
    BASE_TONE_HZ * f64::from(harmonic)
}

/// How a code differs from the entry before it.
fn delta(code: &HarmonicCode, before: &RawDocument) -> RawDocumentBuf {
    let primary_change = number(before, "primary_harmonic").map(|old| f64::from(code.primary_harmonic) - old);
    raw! {
        "from_version": or_null(before.get("version").ok().flatten()),
        "primary_change": or_null(primary_change),
        "energy_shifts": changes(&ENERGIES, &code.energy, before.get_document("energy_levels").ok()),
        "dimension_changes": changes(&DIMENSIONS, &code.dimensions, before.get_document("dimensions").ok()),
    }
}

/// Differences by name, of the names that the older part has.
fn changes(names: &[&str], levels: &[f64], before: Option<&RawDocument>) -> RawDocumentBuf {
    let levels = names.iter().zip(levels);
    levels.filter_map(|(name, level)| Some((key(name), level - number(before?, name)?))).collect()
}
