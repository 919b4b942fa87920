-- Removes the audit trail, the metrics and the documents' table of schema migrations.

set local lock_timeout = '5s';

drop table calc.schema_migrations;
drop table calc.performance_metrics;
drop table calc.calculation_audit_log;
