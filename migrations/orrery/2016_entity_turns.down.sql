set local lock_timeout = '5s';

create function orrery.held_up(p_queue text) returns boolean
language sql stable as $$
  select exists (select 1 from orrery.queue_policy p where p.queue = p_queue and p.paused)
      or exists (select 1 from orrery.breaker b where b.state <> 'closed' and p_queue = any (b.queues))
$$;
comment on function orrery.held_up(text) is 'Whether nothing of this queue may be claimed now';

create or replace function orrery.candidates(p_queue text, p_limit integer, p_crashes text)
returns table (job_id uuid, place bigint, found bigint)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set jit = off
as $$
declare
  -- Where the eighths begin is drawn anew each time, so claims of single rows get their share too.
  eighth double precision := floor(random() * 8);
  moment timestamptz;
  -- An organization is first asked for little more than its share of the rows; for more only if that was not enough.
  generous double precision := 1.25;
begin
  perform pg_advisory_xact_lock(hashtext('orrery.claim'), hashtext(p_queue));
  if orrery.held_up(p_queue) then
    return;
  end if;
  moment := clock_timestamp();
  loop
    return query
    with running as materialized (
      -- A worker that has been silent for half of its lease may be dead: its rows count for the cap and no longer for the turn.
      select d.organization_id, count(*) as held,
             count(*) filter (where d.heartbeat_at + (d.lease_expires_at - d.heartbeat_at) / 2 > moment) as n
      from orrery.dispatch d
      where d.queue = p_queue and d.state = 'leased' group by d.organization_id
    ), organization as materialized (
      select o.organization_id as id, coalesce(r.n, 0) as running, coalesce(r.held, 0) as held, coalesce(p.weight, 1)::double precision as weight, p.max_in_flight as cap,
             greatest(t.passed, max(coalesce(t.passed, 0)) over () - 1 / coalesce(p.weight, 1)::double precision) as passed,
             8 + ceil(least(1, generous * coalesce(p.weight, 1) / sum(coalesce(p.weight, 1)) over ()) * p_limit)::integer as rows
      from orrery.organizations(p_queue) o
      left join running r on r.organization_id = o.organization_id
      left join orrery.organization_policy p on p.organization_id = o.organization_id
      left join orrery.turn t on t.queue = p_queue and t.organization_id = o.organization_id
      where not coalesce(p.paused, false)
    ), chosen as (
      select x.job_id, o.id, o.weight, (o.running + x.rank - 1) / o.weight as turn, o.passed + (x.rank - 1) / o.weight as passed
      from organization o
      cross join lateral (
        select z.job_id, row_number() over (order by min(z.slot)) as rank
        from (
          -- LIMIT stands inside and row_number outside: the other way round every ready row is read.
          select y.job_id, row_number() over (order by y.priority desc, y.enqueued_at) * 8 / 7::double precision as slot
          from (select d.job_id, d.priority, d.enqueued_at from orrery.dispatch d
                where d.queue = p_queue and d.state = 'ready' and d.organization_id = o.id and d.run_at <= moment
                  and (p_crashes = 'any' or (d.crashes > 0) = (p_crashes = 'only'))
                order by d.priority desc, d.enqueued_at limit o.rows) y
          union all
          select y.job_id, row_number() over (order by y.run_at) * 8 - eighth
          from (select d.job_id, d.run_at from orrery.dispatch d
                where d.queue = p_queue and d.state = 'ready' and d.organization_id = o.id and d.run_at <= moment
                  and (p_crashes = 'any' or (d.crashes > 0) = (p_crashes = 'only'))
                order by d.run_at limit o.rows / 8) y
        ) z
        group by z.job_id
      ) x
      where o.cap is null or o.held + x.rank <= o.cap
      order by turn, passed, x.rank
      limit p_limit + 8
    ), placed as (
      select c.*, row_number() over (order by c.turn, c.passed, c.id, c.job_id) as place, count(*) over () as n from chosen c
    ), enough as materialized (
      select p.* from placed p where p.n >= p_limit or generous > p_limit
    ), charged as (
      insert into orrery.turn (queue, organization_id, passed)
      select p_queue, e.id, max(e.passed + 1 / e.weight) from enough e where e.place <= p_limit group by e.id
      on conflict (queue, organization_id) do update set passed = excluded.passed
    )
    select e.job_id, e.place, e.n from enough e order by e.place;
    exit when found or generous > p_limit;
    generous := p_limit + 1;
  end loop;
end $$;

-- As 2012 has it for all functions.
do $$
begin
  execute format('alter function orrery.held_up(text) set search_path to %s, pg_temp', current_setting('search_path'));
  execute format('alter function orrery.candidates(text, integer, text) set search_path to %s, pg_temp', current_setting('search_path'));
end $$;
revoke execute on function orrery.held_up(text) from public;
