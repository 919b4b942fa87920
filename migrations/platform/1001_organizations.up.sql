-- Organizations and what they consist of: industries, organizations, branches, departments, job roles.
--
-- The report and calculation tables refer to these without defining them, and a platform usually has its own.
-- So each table is made only where none of that name stands. Its comment then ends with "Created by Orrery.",
-- by which the down migration and the row level security tell our tables from the platform's.

set local lock_timeout = '5s';

do $$
begin
  if to_regclass('public.industries') is not null then
    return;
  end if;

  create table public.industries (
    id         uuid         primary key default gen_random_uuid(),
    code       varchar(50)  not null unique,
    name       varchar(200) not null,
    parameters jsonb        not null default '{}',
    created_at timestamptz  not null default now(),
    updated_at timestamptz  not null default now()
  );

  comment on table public.industries is 'Industries that organizations belong to. Written by applications. Created by Orrery.';
  comment on column public.industries.id is 'Identifier of the industry';
  comment on column public.industries.code is 'Short stable code, unique';
  comment on column public.industries.name is 'Name shown to people';
  comment on column public.industries.parameters is 'What industry compatibility is weighed against: weights of dimensions, culture, pace';
  comment on column public.industries.created_at is 'When the row was inserted';
  comment on column public.industries.updated_at is 'When an application last changed the row';
end
$$;

do $$
begin
  if to_regclass('public.organizations') is not null then
    return;
  end if;

  create table public.organizations (
    id                      uuid         primary key default gen_random_uuid(),
    name                    varchar(200) not null,
    industry_id             uuid         references public.industries (id),
    timezone                text         not null default 'UTC',
    subscription_status     varchar(20)  not null default 'TRIAL',
    subscription_tier       varchar(50),
    auto_regenerate_enabled boolean      not null default true,
    profile                 jsonb        not null default '{}',
    created_at              timestamptz  not null default now(),
    updated_at              timestamptz  not null default now(),
    deleted_at              timestamptz,
    constraint organizations_subscription_status_check
      check (subscription_status in ('ACTIVE', 'TRIAL', 'EXPIRED', 'CANCELLED'))
  );

  comment on table public.organizations is 'Tenants; also the companies whose charts are computed. Written by applications. Created by Orrery.';
  comment on column public.organizations.id is 'Identifier of the organization, and of the company as an entity';
  comment on column public.organizations.name is 'Name shown in reports';
  comment on column public.organizations.industry_id is 'Industry that compatibility_industry compares with; null = unknown';
  comment on column public.organizations.timezone is 'IANA time zone of the head office; used to show times, never to store them';
  comment on column public.organizations.subscription_status is 'ACTIVE and TRIAL take part in quarterly updates, EXPIRED and CANCELLED are skipped';
  comment on column public.organizations.subscription_tier is 'Tier copied into entity_update_queue.subscription_tier; free text of the platform';
  comment on column public.organizations.auto_regenerate_enabled is 'False: no report of this organization is regenerated without a request';
  comment on column public.organizations.profile is 'Company profile that reports quote: values, culture, size';
  comment on column public.organizations.created_at is 'When the row was inserted';
  comment on column public.organizations.updated_at is 'When an application last changed the row';
  comment on column public.organizations.deleted_at is 'Soft deletion; null = live';
end
$$;

do $$
begin
  if to_regclass('public.branches') is not null then
    return;
  end if;

  create table public.branches (
    id              uuid         primary key default gen_random_uuid(),
    organization_id uuid         not null references public.organizations (id) on delete cascade,
    name            varchar(200) not null,
    city            text,
    country         text,
    timezone        text,
    created_at      timestamptz  not null default now(),
    updated_at      timestamptz  not null default now(),
    deleted_at      timestamptz,
    constraint branches_organization_id_name_key unique (organization_id, name)
  );

  comment on table public.branches is 'Sites of an organization. Written by applications. Created by Orrery.';
  comment on column public.branches.id is 'Identifier of the branch';
  comment on column public.branches.organization_id is 'Organization that the branch belongs to';
  comment on column public.branches.name is 'Name, unique within the organization';
  comment on column public.branches.city is 'City of the site';
  comment on column public.branches.country is 'Country of the site';
  comment on column public.branches.timezone is 'IANA time zone of the site; null = that of the organization';
  comment on column public.branches.created_at is 'When the row was inserted';
  comment on column public.branches.updated_at is 'When an application last changed the row';
  comment on column public.branches.deleted_at is 'Soft deletion; null = live';
end
$$;

do $$
begin
  if to_regclass('public.departments') is not null then
    return;
  end if;

  create table public.departments (
    id                   uuid         primary key default gen_random_uuid(),
    organization_id      uuid         not null references public.organizations (id) on delete cascade,
    branch_id            uuid         references public.branches (id),
    parent_department_id uuid         references public.departments (id),
    name                 varchar(200) not null,
    profile              jsonb        not null default '{}',
    created_at           timestamptz  not null default now(),
    updated_at           timestamptz  not null default now(),
    deleted_at           timestamptz
  );
  create index departments_organization on public.departments (organization_id) where deleted_at is null;

  comment on table public.departments is 'Departments of an organization. Written by applications. Created by Orrery.';
  comment on column public.departments.id is 'Identifier of the department';
  comment on column public.departments.organization_id is 'Organization that the department belongs to';
  comment on column public.departments.branch_id is 'Branch where it sits; null = across branches';
  comment on column public.departments.parent_department_id is 'Department above; null = top level';
  comment on column public.departments.name is 'Name shown in reports';
  comment on column public.departments.profile is 'What compatibility_department weighs against: purpose, style of work';
  comment on column public.departments.created_at is 'When the row was inserted';
  comment on column public.departments.updated_at is 'When an application last changed the row';
  comment on column public.departments.deleted_at is 'Soft deletion; null = live';
end
$$;

do $$
begin
  if to_regclass('public.job_roles') is not null then
    return;
  end if;

  create table public.job_roles (
    id              uuid         primary key default gen_random_uuid(),
    organization_id uuid         not null references public.organizations (id) on delete cascade,
    department_id   uuid         references public.departments (id),
    title           varchar(200) not null,
    description     text,
    requirements    jsonb        not null default '{}',
    created_at      timestamptz  not null default now(),
    updated_at      timestamptz  not null default now(),
    deleted_at      timestamptz
  );
  create index job_roles_organization on public.job_roles (organization_id) where deleted_at is null;

  comment on table public.job_roles is 'Roles that employees hold and candidates apply for. Written by applications. Created by Orrery.';
  comment on column public.job_roles.id is 'Identifier of the role';
  comment on column public.job_roles.organization_id is 'Organization that defines the role';
  comment on column public.job_roles.department_id is 'Department of the role; null = any';
  comment on column public.job_roles.title is 'Title shown in reports';
  comment on column public.job_roles.description is 'What the role does';
  comment on column public.job_roles.requirements is 'Skills and dimension weights that compatibility_job_role compares with';
  comment on column public.job_roles.created_at is 'When the row was inserted';
  comment on column public.job_roles.updated_at is 'When an application last changed the row';
  comment on column public.job_roles.deleted_at is 'Soft deletion; null = live';
end
$$;
