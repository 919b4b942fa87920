-- Notices to users. Orrery writes one when a report is ready; applications deliver them.

set local lock_timeout = '5s';

do $$
begin
  if to_regclass('public.notifications') is not null then
    return;
  end if;

  create table public.notifications (
    id              uuid        primary key default gen_random_uuid(),
    organization_id uuid        references public.organizations (id) on delete cascade,
    user_id         uuid        not null references public.users (id) on delete cascade,
    type            varchar(30) not null,
    title           text        not null,
    message         text,
    priority        varchar(10) not null default 'MEDIUM',
    category        text,
    payload         jsonb       not null default '{}',
    dedupe_key      text        unique,
    created_at      timestamptz not null default now(),
    read_at         timestamptz,
    constraint notifications_type_check
      check (type in ('REPORT_READY', 'QUARTERLY_UPDATE', 'SYSTEM_ALERT', 'USER_MENTION')),
    constraint notifications_priority_check check (priority in ('HIGH', 'MEDIUM', 'LOW'))
  );
  create index notifications_user on public.notifications (user_id, created_at desc);

  comment on table public.notifications is 'Notices to users. Written by Orrery and applications, delivered by applications. Created by Orrery.';
  comment on column public.notifications.id is 'Identifier of the notice';
  comment on column public.notifications.organization_id is 'Organization of the user; null = platform wide';
  comment on column public.notifications.user_id is 'User who is told';
  comment on column public.notifications.type is 'REPORT_READY, QUARTERLY_UPDATE, SYSTEM_ALERT or USER_MENTION';
  comment on column public.notifications.title is 'One line';
  comment on column public.notifications.message is 'Text';
  comment on column public.notifications.priority is 'HIGH, MEDIUM or LOW';
  comment on column public.notifications.category is 'Free grouping of the platform';
  comment on column public.notifications.payload is 'What an application needs to link to the subject, for example report_id';
  comment on column public.notifications.dedupe_key is 'Orrery sets one per report and user, so that a retry is no second notice';
  comment on column public.notifications.created_at is 'When the notice was written';
  comment on column public.notifications.read_at is 'When the user read it; null = unread';
end
$$;
