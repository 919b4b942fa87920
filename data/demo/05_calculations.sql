-- Single calculations that an application asks for without a report. They need version 1.0.0 of the four
-- algorithms in algorithm_versions.

-- One of each kind for entities of the platform; comparisons name what the subject is compared with.
INSERT INTO calculation_jobs (id, job_type, entity_type, entity_id, organization_id, job_status, priority, input_data, algorithm_version, engine_version, triggered_by, trigger_reason) VALUES
  ('c0000000-0000-4000-8000-000000000001', 'birth_chart', 'employee', '60000000-0000-4000-8000-000000000004', '10000000-0000-4000-8000-000000000001', 'pending', 5, '{"entity_type": "employee", "entity_id": "60000000-0000-4000-8000-000000000004"}', '1.0.0', '1.0.0', 'demo', 'manual'),
  ('c0000000-0000-4000-8000-000000000002', 'harmonic_code', 'candidate', '70000000-0000-4000-8000-000000000008', '10000000-0000-4000-8000-000000000002', 'pending', 6, '{"entity_type": "candidate", "entity_id": "70000000-0000-4000-8000-000000000008"}', '1.0.0', '1.0.0', 'demo', 'data_change'),
  ('c0000000-0000-4000-8000-000000000003', 'compatibility', 'employee', '60000000-0000-4000-8000-000000000016', '10000000-0000-4000-8000-000000000001', 'pending', 5, '{"entity_type": "employee", "entity_id": "60000000-0000-4000-8000-000000000016", "compatibility_type": "department", "target_entity": {"type": "department", "id": "30000000-0000-4000-8000-000000000003"}}', '1.0.0', '1.0.0', 'demo', 'manual'),
  ('c0000000-0000-4000-8000-000000000004', 'compatibility', 'candidate', '70000000-0000-4000-8000-000000000012', '10000000-0000-4000-8000-000000000003', 'pending', 5, '{"entity_type": "candidate", "entity_id": "70000000-0000-4000-8000-000000000012", "compatibility_type": "role", "target_entity": {"type": "job_role", "id": "40000000-0000-4000-8000-000000000019"}}', '1.0.0', '1.0.0', 'demo', 'manual'),
  ('c0000000-0000-4000-8000-000000000005', 'energy_pattern', 'company', '10000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', 'pending', 4, '{"entity_type": "company", "entity_id": "10000000-0000-4000-8000-000000000001"}', '1.0.0', '1.0.0', 'demo', 'manual');

-- Birth data in the row itself (no entity is looked up): once good, once with a latitude that does not exist.
INSERT INTO calculation_jobs (id, job_type, entity_type, entity_id, organization_id, job_status, priority, input_data, algorithm_version, engine_version, triggered_by, trigger_reason) VALUES
  ('c0000000-0000-4000-8000-000000000006', 'birth_chart', 'candidate', '70000000-0000-4000-8000-0000000000f1', '10000000-0000-4000-8000-000000000002', 'pending', 8, '{"birth_data": {"date": "1976-04-17", "time": "08:05", "timezone": "Europe/Lisbon", "latitude": 38.7223, "longitude": -9.1393}}', '1.0.0', '1.0.0', 'demo', 'manual'),
  ('c0000000-0000-4000-8000-000000000007', 'birth_chart', 'candidate', '70000000-0000-4000-8000-0000000000f2', '10000000-0000-4000-8000-000000000002', 'pending', 8, '{"birth_data": {"date": "1901-12-10", "time": "12:00", "timezone": "Europe/Stockholm", "latitude": 123, "longitude": 18.0686}}', '1.0.0', '1.0.0', 'demo', 'manual');

-- Somebody without birth data.
INSERT INTO calculation_jobs (id, job_type, entity_type, entity_id, organization_id, job_status, priority, input_data, algorithm_version, engine_version, triggered_by, trigger_reason) VALUES
  ('c0000000-0000-4000-8000-000000000008', 'birth_chart', 'employee', '60000000-0000-4000-8000-000000000025', '10000000-0000-4000-8000-000000000001', 'pending', 5, '{"entity_type": "employee", "entity_id": "60000000-0000-4000-8000-000000000025"}', '1.0.0', '1.0.0', 'demo', 'manual');
