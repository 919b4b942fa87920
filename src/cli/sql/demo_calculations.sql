-- demo_calculations: how the applications' calculation rows ended. What the daemon calculated by itself is left out.
select j.id::text as id, j.job_status as status, j.error_code as code
from calculation_jobs j where j.triggered_by = 'demo'
