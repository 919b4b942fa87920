-- batch_seen: one exchange with the batch interface of provider $1 for model $2, for its breaker ($3, as llm_count takes it).
select orrery.llm_count(orrery.llm_breaker_name($1, $2), $3)
