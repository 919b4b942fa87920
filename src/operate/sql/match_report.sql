-- match_report: rows of report_generation_queue that the filter lets through, newest first, at most $4, among the $3 newest after place ($1, $2).
-- The last row is the place that was reached (`matches` false) when there may be more. $5 state, $6 type, $7 organization, $8 code,
-- $9 and $10 an argument and its value, $11 made before, $12 made since, $13 only among these rows; null: whatever.
with looked as materialized (
  select q.*, (q.created_at)::timestamptz as orrery_at
  from report_generation_queue q
  where ((q.created_at)::timestamptz, q.id) < ($1::text::timestamptz, $2::uuid)
    and ($11::timestamptz is null or (q.created_at)::timestamptz < $11)
    and ($12::timestamptz is null or (q.created_at)::timestamptz >= $12)
    and ($13::uuid[] is null or q.id = any ($13))
  order by q.created_at desc, q.id desc
  limit $3
)
(select coalesce(to_char(l.orrery_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '-infinity') as at, l.id,
        l.status::text as status, true as matches
 from looked l
 left join orrery.dispatch d on d.queue = 'report' and d.job_id = l.id and l.status in ('pending', 'processing')
 where ($5::text is null or case
          when $5 = 'open' then l.status in ('pending', 'processing')
          when $5 = 'quarantined' then l.status = 'failed' and exists (
            select from orrery.quarantine x where x.queue = 'report' and x.job_id = l.id and x.released_at is null)
          when l.status not in ('pending', 'processing') then l.status = $5
          when d.job_id is null then $5 = 'unseen'
          when d.state = 'leased' then $5 = 'running'
          when d.state = 'waiting' then $5 = 'waiting'
          when d.run_at > clock_timestamp() then $5 = 'later'
          else $5 = 'ready' end)
   and ($6::text is null or l.report_type = $6)
   and ($7::text is null or (select e.organization_id::text from employees e where e.id = l.employee_id) = $7)
   and ($9::text is null or to_jsonb(l) ->> $9 = $10 or to_jsonb(l) -> 'request_metadata' ->> $9 = $10)
   and ($8::text is null or case when l.status = 'failed' then orrery.failure_code('report', l.id) else d.last_code end = $8)
 order by l.orrery_at desc, l.id desc
 limit $4)
union all
(select coalesce(to_char(l.orrery_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '-infinity'), l.id, l.status::text, false
 from looked l
 where (select count(*) from looked) >= $3
 order by l.orrery_at, l.id
 limit 1)
