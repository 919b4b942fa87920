-- People: users of the platform, employees, candidates. Made only where the platform has no table of that name.

set local lock_timeout = '5s';

do $$
begin
  if to_regclass('public.users') is not null then
    return;
  end if;

  create table public.users (
    id              uuid        primary key default gen_random_uuid(),
    organization_id uuid        references public.organizations (id) on delete cascade,
    email           text        not null,
    full_name       text,
    role            varchar(20) not null,
    branch_id       uuid        references public.branches (id),
    department_id   uuid        references public.departments (id),
    is_active       boolean     not null default true,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz,
    constraint users_role_check check (role in ('OWNER', 'LEADER', 'MANAGER', 'SYSTEM')),
    constraint users_organization_check check (role = 'SYSTEM' or organization_id is not null)
  );
  create unique index users_email_live on public.users (lower(email)) where deleted_at is null;

  -- requested_by, created_by and generated_by are not null, yet scheduled work has no person behind it.
  insert into public.users (id, email, full_name, role)
  values ('00000000-0000-0000-0000-000000000001', 'system@localhost', 'Orrery', 'SYSTEM');

  comment on table public.users is 'People who use the platform, and one SYSTEM user for scheduled work. Written by applications. Created by Orrery.';
  comment on column public.users.id is 'Identifier of the user; 00000000-0000-0000-0000-000000000001 is the SYSTEM user';
  comment on column public.users.organization_id is 'Organization of the user; null only for SYSTEM';
  comment on column public.users.email is 'Address, unique among live users whatever its case';
  comment on column public.users.full_name is 'Name shown to people';
  comment on column public.users.role is 'OWNER, LEADER, MANAGER, or SYSTEM for work that nobody asked for';
  comment on column public.users.branch_id is 'Branch that the user sees; null = by role';
  comment on column public.users.department_id is 'Department that the user sees; null = by role';
  comment on column public.users.is_active is 'False: may not sign in';
  comment on column public.users.created_at is 'When the row was inserted';
  comment on column public.users.updated_at is 'When an application last changed the row';
  comment on column public.users.deleted_at is 'Soft deletion; null = live';
end
$$;

do $$
begin
  if to_regclass('public.employees') is not null then
    return;
  end if;

  create table public.employees (
    id              uuid        primary key default gen_random_uuid(),
    organization_id uuid        not null references public.organizations (id) on delete cascade,
    branch_id       uuid        references public.branches (id),
    department_id   uuid        references public.departments (id),
    job_role_id     uuid        references public.job_roles (id),
    user_id         uuid        references public.users (id) on delete set null,
    manager_id      uuid        references public.employees (id) on delete set null,
    employee_code   text,
    full_name       text        not null,
    email           text,
    hired_on        date,
    left_on         date,
    status          varchar(20) not null default 'active',
    profile         jsonb       not null default '{}',
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz,
    constraint employees_status_check check (status in ('active', 'on_leave', 'left')),
    constraint employees_organization_id_employee_code_key unique (organization_id, employee_code)
  );
  create index employees_organization on public.employees (organization_id) where deleted_at is null;
  create index employees_department on public.employees (department_id) where deleted_at is null;

  comment on table public.employees is 'Employees whom reports are about. Written by applications. Created by Orrery.';
  comment on column public.employees.id is 'Identifier of the employee';
  comment on column public.employees.organization_id is 'Employer; every report of the employee belongs to it';
  comment on column public.employees.branch_id is 'Branch of the employee';
  comment on column public.employees.department_id is 'Department of the employee; compatibility_department needs it';
  comment on column public.employees.job_role_id is 'Role of the employee; compatibility_job_role needs it';
  comment on column public.employees.user_id is 'Platform user of the same person; null = none';
  comment on column public.employees.manager_id is 'Employee whom this one reports to';
  comment on column public.employees.employee_code is 'Number within the organization, unique there';
  comment on column public.employees.full_name is 'Name shown in reports';
  comment on column public.employees.email is 'Address at work';
  comment on column public.employees.hired_on is 'First day of employment';
  comment on column public.employees.left_on is 'Last day of employment; null = still here';
  comment on column public.employees.status is 'active, on_leave or left';
  comment on column public.employees.profile is 'What reports may quote: skills, questionnaire answers, preferences';
  comment on column public.employees.created_at is 'When the row was inserted';
  comment on column public.employees.updated_at is 'When an application last changed the row';
  comment on column public.employees.deleted_at is 'Soft deletion; null = live';
end
$$;

do $$
begin
  if to_regclass('public.candidates') is not null then
    return;
  end if;

  create table public.candidates (
    id                uuid        primary key default gen_random_uuid(),
    organization_id   uuid        not null references public.organizations (id) on delete cascade,
    job_role_id       uuid        references public.job_roles (id),
    department_id     uuid        references public.departments (id),
    full_name         text        not null,
    email             text,
    status            varchar(20) not null default 'open',
    hired_employee_id uuid        references public.employees (id) on delete set null,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    deleted_at        timestamptz,
    constraint candidates_status_check check (status in ('open', 'hired', 'rejected', 'withdrawn'))
  );
  create index candidates_organization on public.candidates (organization_id) where deleted_at is null;

  comment on table public.candidates is 'Applicants whose charts and comparisons are computed. Written by applications. Created by Orrery.';
  comment on column public.candidates.id is 'Identifier of the candidate';
  comment on column public.candidates.organization_id is 'Organization that the candidate applies to';
  comment on column public.candidates.job_role_id is 'Role applied for; null = open application';
  comment on column public.candidates.department_id is 'Department applied to';
  comment on column public.candidates.full_name is 'Name of the candidate';
  comment on column public.candidates.email is 'Address of the candidate';
  comment on column public.candidates.status is 'open, hired, rejected or withdrawn';
  comment on column public.candidates.hired_employee_id is 'Employee whom the candidate became; null = not hired';
  comment on column public.candidates.created_at is 'When the row was inserted';
  comment on column public.candidates.updated_at is 'When an application last changed the row';
  comment on column public.candidates.deleted_at is 'Soft deletion; null = live';
end
$$;
