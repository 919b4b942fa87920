-- What waits for a batch goes back to the direct way. What is with a provider counts as paid, as far as it was set aside.
set local lock_timeout = '5s';

select orrery.llm_undone(c.id, null) from orrery.llm_calls c where c.state = 'batched';
select orrery.llm_settle(c.id, null, null) from orrery.llm_calls c where c.state = 'queued';
drop function orrery.llm_undone(uuid, jsonb);
drop function orrery.llm_put_down(jsonb);
drop index orrery.llm_calls_waiting;
drop index orrery.llm_calls_queued;
alter table orrery.llm_calls
  drop column batch_id,
  drop column wire_bytes,
  drop constraint llm_calls_state_check,
  add constraint llm_calls_state_check check (state in ('in_flight', 'answered', 'failed', 'unknown', 'late', 'expired'));
comment on column orrery.llm_calls.state is 'in_flight: under way; answered: the answer can be read again; failed; unknown: its worker died, it may have been paid; late: answered after another had asked again; expired: answered, the texts are gone';
drop table orrery.llm_batches;
select orrery.llm_unpark('{llm.batch_waiting}', null);
