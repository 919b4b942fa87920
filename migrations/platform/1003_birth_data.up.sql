-- Birth and founding data: the input of every chart, and sensitive personal data. So it has a narrow table of
-- its own with grants of its own, and goes with its person (on delete cascade).

set local lock_timeout = '5s';

do $$
begin
  if to_regclass('public.entity_birth_data') is not null then
    return;
  end if;

  create table public.entity_birth_data (
    id              uuid          primary key default gen_random_uuid(),
    employee_id     uuid          unique references public.employees (id) on delete cascade,
    candidate_id    uuid          unique references public.candidates (id) on delete cascade,
    company_id      uuid          unique references public.organizations (id) on delete cascade,
    organization_id uuid          not null references public.organizations (id) on delete cascade,
    entity_type     text          generated always as (
                                    case
                                      when employee_id is not null then 'employee'
                                      when candidate_id is not null then 'candidate'
                                      else 'company'
                                    end
                                  ) stored,
    entity_id       uuid          generated always as (coalesce(employee_id, candidate_id, company_id)) stored,
    birth_date      date          not null,
    birth_time      time,
    time_accuracy   varchar(12)   not null default 'unknown',
    timezone        text,
    latitude        numeric(9, 6),
    longitude       numeric(9, 6),
    city            text,
    country         text,
    location        text,
    source          text,
    consent_at      timestamptz,
    created_at      timestamptz   not null default now(),
    updated_at      timestamptz   not null default now(),
    constraint entity_birth_data_one_entity check (num_nonnulls(employee_id, candidate_id, company_id) = 1),
    constraint entity_birth_data_accuracy check (time_accuracy in ('exact', 'approximate', 'unknown')),
    constraint entity_birth_data_time_known check (time_accuracy = 'unknown' or birth_time is not null),
    constraint entity_birth_data_latitude check (latitude between -90 and 90),
    constraint entity_birth_data_longitude check (longitude between -180 and 180),
    constraint entity_birth_data_coordinates check ((latitude is null) = (longitude is null))
  );
  create unique index entity_birth_data_entity on public.entity_birth_data (entity_type, entity_id);
  create index entity_birth_data_organization on public.entity_birth_data (organization_id);

  comment on table public.entity_birth_data is 'Birth data of employees and candidates, founding data of companies. Sensitive. Written by applications. Created by Orrery.';
  comment on column public.entity_birth_data.id is 'Identifier of the row';
  comment on column public.entity_birth_data.employee_id is 'Employee born then; exactly one of the three references is set';
  comment on column public.entity_birth_data.candidate_id is 'Candidate born then; exactly one of the three references is set';
  comment on column public.entity_birth_data.company_id is 'Organization founded then; exactly one of the three references is set';
  comment on column public.entity_birth_data.organization_id is 'Tenant that the row belongs to';
  comment on column public.entity_birth_data.entity_type is 'employee, candidate or company, as the calculation tables say it; generated';
  comment on column public.entity_birth_data.entity_id is 'Identifier of the entity, as the calculation tables say it; generated';
  comment on column public.entity_birth_data.birth_date is 'Date in the Gregorian calendar, local at the place of birth';
  comment on column public.entity_birth_data.birth_time is 'Local civil time at the place of birth; null = unknown: neither ascendant nor houses can be computed';
  comment on column public.entity_birth_data.time_accuracy is 'exact (from a record), approximate (from memory) or unknown';
  comment on column public.entity_birth_data.timezone is 'IANA zone at the place of birth; its history before 1970 counts';
  comment on column public.entity_birth_data.latitude is 'Geographic latitude in degrees, north positive';
  comment on column public.entity_birth_data.longitude is 'Geographic longitude in degrees, east positive';
  comment on column public.entity_birth_data.city is 'City of birth';
  comment on column public.entity_birth_data.country is 'Country of birth';
  comment on column public.entity_birth_data.location is 'Place as people write it, for example Mumbai, India';
  comment on column public.entity_birth_data.source is 'Where the data came from, for example self_reported or certificate';
  comment on column public.entity_birth_data.consent_at is 'When the person agreed to its use; null = not recorded';
  comment on column public.entity_birth_data.created_at is 'When the row was inserted';
  comment on column public.entity_birth_data.updated_at is 'When an application last changed the row; a later change than the chart makes the chart outdated';
end
$$;
