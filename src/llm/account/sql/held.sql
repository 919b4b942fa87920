-- held: texts that wait for MongoDB.
select c.id, c.held_answer from orrery.llm_calls c where c.held_answer is not null order by c.created_at limit 20
