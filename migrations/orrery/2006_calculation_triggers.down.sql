set local lock_timeout = '5s';

drop trigger orrery_deleted on calculation_jobs;
drop trigger orrery_changed on calculation_jobs;
drop trigger orrery_inserted on calculation_jobs;
drop function orrery.calculation_changed();
drop function orrery.calculation_inserted();
