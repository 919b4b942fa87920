-- record_report_error: $1 row, $2 code, $3 class, $4 message, $5 chain of causes, $6 stage, $7 input, $8 whether it runs again.
-- The casts cut to the widths of the documents, so that the error log itself cannot fail.
with earlier as (
  update report_generation_errors set retry_successful = false where queue_id = $1 and retry_attempted and retry_successful is null
)
insert into report_generation_errors
  (queue_id, employee_id, report_type, error_type, error_code, error_message, error_stack, processing_stage, input_data, retry_attempted)
select q.id, q.employee_id, q.report_type, $2::varchar(50), $3::varchar(20), $4, $5, $6::varchar(50), $7, $8
from report_generation_queue q where q.id = $1
