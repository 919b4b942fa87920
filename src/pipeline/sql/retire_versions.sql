-- retire_versions: employee $1, type $2: versions below $3 are no longer the latest, and never due again.
-- A statement of its own: in one with the insert the unique index of the latest version would see both.
update report_metadata set is_latest = false, scheduled_regeneration_date = null, updated_at = clock_timestamp()
where employee_id = $1 and report_type = $2 and is_latest and version < $3
returning auto_regenerate_enabled
