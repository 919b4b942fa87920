-- before_asking: what decides the question of row $2 of queue $1 and organization $3 beside its data. spoiled: runs of which no answer
-- could be used at all, so that the next must ask anew, where it finds what was paid otherwise; pinned: the version of the prompt that the organization is pinned to;
-- other_bill: whether it lets the next provider be paid where the account of one is empty. That is read by way of JSON, because a worker
-- works on where the newest migration was taken back.
select (select count(*) from (
          select from orrery.llm_calls c where c.queue = $1 and c.job_id = $2 and c.state = 'answered'
          group by c.token having not bool_or(coalesce(c.usable, c.finish = 'stop'))) x) as spoiled,
       (select p.prompt_version from orrery.organization_policy p where p.organization_id = $3) as pinned,
       coalesce((select (to_jsonb(p) ->> 'llm_other_bill')::boolean from orrery.organization_policy p where p.organization_id = $3), false) as other_bill
