-- close_quarter: final counts of schedule $1, and its errors grouped by message with a sample of ids.
update quarterly_update_schedule s
set total_entities = $2, processed_entities = $3, failed_entities = $4, estimated_completion = null,
    error_summary = (
      select jsonb_agg(jsonb_build_object('message', g.message, 'entities', g.entities, 'sample', g.sample) order by g.entities desc)
      from (
        select regexp_replace(q.error_message, '[0-9a-f]{8}-[0-9a-f-]{27}', '*', 'g') as message, count(*) as entities,
               (array_agg(q.entity_type || ' ' || q.entity_id order by q.entity_id))[1:5] as sample
        from entity_update_queue q where q.schedule_id = s.id and q.queue_status = 'failed'
        group by 1 order by 2 desc limit 20
      ) g
    )
where s.id = $1
