-- breaker_probe: worker $2 takes the probe of breaker $1 for $3 seconds, if it is due and nobody else has it.
update orrery.breaker
set state = 'half_open', probed_by = $2, probe_at = clock_timestamp() + make_interval(secs => $3)
where name = $1 and state <> 'closed' and probe_at <= clock_timestamp()
returning name
