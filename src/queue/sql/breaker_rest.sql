-- breaker_rest: the probe of breaker $1 failed with $2: it rests for twice as long as before, beginning with $3 and at most $4 seconds.
update orrery.breaker
set state = 'open', reason = $2, failed_at = clock_timestamp(), openings = openings + 1, probed_by = null,
    probe_at = clock_timestamp() + make_interval(secs => least($4, $3 * power(2, least(openings + 1, 20))))
where name = $1 and state <> 'closed'
