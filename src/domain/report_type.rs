//! The eight report types and what follows from them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the eight kinds of report; the word in `report_generation_queue.report_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// The person in the role held.
    PersonalityRoleSpecific,
    /// The person's behaviour in the company's culture.
    BehaviorCompanySpecific,
    /// Fit of person and role.
    CompatibilityJobRole,
    /// Fit of person and department.
    CompatibilityDepartment,
    /// Fit of person and company.
    CompatibilityCompany,
    /// Fit of person and industry.
    CompatibilityIndustry,
    /// Reading of questionnaire answers.
    QuestionnaireQa,
    /// Training and development.
    TrainingDevelopment,
}

impl ReportType {
    /// All types in the order of the documents.
    pub const ALL: [Self; 8] = [
        Self::PersonalityRoleSpecific,
        Self::BehaviorCompanySpecific,
        Self::CompatibilityJobRole,
        Self::CompatibilityDepartment,
        Self::CompatibilityCompany,
        Self::CompatibilityIndustry,
        Self::QuestionnaireQa,
        Self::TrainingDevelopment,
    ];

    /// The word in the queue and in `report_metadata.report_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PersonalityRoleSpecific => "personality_role_specific",
            Self::BehaviorCompanySpecific => "behavior_company_specific",
            Self::CompatibilityJobRole => "compatibility_job_role",
            Self::CompatibilityDepartment => "compatibility_department",
            Self::CompatibilityCompany => "compatibility_company",
            Self::CompatibilityIndustry => "compatibility_industry",
            Self::QuestionnaireQa => "questionnaire_qa",
            Self::TrainingDevelopment => "training_development",
        }
    }

    /// `report_metadata.category`.
    #[must_use]
    pub const fn category(self) -> &'static str {
        match self {
            Self::PersonalityRoleSpecific => "personality",
            Self::BehaviorCompanySpecific => "behavior",
            Self::QuestionnaireQa => "qa",
            Self::TrainingDevelopment => "training",
            _ => "compatibility",
        }
    }

    /// `analysis_data.analysisType`.
    #[must_use]
    pub const fn analysis_type(self) -> &'static str {
        match self {
            Self::PersonalityRoleSpecific | Self::QuestionnaireQa => "personality",
            Self::BehaviorCompanySpecific => "behavior",
            Self::TrainingDevelopment => "training",
            _ => "compatibility",
        }
    }

    /// Title for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::PersonalityRoleSpecific => "Personality in the role",
            Self::BehaviorCompanySpecific => "Behaviour in the company",
            Self::CompatibilityJobRole => "Compatibility with the job role",
            Self::CompatibilityDepartment => "Compatibility with the department",
            Self::CompatibilityCompany => "Compatibility with the company",
            Self::CompatibilityIndustry => "Compatibility with the industry",
            Self::QuestionnaireQa => "Questionnaire review",
            Self::TrainingDevelopment => "Training and development",
        }
    }
}

impl fmt::Display for ReportType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no report type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("report_type {given:?} is not known{hint}; known are {}", known())]
pub struct UnknownReportType {
    given: String,
    hint: String,
}

fn known() -> String {
    ReportType::ALL.map(ReportType::as_str).join(", ")
}

impl FromStr for ReportType {
    type Err = UnknownReportType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownReportType {
            given: text.to_owned(),
            hint: nearest(text).map_or_else(String::new, |near| format!(" (did you mean {near}?)")),
        })
    }
}

fn nearest(text: &str) -> Option<&'static str> {
    ReportType::ALL
        .map(ReportType::as_str)
        .into_iter()
        .map(|word| (strsim::jaro_winkler(word, &text.to_lowercase()), word))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for kind in ReportType::ALL {
            assert_eq!(kind.as_str().parse::<ReportType>(), Ok(kind));
        }
    }

    #[test]
    fn a_near_miss_is_named() {
        let error = "compatibility_departement".parse::<ReportType>().unwrap_err().to_string();
        assert!(error.contains("did you mean compatibility_department?"), "{error}");
    }
}
