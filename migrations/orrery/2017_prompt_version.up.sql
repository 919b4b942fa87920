-- Organizations may be pinned to a version of the prompt.
set local lock_timeout = '5s';

alter table orrery.organization_policy add column prompt_version text check (prompt_version <> '');
comment on column orrery.organization_policy.prompt_version is 'Version of the prompt of reports, such as 1.0.0; null: as the configuration says';
