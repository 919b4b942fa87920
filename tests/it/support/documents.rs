//! Looking into both stores.

use std::collections::BTreeMap;

use bson::{Document, doc};
use futures::TryStreamExt;
use sqlx::AssertSqlSafe;

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
}
