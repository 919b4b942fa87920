-- lines_report: rows $1 of report_generation_queue as an operator sees them: ids, words, times and counts, nothing that the application has written of a person.
select 'report' as queue, q.id,
       case when q.status not in ('pending', 'processing') then q.status::text
            when d.job_id is null then 'unseen'
            when d.state = 'leased' then 'running'
            when d.state = 'waiting' then 'waiting'
            when d.run_at > clock_timestamp() then 'later'
            else 'ready' end as state,
       x.job_id is not null as quarantined, q.report_type::text as kind,
       coalesce(nullif(d.organization_id, ''), (select e.organization_id::text from employees e where e.id = q.employee_id)) as organization_id,
       'employee' as subject_type, q.employee_id::text as subject_id, q.priority as priority, q.created_at::timestamptz as created_at, d.run_at,
       q.started_at::timestamptz as started_at,
       case when q.status not in ('pending', 'processing') then q.completed_at::timestamptz end as ended_at,
       coalesce(d.attempts, q.attempt_count, 0) as attempts, coalesce(d.crashes, x.crashes, 0) as crashes,
       coalesce(d.worker_id, q.worker_id::text) as worker_id,
       case when q.status = 'failed' then orrery.failure_code('report', q.id) else d.last_code end as code,
       case when q.status <> 'completed' then left(q.last_error, 2000) end as message, null::uuid as schedule_id
from report_generation_queue q
left join orrery.dispatch d on d.queue = 'report' and d.job_id = q.id and q.status in ('pending', 'processing')
left join orrery.quarantine x on x.queue = 'report' and x.job_id = q.id and x.released_at is null and q.status = 'failed'
where q.id = any ($1)
