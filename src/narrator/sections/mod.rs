//! The sections of the eight report types, in their order.

pub mod behavior;
pub mod closing;
pub mod common;
pub mod company;
pub mod department;
pub mod industry;
pub mod personality;
pub mod questionnaire;
pub mod role;
pub mod training;

use crate::domain::ReportType;

/// Ids of the sections of a type in their order; `evidence` and `method_limits` close every report.
#[must_use]
pub const fn ids(report_type: ReportType) -> &'static [&'static str] {
    match report_type {
        ReportType::PersonalityRoleSpecific => &[
            "overview",
            "role_snapshot",
            "strengths_in_role",
            "work_style",
            "under_pressure",
            "communication",
            "role_fit",
            "growth_plan_90d",
            "evidence",
            "method_limits",
        ],
        ReportType::BehaviorCompanySpecific => &[
            "overview",
            "company_values_map",
            "everyday_behaviour",
            "collaboration_style",
            "leadership_and_followership",
            "culture_friction",
            "manager_guide",
            "actions",
            "evidence",
            "method_limits",
        ],
        ReportType::CompatibilityJobRole => &[
            "verdict_in_words",
            "requirement_table",
            "natural_advantages",
            "gaps_and_supports",
            "first_90_days",
            "questions_for_the_conversation",
            "evidence",
            "method_limits",
        ],
        ReportType::CompatibilityDepartment => &[
            "overview",
            "department_profile",
            "complementarity",
            "pace_and_communication",
            "likely_friction",
            "onboarding_buddy_and_rituals",
            "evidence",
            "method_limits",
        ],
        ReportType::CompatibilityCompany => &[
            "overview",
            "mission_and_values",
            "structure_and_autonomy",
            "growth_stage_fit",
            "belonging_and_wellbeing_supports",
            "risks",
            "actions",
            "evidence",
            "method_limits",
        ],
        ReportType::CompatibilityIndustry => &[
            "overview",
            "industry_demands",
            "transferable_strengths",
            "stretch_areas",
            "roles_in_industry_to_explore",
            "outlook",
            "evidence",
            "method_limits",
        ],
        ReportType::QuestionnaireQa => &[
            "overview",
            "how_to_read",
            "questions",
            "themes",
            "contradictions_and_missing",
            "actions",
            "evidence",
            "method_limits",
        ],
        ReportType::TrainingDevelopment => &[
            "overview",
            "learning_style",
            "priority_skills",
            "programme",
            "practice_tasks",
            "coaching_questions",
            "measures",
            "evidence",
            "method_limits",
        ],
    }
}
