-- A small platform: one company with people whose data is right, and three whose data is wrong.
-- Loads into Orrery's own tables and into those of tests/data/documents_000_001.sql.

insert into industries (id, code, name, parameters) values
  ('01000000-0000-4000-9000-000000000001', 'optics', 'Optics',
   '{"summary": "Lenses and what holds them.", "dimensions": {"analytical": 80, "focus": 75}, "must": ["analytical"], "values": ["craft"], "skills": {"metrology": 70}}');

insert into organizations (id, name, industry_id, timezone, subscription_status, subscription_tier, profile) values
  ('10000000-0000-4000-9000-000000000001', 'Lantern Works', '01000000-0000-4000-9000-000000000001', 'Europe/Berlin', 'ACTIVE', 'professional',
   '{"summary": "Builds lighthouses lamps.", "dimensions": {"analytical": 70, "communication": 60}, "must": ["analytical"], "values": ["craft", "care"], "skills": {"metrology": 60}}');

insert into branches (id, organization_id, name, city, country, timezone) values
  ('20000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', 'Yard', 'Rostock', 'Germany', 'Europe/Berlin');

insert into departments (id, organization_id, branch_id, name, profile) values
  ('30000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', '20000000-0000-4000-9000-000000000001', 'Lamp room',
   '{"summary": "Grinds and mounts.", "dimensions": {"focus": 80, "resilience": 55}, "must": ["focus"], "values": ["craft"], "skills": {"metrology": 65}}');

insert into job_roles (id, organization_id, department_id, title, description, requirements) values
  ('40000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', '30000000-0000-4000-9000-000000000001', 'Lens grinder', 'Grinds lenses.',
   '{"summary": "Grinds lenses to a tenth of a wave.", "dimensions": {"focus": 85, "analytical": 65}, "must": ["focus"], "values": ["craft"], "skills": {"metrology": 75}}');

insert into users (id, organization_id, email, full_name, role) values
  ('50000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', 'keeper@lantern.example', 'Keeper', 'OWNER');

insert into employees (id, organization_id, branch_id, department_id, job_role_id, full_name, profile) values
  ('60000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', '20000000-0000-4000-9000-000000000001', '30000000-0000-4000-9000-000000000001', '40000000-0000-4000-9000-000000000001', 'Anna Lindqvist', '{"values": ["craft"], "skills": {"metrology": 80}}'),
  ('60000000-0000-4000-9000-000000000002', '10000000-0000-4000-9000-000000000001', '20000000-0000-4000-9000-000000000001', '30000000-0000-4000-9000-000000000001', '40000000-0000-4000-9000-000000000001', 'Ben Okafor', '{"values": ["care"], "skills": {"metrology": 40}}'),
  ('60000000-0000-4000-9000-000000000003', '10000000-0000-4000-9000-000000000001', '20000000-0000-4000-9000-000000000001', '30000000-0000-4000-9000-000000000001', '40000000-0000-4000-9000-000000000001', 'Nobody Knows', '{}'),
  ('60000000-0000-4000-9000-000000000004', '10000000-0000-4000-9000-000000000001', null, null, null, 'Atlas Drowned', '{}'),
  ('60000000-0000-4000-9000-000000000005', '10000000-0000-4000-9000-000000000001', null, null, null, 'Maria Early', '{}');

insert into candidates (id, organization_id, job_role_id, department_id, full_name) values
  ('70000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', '40000000-0000-4000-9000-000000000001', '30000000-0000-4000-9000-000000000001', 'Cleo Duarte');

insert into entity_birth_data (employee_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude, city, country, location) values
  ('60000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', '1985-03-14', '09:25', 'exact', 'Europe/Stockholm', 59.3293, 18.0686, 'Stockholm', 'Sweden', 'Stockholm, Sweden'),
  ('60000000-0000-4000-9000-000000000002', '10000000-0000-4000-9000-000000000001', '1990-11-02', null, 'unknown', 'Africa/Lagos', 6.4541, 3.3947, 'Lagos', 'Nigeria', 'Lagos, Nigeria'),
  ('60000000-0000-4000-9000-000000000004', '10000000-0000-4000-9000-000000000001', '1980-06-01', '12:00', 'exact', 'Europe/Atlantis', 36.0, -9.0, 'Poseidonis', 'Atlantis', 'Poseidonis, Atlantis'),
  ('60000000-0000-4000-9000-000000000005', '10000000-0000-4000-9000-000000000001', '1718-05-16', null, 'unknown', 'Europe/Rome', 45.4642, 9.19, 'Milan', 'Italy', 'Milan, Italy');

insert into entity_birth_data (candidate_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude, city, country, location) values
  ('70000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', '1994-08-21', '23:10', 'exact', 'America/Sao_Paulo', -23.5505, -46.6333, 'São Paulo', 'Brazil', 'São Paulo, Brazil');

insert into entity_birth_data (company_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude, city, country, location) values
  ('10000000-0000-4000-9000-000000000001', '10000000-0000-4000-9000-000000000001', '2003-05-05', '10:00', 'exact', 'Europe/Berlin', 54.0924, 12.0991, 'Rostock', 'Germany', 'Rostock, Germany');
