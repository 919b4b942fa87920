//! A platform that is made up: organizations of a thousand, departments of twenty, everybody with birth data.

use super::servers::Servers;

/// People of a department.
pub const DEPARTMENT: u64 = 20;

/// People of an organization.
const ORGANIZATION: u64 = 1000;

/// `$1` entities: `$2` organizations that are entities themselves, the others are their employees.
const PLATFORM: [&str; 7] = [
    "insert into industries (id, code, name, parameters)
     select ('01000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, 'industry ' || n, 'Industry ' || n,
            jsonb_build_object('dimensions', jsonb_build_object('analytical', 40 + n * 7, 'focus', 75 - n * 3), 'values', jsonb_build_array('craft'))
     from generate_series(1, 7) n where $1::bigint > 0 and $2::bigint > 0",
    "insert into organizations (id, name, industry_id, subscription_status, subscription_tier, profile)
     select md5('organization ' || n)::uuid, 'Organization ' || n, ('01000000-0000-4000-9000-' || lpad((1 + n % 7)::text, 12, '0'))::uuid,
            'ACTIVE', 'professional',
            jsonb_build_object('dimensions', jsonb_build_object('analytical', 40 + n % 50, 'communication', 35 + n % 40),
                               'must', jsonb_build_array('analytical'), 'values', jsonb_build_array('craft', 'care'))
     from generate_series(1, $2::bigint) n where $1::bigint > 0",
    "insert into departments (id, organization_id, name, profile)
     select md5('department ' || n)::uuid, md5('organization ' || 1 + n % $2::bigint)::uuid, 'Department ' || n,
            jsonb_build_object('dimensions', jsonb_build_object('focus', 40 + n % 50, 'resilience', 35 + n % 40), 'values', jsonb_build_array('craft'))
     from generate_series(0, ($1::bigint - $2::bigint) / 20) n",
    "insert into job_roles (id, organization_id, department_id, title, requirements)
     select md5('role ' || n)::uuid, md5('organization ' || 1 + n % $2::bigint)::uuid, md5('department ' || n)::uuid, 'Role ' || n,
            jsonb_build_object('dimensions', jsonb_build_object('focus', 45 + n % 50, 'analytical', 30 + n % 40), 'must', jsonb_build_array('focus'))
     from generate_series(0, ($1::bigint - $2::bigint) / 20) n",
    "insert into employees (id, organization_id, department_id, job_role_id, full_name, profile)
     select md5('employee ' || n)::uuid, md5('organization ' || 1 + (n / 20) % $2::bigint)::uuid, md5('department ' || n / 20)::uuid,
            md5('role ' || n / 20)::uuid, 'Person ' || n, '{\"values\": [\"craft\"], \"skills\": {\"metrology\": 60}}'
     from generate_series(0, $1::bigint - $2::bigint - 1) n",
    "insert into entity_birth_data (employee_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude, city, country, location)
     select e.id, e.organization_id, date '1955-01-01' + (x.h % 18000)::integer, time '00:00' + (x.h % 1440) * interval '1 minute', 'exact',
            (array['Europe/Berlin', 'America/Chicago', 'Asia/Kolkata', 'Africa/Lagos'])[1 + x.h % 4],
            round((x.h % 1100) / 10.0 - 50, 4), round((x.h % 3500) / 10.0 - 175, 4), 'Town', 'Land', 'Town, Land'
     from employees e cross join lateral (select abs(hashtext(e.id::text)::bigint) as h) x where $1::bigint > 0 and $2::bigint > 0",
    "insert into entity_birth_data (company_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude)
     select o.id, o.id, date '1990-01-01' + abs(hashtext(o.id::text)) % 9000, '10:00', 'exact', 'Europe/Berlin', 52.5, 13.4
     from organizations o where $1::bigint > 0 and $2::bigint > 0",
];

/// Makes the platform with `entities` employees and organizations.
pub async fn load(servers: &Servers, entities: u64) -> anyhow::Result<()> {
    let organizations = (entities / ORGANIZATION).max(1);
    let mut connection = servers.connect().await?;
    for sql in PLATFORM {
        sqlx::query(sql)
            .bind(i64::try_from(entities)?)
            .bind(i64::try_from(organizations)?)
            .execute(&mut connection)
            .await?;
    }
    servers.settle().await
}
