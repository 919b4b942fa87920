-- audit_list: actions before number $1 (null: the newest), newest first, at most $2.
select a.id, a.at, a.actor, a.source, a.action, a.target, a.matched, a.changed, a.outcome, a.ended_at
from orrery.audit a where $1::bigint is null or a.id < $1 order by a.id desc limit $2
