-- version of the server.
select case when current_setting('server_version_num')::int < 130000 then 2 else 0 end as level,
       'version ' || current_setting('server_version') as found, 'upgrade the server to PostgreSQL 13 or later' as fix
