-- batch_submitted: batch $1 is with the provider under id $3; look $2 ends, and the next is in $4 seconds.
update orrery.llm_batches b
set state = 'submitted', provider_batch_id = $3, submitted_at = clock_timestamp(), error_code = null, message = null,
    look_at = clock_timestamp() + make_interval(secs => $4), held_by = null, held_until = null
where b.id = $1 and b.held_by = $2
