-- schedule_quarters: quarter and year of schedules $1.
select s.id, s.quarter, s.year from quarterly_update_schedule s where s.id = any ($1)
