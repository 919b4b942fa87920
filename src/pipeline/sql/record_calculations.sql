-- record_calculations: one row for each calculation of many entities, and one for each in the audit log. The ids are derived from
-- the queue row, so a later attempt of the same row writes over what an earlier one left.
-- Of each entity: $1 queue row, $2 entity type, $3 entity id, $4 organization, $5 reason, $6 started, $7 microseconds, $8 priority,
-- $9 quarter, $10 token. Of each calculation: $11 its entity, counted from 1, $12 id, $13 type, $14 collection, $15 document,
-- $16 target. Of all: $17 algorithm, $18 engine, $19 triggered by, $20 present quarter, $21 version, $22 instance.
-- A session plans the check of the audit log's foreign key once, for the statistics of that moment: had the table been empty then, every
-- row would read it whole until it is analyzed again. So nothing in this transaction is planned to read a table whole (set_config runs
-- before the check does).
with planned as materialized (
  select set_config('enable_seqscan', 'off', true)
), entity as (
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[], $8::integer[],
                       $9::text[], $10::bigint[])
    with ordinality as e (job, kind, id, organization, reason, started, micros, priority, quarter, token, place)
), made as materialized (
  select e.*, c.calculation, c.job_type, c.collection, c.document, c.target
  from unnest($11::bigint[], $12::uuid[], $13::text[], $14::text[], $15::text[], $16::text[])
    as c (place, calculation, job_type, collection, document, target)
  join entity e on e.place = c.place
  cross join planned
), recorded as (
  insert into calculation_jobs
    (id, job_type, entity_type, entity_id, organization_id, job_status, priority, input_data, output_collection,
     output_document_id, started_at, completed_at, execution_time_ms, cpu_time_ms, api_calls_made, algorithm_version,
     engine_version, triggered_by, trigger_reason)
  select m.calculation, m.job_type, m.kind, m.id, m.organization, 'completed', m.priority,
         jsonb_build_object('entity_type', m.kind, 'entity_id', m.id, 'quarter', m.quarter, 'target', m.target),
         m.collection, m.document, m.started, clock_timestamp(), ceil(m.micros::float8 / 1000), ceil(m.micros::float8 / 1000), 0,
         $17, $18, $19, m.reason
  from made m
  on conflict (id) do update
  set job_status = 'completed', started_at = excluded.started_at, completed_at = excluded.completed_at,
      execution_time_ms = excluded.execution_time_ms, input_data = excluded.input_data, updated_at = clock_timestamp()
)
insert into calculation_audit_log
  (job_id, event_type, entity_type, entity_id, organization_id, user_id, after_state, changes_summary, service_name,
   service_version, server_instance, request_id)
select m.calculation, 'job_completed', m.kind, m.id, m.organization, $19, jsonb_build_object('quarter', $20::text, 'token', m.token),
       m.job_type || ' calculated', 'orrery', $21, left($22, 100), left('entity:' || m.job::text, 100)
from made m
