-- resolve_errors: a retry of row $1 worked, so its earlier errors are settled.
update report_generation_errors
set retry_successful = true, resolved_at = now(), resolution_notes = 'a later attempt completed'
where queue_id = $1 and resolved_at is null
