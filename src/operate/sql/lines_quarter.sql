-- lines_quarter: rows $1 of quarterly_update_schedule as an operator sees them: ids, words, times and counts, nothing that the application has written of a person.
select 'quarter' as queue, q.id,
       case when q.status not in ('scheduled', 'in_progress') then q.status::text
            when d.job_id is null then 'unseen'
            when d.state = 'leased' then 'running'
            when d.state = 'waiting' then 'waiting'
            when d.run_at > clock_timestamp() then 'later'
            else 'ready' end as state,
       x.job_id is not null as quarantined, q.year || '-' || q.quarter as kind,
       null::text as organization_id,
       'quarter' as subject_type, q.year || '-' || q.quarter as subject_id, null::integer as priority, q.created_at::timestamptz as created_at, d.run_at,
       q.started_at::timestamptz as started_at,
       case when q.status not in ('scheduled', 'in_progress') then q.completed_at::timestamptz end as ended_at,
       coalesce(d.attempts, (q.started_at is not null)::integer) as attempts, coalesce(d.crashes, x.crashes, 0) as crashes,
       d.worker_id as worker_id,
       case when q.status = 'failed' then orrery.failure_code('quarter', q.id) else d.last_code end as code,
       case when q.status <> 'completed' then left(q.error_summary ->> 'message', 2000) end as message, q.id as schedule_id
from quarterly_update_schedule q
left join orrery.dispatch d on d.queue = 'quarter' and d.job_id = q.id and q.status in ('scheduled', 'in_progress')
left join orrery.quarantine x on x.queue = 'quarter' and x.job_id = q.id and x.released_at is null and q.status = 'failed'
where q.id = any ($1)
