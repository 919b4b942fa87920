set local lock_timeout = '5s';

alter table orrery.organization_policy drop column llm_other_bill;
