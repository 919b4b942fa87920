-- organization_known: whether anything knows organization $1: the platform, a policy, or a row that is ready.
select exists (select from organizations o where o.id::text = $1)
    or exists (select from orrery.organization_policy p where p.organization_id = $1)
    or exists (
      select from unnest(array['report', 'entity', 'calculation']) as queue (name)
      join orrery.dispatch d on d.queue = queue.name and d.organization_id = $1 and d.state = 'ready')
