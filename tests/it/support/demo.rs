//! The demo's data.

use std::path::PathBuf;
use std::process::Command;

use bson::Document;
use serde_json::Value;

use super::World;

/// A file of the demo.
fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/demo").join(name)
}

/// How the rows have to end.
pub fn expected() -> Value {
    serde_json::from_str(&std::fs::read_to_string(file("expected.json")).unwrap()).unwrap()
}

impl World {
    /// Loads all that the demo's applications would have written.
    pub async fn load_whole_demo(&self) {
        self.set_up_mongodb().await;
        self.load_demo("01_platform.sql");
        self.load_questionnaires().await;
        for file in ["02_entities.sql", "03_reports.sql", "04_quarter.sql", "05_calculations.sql"] {
            self.load_demo(file);
        }
    }

    /// Loads a file of the demo through psql, the way its README says.
    pub fn load_demo(&self, name: &str) {
        let url = &self.config.postgres.url;
        let output = Command::new("psql")
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f"])
            .arg(file(name))
            .env("PGOPTIONS", "-c search_path=public,calc")
            .output()
            .expect("psql is there: it comes with PostgreSQL");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Puts the questionnaires into MongoDB.
    pub async fn load_questionnaires(&self) {
        let all: Vec<Value> =
            serde_json::from_str(&std::fs::read_to_string(file("questionnaires.json")).unwrap()).unwrap();
        // Extended JSON: {"$date": ...} becomes a date.
        let documents = all.into_iter().map(|value| match bson::Bson::try_from(value).unwrap() {
            bson::Bson::Document(document) => document,
            other => panic!("{other} is no document"),
        });
        self.mongo
            .database(&self.databases.reports)
            .collection::<Document>("questionnaire_responses")
            .insert_many(documents)
            .await
            .unwrap();
    }
}
