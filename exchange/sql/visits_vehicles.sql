-- The cars that rows name now and named before are read again; surveys go with their visit.
INSERT INTO import_readings
SELECT DISTINCT vehicle_id FROM import_work WHERE is_new
UNION
SELECT w.vehicle_id FROM import_work w JOIN import_changed USING (id)
UNION
SELECT w.old_vehicle_id FROM import_work w JOIN import_changed USING (id);

INSERT INTO import_vehicle SELECT id FROM import_readings WHERE id IS NOT NULL;

UPDATE customers_survey s
SET vehicle_id = o.vehicle_id
FROM import_changed i
JOIN customers_visit o USING (id)
WHERE s.visit_id = o.id AND s.vehicle_id <> o.vehicle_id
