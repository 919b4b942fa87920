-- judged: what was found in the answer of digest $1: $2 usable, $3 steps of repair, $4 what was wrong.
update orrery.llm_calls c set usable = $2, repairs = $3, violations = $4
where c.request_digest = $1 and c.state = 'answered'
