-- quarter_standing: how schedules stand, those of quarter $1 of year $2, or all where they are null.
select s.id, s.quarter::text as quarter, s.year, s.status::text as status, s.scheduled_date, s.execution_start_time, s.execution_end_time,
       s.started_at::timestamptz as started_at, s.completed_at::timestamptz as completed_at,
       s.estimated_completion::timestamptz as estimated_completion, c.total, c.completed, c.failed, c.skipped, c.open,
       coalesce(r.paused, false) as paused, r.note, coalesce(r.forced, false) as forced,
       r.expanded_at is not null as expanded, coalesce(r.works, false) as works, r.rate, orrery.quarter_errors(s.id) as errors
from quarterly_update_schedule s
cross join lateral orrery.quarter_counts(s.id) c
left join orrery.quarter_run r on r.schedule_id = s.id
where ($1::text is null or s.quarter = $1) and ($2::integer is null or s.year = $2)
order by s.year, s.quarter
