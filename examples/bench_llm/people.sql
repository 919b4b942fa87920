-- people: $1 people, twenty in a department, each born on another day; roles, companies and profiles are those of the demo.
with model as (
  select row_number() over (order by d.id) - 1 as at, count(*) over () as n, d.organization_id, d.branch_id, d.profile,
         (select r.id from job_roles r where r.organization_id = d.organization_id order by r.id limit 1) as role
  from departments d
), department as (
  insert into departments (id, organization_id, branch_id, name, profile)
  select md5('department ' || g)::uuid, m.organization_id, m.branch_id, 'Department ' || g, m.profile
  from generate_series(0, ($1::bigint - 1) / 20) g join model m on m.at = g % m.n
  returning id
), person as (
  insert into employees (id, organization_id, branch_id, department_id, job_role_id, full_name, email)
  select md5('person ' || p)::uuid, m.organization_id, m.branch_id, md5('department ' || p / 20)::uuid, m.role, 'Given' || p || ' Family' || p, 'given' || p || '@example.org'
  from generate_series(0, $1::bigint - 1) p join model m on m.at = p / 20 % m.n
  returning id, organization_id
)
insert into entity_birth_data (employee_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude)
select p.id, p.organization_id, date '1955-01-01' + (row_number() over (order by p.id) * 7 % 18000)::integer,
       time '00:00' + make_interval(mins => (row_number() over (order by p.id) * 37 % 1440)::integer), 'exact', 'Europe/Berlin', 52.52, 13.405
from person p
