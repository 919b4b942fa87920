-- record_audit: one audit row for each calculation that was made.
-- $1 jobs, $2 types, $3 entity type, $4 entity id, $5 organization, $6 user, $7 state after, $8 version, $9 instance, $10 request.
insert into calculation_audit_log
  (job_id, event_type, entity_type, entity_id, organization_id, user_id, after_state, changes_summary, service_name,
   service_version, server_instance, request_id)
select x.job, 'job_completed', $3, $4, $5, $6, $7, x.job_type || ' calculated', 'orrery', $8, left($9, 100), left($10, 100)
from unnest($1::uuid[], $2::text[]) as x (job, job_type)
