-- enqueue_calculation: the function of the applications ($1 to $7 as its arguments).
select orrery.enqueue_calculation(
  job_type => $1, entity_type => $2, entity_id => $3, organization_id => $4, input => $5, key => $6, priority => $7)
