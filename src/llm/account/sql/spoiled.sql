-- spoiled: runs of row $2 of queue $1 whose first answer could not be used at all; the next run must ask anew.
select count(*) from orrery.llm_calls c
where c.queue = $1 and c.job_id = $2 and c.section = 'all' and c.state = 'answered' and not coalesce(c.usable, c.finish = 'stop')
