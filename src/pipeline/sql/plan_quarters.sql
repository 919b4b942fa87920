-- plan_quarters: schedule rows of quarters $1 and years $2 that are not there yet, due on $3, with a window from $4 to $5 (UTC).
insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time, batch_size)
select x.quarter, x.year, x.due, $4::time, $5::time, 1000
from unnest($1::text[], $2::integer[], $3::date[]) as x (quarter, year, due)
where not exists (select 1 from quarterly_update_schedule s where s.quarter = x.quarter and s.year = x.year)
on conflict do nothing
returning quarter, year
