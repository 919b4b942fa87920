-- audit_begin: $1 actor begins, from $2, action $3 on $4.
insert into orrery.audit (actor, source, action, target) values ($1, $2, $3, $4) returning id
