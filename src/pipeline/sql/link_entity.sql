-- link_entity: notes on row $1 of entity_update_queue which calculations it made ($2 chart, $3 code, $4 comparisons) and
-- what the code was before ($5 code, $6 signature).
update entity_update_queue
set birth_chart_job_id = $2, harmonic_code_job_id = $3, compatibility_jobs = $4,
    previous_harmonic_code = left($5, 100), previous_energy_signature = left($6, 100)
where id = $1
