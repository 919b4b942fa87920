-- publish_metadata: the new version becomes the latest unless a higher one is there already; retire_versions goes before.
-- $1 report, $2 employee, $3 organization, $4 department, $5 branch, $6 type, $7 category, $8 version, $9 started, $10 completed,
-- $11 milliseconds, $12 regeneration date, $13 created by, $14 access level, $15 visibility, $16 tokens, $17 cost, $18 wait in queue.
insert into report_metadata
  (report_id, employee_id, organization_id, department_id, branch_id, report_type, category, version, is_latest,
   generation_started_at, generation_completed_at, generation_duration_ms, status, scheduled_regeneration_date,
   auto_regenerate_enabled, last_regeneration_date, regeneration_count, created_by, access_level, visibility_scope,
   llm_tokens_used, llm_cost_usd, processing_queue_time_ms)
select $1, $2, $3, $4, $5, $6::varchar, $7, $8,
       not exists (select 1 from report_metadata m where m.employee_id = $2 and m.report_type = $6::varchar and m.version > $8),
       $9::timestamptz, $10::timestamptz, $11, 'completed', $12, true, case when $8 > 1 then $10::timestamptz end, $8 - 1, $13, $14, $15, $16, $17::numeric, $18
