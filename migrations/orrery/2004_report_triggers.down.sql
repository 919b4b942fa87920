set local lock_timeout = '5s';

drop trigger orrery_deleted on report_generation_queue;
drop trigger orrery_changed on report_generation_queue;
drop trigger orrery_inserted on report_generation_queue;
drop function orrery.report_changed();
drop function orrery.report_inserted();
drop function orrery.set_blocked(uuid, uuid[]);
