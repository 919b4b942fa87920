-- settle: books call $1, which used $2 tokens (null: unknown) and failed with $3 (null: it was answered).
select orrery.llm_settle($1, $2, $3)
