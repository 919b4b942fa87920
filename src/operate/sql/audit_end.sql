-- audit_end: action $1 has ended so: $2.
update orrery.audit set outcome = $2, ended_at = clock_timestamp() where id = $1
