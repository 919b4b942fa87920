//! Many people of one company, all alike in what they need.

use sqlx::PgPool;

use super::platform::COMPANY;

/// Adds so many employees with birth data, twenty to a department; every seventh has no time of birth. Equal numbers give equal people.
pub async fn crowd(pool: &PgPool, people: i32) {
    for sql in [
        "insert into departments (id, organization_id, name)
         select ('32000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, $2, 'Hall ' || n from generate_series(0, $1 / 20) n",
        "insert into employees (id, organization_id, department_id, full_name)
         select ('62000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, $2,
                ('32000000-0000-4000-9000-' || lpad((n / 20)::text, 12, '0'))::uuid, 'Person ' || n from generate_series(1, $1) n",
        "insert into entity_birth_data
           (employee_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude)
         select ('62000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, $2, date '1955-01-01' + n * 17 % 18000,
                case when n % 7 > 0 then time '00:05' + n * interval '37 minutes' end,
                case when n % 7 > 0 then 'exact' else 'unknown' end, 'Europe/Berlin', 47 + n % 80 * 0.1, 7 + n % 70 * 0.1
         from generate_series(1, $1) n",
    ] {
        sqlx::query(sql).bind(people).bind(COMPANY).execute(pool).await.unwrap();
    }
}
