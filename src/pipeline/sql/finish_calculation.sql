-- finish_calculation: where row $1 put its result ($2 collection, $3 document) and how long it took ($4 ms).
update calculation_jobs
set output_collection = $2, output_document_id = $3, execution_time_ms = $4, cpu_time_ms = $4, api_calls_made = 0
where id = $1
