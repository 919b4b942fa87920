-- Organizations may have the next provider of language models paid where the account of one is empty.
set local lock_timeout = '5s';

alter table orrery.organization_policy add column llm_other_bill boolean not null default false;
comment on column orrery.organization_policy.llm_other_bill is 'Whether, when the account at a provider of language models is empty, the next provider of the chain may be paid instead; otherwise reports wait';
