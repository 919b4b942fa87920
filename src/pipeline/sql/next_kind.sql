-- next_kind: all rows of kind $2 of schedule $1 are made; the last kind is 4. Only while token $3 holds. No row: the lease is gone.
update orrery.quarter_run r
set kind = $2 + 1, after_department = '00000000-0000-0000-0000-000000000000', after_id = '00000000-0000-0000-0000-000000000000',
    expanded_at = case when $2 >= 4 then clock_timestamp() end
where r.schedule_id = $1 and r.kind = $2 and exists (
  select 1 from orrery.dispatch d where d.queue = 'quarter' and d.job_id = $1 and d.token = $3 and d.state = 'leased')
returning r.kind
