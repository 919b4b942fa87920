-- enqueue_entity: the function of the applications ($1 to $4 as its arguments).
select orrery.enqueue_entity(entity_type => $1, entity_id => $2, key => $3, priority => $4)
