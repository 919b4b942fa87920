//! Looking into both stores.

use std::collections::BTreeMap;

use bson::{Bson, Document, doc};
use futures::TryStreamExt;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::World;

impl World {
    /// Documents of a collection in the reports' database.
    pub async fn reports(&self, collection: &str, filter: Document) -> Vec<Document> {
        self.documents(&self.databases.reports, collection, filter).await
    }

    /// Documents of a collection in the astrology database.
    pub async fn astrology(&self, collection: &str, filter: Document) -> Vec<Document> {
        self.documents(&self.databases.astrology, collection, filter).await
    }

    /// Stores a self-assessment of three ratings, all with this score, and one sentence.
    pub async fn answer_questionnaire(&self, employee: Uuid, score: i32) {
        let question = |number: i32, text: &str| doc! { "questionId": format!("q{number}"), "question": text, "questionType": "rating", "answer": score / 20, "score": score };
        let sentence = doc! { "questionId": "q4", "question": "What else should be known?", "questionType": "text",
        "answer": if score < 50 { "I am exhausted every week." } else { "The new lathe helps a lot." } };
        let document = doc! {
            "responseId": Uuid::new_v4().to_string(),
            "employeeId": employee.to_string(),
            "questionnaireType": "self_assessment",
            "responses": [question(1, "How well does your role suit you? (1 to 5)"), question(2, "How well do you recover? (1 to 5)"),
                          question(3, "How clear are your goals? (1 to 5)"), sentence],
            "completionRate": 100,
            "completedDate": bson::DateTime::now(),
            "reviewStatus": "pending",
        };
        self.mongo
            .database(&self.databases.reports)
            .collection("questionnaire_responses")
            .insert_one(document)
            .await
            .unwrap();
    }

    async fn documents(&self, database: &str, collection: &str, filter: Document) -> Vec<Document> {
        self.mongo
            .database(database)
            .collection::<Document>(collection)
            .find(filter)
            .sort(doc! { "_id": 1 })
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap()
    }

    /// Every document of both databases, byte for byte, by collection.
    pub async fn all_documents(&self) -> BTreeMap<String, Vec<Vec<u8>>> {
        let mut all = BTreeMap::new();
        for database in [&self.databases.reports, &self.databases.astrology] {
            for collection in self.mongo.database(database).list_collection_names().await.unwrap() {
                let documents = self.documents(database, &collection, doc! {}).await;
                let bytes =
                    documents.iter().map(|document| bson::serialize_to_vec(document).unwrap()).collect();
                all.insert(format!("{database}.{collection}"), bytes);
            }
        }
        all
    }

    /// Every document without who wrote it and when, which differ between two runs of the same, by collection.
    pub async fn plain_documents(&self) -> Vec<(String, Vec<Vec<u8>>)> {
        let mut all = Vec::new();
        for database in [&self.databases.reports, &self.databases.astrology] {
            let database = self.mongo.database(database);
            let mut collections = database.list_collection_names().await.unwrap();
            collections.sort_unstable();
            for collection in collections {
                let documents = database.collection::<Document>(&collection);
                let mut found = documents.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap();
                let mut plain = Vec::new();
                while let Some(document) = found.try_next().await.unwrap() {
                    let Bson::Document(document) = without_times(&Bson::Document(document)) else {
                        unreachable!()
                    };
                    plain.push(bson::serialize_to_vec(&document).unwrap());
                }
                all.push((collection, plain));
            }
        }
        all
    }

    /// What is written of entities in PostgreSQL but for ids and times.
    pub async fn plain_tables(&self) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        for sql in [
            "select concat_ws('|', job_type, entity_type, entity_id, organization_id, job_status, priority, input_data, output_collection,
                    output_document_id, algorithm_version, engine_version, triggered_by, trigger_reason) from calculation_jobs order by 1",
            "select concat_ws('|', a.event_type, a.entity_type, a.entity_id, a.organization_id, a.user_id, a.after_state - 'token', a.changes_summary,
                    a.service_name, a.service_version, c.job_type) from calculation_audit_log a join calculation_jobs c on c.id = a.job_id order by 1",
            "select concat_ws('|', s.quarter, q.entity_type, q.entity_id, q.queue_status, q.priority, q.previous_harmonic_code,
                    q.previous_energy_signature, jsonb_array_length(q.compatibility_jobs), b.job_type, h.job_type)
             from entity_update_queue q join quarterly_update_schedule s on s.id = q.schedule_id
             left join calculation_jobs b on b.id = q.birth_chart_job_id left join calculation_jobs h on h.id = q.harmonic_code_job_id order by 1",
            "select output::text from orrery.result where queue = 'entity' order by 1",
        ] {
            all.push(sqlx::query_scalar(sql).fetch_all(&self.app).await.unwrap());
        }
        all
    }

    /// Every row of every table as text, by table. The register of workers is left out: heartbeats change it.
    pub async fn all_rows(&self) -> BTreeMap<String, Vec<String>> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('public', 'calc', 'analytics', 'orrery')
               and c.oid <> 'orrery.worker'::regclass",
        )
        .fetch_all(&self.app)
        .await
        .unwrap();
        let mut all = BTreeMap::new();
        for table in tables {
            let rows = sqlx::query_scalar(AssertSqlSafe(format!("select t::text from {table} t order by 1")))
                .fetch_all(&self.app)
                .await
                .unwrap();
            all.insert(table, rows);
        }
        all
    }

    /// Both stores as they are now.
    pub async fn snapshot(&self) -> Snapshot {
        Snapshot { documents: self.all_documents().await, rows: self.all_rows().await }
    }

    /// Panics with the lines that differ when anything in either store is not as it was.
    pub async fn assert_unchanged(&self, before: &Snapshot) {
        let documents = self.all_documents().await;
        for (collection, before) in &before.documents {
            assert!(
                documents.get(collection) == Some(before),
                "MongoDB has changed: {collection}\n{}",
                self.evidence()
            );
        }
        assert_eq!(documents.len(), before.documents.len(), "MongoDB has another collection");
        let rows = self.all_rows().await;
        for (table, before) in &before.rows {
            let now = &rows[table];
            let only = |these: &[String], those: &[String]| {
                these.iter().filter(|row| !those.contains(row)).cloned().collect::<Vec<_>>().join("\n")
            };
            assert!(
                now == before,
                "PostgreSQL has changed: {table}\nbefore:\n{}\nnow:\n{}\n{}",
                only(before, now),
                only(now, before),
                self.evidence()
            );
        }
    }
}

/// Everything in both stores at one moment.
pub struct Snapshot {
    documents: BTreeMap<String, Vec<Vec<u8>>>,
    rows: BTreeMap<String, Vec<String>>,
}

fn without_times(value: &Bson) -> Bson {
    match value {
        Bson::DateTime(at) if is_recent(*at) => Bson::String("now".to_owned()),
        Bson::Array(items) => Bson::Array(items.iter().map(without_times).collect()),
        Bson::Document(document) => Bson::Document(
            document
                .iter()
                .filter(|(key, _)| key.as_str() != "job")
                .map(|(key, value)| (key.clone(), without_times(value)))
                .collect::<Document>(),
        ),
        other => other.clone(),
    }
}

fn is_recent(at: bson::DateTime) -> bool {
    (bson::DateTime::now().timestamp_millis() - at.timestamp_millis()).abs() < 3_600_000
}
