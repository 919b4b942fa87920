-- A row that was claimed ahead of a free slot and had not begun is not to blame for the death of its worker.
set local lock_timeout = '5s';

alter table orrery.dispatch add column begun boolean;
comment on column orrery.dispatch.begun is 'Whether the leased row has begun: false means that the worker has said that it waits for a slot; null, nothing said, counts as begun';
comment on column orrery.dispatch.crashes is 'Workers that died while they had this row and had begun it';
