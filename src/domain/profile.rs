//! Requirement profiles: what a role, a department, a company or an industry asks of people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a role, department, company or industry asks, as its JSON column holds it
/// (`job_roles.requirements`, `departments.profile`, `organizations.profile`, `industries.parameters`).
///
/// ```json
/// {"summary": "Leads the flight software team.",
///  "dimensions": {"analytical": 80, "focus": 75, "leadership": 60},
///  "must": ["analytical"],
///  "values": ["integrity", "craft"],
///  "skills": {"numerical methods": 80, "code review": 60}}
/// ```
/// Unknown keys are ignored, so platforms may keep more in the same column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// One or two sentences on what this is.
    pub summary: String,
    /// Wanted level 0..=100 by dimension name (`leadership`, `creativity`, `analytical`, `communication`,
    /// `empathy`, `resilience`, `adaptability`, `focus`); absent dimensions are not asked for.
    pub dimensions: BTreeMap<String, f64>,
    /// Dimensions without which the work cannot be done well.
    pub must: Vec<String>,
    /// Values that the place holds.
    pub values: Vec<String>,
    /// Wanted level 0..=100 by skill.
    pub skills: BTreeMap<String, f64>,
}

impl Profile {
    /// Whether the profile asks for anything that can be compared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dimensions.is_empty() && self.values.is_empty() && self.skills.is_empty()
    }
}
