-- Reports that follow a quarter are asked for as its entities finish; their number is kept beside the other counts.
set local lock_timeout = '5s';

alter table orrery.quarter_count add column reports bigint not null default 0;
alter table orrery.quarter_delta add column reports bigint not null default 0;
comment on column orrery.quarter_count.reports is 'Report rows that were asked for because entities were updated';
comment on column orrery.quarter_delta.reports is 'Report rows that were asked for';
