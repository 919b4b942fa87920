-- link_entities: notes on rows $1 of entity_update_queue which calculations they made ($2 chart, $3 code, $4 comparisons) and what the
-- code was before ($5 code, $6 signature). ARRAY makes the plan one that finds rows by key, as in complete_*.sql.
update entity_update_queue q
set birth_chart_job_id = x.chart, harmonic_code_job_id = x.code, compatibility_jobs = x.comparisons,
    previous_harmonic_code = left(x.version, 100), previous_energy_signature = left(x.signature, 100)
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::jsonb[], $5::text[], $6::text[])
  as x (id, chart, code, comparisons, version, signature)
where q.id = x.id and q.id = any (array(select unnest($1::uuid[])))
