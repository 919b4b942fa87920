//! Whom the rows of a storm are about: the organizations of the demo.

use sqlx::PgPool;
use uuid::Uuid;

/// Employees of one organization whose rows are to complete; few, so that rows of one person meet.
const FEW: i64 = 6;

/// An organization of the demo.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Its id.
    pub id: Uuid,
    /// Who asks.
    pub user: Uuid,
    /// Employees whose data is right.
    pub employees: Vec<Uuid>,
}

/// People whose data is wrong, and what their reports fail with.
#[derive(Debug, Clone)]
pub struct Wrong {
    /// The employee.
    pub employee: Uuid,
    /// Code of the error.
    pub code: &'static str,
}

/// The organizations with some of their people.
pub async fn organizations(pool: &PgPool) -> Vec<Organization> {
    let all: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "select o.id, (select u.id from users u where u.organization_id = o.id order by u.id limit 1)
         from organizations o where exists (select 1 from employees e where e.organization_id = o.id) order by o.id",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut found = Vec::new();
    for (id, user) in all {
        let employees = sqlx::query_scalar(
            "select e.id from employees e join entity_birth_data b on b.entity_type = 'employee' and b.entity_id = e.id
             where e.organization_id = $1 and e.department_id is not null and e.job_role_id is not null
               and b.timezone <> 'Europe/Atlantis' and b.birth_date >= '1851-01-01'
             order by e.id limit $2",
        )
        .bind(id)
        .bind(FEW)
        .fetch_all(pool)
        .await
        .unwrap();
        found.push(Organization { id, user, employees });
    }
    assert!(
        found.len() >= 3 && found.iter().all(|organization| organization.employees.len() > 2),
        "{found:?}"
    );
    found
}

/// Those whose data is wrong on purpose; see `data/demo/README.md`.
pub fn wrong() -> [Wrong; 3] {
    [(25, "data.birth_data_missing"), (37, "astro.input_invalid"), (74, "astro.ephemeris_range")].map(
        |(number, code)| {
            let employee = format!("60000000-0000-4000-8000-{number:012}").parse().unwrap();
            Wrong { employee, code }
        },
    )
}
