//! Whether both stores hold the same, once each, and written by whom it should be.

use std::collections::{BTreeMap, HashMap, HashSet};

use bson::Document;
use uuid::Uuid;

use super::Check;
use crate::chaos::facts::{Facts, OF_REPORT};
use crate::chaos::oplog::Write;
use crate::chaos::storm::Storm;

/// Collections in which every entity that was updated has one document.
const OF_UPDATE: [&str; 3] = ["birth_charts", "harmonic_codes", "energy_patterns"];

/// Fields that a later row which found nothing new moves in the report that stands; see `pipeline/report/unchanged.rs`.
const RENEWED: [&str; 3] = ["expiryDate", "updatedAt", "job.renewed"];

fn report_id(document: &Document) -> &str {
    document.get_str("reportId").unwrap_or("none")
}

/// Row and token of the claim that wrote a document last.
fn writer(document: &Document) -> Option<(Uuid, i64)> {
    let job = document.get_document("job").ok()?;
    Some((job.get_str("id").ok()?.parse().ok()?, job.get_i64("token").ok()?))
}

fn completed_reports(facts: &Facts) -> impl Iterator<Item = Uuid> + '_ {
    facts.rows.values().filter(|row| row.queue == "report" && row.status == "completed").map(|row| row.id)
}

/// One result, one metadata row, one version and one score row for each completed report row that did not find its report unchanged.
pub fn one_of_each(facts: &Facts) -> Check {
    let mut check = Check::new(
        "one metadata row, version and score row for each completed report row, or none and it says so",
    );
    let known: HashSet<&str> = facts.published.iter().map(|published| published.report_id.as_str()).collect();
    let by_row: HashMap<Uuid, _> =
        facts.published.iter().map(|published| (published.queue_id, published)).collect();
    let mut reports = HashSet::new();
    for id in completed_reports(facts) {
        if let Some(standing) = facts.unchanged.get(&id) {
            check.look(known.contains(standing.as_str()), || {
                format!("{id}: unchanged, but {standing} is unknown")
            });
            continue;
        }
        let published = by_row.get(&id);
        let holds = published.is_some_and(|p| {
            (p.metadata, p.versions, p.scores) == (1, 1, 1) && reports.insert(p.report_id.clone())
        });
        check.look(holds, || format!("{id}: {published:?}"));
    }
    check
}

/// One report and one analysis in MongoDB for each of them.
pub fn one_document(facts: &Facts) -> Check {
    let mut check = Check::new("one report and one analysis document for each completed report row");
    for collection in &OF_REPORT[..2] {
        let mut count: HashMap<&str, usize> = HashMap::new();
        for document in &facts.documents[collection] {
            *count.entry(report_id(document)).or_default() += 1;
        }
        for published in &facts.published {
            let there = count.get(published.report_id.as_str()).copied().unwrap_or(0);
            check.look(there == 1, || format!("{there} documents in {collection} for {published:?}"));
        }
    }
    check
}

/// No document of a report that PostgreSQL does not know.
pub fn nothing_without_metadata(facts: &Facts) -> Check {
    let mut check = Check::new("no document of a report without metadata");
    let known: HashSet<&str> = facts.published.iter().map(|published| published.report_id.as_str()).collect();
    for collection in OF_REPORT {
        for document in &facts.documents[collection] {
            check.look(known.contains(report_id(document)), || {
                let row = writer(document).and_then(|(id, _)| facts.rows.get(&id));
                format!("{collection}: report {} of {:?}, row {row:?}", report_id(document), writer(document))
            });
        }
    }
    check
}

/// Rows that were cancelled, skipped or failed have neither result nor document.
pub fn cancelled_published_nothing(facts: &Facts) -> Check {
    let mut check = Check::new("a report row that was cancelled or failed published nothing");
    let results: HashSet<Uuid> = facts
        .published
        .iter()
        .map(|published| published.queue_id)
        .chain(facts.unchanged.keys().copied())
        .collect();
    let writers: HashSet<Uuid> =
        facts.documents["reports"].iter().filter_map(|document| writer(document).map(|(id, _)| id)).collect();
    for row in facts.rows.values().filter(|row| row.queue == "report" && row.status != "completed") {
        check.look(!results.contains(&row.id) && !writers.contains(&row.id), || {
            format!("{row:?}: result {}, document {}", results.contains(&row.id), writers.contains(&row.id))
        });
    }
    check
}

/// Each document of a report bears the token of the claim that completed its row.
pub fn winners_wrote(facts: &Facts) -> Check {
    let mut check =
        Check::new("every document of a report bears the token of the claim that completed its row");
    let winners = facts.winners();
    let rows: HashMap<&str, Uuid> =
        facts.published.iter().map(|published| (published.report_id.as_str(), published.queue_id)).collect();
    for collection in OF_REPORT {
        for document in &facts.documents[collection] {
            let Some(row) = rows.get(report_id(document)) else { continue };
            let expected = winners.get(row).map(|token| (*row, *token));
            check.look(writer(document) == expected && expected.is_some(), || {
                format!(
                    "{collection}: report {} written by {:?}, completed by {expected:?}",
                    report_id(document),
                    writer(document)
                )
            });
        }
    }
    check
}

/// A document of an entity is not older than the newest completed update of that entity.
pub fn entities_bear_the_newest(facts: &Facts) -> Check {
    let mut check = Check::new(
        "every document of an entity bears a token of its row, not older than its last completed update",
    );
    let claims: HashSet<(Uuid, i64)> = facts
        .changes
        .iter()
        .filter(|change| change.event == "claimed")
        .filter_map(|change| Some((change.job_id, change.token?)))
        .collect();
    let winners = facts.winners();
    let mut newest: HashMap<(String, String), i64> = HashMap::new();
    for document in facts.entities.values().flatten() {
        let Some((id, token)) = writer(document) else {
            check.look(false, || format!("a document without token: {:?}", document.get("_id")));
            continue;
        };
        check.look(claims.contains(&(id, token)), || format!("no claim of {id} has token {token}"));
        if facts.rows.get(&id).is_some_and(|row| row.queue == "entity")
            && let Some(token) = winners.get(&id)
            && let Some(entity) = entity_of(document)
        {
            let newest = newest.entry(entity).or_default();
            *newest = (*newest).max(*token);
        }
    }
    for (collection, documents) in facts.entities.iter().filter(|(name, _)| **name != "compatibility_scores")
    {
        for document in documents {
            let (Some(entity), Some((_, token))) = (entity_of(document), writer(document)) else { continue };
            let least = newest.get(&entity).copied().unwrap_or(0);
            check.look(token >= least, || {
                format!("{collection} of {entity:?} bears {token}, an update had {least}")
            });
        }
    }
    check
}

fn entity_of(document: &Document) -> Option<(String, String)> {
    Some((document.get_str("entity_type").ok()?.to_owned(), document.get_str("entity_id").ok()?.to_owned()))
}

/// In MongoDB's own log no write of a document has a smaller token than the one before it.
pub fn tokens_only_rise(facts: &Facts) -> Check {
    let mut check = Check::new("no write to MongoDB bore a smaller token than the write before it");
    let mut newest: HashMap<&str, i64> = HashMap::new();
    for write in &facts.writes {
        if write.removed {
            newest.remove(write.document.as_str());
            continue;
        }
        let Some(token) = write.token else { continue };
        let before = newest.insert(&write.document, token).unwrap_or(0);
        check.look(token >= before, || format!("{}: {token} after {before}", write.document));
    }
    check
}

/// A write that leaves the token of a report's document is that of a later row which found nothing new: it only renews the report,
/// and its own token is not less than what was there. So a worker that comes too late does not move an expiry either. Whoever supersedes
/// a version raises the token alone, to one that is no claim's.
pub fn others_only_renew(facts: &Facts) -> Check {
    let mut check = Check::new(
        "a write that left a report's token only renewed it, under a claim not older than the last",
    );
    let claims: HashSet<i64> = facts
        .changes
        .iter()
        .filter(|change| change.queue == "report" && change.event == "claimed")
        .filter_map(|change| change.token)
        .collect();
    let mut newest: HashMap<&str, i64> = HashMap::new();
    for write in facts.writes.iter().filter(|write| OF_REPORT.contains(&write.collection())) {
        let document = write.document.as_str();
        if write.removed {
            newest.remove(document);
            continue;
        }
        if let Some(token) = write.token {
            newest.insert(document, token);
            continue;
        }
        let before = newest.get(document).copied().unwrap_or(0);
        let closes = write.fields == ["job.renewed"];
        let rises = write.renewed.is_none_or(|token| token >= before && (closes || claims.contains(&token)));
        check.look(renews(write) && rises, || format!("{write:?} after {before}"));
        newest.insert(document, write.renewed.map_or(before, |token| token.max(before)));
    }
    check
}

/// Whether a write does no more than renew a report. Sent again under the same token, it moves the time of the change only.
fn renews(write: &Write) -> bool {
    let moves_expiry = write.fields.iter().any(|field| field == "expiryDate");
    write.collection() == "reports"
        && write.fields.iter().all(|field| RENEWED.contains(&field.as_str()))
        && (write.renewed.is_some() || !moves_expiry)
}

/// PostgreSQL notes of each completed row the token of the claim that completed it, and of no other row any.
pub fn results_bear_the_winner(facts: &Facts) -> Check {
    let mut check =
        Check::new("every completed row has a result under the token of the claim that completed it");
    let winners = facts.winners();
    for (id, token) in &winners {
        let noted = facts.results.get(id);
        check.look(noted == Some(&Some(*token)), || format!("{id}: noted {noted:?}, completed by {token}"));
    }
    for (id, noted) in &facts.results {
        let row = facts.rows.get(id);
        check.look(winners.contains_key(id), || {
            format!("noted {noted:?} of {id}, completed by nobody: {row:?}")
        });
    }
    check
}

/// Each entity with a completed update has one chart, code and pattern.
pub fn every_entity_is_there(facts: &Facts) -> Check {
    let mut check = Check::new("one chart, code and pattern for each entity that was updated");
    let mut count: BTreeMap<(&str, (String, String)), usize> = BTreeMap::new();
    for (collection, documents) in facts.entities.iter().filter(|(name, _)| **name != "compatibility_scores")
    {
        for entity in documents.iter().filter_map(entity_of) {
            *count.entry((collection, entity)).or_default() += 1;
        }
    }
    for (what, documents) in &count {
        check.look(*documents == 1, || format!("{documents} of {what:?}"));
    }
    for (row, entity) in &facts.updated {
        for collection in OF_UPDATE {
            check.look(count.contains_key(&(collection, entity.clone())), || {
                format!("{row}: nothing of {entity:?} in {collection}")
            });
        }
    }
    check
}

/// Each completed calculation of the application names a document that is there.
pub fn every_calculation_is_there(facts: &Facts) -> Check {
    let mut check = Check::new("the document that each completed calculation of the application names");
    let mut known: HashSet<(&str, String)> = HashSet::new();
    for (collection, documents) in &facts.entities {
        let ids = documents.iter().filter_map(|document| document.get_object_id("_id").ok());
        known.extend(ids.map(|id| (*collection, id.to_hex())));
    }
    for (row, named) in &facts.calculated {
        let there = match named {
            (Some(collection), Some(document)) => known.contains(&(collection.as_str(), document.clone())),
            _ => false,
        };
        check.look(there, || format!("{row}: {named:?} is not there"));
    }
    check
}

/// One latest version of each report, and it is the highest.
pub async fn one_latest(storm: &Storm) -> Check {
    let mut check = Check::new("one latest version of each employee's report, the highest, each number once");
    let groups: Vec<(String, bool)> = sqlx::query_as(
        "select employee_id || ' ' || report_type,
                count(*) filter (where is_latest) = 1 and max(version) = max(version) filter (where is_latest)
                and count(distinct version) = count(*)
         from report_metadata group by employee_id, report_type",
    )
    .fetch_all(&storm.world.app)
    .await
    .unwrap();
    for (what, holds) in groups {
        check.look(holds, || what);
    }
    check
}
