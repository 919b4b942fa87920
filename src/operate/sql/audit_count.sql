-- audit_count: action $1 was meant for $2 more rows and has changed $3 of them.
update orrery.audit set matched = matched + $2, changed = changed + $3 where id = $1
