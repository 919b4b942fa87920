set local lock_timeout = '5s';

drop index orrery.dispatch_leased;
create index dispatch_leased on orrery.dispatch (queue, organization_id, lease_expires_at) where state = 'leased';
drop function orrery.candidates(text, integer, text);
drop function orrery.organizations(text);
drop table orrery.turn;
drop index orrery.dispatch_suspect;
drop index orrery.dispatch_age;

-- LIMIT stands inside and row_number outside: the other way round every ready row of every organization is read.
create function orrery.candidates(p_queue text, p_limit integer)
returns table (job_id uuid, place bigint)
language sql stable set plan_cache_mode = force_custom_plan as $$
  with recursive organization as (
    (select d.organization_id from orrery.dispatch d
     where d.queue = p_queue and d.state = 'ready' order by d.organization_id limit 1)
    union all
    select (select d.organization_id from orrery.dispatch d
            where d.queue = p_queue and d.state = 'ready' and d.organization_id > o.organization_id
            order by d.organization_id limit 1)
    from organization o where o.organization_id is not null
  ), running as (
    select d.organization_id, count(*) as n from orrery.dispatch d
    where d.queue = p_queue and d.state = 'leased' group by d.organization_id
  )
  select t.job_id, row_number() over (order by t.turn, t.priority desc, t.enqueued_at, t.job_id)
  from (
    select x.job_id, x.priority, x.enqueued_at,
           (x.rank + coalesce(r.n, 0))::numeric / coalesce(p.weight, 1) as turn
    from organization o
    left join running r on r.organization_id = o.organization_id
    left join orrery.organization_policy p on p.organization_id = o.organization_id
    cross join lateral (
      select y.job_id, y.priority, y.enqueued_at, row_number() over (order by y.priority desc, y.enqueued_at) as rank
      from (
        select d.job_id, d.priority, d.enqueued_at from orrery.dispatch d
        where d.queue = p_queue and d.state = 'ready' and d.organization_id = o.organization_id and d.run_at <= now()
        order by d.priority desc, d.enqueued_at limit p_limit * 2
      ) y
    ) x
    where o.organization_id is not null and not coalesce(p.paused, false)
      and (p.max_in_flight is null or coalesce(r.n, 0) + x.rank <= p.max_in_flight)
    order by turn, x.priority desc, x.enqueued_at
    limit p_limit * 3
  ) t
$$;
comment on function orrery.candidates(text, integer) is 'Rows that may be claimed next, in fair order; more than asked for, because others may claim some of them first';
