-- batch_known: ids at provider $1 of its batches of the last days.
select b.provider_batch_id from orrery.llm_batches b
where b.provider = $1 and b.provider_batch_id is not null and b.created_at > clock_timestamp() - interval '10 days'
