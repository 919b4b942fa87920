-- organizations_paused that have rows which wait for it.
select 1 as level, format('organization %s%s', p.organization_id, coalesce(': ' || p.note, '')) as found,
       format('orrery orgs resume %s', p.organization_id) as fix
from orrery.organization_policy p
where p.paused
  and exists (select 1 from orrery.dispatch d where d.organization_id = p.organization_id and d.state = 'ready')
order by p.organization_id limit 20
