set local lock_timeout = '5s';

drop trigger orrery_deleted on quarterly_update_schedule;
drop trigger orrery_changed on quarterly_update_schedule;
drop trigger orrery_inserted on quarterly_update_schedule;
drop function orrery.quarter_changed();
drop function orrery.quarter_inserted();
