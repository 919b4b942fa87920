-- Who is in a department, in order of id: read for each entity that is compared with its department. The index of 1002 holds live
-- rows only and cannot serve a statement that also runs where the column deleted_at does not exist.
set local lock_timeout = '5s';

do $$
begin
  if exists (select from information_schema.columns
             where table_schema = 'public' and table_name = 'employees' and column_name = 'department_id') then
    create index if not exists employees_department_member on public.employees (department_id, id);
  end if;
end
$$;
