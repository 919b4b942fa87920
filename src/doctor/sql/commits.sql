-- commits that are not waited for: a crash may take back the last ones.
select 1 as level, 'synchronous_commit is off' as found,
       format('sql: alter database %I set synchronous_commit to on', current_database()) as fix
where current_setting('synchronous_commit') = 'off'
