-- complete_quarter: ends rows $1 as completed whose tokens $2 still hold; $3 is what each made, null for nothing to note.
-- Returns the rows that ended; one that is missing is fenced. The rows are locked in order of id, so batches do not deadlock.
-- ARRAY and || '' make the plan one that finds rows by key, whatever the statistics say of tables that fill and empty.
-- A token belongs to one claim of one row, so it need not be matched to its row; IN with IS TRUE looks it up in a hash table.
-- FOR NO KEY UPDATE: rows of entities refer to the schedule, and every transaction that changes one holds it FOR KEY SHARE.
with held as materialized (
  select q.id from quarterly_update_schedule q where q.id = any (array(select unnest($1::uuid[]))) order by q.id for no key update
), released as (
  delete from orrery.dispatch d
  where d.queue = 'quarter' and d.job_id = any (array(select h.id from held h)) and d.state || '' = 'leased'
    and (d.token in (select unnest($2::bigint[]))) is true
  returning d.job_id, d.token
), ended as (
  update quarterly_update_schedule q
  set status = 'completed', completed_at = clock_timestamp(), updated_at = clock_timestamp()
  where q.id = any (array(select r.job_id from released r))
), noted as (
  insert into orrery.result (queue, job_id, output, token)
  select 'quarter', r.job_id, made.output, r.token
  from unnest($1::uuid[], $3::jsonb[]) made (job_id, output) join released r on r.job_id = made.job_id
  where made.output <> 'null'
  on conflict (queue, job_id) do update set output = excluded.output, token = excluded.token, finished_at = now()
)
select job_id from released
