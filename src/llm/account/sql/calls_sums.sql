-- calls_sums: sums over calls. $1 to $5 as calls; $6: null for one sum over all, or job, organization, month, model; $7 rows.
select coalesce(case $6::text
         when 'job' then coalesce(c.job_id::text, '')
         when 'organization' then c.organization_id
         when 'month' then to_char(c.month, 'YYYY-MM')
         when 'model' then c.provider || '/' || c.model end, '') as of,
       count(*) as calls, count(*) filter (where c.state in ('answered', 'expired', 'late')) as answered,
       count(*) filter (where c.state = 'failed') as failed, count(*) filter (where c.state = 'unknown') as unknown,
       coalesce(sum(c.reads), 0)::bigint as reads, coalesce(sum(c.input_tokens), 0)::bigint as input_tokens,
       coalesce(sum(c.output_tokens), 0)::bigint as output_tokens, coalesce(sum(c.cost_nano_usd), 0)::bigint as cost_nano_usd,
       count(*) filter (where c.state in ('answered', 'expired', 'late') and c.cost_nano_usd is null) as unpriced
from orrery.llm_calls c
where ($1::text is null or c.organization_id = $1) and ($2::text is null or c.model = $2) and ($3::text is null or c.state = $3)
  and ($4::uuid is null or c.job_id = $4) and ($5::timestamptz is null or c.created_at >= $5)
group by 1 order by cost_nano_usd desc, calls desc, 1 limit $7
