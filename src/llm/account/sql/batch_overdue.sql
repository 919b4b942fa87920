-- batch_overdue: batches that no worker could bring to an end, $1 seconds after they were to be given up.
select b.id from orrery.llm_batches b
where b.state in ('collected', 'submitting', 'submitted') and b.give_up_at <= clock_timestamp() - make_interval(secs => $1)
  and coalesce(b.held_until, '-infinity') <= clock_timestamp()
order by b.give_up_at limit 20
