set local lock_timeout = '5s';

drop index if exists public.users_organization_member, public.employees_organization_member, public.candidates_organization_member;
