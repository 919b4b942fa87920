-- admit: when a request of call $1 may begin. $2 provider, $3 model, $4 key, $5 tokens, $6 requests and $7 tokens in a minute as configured,
-- $8 longest wait and $9 ramp in seconds.
select a.admitted, a.wait_s from orrery.llm_admit($1, $2, $3, $4, $5, $6, $7, $8, $9) a
