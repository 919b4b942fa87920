-- put_off_for: seconds since the first snooze of row $2 of queue $1, null if it was not put off; no row back if token $3 does not hold any more.
select extract(epoch from clock_timestamp() - d.first_snoozed_at)::double precision as waited_s
from orrery.dispatch d where d.queue = $1 and d.job_id = $2 and d.token = $3
