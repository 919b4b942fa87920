-- abandon: gives call $1 up.
select orrery.llm_abandon($1)
