-- publish_marks: what goes with a published report, in one round trip: a row of the statistics, a mark for the comparison of its score,
-- the note that it is there, and the end of its slot, which has done its work.
-- $1 queue row, $2 report, $3 when, $4 seconds, $5 kilobytes, $6 tokens, $7 organization, $8 type, $9 report as text, $10 note.
with freed as (
  delete from orrery.report_slot where queue_id = $1
), marked as (
  insert into orrery.benchmark_mark (organization_id, report_type, report_id) values ($7, $8, $9)
), told as (
  insert into orrery.outbox (topic, payload) values ('report.completed', $10)
)
select orrery.count_report($1, $2, $3, $4, $5, $6)
