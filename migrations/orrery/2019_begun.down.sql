alter table orrery.dispatch drop column begun;
comment on column orrery.dispatch.crashes is 'Workers that died while they had this row';
