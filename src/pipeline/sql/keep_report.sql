-- keep_report: report $1 still says what is known: it is due again at $2 at the earliest.
update report_metadata
set scheduled_regeneration_date = greatest(scheduled_regeneration_date, $2), updated_at = clock_timestamp()
where report_id = $1 and is_latest
