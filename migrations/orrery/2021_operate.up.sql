-- What operators see and do: an audit of their actions, indexes along which rows are listed newest first, why a row failed, and a role that may look.
set local lock_timeout = '5s';

create table orrery.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  source text not null check (source in ('cli', 'dashboard')),
  action text not null,
  target jsonb not null,
  matched bigint not null default 0,
  changed bigint not null default 0,
  outcome text not null default 'begun' check (outcome in ('begun', 'done', 'refused', 'failed')),
  ended_at timestamptz
);
comment on table orrery.audit is 'What operators did, one row for each action; an action on many rows is one row with counts';
comment on column orrery.audit.id is 'Order of the actions';
comment on column orrery.audit.at is 'When it began';
comment on column orrery.audit.actor is 'Who: the user of the host at the command line, the user who signed in at the dashboard';
comment on column orrery.audit.source is 'cli or dashboard';
comment on column orrery.audit.action is 'What, such as jobs.retry, queue.pause or schedule.run_now';
comment on column orrery.audit.target is 'On what: ids, or the filter of an action on many rows';
comment on column orrery.audit.matched is 'Rows that the action was meant for';
comment on column orrery.audit.changed is 'Rows that it changed; kept while an action on many rows goes on';
comment on column orrery.audit.outcome is 'begun: goes on, or was stopped half-way; done; refused: nothing could be changed; failed: ended by an error';
comment on column orrery.audit.ended_at is 'When it ended; null while it goes on, or if it was stopped';
create index audit_job on orrery.audit ((target ->> 'id')) where target ->> 'id' is not null;

-- Lists go from the newest row to the oldest in bounded steps. An age can be missing where the documents let it: such rows come last.
create index orrery_newest_reports on report_generation_queue (created_at, id);
create index orrery_newest_entities on entity_update_queue ((coalesce(queued_at, '-infinity')), id);
-- Calculations that Orrery records of its own are no work of a queue; match_calculation.sql names the same condition.
create index orrery_newest_calculations on calculation_jobs ((coalesce(created_at, '-infinity')), id)
where not (coalesce(triggered_by, '') = 'system' and input_data ?& array['entity_type', 'entity_id', 'quarter', 'target']);

create function orrery.failure_code(p_queue text, p_id uuid) returns text
language sql stable as $$
  select coalesce(
    (select 'worker.died' from orrery.quarantine x where x.queue = p_queue and x.job_id = p_id and x.released_at is null),
    case p_queue
      when 'report' then (
        select e.error_type::text from report_generation_errors e where e.queue_id = p_id order by e.occurred_at desc limit 1)
      when 'entity' then coalesce(
        (select e.code from orrery.quarter_error e where e.job_id = p_id),
        (select a.after_state ->> 'code'
         from entity_update_queue q
         join calculation_audit_log a on a.entity_type = q.entity_type and a.entity_id = q.entity_id
         where q.id = p_id and a.event_type = 'job_failed' and a.request_id = 'entity:' || p_id::text
         order by a.event_timestamp desc limit 1))
      when 'calculation' then (select q.error_code::text from calculation_jobs q where q.id = p_id)
      else (select q.error_summary ->> 'code' from quarterly_update_schedule q where q.id = p_id)
    end)
$$;
comment on function orrery.failure_code(text, uuid) is 'Code with which a row failed, from where its queue keeps it; null if that is not known';

-- As in 2014, for what has come since; and planetshr_readonly may see what an operator sees, but no text of a language model.
do $$
declare
  calls text;
begin
  execute format('alter function orrery.failure_code(text, uuid) set search_path to %s, pg_temp', current_setting('search_path'));
  revoke execute on function orrery.failure_code(text, uuid) from public;
  if exists (select 1 from pg_roles where rolname = 'planetshr_worker') then
    -- Nobody who acts can take back what the audit says of it.
    grant select, insert, update on orrery.audit to planetshr_worker;
    grant execute on function orrery.failure_code(text, uuid) to planetshr_worker;
  end if;
  if exists (select 1 from pg_roles where rolname = 'planetshr_readonly') then
    grant usage on schema orrery to planetshr_readonly;
    grant select on orrery.audit, orrery.breaker, orrery.dependency, orrery.dispatch, orrery.llm_spend, orrery.organization_policy,
                    orrery.outbox, orrery.quarantine, orrery.quarter_count, orrery.quarter_delta, orrery.quarter_error,
                    orrery.quarter_run, orrery.queue_policy, orrery.result, orrery.worker to planetshr_readonly;
    select string_agg(quote_ident(a.attname), ', ') into calls from pg_attribute a
    where a.attrelid = 'orrery.llm_calls'::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> 'held_answer';
    execute format('grant select (%s) on orrery.llm_calls to planetshr_readonly', calls);
    grant execute on function orrery.failure_code(text, uuid), orrery.organizations(text), orrery.quarter_counts(uuid),
                              orrery.quarter_errors(uuid) to planetshr_readonly;
  end if;
end $$;
