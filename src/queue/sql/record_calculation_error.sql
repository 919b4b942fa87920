-- record_calculation_error: $1 row, $2 queue, $3 organization, $4 what happened, $5 entity type, $6 entity id.
insert into calculation_audit_log
  (job_id, event_type, entity_type, entity_id, organization_id, after_state, changes_summary, service_name, service_version, request_id)
values (case when $2 = 'calculation' then $1::uuid end, 'job_failed', left($5, 50), left($6, 100), left($3, 100), $4::jsonb,
        left($4::jsonb ->> 'message', 1000), 'orrery', $4::jsonb ->> 'version', $2 || ':' || $1::text)
