-- entity_context: quarter and year of the schedule that row $1 of entity_update_queue belongs to, if any.
select s.quarter, s.year from entity_update_queue q join quarterly_update_schedule s on s.id = q.schedule_id where q.id = $1
