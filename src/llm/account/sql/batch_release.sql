-- batch_release: look $2 at batch $1 ends; the next is in $3 seconds. $4: back to this state, or null; $5 and $6: code and words of a failure, if any;
-- $7: the provider was asked to cancel.
update orrery.llm_batches b
set state = coalesce($4, b.state), look_at = clock_timestamp() + make_interval(secs => $3), held_by = null, held_until = null,
    error_code = $5, message = $6, cancelled_at = case when $7 then clock_timestamp() else b.cancelled_at end
where b.id = $1 and b.held_by = $2
