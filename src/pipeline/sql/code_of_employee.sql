-- code_of_employee: the number of employee $1, if the platform numbers people.
select to_jsonb(e) ->> 'employee_code' from (select x.* from employees x where x.id = $1) e
