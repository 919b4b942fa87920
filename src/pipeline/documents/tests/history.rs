//! How histories grow.

use bson::raw::RawDocumentBuf;
use bson::{Bson, Document};

use super::fixture::{at, code, code_args, comparison, decoded, encoded, energy_code_args, made};
use crate::compat::ComparisonKind;
use crate::pipeline::documents::{HISTORY_QUARTERS, harmonic_code, harmonic_energy_code};

fn versions(document: &Document) -> Vec<&str> {
    let entries = document.get_array("historical_codes").unwrap();
    entries.iter().map(|entry| entry.as_document().unwrap().get_str("version").unwrap()).collect()
}

fn after<'a>(quarters: impl IntoIterator<Item = &'a str>) -> Document {
    let mut stored: Option<RawDocumentBuf> = None;
    for quarter in quarters {
        stored = Some(encoded(&made(&harmonic_code(&code_args(&code(quarter), stored.as_deref())))));
    }
    decoded(&stored.unwrap())
}

#[test]
fn a_new_quarter_moves_the_old_code_into_the_history_once() {
    let document = after(["2026-Q2", "2026-Q3", "2026-Q4"]);
    assert_eq!(versions(&document), ["2026-Q2", "2026-Q3"]);
    assert_eq!(at(&document, "current_code.version").unwrap().as_str(), Some("2026-Q4"));
}

#[test]
fn the_same_quarter_again_leaves_the_history_alone() {
    assert_eq!(versions(&after(["2026-Q4"])), Vec::<&str>::new());
    assert_eq!(versions(&after(["2026-Q3", "2026-Q4", "2026-Q4", "2026-Q4"])), ["2026-Q3"]);
}

#[test]
fn a_quarter_computed_again_out_of_order_stands_in_the_history_once() {
    assert_eq!(versions(&after(["2026-Q3", "2026-Q4", "2026-Q3", "2026-Q4"])), ["2026-Q3"]);
}

#[test]
fn the_change_is_told_against_the_quarter_before_and_again_when_computed_again() {
    let stored = made(&harmonic_code(&code_args(&code("2026-Q3"), None)));
    assert!(at(&stored, "current_code.delta_from_previous").unwrap().as_null().is_some());
    let mut now = code("2026-Q4");
    now.primary_harmonic = 7;
    now.energy[0] += 4.5;
    now.dimensions[7] -= 3.0;
    let first = made(&harmonic_code(&code_args(&now, Some(&encoded(&stored)))));
    now.energy[0] += 1.0;
    let second = made(&harmonic_code(&code_args(&now, Some(&encoded(&first)))));
    let number = |document: &Document, path: &str| at(document, path).unwrap().as_f64().unwrap();
    let delta = "current_code.delta_from_previous";
    assert!((number(&first, &format!("{delta}.primary_change")) - 2.0).abs() < 1e-9);
    assert!((number(&first, &format!("{delta}.energy_shifts.physical")) - 4.5).abs() < 1e-9);
    assert!((number(&second, &format!("{delta}.energy_shifts.physical")) - 5.5).abs() < 1e-9);
    assert!((number(&second, &format!("{delta}.dimension_changes.focus")) + 3.0).abs() < 1e-9);
    let third = made(&harmonic_code(&code_args(&code("2027-Q1"), Some(&encoded(&second)))));
    let entries = third.get_array("historical_codes").unwrap();
    let last = entries.last().unwrap().as_document().unwrap();
    assert!((number(last, "delta_from_previous.energy_shifts.physical") - 5.5).abs() < 1e-9);
}

#[test]
fn a_history_keeps_the_last_ten_years() {
    let quarters: Vec<String> =
        (0..60).map(|step| super::fixture::quarter("2010-Q1").offset(step).to_string()).collect();
    let document = after(quarters.iter().map(String::as_str));
    let kept = versions(&document);
    assert_eq!(kept.len(), HISTORY_QUARTERS);
    assert_eq!((kept[0], kept[39]), ("2014-Q4", "2024-Q3"));
}

#[test]
fn the_employees_history_grows_alike_and_reads_numbers_of_any_type() {
    let first = made(&harmonic_energy_code(&energy_code_args(&code("2026-Q3"), &[], None)));
    let mut rewritten = first.clone();
    // A shell writes numbers as doubles.
    let current = rewritten.get_document_mut("currentQuarter").unwrap();
    current.insert("year", 2026.0);
    current.insert("quarter", 3.0);
    for stored in [first, rewritten].map(|stored| encoded(&stored)) {
        let same = made(&harmonic_energy_code(&energy_code_args(&code("2026-Q3"), &[], Some(&stored))));
        assert_eq!(same.get_array("previousQuarters").unwrap().len(), 0);
        let next = made(&harmonic_energy_code(&energy_code_args(&code("2026-Q4"), &[], Some(&stored))));
        let again =
            made(&harmonic_energy_code(&energy_code_args(&code("2026-Q4"), &[], Some(&encoded(&next)))));
        for document in [next, again] {
            assert_eq!(document.get_array("previousQuarters").unwrap().len(), 1);
            assert_eq!(at(&document, "previousQuarters[].code").unwrap().as_str(), Some("H5.07-FC-2026-Q3"));
            assert!(at(&document, "previousQuarters[].generatedAt").unwrap().as_datetime().is_some());
        }
    }
}

#[test]
fn numbers_not_compared_stay_within_a_quarter_and_fall_with_the_next() {
    let role = comparison(ComparisonKind::Role, 64.0);
    let (here, there) =
        (comparison(ComparisonKind::Interpersonal, 50.0), comparison(ComparisonKind::Interpersonal, 70.0));
    let department = comparison(ComparisonKind::Department, 90.0);
    let current = code("2026-Q4");
    let stored = made(&harmonic_energy_code(&energy_code_args(&current, &[&role, &department], None)));
    assert_eq!(at(&stored, "compatibility.jobRole").unwrap().as_f64(), Some(64.0));
    assert_eq!(at(&stored, "compatibility.teamDynamics").unwrap().as_f64(), Some(90.0));
    assert!(at(&stored, "compatibility.company").unwrap().as_null().is_some());

    let stored = encoded(&stored);
    let again = harmonic_energy_code(&energy_code_args(&current, &[&here, &there], Some(&stored)));
    let set = decoded(&again.set);
    assert!(!set.contains_key("compatibility.jobRole"));
    assert_eq!(set.get("compatibility.teamDynamics").and_then(Bson::as_f64), Some(60.0));

    let next = harmonic_energy_code(&energy_code_args(&code("2027-Q1"), &[], Some(&stored)));
    assert_eq!(decoded(&next.set).get("compatibility.jobRole"), Some(&Bson::Null));
}
