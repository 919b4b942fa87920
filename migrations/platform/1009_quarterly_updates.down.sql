-- Removes the entity queue and the quarterly schedule.

set local lock_timeout = '5s';

drop table calc.entity_update_queue;
drop table calc.quarterly_update_schedule;
