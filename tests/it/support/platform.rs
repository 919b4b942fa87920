//! The small platform that every test database has.

use sqlx::PgPool;
use uuid::{Uuid, uuid};

/// The company.
pub const COMPANY: Uuid = uuid!("10000000-0000-4000-9000-000000000001");
/// The user who asks for reports.
pub const USER: Uuid = uuid!("50000000-0000-4000-9000-000000000001");
/// Employee whose birth data is complete.
pub const ANNA: Uuid = uuid!("60000000-0000-4000-9000-000000000001");
/// Employee in the same department and role; the time of birth is unknown.
pub const BEN: Uuid = uuid!("60000000-0000-4000-9000-000000000002");
/// Employee without birth data.
pub const WITHOUT_BIRTH: Uuid = uuid!("60000000-0000-4000-9000-000000000003");
/// Employee whose time zone does not exist.
pub const WRONG_ZONE: Uuid = uuid!("60000000-0000-4000-9000-000000000004");
/// Employee born before the ephemeris begins.
pub const TOO_EARLY: Uuid = uuid!("60000000-0000-4000-9000-000000000005");
/// Candidate for the same role.
pub const CLEO: Uuid = uuid!("70000000-0000-4000-9000-000000000001");

/// The eight types of reports.
pub const TYPES: [&str; 8] = [
    "personality_role_specific",
    "behavior_company_specific",
    "compatibility_job_role",
    "compatibility_department",
    "compatibility_company",
    "compatibility_industry",
    "questionnaire_qa",
    "training_development",
];

/// Puts the platform into a database that has the tables.
pub async fn load(pool: &PgPool) {
    sqlx::raw_sql(include_str!("platform.sql")).execute(pool).await.expect("the platform can be loaded");
}

/// Adds an organization with one employee, and returns both ids.
pub async fn add_organization(pool: &PgPool, name: &str) -> (Uuid, Uuid) {
    sqlx::query_as(
        "with o as (insert into organizations (name) values ($1) returning id)
         insert into employees (organization_id, full_name) select o.id, $1 from o returning organization_id, id",
    )
    .bind(name)
    .fetch_one(pool)
    .await
    .unwrap()
}
