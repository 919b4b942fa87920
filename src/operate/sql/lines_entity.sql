-- lines_entity: rows $1 of entity_update_queue as an operator sees them: ids, words, times and counts, nothing that the application has written of a person.
select 'entity' as queue, q.id,
       case when q.queue_status not in ('queued', 'processing') then q.queue_status::text
            when d.job_id is null then 'unseen'
            when d.state = 'leased' then 'running'
            when d.state = 'waiting' then 'waiting'
            when d.run_at > clock_timestamp() then 'later'
            else 'ready' end as state,
       x.job_id is not null as quarantined, q.entity_type::text as kind,
       nullif(q.organization_id::text, '') as organization_id,
       q.entity_type::text as subject_type, q.entity_id::text as subject_id, q.priority as priority, q.queued_at::timestamptz as created_at, d.run_at,
       q.started_at::timestamptz as started_at,
       case when q.queue_status not in ('queued', 'processing') then q.completed_at::timestamptz end as ended_at,
       coalesce(d.attempts, coalesce(q.retry_count, 0) + (q.started_at is not null)::integer) as attempts, coalesce(d.crashes, x.crashes, 0) as crashes,
       d.worker_id as worker_id,
       case when q.queue_status = 'failed' then orrery.failure_code('entity', q.id) else d.last_code end as code,
       case when q.queue_status <> 'completed' then left(q.error_message, 2000) end as message, q.schedule_id as schedule_id
from entity_update_queue q
left join orrery.dispatch d on d.queue = 'entity' and d.job_id = q.id and q.queue_status in ('queued', 'processing')
left join orrery.quarantine x on x.queue = 'entity' and x.job_id = q.id and x.released_at is null and q.queue_status = 'failed'
where q.id = any ($1)
