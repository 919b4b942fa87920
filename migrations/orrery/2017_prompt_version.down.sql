set local lock_timeout = '5s';

alter table orrery.organization_policy drop column prompt_version;
