//! What needs no server: names of indexes, and what counts as the same index.

use bson::doc;

use super::*;

fn listed(index: &Index) -> Document {
    let mut listed = index.to_document();
    listed.insert("v", 2);
    listed
}

#[test]
fn an_index_is_named_as_the_server_would_name_it() {
    assert_eq!(Index::on(doc! { "a": 1, "b.c": -1 }).name, "a_1_b.c_-1");
    assert_eq!(Index::on(doc! { "point": "2dsphere" }).name, "point_2dsphere");
}

#[test]
fn an_index_equals_what_the_server_lists_of_it() {
    for index in all_indexes() {
        assert!(
            same_keys(&index, &listed(&index)) && same_options(&index, &listed(&index)),
            "{}",
            index.name
        );
    }
}

#[test]
fn keys_in_another_order_or_direction_are_another_index() {
    let index = Index::on(doc! { "a": 1, "b": 1 });
    assert!(!same_keys(&index, &doc! { "key": { "b": 1, "a": 1 } }));
    assert!(!same_keys(&index, &doc! { "key": { "a": 1, "b": -1 } }));
    assert!(same_keys(&index, &doc! { "key": { "a": 1.0, "b": 1_i64 } }));
}

#[test]
fn each_option_that_an_index_enforces_is_noticed_when_it_is_missing() {
    let index = Index::on(doc! { "a": 1 }).unique().sparse().expiring_after(60).only(doc! { "b": 1 });
    for option in ["unique", "sparse", "expireAfterSeconds", "partialFilterExpression"] {
        let mut other = listed(&index);
        other.remove(option);
        assert!(!same_options(&index, &other), "{option}");
    }
}

#[test]
fn only_a_different_expiry_is_changed_in_place() {
    let index = Index::on(doc! { "a": 1 }).expiring_after(60);
    assert_eq!(expiry_to_change(&index, &doc! { "key": { "a": 1 }, "expireAfterSeconds": 5 }), Some(60));
    assert_eq!(expiry_to_change(&index, &doc! { "key": { "a": 1 }, "unique": true }), None);
    assert_eq!(expiry_to_change(&Index::on(doc! { "a": 1 }), &doc! { "key": { "a": 1 } }), None);
}

#[test]
fn no_collection_has_two_indexes_of_one_name() {
    for collection in reports::collections().iter().chain(&astrology::collections()) {
        let mut names: Vec<_> = collection.indexes.iter().map(|index| &index.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), collection.indexes.len(), "{}", collection.name);
    }
}

fn all_indexes() -> Vec<Index> {
    reports::collections().into_iter().chain(astrology::collections()).flat_map(|it| it.indexes).collect()
}
