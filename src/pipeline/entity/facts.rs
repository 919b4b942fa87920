//! What the platform knows of an entity.

mod read;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

pub use read::{read, read_all};

use crate::astro::BirthData;
use crate::domain::Profile;
use crate::domain::digest::sha256;
use crate::queue::{JobError, Stage};

/// The three kinds of entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntityKind {
    /// A row of `employees`.
    Employee,
    /// A row of `candidates`.
    Candidate,
    /// A row of `organizations`.
    Company,
}

impl EntityKind {
    /// The word in `entity_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Employee => "employee",
            Self::Candidate => "candidate",
            Self::Company => "company",
        }
    }
}

impl FromStr for EntityKind {
    type Err = JobError;

    fn from_str(text: &str) -> Result<Self, JobError> {
        match text {
            "employee" => Ok(Self::Employee),
            "candidate" => Ok(Self::Candidate),
            "company" => Ok(Self::Company),
            other => Err(JobError::permanent(
                Stage::Collect,
                "data.entity_type_unknown",
                format!("entity_type {other:?} is not known; give employee, candidate or company"),
            )),
        }
    }
}

/// Which entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntityKey {
    /// Which kind.
    pub kind: EntityKind,
    /// Primary key.
    pub id: Uuid,
}

impl fmt::Display for EntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.id)
    }
}

/// All that is known of an entity.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Which entity.
    pub key: EntityKey,
    /// The person, or the organization itself.
    pub person: Person,
    /// The company; entities that are read together share it.
    pub company: Arc<Place>,
    /// The department.
    pub department: Option<Arc<Place>>,
    /// The role.
    pub role: Option<Arc<Place>>,
    /// The industry.
    pub industry: Option<Arc<Place>>,
    /// Birth data.
    pub birth: Birth,
    /// Where the birth data stands: `entity_birth_data`, or `input_data.birth_data` of a row that brought its own.
    pub birth_source: &'static str,
    /// Founding data of the company.
    pub founding: Option<Arc<Birth>>,
    /// Birth data of the other people in the department.
    pub colleagues: Vec<Arc<Birth>>,
}

impl Facts {
    /// SHA-256 of all that a text is written from: texts from facts with equal digests are equal. What else stands in the rows does
    /// not count, such as when an application last touched them.
    #[must_use]
    pub fn read_digest(&self) -> [u8; 32] {
        let place = |place: &Option<Arc<Place>>| place.as_deref().map(Place::digest);
        let all = (
            &self.person,
            self.company.digest(),
            place(&self.department),
            place(&self.role),
            place(&self.industry),
            (&self.birth, &self.founding, &self.colleagues),
        );
        sha256(&format!("{all:?}"))
    }
}

/// The part of a person's row that is read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Person {
    /// Tenant.
    pub organization_id: Uuid,
    /// Name.
    #[serde(default)]
    pub full_name: String,
    /// Branch.
    #[serde(default)]
    pub branch_id: Option<Uuid>,
    /// Department.
    #[serde(default)]
    pub department_id: Option<Uuid>,
}

/// A company, department, role or industry.
#[derive(Debug, Clone)]
pub struct Place {
    /// Primary key.
    pub id: Uuid,
    /// Name or title.
    pub name: String,
    /// What it asks.
    pub profile: Profile,
    /// The whole row, kept as the context of an analysis.
    pub row: Value,
}

impl Place {
    fn read(row: Value, profile_column: &str) -> Option<Self> {
        let id = row.get("id")?.as_str()?.parse().ok()?;
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        let name = text("title").or_else(|| text("name")).unwrap_or("unnamed").to_owned();
        // A profile of another shape asks for nothing that could be compared; the report says so.
        let profile = row
            .get(profile_column)
            .cloned()
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or_default();
        Some(Self { id, name, profile, row })
    }

    fn digest(&self) -> [u8; 32] {
        sha256(&format!("{:?}", (self.id, &self.name, &self.profile)))
    }

    /// Whether the organization takes part in paid work; a platform without such a column has no subscriptions.
    #[must_use]
    pub fn subscribed(&self) -> bool {
        !matches!(self.row.get("subscription_status").and_then(Value::as_str), Some("EXPIRED" | "CANCELLED"))
    }
}

/// A row of `entity_birth_data`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Birth {
    /// `YYYY-MM-DD`.
    pub birth_date: String,
    /// `HH:MM:SS`.
    #[serde(default)]
    pub birth_time: Option<String>,
    /// IANA name.
    #[serde(default)]
    pub timezone: Option<String>,
    /// Degrees, north positive.
    #[serde(default)]
    pub latitude: Option<f64>,
    /// Degrees, east positive.
    #[serde(default)]
    pub longitude: Option<f64>,
    /// City.
    #[serde(default)]
    pub city: Option<String>,
    /// Country.
    #[serde(default)]
    pub country: Option<String>,
    /// Place as one line.
    #[serde(default)]
    pub location: Option<String>,
}

impl Birth {
    /// In the form that the engine takes.
    #[must_use]
    pub fn data(&self) -> BirthData {
        BirthData {
            date: self.birth_date.clone(),
            time: self.birth_time.clone(),
            zone: self.timezone.clone(),
            latitude_deg: self.latitude,
            longitude_deg: self.longitude,
        }
    }
}
