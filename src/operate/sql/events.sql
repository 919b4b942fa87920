-- events: what happened to row $2 of queue $1, oldest first, at most 200: attempts that failed, quarantine, what operators did.
select e.occurred_at::timestamptz as at, case when e.retry_attempted then 'retry' else 'failed' end as what,
       e.error_type::text as code, e.processing_stage::text as stage, e.error_message as message, null::text as who
from report_generation_errors e where $1 = 'report' and e.queue_id = $2
union all
select a.event_timestamp::timestamptz, case when a.after_state ->> 'again' = 'true' then 'retry' else 'failed' end,
       a.after_state ->> 'code', a.after_state ->> 'stage', a.changes_summary, null
from calculation_audit_log a where $1 = 'calculation' and a.job_id = $2 and a.event_type = 'job_failed'
union all
select a.event_timestamp::timestamptz, case when a.after_state ->> 'again' = 'true' then 'retry' else 'failed' end,
       a.after_state ->> 'code', a.after_state ->> 'stage', a.changes_summary, null
from entity_update_queue q
join calculation_audit_log a on a.entity_type = q.entity_type and a.entity_id = q.entity_id
where $1 = 'entity' and q.id = $2 and a.event_type = 'job_failed' and a.request_id = 'entity:' || $2::text
union all
select x.quarantined_at, 'quarantined', 'worker.died', null, 'workers that died over it: ' || x.crashes, x.evidence ->> 'worker_id'
from orrery.quarantine x where x.queue = $1 and x.job_id = $2
union all
select x.released_at, 'released', null, null, null, null
from orrery.quarantine x where x.queue = $1 and x.job_id = $2 and x.released_at is not null
union all
select a.at, a.action, null, null, a.outcome, a.actor
from orrery.audit a where a.target ->> 'id' = $2::text and a.target ->> 'queue' = $1
order by at
limit 200
