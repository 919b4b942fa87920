-- audit_allowed: whether this session may note what it does. An application may not.
select has_table_privilege('orrery.audit', 'insert')
