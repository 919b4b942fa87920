-- complete_calculation: ends rows $1 as completed whose tokens $2 still hold; $3 is what each made, null for nothing to note.
-- Where a row put its result (collection, document_id) and how long it took (took_ms) goes from there to its own columns, in the same write.
-- Returns the rows that ended; one that is missing is fenced. The rows are locked in order of id, so batches do not deadlock.
-- ARRAY and || '' make the plan one that finds rows by key, whatever the statistics say of tables that fill and empty.
-- A token belongs to one claim of one row, so it need not be matched to its row; IN with IS TRUE looks it up in a hash table.
with held as materialized (
  select q.id from calculation_jobs q where q.id = any (array(select unnest($1::uuid[]))) order by q.id for update
), released as (
  delete from orrery.dispatch d
  where d.queue = 'calculation' and d.job_id = any (array(select h.id from held h)) and d.state || '' = 'leased'
    and (d.token in (select unnest($2::bigint[]))) is true
  returning d.job_id, d.token
), ended as (
  update calculation_jobs q
  set job_status = 'completed', completed_at = clock_timestamp(), error_message = null, error_code = null, updated_at = clock_timestamp(),
      output_collection = coalesce(made.output ->> 'collection', q.output_collection),
      output_document_id = coalesce(made.output ->> 'document_id', q.output_document_id),
      execution_time_ms = coalesce((made.output ->> 'took_ms')::integer, q.execution_time_ms),
      cpu_time_ms = coalesce((made.output ->> 'took_ms')::integer, q.cpu_time_ms),
      api_calls_made = coalesce(q.api_calls_made, 0)
  from unnest($1::uuid[], $3::jsonb[]) made (job_id, output)
  where q.id = any (array(select r.job_id from released r)) and made.job_id = q.id
), noted as (
  insert into orrery.result (queue, job_id, output, token)
  select 'calculation', r.job_id, made.output - 'took_ms', r.token
  from unnest($1::uuid[], $3::jsonb[]) made (job_id, output) join released r on r.job_id = made.job_id
  where made.output <> 'null'
  on conflict (queue, job_id) do update set output = excluded.output, token = excluded.token, finished_at = now()
)
select job_id from released
