//! Whether an index that the server lists is the one of the schema.

use bson::{Bson, Document};

use crate::store::mongo::schema::Index;

/// Whether the index listed by the server has the same fields and directions in the same order.
pub(super) fn same_keys(index: &Index, listed: &Document) -> bool {
    let Ok(keys) = listed.get_document("key") else { return false };
    index.keys.len() == keys.len()
        && index
            .keys
            .iter()
            .zip(keys)
            .all(|(ours, theirs)| ours.0 == theirs.0 && same_value(ours.1, theirs.1))
}

pub(super) fn same_options(index: &Index, listed: &Document) -> bool {
    same_but_for_expiry(index, listed) && listed_expiry(listed) == index.expire_after_seconds
}

fn same_but_for_expiry(index: &Index, listed: &Document) -> bool {
    listed.get_bool("unique").unwrap_or(false) == index.unique
        && listed.get_bool("sparse").unwrap_or(false) == index.sparse
        && listed.get_document("partialFilterExpression").ok() == index.partial.as_ref()
}

/// The expiry in seconds, where a change of the expiry is all that is needed.
pub(super) fn expiry_to_change(index: &Index, listed: &Document) -> Option<i64> {
    let seconds = index.expire_after_seconds?;
    (same_keys(index, listed) && same_but_for_expiry(index, listed)).then_some(seconds)
}

fn listed_expiry(listed: &Document) -> Option<i64> {
    match listed.get("expireAfterSeconds")? {
        Bson::Int32(seconds) => Some(i64::from(*seconds)),
        Bson::Int64(seconds) => Some(*seconds),
        #[allow(
            clippy::cast_possible_truncation,
            reason = "seconds are far below 2^53 and fractions do not matter"
        )]
        Bson::Double(seconds) => Some(*seconds as i64),
        _ => None,
    }
}

/// Numbers that other clients stored as another type still mean the same direction.
fn same_value(ours: &Bson, theirs: &Bson) -> bool {
    fn number(value: &Bson) -> Option<f64> {
        match value {
            Bson::Int32(number) => Some(f64::from(*number)),
            #[allow(clippy::cast_precision_loss, reason = "directions are 1 and -1")]
            Bson::Int64(number) => Some(*number as f64),
            Bson::Double(number) => Some(*number),
            _ => None,
        }
    }
    ours == theirs || number(ours).is_some_and(|ours| number(theirs) == Some(ours))
}
