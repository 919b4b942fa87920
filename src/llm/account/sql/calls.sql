-- calls: newest calls. $1 organization, $2 model, $3 state, $4 row, $5 not before; null: any. $6 rows.
select c.id, c.created_at, c.state, c.organization_id, c.queue, c.job_id, c.section, c.purpose, c.provider, c.model, c.answered_model,
       c.prompt_id, c.prompt_version, c.request_digest, c.tries, c.http_status, c.finish, c.error_code, c.request_id, c.latency_ms,
       c.input_tokens, c.cached_input_tokens, c.output_tokens, c.cost_nano_usd, c.usable, c.repairs, c.violations, c.reads
from orrery.llm_calls c
where ($1::text is null or c.organization_id = $1) and ($2::text is null or c.model = $2) and ($3::text is null or c.state = $3)
  and ($4::uuid is null or c.job_id = $4) and ($5::timestamptz is null or c.created_at >= $5)
order by c.created_at desc limit $6
