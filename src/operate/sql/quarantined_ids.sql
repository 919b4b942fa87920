-- quarantined_ids: up to $2 rows of queue $1 that are in quarantine.
select x.job_id from orrery.quarantine x where x.queue = $1 and x.released_at is null limit $2
