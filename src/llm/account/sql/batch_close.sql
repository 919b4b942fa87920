-- batch_close: batch $1 has ended as $3 (ended, failed), seen by look $2 (null: whoever had it); $4 and $5: code and words of a failure, if any.
update orrery.llm_batches b
set state = $3, ended_at = clock_timestamp(), held_by = null, held_until = null, error_code = $4, message = $5, answered = n.answered,
    failed = n.failed, undone = n.undone
from (
  select count(*) filter (where c.state in ('answered', 'late', 'expired')) as answered,
         count(*) filter (where c.state = 'failed' and c.error_code <> 'llm.batch_expired') as failed,
         count(*) filter (where c.state = 'unknown' or c.state = 'failed' and c.error_code = 'llm.batch_expired') as undone
  from orrery.llm_calls c where c.batch_id = $1) n
where b.id = $1 and ($2::uuid is null or b.held_by = $2) and b.state in ('collected', 'submitting', 'submitted')
