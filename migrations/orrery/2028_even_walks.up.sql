-- Looking for cycles costs a chain little more than its length in whatever order its ids stand. Before, it was the square of it where ids
-- rise towards the parent, as ids made of the time do that list rows made before them in blocks_queue_ids.
set local lock_timeout = '5s';

create or replace function orrery.fail_cycles() returns integer
language plpgsql security definer as $$
declare
  -- Rows have an order of their own in each look, drawn anew, so that no application can make ids for which the walks are long.
  seed bigint := (random() * 9e18)::bigint;
  least_members uuid[];
  members uuid[];
begin
  -- Whoever is part of a cycle waits and is waited for, so the walk starts at such rows alone. Every cycle has a least member: from there
  -- it is found without going to any lesser row, which ends most walks soon. Two rows of one place are both gone to.
  with recursive walk (start, place, at) as (
    select p.parent, own.place, e.parent from orrery.parents() p
    join orrery.dispatch d on d.queue = 'report' and d.job_id = p.parent and d.state = 'waiting'
    cross join lateral (select hashtextextended(p.parent::text, seed) as place) own
    join orrery.dependency e on e.child = p.parent and hashtextextended(e.parent::text, seed) >= own.place
    union
    -- A chain takes as many steps as it is long, so each must find its few edges by key: offset 0 keeps the planner from reading all of them.
    select w.start, w.place, e.parent from walk w
    cross join lateral (select x.parent from orrery.dependency x where x.child = w.at offset 0) e
    where hashtextextended(e.parent::text, seed) >= w.place
  )
  select array_agg(distinct w.start) into least_members from walk w where w.start = w.at;
  if least_members is null then
    return 0;
  end if;

  -- Who is in a cycle with the least member of it: what that waits for, directly or through others, and what waits for that. What only
  -- waits for a cycle, or is only waited for by one, is in one of the two.
  with recursive above (start, id) as (
    select m, m from unnest(least_members) m
    union
    select a.start, e.parent from above a
    cross join lateral (select x.parent from orrery.dependency x where x.child = a.id offset 0) e
  ), below (start, id) as (
    select m, m from unnest(least_members) m
    union
    select b.start, e.child from below b
    cross join lateral (select x.child from orrery.dependency x where x.parent = b.id offset 0) e
  )
  select array_agg(distinct a.id) into members from above a join below b on b.start = a.start and b.id = a.id;
  return orrery.fail_reports(members, 'dependency.cycle',
    'depends_on_queue_id or blocks_queue_ids: the row waits for itself, directly or through others; remove one of the edges and set the row to pending again');
end $$;

-- As in 2014: what is replaced has lost it.
do $$
begin
  execute format('alter function orrery.fail_cycles() set search_path to %s, pg_temp', current_setting('search_path'));
end $$;
