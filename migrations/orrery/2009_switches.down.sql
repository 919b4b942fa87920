set local lock_timeout = '5s';

alter table orrery.result drop column token;
alter table orrery.worker drop column fenced, drop column lane_of;
drop function orrery.breaker_closed(text);
drop function orrery.breaker_failed(text, text[], text, integer, double precision, double precision);
drop function orrery.held_up(text);
drop table orrery.breaker;
drop table orrery.queue_policy;
