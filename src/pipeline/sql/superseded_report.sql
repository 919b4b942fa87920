-- superseded_report: the version of employee $1 and type $2 that readers have until version $3 is published, and a token that is greater
-- than those of all claims so far. None: there is no version yet, or a higher one. Run under the advisory lock of employee and type,
-- and before retire_versions.
select m.report_id, nextval('orrery.lease_token') as token
from report_metadata m
where m.employee_id = $1 and m.report_type = $2 and m.is_latest and m.version < $3
