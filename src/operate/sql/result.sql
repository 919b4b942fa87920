-- result: ids of what row $2 of queue $1 made.
select r.output, r.finished_at from orrery.result r where r.queue = $1 and r.job_id = $2
