-- open_ids: up to $3 rows of queue $1 whose dispatch row is in state $2.
select d.job_id from orrery.dispatch d where d.queue = $1 and d.state = $2 limit $3
