//! `harmonic_energy_codes`: the employees' projection of the harmonic code.

use bson::raw::{CStr, RawArrayBuf, RawDocument, RawDocumentBuf, cstr};
use chrono::{DateTime, Utc};

use super::harmonic_code::hz;
use super::values::{instant, list, midnight, or_null, raw, stored_quarter};
use super::{Entity, astro_data_id, harmonic_code_id, history};
use crate::compat::{Comparison, ComparisonKind};
use crate::domain::Quarter;
use crate::harmonic::{Component, HarmonicCode};
use crate::store::documents::{Store, Upsert, object_id};

/// What the history keeps of a quarter.
const KEPT: [&str; 5] = ["year", "quarter", "code", "frequency", "generatedAt"];

/// What a document in `harmonic_energy_codes` is made from.
#[derive(Debug, Clone, Copy)]
pub struct HarmonicEnergyCodeArgs<'a> {
    /// Whose code.
    pub employee: Entity<'a>,
    /// The code of the quarter.
    pub code: &'a HarmonicCode,
    /// Comparisons of the quarter that were computed along with the code; those missing keep their stored number
    /// within the quarter.
    pub comparisons: &'a [&'a Comparison],
    /// The document as it stands in the store, if it does: its current quarter becomes history.
    pub previous: Option<&'a RawDocument>,
    /// Whether the platform wants the next quarter computed without being asked.
    pub auto_regenerate_enabled: bool,
    /// Version of the engine that cast the chart.
    pub engine_version: &'a str,
    /// Time of the calculation.
    pub now: DateTime<Utc>,
}

/// The code of an employee with its history.
#[must_use]
pub fn harmonic_energy_code(args: &HarmonicEnergyCodeArgs<'_>) -> Upsert {
    let (employee, code, now) = (args.employee, args.code, instant(args.now));
    let id = harmonic_code_id("employee", employee.id);
    let stored = args.previous.and_then(|document| document.get_document("currentQuarter").ok());
    let same_quarter = stored.and_then(stored_quarter) == Some(code.quarter);
    let latest = stored.map(|stored| history::entry(stored, &KEPT));
    let entries = history::carried_on(args.previous, "previousQuarters", latest.as_deref(), code.quarter);
    let mut set = raw! {
        "harmonicCodeId": id.to_string(),
        "organizationId": employee.organization_id,
        "currentQuarter": current_quarter(code, now),
        "energyComponents": raw! {
            "primary": component(&code.components[0]),
            "secondary": component(&code.components[1]),
            "tertiary": component(&code.components[2]),
        },
        "energyPattern": energy_pattern(code),
        "previousQuarters": entries.into_iter().collect::<RawArrayBuf>(),
        "nextRegenerationDate": midnight(code.quarter.next().first_day()),
        "autoRegenerateEnabled": args.auto_regenerate_enabled,
        "calculationMethod": code.formula_version,
        "basedOnAstroDataId": astro_data_id(employee.id, args.engine_version).to_string(),
        "updatedAt": now,
    };
    for (path, score) in compatibility(args.comparisons, same_quarter) {
        set.append(path, or_null(score));
    }
    Upsert {
        store: Store::Reports,
        collection: "harmonic_energy_codes",
        key: raw! { "employeeId": employee.id },
        set,
        set_on_insert: raw! { "_id": object_id(id), "createdAt": now },
        existing_only: false,
    }
}

fn current_quarter(code: &HarmonicCode, now: bson::DateTime) -> RawDocumentBuf {
    let Quarter { year, number } = code.quarter;
    raw! {
        "year": year,
        "quarter": i32::from(number),
        "startDate": midnight(code.quarter.first_day()),
        "endDate": midnight(code.quarter.last_day()),
        "code": code.energy_signature.as_str(),
        "frequency": code.frequency_hz,
        "wavelength": code.wavelength_m,
        "generatedAt": now,
    }
}

fn component(component: &Component) -> RawDocumentBuf {
    raw! {
        "value": component.value,
        "color": component.color,
        "meaning": component.meaning,
        "influence": component.influence,
        "harmonic": i32::from(component.harmonic),
    }
}

fn energy_pattern(code: &HarmonicCode) -> RawDocumentBuf {
    raw! {
        "dominant": code.dominant,
        "balance": code.balance,
        "stability": code.stability,
        "intensity": code.intensity,
        "resonance": list(&code.resonances, |resonance| raw! {
            "type": resonance.kind,
            "frequency": hz(resonance.harmonic),
            "strength": resonance.strength,
        }),
    }
}

/// The five numbers as dotted paths. What was not compared keeps its number within the quarter; a number of an
/// earlier quarter beside the code of this one would mislead, so a new quarter starts with nulls.
fn compatibility(
    comparisons: &[&Comparison],
    same_quarter: bool,
) -> impl Iterator<Item = (&'static CStr, Option<f64>)> {
    use ComparisonKind::{Company, Department, Industry, Interpersonal, Role};
    let mean = |kind| mean_overall(comparisons, kind);
    [
        (cstr!("compatibility.jobRole"), mean(Role)),
        (cstr!("compatibility.department"), mean(Department)),
        (cstr!("compatibility.company"), mean(Company)),
        (cstr!("compatibility.industry"), mean(Industry)),
        (cstr!("compatibility.teamDynamics"), mean(Interpersonal).or_else(|| mean(Department))),
    ]
    .into_iter()
    .filter(move |(_, score)| score.is_some() || !same_quarter)
}

fn mean_overall(comparisons: &[&Comparison], kind: ComparisonKind) -> Option<f64> {
    let found = comparisons.iter().filter(|comparison| comparison.kind == kind);
    let (sum, count) = found.fold((0.0, 0.0), |(sum, count), found| (sum + found.overall, count + 1.0));
    (count > 0.0).then(|| sum / count)
}
