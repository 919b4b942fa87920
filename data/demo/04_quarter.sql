-- The quarterly update of the quarter that comes, open all day. All times of a schedule are UTC. Reports that exist are written for
-- it, and say what changes.
-- Nothing happens if the quarter has a row already.
INSERT INTO quarterly_update_schedule (id, quarter, year, scheduled_date, execution_start_time, execution_end_time, batch_size, status, created_by, notes)
SELECT 'd0000000-0000-4000-8000-000000000001', 'Q' || extract(quarter FROM utc.next)::int, extract(year FROM utc.next)::int, utc.now::date, '00:00', '23:59:59', 25, 'scheduled', 'demo', 'all entities of the three demo organizations'
FROM (SELECT now() AT TIME ZONE 'UTC' AS now, date_trunc('quarter', now() AT TIME ZONE 'UTC') + interval '3 months' AS next) utc
ON CONFLICT (quarter, year) DO NOTHING;
