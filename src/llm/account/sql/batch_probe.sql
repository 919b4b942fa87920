-- batch_probe: seconds until model $2 of provider $1 may be asked again; nothing back: now.
select extract(epoch from b.probe_at - clock_timestamp())::double precision from orrery.breaker b
where b.name = orrery.llm_breaker_name($1, $2) and b.state <> 'closed' and b.probe_at > clock_timestamp()
