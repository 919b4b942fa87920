-- Every employee, candidate and company into the entity queue, the way a platform would after a change of its data.
-- Row ids are those of the entities with the first digit b in front (60.. -> b6.., 70.. -> b7.., 10.. -> b1..).

INSERT INTO entity_update_queue (id, entity_type, entity_id, organization_id, subscription_active, subscription_tier, queue_status, priority)
SELECT ('b' || left(e.entity_id, 1) || substr(e.entity_id, 3))::uuid,
       e.entity_type, e.entity_id, o.id::text,
       o.subscription_status IN ('ACTIVE', 'TRIAL') AND e.wanted,
       o.subscription_tier, 'queued', e.priority
FROM (
  SELECT 'employee' AS entity_type, id::text AS entity_id, organization_id, true AS wanted, 5 AS priority FROM employees
  UNION ALL
  -- A candidate who withdrew is not computed any more: the row ends skipped.
  SELECT 'candidate', id::text, organization_id, status <> 'withdrawn', 4 FROM candidates
  UNION ALL
  SELECT 'company', id::text, id, true, 8 FROM organizations
) e
JOIN organizations o ON o.id = e.organization_id
WHERE o.id IN ('10000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-000000000003');

-- Two rows that no application should write and some do: an id of an older system, and an employee who does not exist.
INSERT INTO entity_update_queue (id, entity_type, entity_id, organization_id, subscription_active, queue_status) VALUES
  ('b9000000-0000-4000-8000-000000000001', 'employee', 'emp-legacy-17', '10000000-0000-4000-8000-000000000001', true, 'queued'),
  ('b9000000-0000-4000-8000-000000000002', 'employee', '60000000-0000-4000-8000-000000000999', '10000000-0000-4000-8000-000000000001', true, 'queued');
