-- record_calculations: one row for each calculation of an entity. The ids are derived from the queue row, so a later
-- attempt of the same row writes over what an earlier one left.
-- $1 ids, $2 types, $3 collections, $4 documents, $5 inputs, $6 entity type, $7 entity id, $8 organization, $9 algorithm,
-- $10 engine, $11 triggered by, $12 reason, $13 started, $14 microseconds, $15 priority.
insert into calculation_jobs
  (id, job_type, entity_type, entity_id, organization_id, job_status, priority, input_data, output_collection,
   output_document_id, started_at, completed_at, execution_time_ms, cpu_time_ms, api_calls_made, algorithm_version,
   engine_version, triggered_by, trigger_reason)
select x.id, x.job_type, $6, $7, $8, 'completed', $15, x.input, x.collection, x.document, $13, clock_timestamp(),
       ceil($14::float8 / 1000), ceil($14::float8 / 1000), 0, $9, $10, $11, $12
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[]) as x (id, job_type, collection, document, input)
on conflict (id) do update
set job_status = 'completed', started_at = excluded.started_at, completed_at = excluded.completed_at,
    execution_time_ms = excluded.execution_time_ms, input_data = excluded.input_data, updated_at = clock_timestamp()
