//! What the user of this session may do, against what a worker does.

use bson::{Bson, Document, doc};
use mongodb::Client;

use super::Finding;
use crate::store::mongo::Databases;

const ID: &str = "mongodb.privileges";
const WHY: &str = "A job fails at the first collection that its user may not write.";
const FIX: &str = "give the user of mongodb.uri the role orrery_worker that deploy/roles/mongodb.js makes";

/// What a worker does in both databases. It makes and repairs collections, validators and indexes when it starts.
const NEEDED: [&str; 10] = [
    "find",
    "insert",
    "update",
    "remove",
    "createCollection",
    "createIndex",
    "collMod",
    "dropIndex",
    "listCollections",
    "listIndexes",
];

pub(super) async fn privileges(client: &Client, databases: &Databases) -> Finding {
    let command = doc! { "connectionStatus": 1, "showPrivileges": true };
    let about = match client.database("admin").run_command(command).await {
        Ok(answer) => answer.get_document("authInfo").cloned().unwrap_or_default(),
        Err(error) => return Finding::fail(ID, WHY, format!("could not be asked: {error}"), FIX),
    };
    let users = about.get_array("authenticatedUsers").map_or(0, Vec::len);
    if users == 0 {
        return Finding::ok(ID, WHY, "nobody signed in: the server asks for no password, or all is refused");
    }
    let granted: Vec<&Document> = about
        .get_array("authenticatedUserPrivileges")
        .into_iter()
        .flatten()
        .filter_map(Bson::as_document)
        .collect();
    let lacking: Vec<String> = [&databases.reports, &databases.astrology]
        .into_iter()
        .filter_map(|database| {
            let missing = missing(&granted, database);
            (!missing.is_empty()).then(|| format!("the user may not {} in {database}", missing.join(", ")))
        })
        .collect();
    if lacking.is_empty() {
        Finding::ok(ID, WHY, "the user may do all that a worker does")
    } else {
        Finding::fail(ID, WHY, lacking.join("; "), FIX)
    }
}

/// Actions on all collections of a database that nothing grants.
fn missing(granted: &[&Document], database: &str) -> Vec<&'static str> {
    let allowed = |action: &str| {
        granted.iter().any(|privilege| {
            covers(privilege, database)
                && privilege
                    .get_array("actions")
                    .is_ok_and(|actions| actions.iter().any(|known| known.as_str() == Some(action)))
        })
    };
    NEEDED.into_iter().filter(|action| !allowed(action)).collect()
}

/// Whether a privilege is for every collection of a database.
fn covers(privilege: &Document, database: &str) -> bool {
    let Ok(resource) = privilege.get_document("resource") else { return false };
    if resource.get_bool("anyResource").unwrap_or(false) {
        return true;
    }
    matches!((resource.get_str("db"), resource.get_str("collection")), (Ok(of), Ok("")) if of.is_empty() || of == database)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_privilege_counts_for_its_database_and_for_all_of_it() {
        let most: Vec<&str> = NEEDED.into_iter().filter(|action| *action != "remove").collect();
        let of = doc! { "resource": { "db": "reports", "collection": "" }, "actions": most };
        let single = doc! { "resource": { "db": "reports", "collection": "a" }, "actions": ["remove"] };
        assert_eq!(missing(&[&of, &single], "reports"), ["remove"]);
        assert_eq!(missing(&[&of], "others"), NEEDED);
        let root = doc! { "resource": { "anyResource": true }, "actions": NEEDED.to_vec() };
        assert!(missing(&[&root], "others").is_empty());
        let everywhere = doc! { "resource": { "db": "", "collection": "" }, "actions": ["remove"] };
        assert!(missing(&[&of, &everywhere], "reports").is_empty());
    }
}
