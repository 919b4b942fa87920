set local lock_timeout = '5s';

drop table orrery.finding;
drop table orrery.outbox;
drop table orrery.result;
drop table orrery.report_slot;
drop table orrery.quarantine;
drop table orrery.organization_policy;
drop table orrery.worker;
drop table orrery.dependency;
drop table orrery.dispatch;
drop sequence orrery.lease_token;
drop schema orrery;
