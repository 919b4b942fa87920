//! Reading what the platform knows: one statement for all entities of a kind that are worked on together.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::{Birth, EntityKey, EntityKind, Facts, Place};
use crate::queue::{JobError, Stage};

/// People of a department whose charts a comparison with the department reads at most.
const DEPARTMENT_SAMPLE: usize = 200;

/// One part of what is known: `part` says what, `id` of whom or which, `data` is a row as JSON. A member of a department has
/// the department as `id` and itself as `member`.
#[derive(FromRow)]
struct Row {
    part: String,
    id: Uuid,
    member: Option<Uuid>,
    data: String,
}

/// Links from an entity to its places.
#[derive(serde::Deserialize)]
struct Links {
    #[serde(rename = "organization_id")]
    organization: Uuid,
    #[serde(rename = "department_id", default)]
    department: Option<Uuid>,
    #[serde(rename = "job_role_id", default)]
    role: Option<Uuid>,
}

/// All parts, by what they are.
#[derive(Default)]
struct Parts {
    people: HashMap<Uuid, String>,
    births: HashMap<Uuid, String>,
    companies: HashMap<Uuid, Arc<Place>>,
    foundings: HashMap<Uuid, Arc<Birth>>,
    industries: HashMap<Uuid, Arc<Place>>,
    departments: HashMap<Uuid, Arc<Place>>,
    roles: HashMap<Uuid, Arc<Place>>,
    /// By department, in order of id: which members a sample holds must not depend on the plan.
    members: HashMap<Uuid, BTreeMap<Uuid, Arc<Birth>>>,
}

/// Reads all that is known of an entity; `field` is the column that named it.
///
/// # Errors
/// `data.employee_missing` and the like when there is no such row, `data.birth_data_missing` without birth data.
pub async fn read(pool: &PgPool, key: EntityKey, field: &str) -> Result<Facts, JobError> {
    let parts = Parts::read(pool, key.kind, &[key.id]).await?;
    parts.facts(key, field)
}

/// Reads all that is known of these entities, each kind in one round trip; `field` is the column that named them.
///
/// # Errors
/// When PostgreSQL refuses or does not answer. What is wrong with one entity is an error in its place in the map.
pub async fn read_all(
    pool: &PgPool,
    keys: &[EntityKey],
    field: &str,
) -> Result<HashMap<EntityKey, Result<Facts, JobError>>, JobError> {
    let of_kind = async |kind: EntityKind| {
        let ids: Vec<Uuid> = keys.iter().filter(|key| key.kind == kind).map(|key| key.id).collect();
        if ids.is_empty() { Ok(Parts::default()) } else { Parts::read(pool, kind, &ids).await }
    };
    let (employees, candidates, companies) = futures::try_join!(
        of_kind(EntityKind::Employee),
        of_kind(EntityKind::Candidate),
        of_kind(EntityKind::Company)
    )?;
    let facts = |key: &EntityKey| match key.kind {
        EntityKind::Employee => employees.facts(*key, field),
        EntityKind::Candidate => candidates.facts(*key, field),
        EntityKind::Company => companies.facts(*key, field),
    };
    Ok(keys.iter().map(|key| (*key, facts(key))).collect())
}

impl Parts {
    async fn read(pool: &PgPool, kind: EntityKind, ids: &[Uuid]) -> Result<Self, JobError> {
        let statement = match kind {
            EntityKind::Employee => include_str!("../../sql/facts_employee.sql"),
            EntityKind::Candidate => include_str!("../../sql/facts_candidate.sql"),
            EntityKind::Company => include_str!("../../sql/facts_company.sql"),
        };
        let mut query = sqlx::query_as(statement).bind(ids);
        if kind != EntityKind::Company {
            // One more than the sample, because the subject may be among them.
            query = query.bind(i64::try_from(DEPARTMENT_SAMPLE + 1).unwrap_or(i64::MAX));
        }
        let rows: Vec<Row> =
            query.fetch_all(pool).await.map_err(|error| JobError::postgres(Stage::Collect, error))?;
        let mut parts = Self::default();
        for row in rows {
            parts.add(row);
        }
        Ok(parts)
    }

    fn add(&mut self, row: Row) {
        let place = |column| row_of(&row.data).and_then(|data| Place::read(data, column)).map(Arc::new);
        let birth = || parse::<Birth>(&row.data).ok().map(Arc::new);
        match row.part.as_str() {
            "company" => drop(place("profile").map(|place| self.companies.insert(row.id, place))),
            "department" => drop(place("profile").map(|place| self.departments.insert(row.id, place))),
            "role" => drop(place("requirements").map(|place| self.roles.insert(row.id, place))),
            "industry" => drop(place("parameters").map(|place| self.industries.insert(row.id, place))),
            "founding" => drop(birth().map(|birth| self.foundings.insert(row.id, birth))),
            "member" => {
                if let (Some(member), Some(birth)) = (row.member, birth()) {
                    self.members.entry(row.id).or_default().insert(member, birth);
                }
            }
            "birth" => drop(self.births.insert(row.id, row.data)),
            _ => drop(self.people.insert(row.id, row.data)),
        }
    }

    fn facts(&self, key: EntityKey, field: &str) -> Result<Facts, JobError> {
        let row = self.people.get(&key.id).ok_or_else(|| missing(key, field))?;
        let links: Links = shape(row, key, "the row of the entity")?;
        let company = self.companies.get(&links.organization).ok_or_else(|| missing(key, field))?;
        let birth = self.births.get(&key.id).ok_or_else(|| birth_missing(key))?;
        let industry = company.row.get("industry_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let is_person = key.kind != EntityKind::Company;
        Ok(Facts {
            key,
            person: shape(row, key, "the row of the entity")?,
            company: Arc::clone(company),
            department: among(&self.departments, links.department.filter(|_| is_person)),
            role: among(&self.roles, links.role.filter(|_| is_person)),
            industry: among(&self.industries, industry),
            birth: shape(birth, key, "entity_birth_data")?,
            birth_source: "entity_birth_data",
            founding: among(&self.foundings, is_person.then_some(links.organization)),
            colleagues: self.colleagues(links.department.filter(|_| is_person), key.id),
        })
    }

    /// The first people of the department in order of id, without the subject.
    fn colleagues(&self, department: Option<Uuid>, subject: Uuid) -> Vec<Arc<Birth>> {
        let members = department.and_then(|department| self.members.get(&department));
        let others = members.into_iter().flatten().filter(|(member, _)| **member != subject);
        others.take(DEPARTMENT_SAMPLE).map(|(_, birth)| Arc::clone(birth)).collect()
    }
}

fn among<T>(all: &HashMap<Uuid, Arc<T>>, id: Option<Uuid>) -> Option<Arc<T>> {
    id.and_then(|id| all.get(&id)).map(Arc::clone)
}

fn row_of(data: &str) -> Option<Value> {
    serde_json::from_str(data).ok()
}

/// Reads a row; where that fails, by way of a value, so that the error names columns and not places in a text that nobody sees.
fn parse<T: DeserializeOwned>(data: &str) -> serde_json::Result<T> {
    serde_json::from_str(data)
        .or_else(|_| serde_json::from_str::<Value>(data).and_then(serde_json::from_value))
}

fn shape<T: DeserializeOwned>(data: &str, key: EntityKey, what: &str) -> Result<T, JobError> {
    parse(data).map_err(|error| {
        JobError::permanent(Stage::Collect, "data.shape", format!("{what} of {key} cannot be read: {error}"))
            .with_source(error)
    })
}

fn missing(key: EntityKey, field: &str) -> JobError {
    let (code, table) = match (key.kind, field) {
        (EntityKind::Employee, "employee_id") => ("data.employee_missing", "employees"),
        (EntityKind::Employee, _) => ("data.entity_missing", "employees"),
        (EntityKind::Candidate, _) => ("data.entity_missing", "candidates"),
        (EntityKind::Company, _) => ("data.entity_missing", "organizations"),
    };
    JobError::permanent(
        Stage::Collect,
        code,
        format!(
            "{field} {}: there is no such row in {table}, or it is deleted; insert it or name another",
            key.id
        ),
    )
}

fn birth_missing(key: EntityKey) -> JobError {
    JobError::permanent(
        Stage::Collect,
        "data.birth_data_missing",
        format!(
            "entity_birth_data has no row for {key}; insert birth_date, timezone, latitude and longitude (birth_time if known), then set the row to run again"
        ),
    )
}
