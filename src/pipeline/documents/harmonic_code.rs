//! `harmonic_codes`: the code of the quarter and the ones before it.

use bson::{Bson, Document, doc};
use chrono::{DateTime, Utc};

use super::values::{dimensions, energies, instant, list, midnight, named, number, quarter};
use super::{Entity, birth_chart_id, harmonic_code_id, history};
use crate::harmonic::meaning::BASE_TONE_HZ;
use crate::harmonic::{Component, DIMENSIONS, ENERGIES, HarmonicCode, Resonance};
use crate::store::documents::{Store, Upsert, object_id};

/// What a document in `harmonic_codes` is made from.
#[derive(Debug, Clone, Copy)]
pub struct HarmonicCodeArgs<'a> {
    /// Whose code.
    pub entity: Entity<'a>,
    /// The code of the quarter.
    pub code: &'a HarmonicCode,
    /// The document as it stands in the store, if it does: its current code becomes history.
    pub previous: Option<&'a Document>,
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
    let entries = history::carried_on(args.previous, "historical_codes", stored.map(entry), code.quarter);
    let delta = history::before(&entries, code.quarter).map(|before| delta(code, before));
    let next = code.quarter.next();
    Upsert {
        store: Store::Astrology,
        collection: "harmonic_codes",
        key: doc! { "entity_type": entity.kind, "entity_id": entity.id },
        set: doc! {
            "organization_id": entity.organization_id,
            "birth_chart_id": object_id(birth_chart_id(entity.kind, entity.id)),
            "current_code": current_code(code, delta, now),
            "historical_codes": entries,
            "next_update": {
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
        set_on_insert: doc! { "_id": object_id(harmonic_code_id(entity.kind, entity.id)), "created_at": now },
        existing_only: false,
    }
}

fn current_code(code: &HarmonicCode, delta: Option<Document>, now: bson::DateTime) -> Document {
    let mut document = doc! { "version": code.quarter.to_string(), "generated_at": now };
    document.extend(quarter(code.quarter));
    document.extend(doc! {
        "primary_harmonic": i32::from(code.primary_harmonic),
        "secondary_harmonics": code.secondary_harmonics.iter().map(|n| i32::from(*n)).collect::<Vec<_>>(),
        "energy_signature": &code.energy_signature,
        "energy_levels": energies(&code.energy),
        "dimensions": dimensions(&code.dimensions),
        "resonances": list(&code.resonances, resonance),
        "components": list(&code.components, component),
        "strengths": code.strengths.to_vec(),
        "dominant": code.dominant,
        "balance": code.balance,
        "stability": code.stability,
        "intensity": code.intensity,
        "frequency_hz": code.frequency_hz,
        "wavelength_m": code.wavelength_m,
        "digest": &code.digest,
        "delta_from_previous": delta,
    });
    document
}

fn resonance(resonance: &Resonance) -> Document {
    doc! {
        "type": resonance.kind,
        "frequency": hz(resonance.harmonic),
        "harmonic": i32::from(resonance.harmonic),
        "strength": resonance.strength,
        "effect": &resonance.effect,
    }
}

fn component(component: &Component) -> Document {
    doc! {
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

/// What a stored current code becomes in the history. The levels are kept as well, so that the change to the next
/// quarter can be told again when that quarter is computed again.
fn entry(stored: &Document) -> Document {
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
    KEPT.iter().map(|key| ((*key).to_owned(), stored.get(key).cloned().unwrap_or(Bson::Null))).collect()
}

/// How a code differs from the entry before it.
fn delta(code: &HarmonicCode, before: &Document) -> Document {
    doc! {
        "from_version": before.get("version").cloned(),
        "primary_change": number(before, "primary_harmonic").map(|old| f64::from(code.primary_harmonic) - old),
        "energy_shifts": changes(&ENERGIES, &code.energy, before.get_document("energy_levels").ok()),
        "dimension_changes": changes(&DIMENSIONS, &code.dimensions, before.get_document("dimensions").ok()),
    }
}

/// Differences by name, of the names that the older part has.
fn changes(names: &[&str], levels: &[f64], before: Option<&Document>) -> Document {
    let mut changes = named(names, levels);
    let old = |name: &str| before.and_then(|before| number(before, name));
    for (name, level) in names.iter().zip(levels) {
        match old(name) {
            Some(old) => changes.insert(*name, level - old),
            None => changes.remove(name),
        };
    }
    changes
}
