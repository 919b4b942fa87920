-- enqueue_report: the function of the applications ($1 to $9 as its arguments); it checks them, and keeps a key to one row.
select orrery.enqueue_report(
  employee_id => $1, report_type => $2, requested_by => $3, key => $4, priority => $5, scheduled_for => $6, reason => $7, metadata => $8,
  depends_on => $9)
