set local lock_timeout = '5s';

drop index if exists public.employees_department_member;
