set local lock_timeout = '5s';

create or replace function orrery.fail_cycles() returns integer
language plpgsql security definer as $$
declare
  least_members uuid[];
  members uuid[];
begin
  -- Whoever is part of a cycle waits and is waited for, so the walk starts at such rows alone. Every cycle has a least member: from there
  -- it is found without going to any lesser row, which ends most walks soon.
  with recursive walk (start, at) as (
    select p.parent, e.parent from orrery.parents() p
    join orrery.dispatch d on d.queue = 'report' and d.job_id = p.parent and d.state = 'waiting'
    join orrery.dependency e on e.child = p.parent and e.parent >= p.parent
    union
    select w.start, e.parent from walk w join orrery.dependency e on e.child = w.at and e.parent >= w.start
  )
  select array_agg(distinct w.start) into least_members from walk w where w.start = w.at;
  if least_members is null then
    return 0;
  end if;

  -- All members are among what these wait for, directly or through others; chains that wait for a cycle are not walked.
  with recursive above (id) as (
    select m from unnest(least_members) m
    union
    select e.parent from above a join orrery.dependency e on e.child = a.id
  ), walk (start, at) as (
    select a.id, e.parent from above a join orrery.dependency e on e.child = a.id
    union
    select w.start, e.parent from walk w join orrery.dependency e on e.child = w.at
  )
  select array_agg(distinct w.start) into members from walk w where w.start = w.at;
  return orrery.fail_reports(members, 'dependency.cycle',
    'depends_on_queue_id or blocks_queue_ids: the row waits for itself, directly or through others; remove one of the edges and set the row to pending again');
end $$;

do $$
begin
  execute format('alter function orrery.fail_cycles() set search_path to %s, pg_temp', current_setting('search_path'));
end $$;
