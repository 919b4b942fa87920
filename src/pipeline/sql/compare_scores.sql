-- compare_scores: benchmarks of organization $1 and type $2, for the reports $3 (null: for all of its current ones; of a small
-- organization always for all). $4: the least number of others whom an average may be made of.
-- An average is the same figure for everybody whom it covers, so two of them never tell one person's score. What too few
-- stand behind stays null, with the reason in orrery.benchmark. People are found by key, one by one, whatever history they have.
with current as materialized (
  select x.* from employees e
  cross join lateral (
    select m.report_id, m.department_id, s.overall_score from report_metadata m
    cross join lateral (select y.overall_score from report_scores y where y.report_id = m.report_id offset 0) s
    where m.employee_id = e.id and m.report_type = $2 and m.is_latest and m.status = 'completed' and m.deleted_at is null
    offset 0
  ) x
  where e.organization_id = $1 and to_jsonb(e) ->> 'deleted_at' is null and coalesce(to_jsonb(e) ->> 'status', 'active') <> 'left'
), summed as (
  insert into orrery.score_sum as s (organization_id, report_type, people, total)
  select $1, $2, count(*), coalesce(sum(c.overall_score), 0) from current c
  on conflict (organization_id, report_type) do update
  set people = excluded.people, total = excluded.total, counted_at = now(),
      compared_at = case when $3::text[] is null then now() else s.compared_at end
  returning people, total
), elsewhere as (
  select coalesce(sum(s.people), 0)::integer as people, coalesce(sum(s.total), 0) as total, count(o.industry_id) > 0 as known
  from organizations o
  left join organizations p on p.industry_id = o.industry_id and p.id <> o.id
  left join lateral (
    select y.people, y.total from orrery.score_sum y where y.organization_id = p.id and y.report_type = $2 offset 0
  ) s on true
  where o.id = $1
), figure as (
  select c.report_id, c.department_id,
         count(*) over company as company_people, avg(c.overall_score) over company as company_average,
         100 * percent_rank() over (order by c.overall_score) as percentile,
         count(*) over department as department_people, avg(c.overall_score) over department as department_average,
         i.people as elsewhere_people, i.known as industry_known, i.people + s.people as industry_people,
         (i.total + s.total) / nullif(i.people + s.people, 0) as industry_average
  from current c cross join summed s cross join elsewhere i
  window company as (), department as (partition by c.department_id)
), honest as (
  select f.*, f.company_people > $4::integer as company_shown, f.department_people > $4::integer and f.department_id is not null as department_shown,
         f.industry_known and f.elsewhere_people >= $4::integer as industry_shown
  from figure f
  where $3::text[] is null or f.company_people <= 200 or f.report_id = any ($3)
), written as (
  update report_scores s
  set percentile_rank = case when h.company_shown then round(h.percentile::numeric, 2) end,
      company_average = case when h.company_shown then round(h.company_average, 2) end,
      department_average = case when h.department_shown then round(h.department_average, 2) end,
      industry_average = case when h.industry_shown then round(h.industry_average, 2) end
  from honest h
  where s.report_id = h.report_id
    and (s.percentile_rank, s.company_average, s.department_average, s.industry_average) is distinct from
        (case when h.company_shown then round(h.percentile::numeric, 2) end, case when h.company_shown then round(h.company_average, 2) end,
         case when h.department_shown then round(h.department_average, 2) end, case when h.industry_shown then round(h.industry_average, 2) end)
)
insert into orrery.benchmark as b (report_id, company_people, department_people, industry_people, missing)
select h.report_id, h.company_people, case when h.department_id is null then 0 else h.department_people end,
       case when h.industry_known then h.industry_people else 0 end,
       jsonb_strip_nulls(jsonb_build_object(
         'percentile_rank', case when not h.company_shown then
           format('%s others in the organization have this report; at least %s are needed', h.company_people - 1, $4::integer) end,
         'company_average', case when not h.company_shown then
           format('%s others in the organization have this report; at least %s are needed', h.company_people - 1, $4::integer) end,
         'department_average', case
           when h.department_id is null then 'the person is in no department'
           when not h.department_shown then
             format('%s others in the department have this report; at least %s are needed', h.department_people - 1, $4::integer) end,
         'industry_average', case
           when not h.industry_known then 'the organization is in no industry'
           when not h.industry_shown then
             format('%s people of other organizations in the industry have this report; at least %s are needed', h.elsewhere_people, $4::integer) end))
from honest h
on conflict (report_id) do update
set company_people = excluded.company_people, department_people = excluded.department_people,
    industry_people = excluded.industry_people, missing = excluded.missing, compared_at = now()
