set local lock_timeout = '5s';

drop trigger if exists orrery_moved on quarterly_update_schedule;
drop trigger if exists orrery_counted_insert on entity_update_queue;
drop trigger if exists orrery_counted_update on entity_update_queue;
drop trigger if exists orrery_counted_delete on entity_update_queue;
drop index if exists orrery_open_entities;
drop function orrery.quarter_moved();
drop function orrery.look_at_quarter(uuid);
drop function orrery.quarter_errors(uuid);
drop function orrery.quarter_counts(uuid);
drop function orrery.entity_counted();

-- Rows that wait for a window have nobody left who would let them go.
update orrery.dispatch set state = 'ready' where queue = 'entity' and state = 'waiting';
insert into orrery.result (queue, job_id, output)
select 'quarter.expanded', r.schedule_id, '{}' from orrery.quarter_run r where r.expanded_at is not null on conflict do nothing;

drop table orrery.quarter_error;
drop table orrery.quarter_delta;
drop table orrery.quarter_count;
drop table orrery.quarter_run;
comment on column orrery.dispatch.state is 'ready: may be claimed; waiting: for a dependency; leased: a worker has it';
