-- batch_wake: rows that sleep although none of their questions waits for a batch any more run now. Returns how many.
with ripe as (
  select d.queue, d.job_id from orrery.dispatch d
  where d.state = 'ready' and d.last_code = 'llm.batch_waiting' and d.run_at > clock_timestamp()
    and not exists (select 1 from orrery.llm_calls c where c.queue = d.queue and c.job_id = d.job_id and c.state in ('queued', 'batched'))
  for update of d skip locked
), woken as (
  update orrery.dispatch d set run_at = clock_timestamp()
  from ripe r where d.queue = r.queue and d.job_id = r.job_id
  returning d.queue
), told as (
  select w.rows, pg_notify('orrery_wake', w.queue) from (select x.queue, count(*) as rows from woken x group by x.queue) w
)
select coalesce(sum(t.rows), 0)::bigint from told t
