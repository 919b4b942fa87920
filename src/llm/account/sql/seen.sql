-- seen: one HTTP request and what it taught ($1).
select orrery.llm_seen($1)
