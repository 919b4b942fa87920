-- publish_version: $1 report, $2 employee, $3 type, $4 version, $5 name, $6 year, $7 quarter, $8 document, $9 hash, $10 generated,
-- $11 by, $12 trigger, $13 changes, $14 summary, $15 significant, $16 score change, $17 differences.
insert into report_versions
  (report_id, employee_id, report_type, version, version_name, quarter_year, quarter_number, mongodb_document_id,
   content_hash, generated_at, generated_by, generation_trigger, changes_from_previous, change_summary,
   significant_changes, score_change, key_differences)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, round($16::numeric, 2), $17)
