-- reports: one report about each of the $1 people, seven types in turn: nobody has answered a questionnaire.
insert into report_generation_queue (employee_id, report_type, requested_by)
select md5('person ' || p)::uuid,
       (array['personality_role_specific', 'behavior_company_specific', 'compatibility_job_role', 'compatibility_department',
              'compatibility_company', 'compatibility_industry', 'training_development'])[1 + p % 7],
       (select u.id from users u order by u.id limit 1)
from generate_series(0, $1::bigint - 1) p
