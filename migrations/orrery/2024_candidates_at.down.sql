set local lock_timeout = '5s';

drop function orrery.candidates(text, integer, text);

-- First comes who runs the least in proportion to its weight, then who has been served the least (virtual time, as in weighted
-- fair queueing): so that slots are shared by weight when there are many, and turns when there are few. Whoever comes back
-- from a pause is at most one turn behind: rest is not saved up. Within an organization seven rows of
-- eight go by priority, then age; the eighth is the one that could have run for the longest, so that no priority starves.
-- p_crashes: 'none' leaves rows that killed a worker to those who run them alone, 'only' takes nothing else, 'any' takes all.
--
-- Claims of one queue take turns at a lock: whoever waited sees in a fresh snapshot what the one before took, so that caps
-- are exact and no claim comes back empty because others held the same rows. The lock is held for one statement.
--
-- The settings make one plan fit all: the table may be empty when statistics are taken and full a second later.
create function orrery.candidates(p_queue text, p_limit integer, p_crashes text)
returns table (job_id uuid, place bigint, found bigint)
language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set jit = off
as $$
declare
  -- Where the eighths begin is drawn anew each time, so claims of single rows get their share too.
  eighth double precision := floor(random() * 8);
  moment timestamptz;
  -- An organization is first asked for little more than its share of the rows; for more only if that was not enough and it has more.
  generous double precision := 1.25;
  -- Rows of one turn. Entities are worked on in batches, and colleagues are cheap beside each other: a turn is a run of rows.
  turn_rows constant integer := case p_queue when 'entity' then 20 else 1 end;
begin
  perform pg_advisory_xact_lock(hashtext('orrery.claim'), hashtext(p_queue));
  if exists (select from orrery.queue_policy p where p.queue = p_queue and p.paused)
     or exists (select from orrery.breaker b where b.state <> 'closed' and p_queue = any (b.queues)) then
    return;
  end if;
  moment := clock_timestamp();
  loop
    return query
    with recursive walk as (
      -- Organizations with ready rows: from one to the next by index, so the cost is theirs and not that of the rows.
      (select d.organization_id from orrery.dispatch d
       where d.queue = p_queue and d.state = 'ready' order by d.organization_id limit 1)
      union all
      select (select d.organization_id from orrery.dispatch d
              where d.queue = p_queue and d.state = 'ready' and d.organization_id > w.organization_id
              order by d.organization_id limit 1)
      from walk w where w.organization_id is not null
    ), running as materialized (
      -- A worker that has been silent for half of its lease may be dead: its rows count for the cap and no longer for the turn.
      select d.organization_id, count(*) as held,
             count(*) filter (where d.heartbeat_at + (d.lease_expires_at - d.heartbeat_at) / 2 > moment) as n
      from orrery.dispatch d
      where d.queue = p_queue and d.state = 'leased' group by d.organization_id
    ), organization as materialized (
      select o.organization_id as id, coalesce(r.n, 0) as running, coalesce(r.held, 0) as held, coalesce(p.weight, 1)::double precision as weight, p.max_in_flight as cap,
             greatest(t.passed, max(coalesce(t.passed, 0)) over () - turn_rows / coalesce(p.weight, 1)::double precision) as passed,
             8 + greatest(case when turn_rows > 1 then turn_rows end, ceil(least(1, generous * coalesce(p.weight, 1) / sum(coalesce(p.weight, 1)) over ()) * p_limit)::integer) as rows
      from walk o
      left join running r on r.organization_id = o.organization_id
      left join orrery.organization_policy p on p.organization_id = o.organization_id
      left join orrery.turn t on t.queue = p_queue and t.organization_id = o.organization_id
      where o.organization_id is not null and not coalesce(p.paused, false)
    ), chosen as (
      select x.job_id, o.id, x.rank, x.rank >= o.rows as cut, (o.running + (x.rank - 1) / turn_rows * turn_rows) / o.weight as turn,
             o.passed + (x.rank - 1) / turn_rows * turn_rows / o.weight as passed, o.passed + x.rank / o.weight as served
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
      order by turn, passed, case turn_rows when 1 then x.rank end, o.id, x.rank
      limit p_limit + 8
    ), placed as (
      select c.*, row_number() over (order by c.turn, c.passed, c.id, c.rank) as place, count(*) over () as n, bool_or(c.cut) over () as cut_off from chosen c
    ), enough as materialized (
      select p.* from placed p where p.n >= p_limit or generous > p_limit or not p.cut_off
    ), charged as (
      insert into orrery.turn (queue, organization_id, passed)
      select p_queue, e.id, max(e.served) from enough e where e.place <= p_limit group by e.id
      on conflict (queue, organization_id) do update set passed = excluded.passed
    )
    select e.job_id, e.place, e.n from enough e order by e.place;
    exit when found or generous > p_limit;
    generous := p_limit + 1;
  end loop;
end $$;
comment on function orrery.candidates(text, integer, text) is 'Rows that may be claimed next, in fair order; a few more than asked for, because applications may hold some of them';

revoke execute on function orrery.candidates(text, integer, text) from public;
do $$
begin
  if exists (select 1 from pg_roles where rolname = 'planetshr_worker') then
    grant execute on function orrery.candidates(text, integer, text) to planetshr_worker;
  end if;
end $$;
