set local lock_timeout = '5s';

drop trigger orrery_deleted on entity_update_queue;
drop trigger orrery_changed on entity_update_queue;
drop trigger orrery_inserted on entity_update_queue;
drop function orrery.entity_changed();
drop function orrery.entity_inserted();
