-- begin: rows $2 of queue $1 begin, if tokens $3 still hold: from now on the death of their worker counts. Awaited before the first step.
-- In order of the key, as the heartbeat and complete_*.sql, so that they do not deadlock; || '' and IS TRUE as in complete_*.sql.
update orrery.dispatch d
set begun = true
where d.queue = $1 and d.job_id = any ($2::uuid[]) and (d.token in (select unnest($3::bigint[]))) is true and d.state || '' = 'leased'
