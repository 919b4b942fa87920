-- triggers $1 of the queues that are missing (no state) or switched off.
select t.name, n.trigger, g.tgenabled::text
from unnest(array['report_generation_queue', 'entity_update_queue', 'quarterly_update_schedule', 'calculation_jobs']) as t (name)
cross join unnest($1::text[]) as n (trigger)
left join pg_trigger g on g.tgrelid = to_regclass(t.name) and g.tgname = n.trigger
where g.oid is null or g.tgenabled not in ('O', 'A')
order by 1, 2
