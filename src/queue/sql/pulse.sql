-- pulse: one look for all queues that are due, at what no notice tells: rows whose time has come, rows that killed a worker,
-- leases that ran out; breakers whose probe is due (that of a language model is tried by a call and not by a probe).
select
  array(select q.queue from unnest($1::text[]) as q (queue)
        where exists (
          select 1 from orrery.organizations(q.queue) o
          cross join lateral (
            select d.run_at from orrery.dispatch d
            where d.queue = q.queue and d.organization_id = o.organization_id and d.state = 'ready'
            order by d.run_at limit 1) first
          where first.run_at <= clock_timestamp())) as due,
  (select count(*) from orrery.dispatch d
   where d.queue = any ($1) and d.state = 'ready' and d.crashes > 0 and d.run_at <= clock_timestamp()) as suspects,
  array(select q.queue from unnest($1::text[]) as q (queue)
        where exists (
          select 1 from orrery.dispatch d
          where d.queue = q.queue and d.state = 'leased' and d.lease_expires_at < clock_timestamp())) as expired,
  array(select b.name from orrery.breaker b where b.state <> 'closed' and b.queues <> '{}' and b.probe_at <= clock_timestamp()) as probes
