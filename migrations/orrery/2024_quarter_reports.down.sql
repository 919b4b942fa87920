set local lock_timeout = '5s';

alter table orrery.quarter_delta drop column reports;
alter table orrery.quarter_count drop column reports;
