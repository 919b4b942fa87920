-- names_of_users: full names of up to $2 users of organization $1, of two words at least besides those by which accounts are named that
-- are nobody's (`HR Manager`).
select distinct u.full_name::text
from users u
where u.organization_id = $1
  and btrim(regexp_replace(u.full_name::text,
    '\m(account|admin|administrator|company|demo|department|finance|hr|human resources|info|lead|leader|manager|marketing|office|owner|person|platform|report|reports|sales|service|staff|support|system|team|test|user)\M',
    '', 'gi')) ~ '\S\s+\S'
order by 1
limit $2
