-- Rows of staff and stores follow the file; those who have all stores of the group have none.
DELETE FROM stores_staffstore ss
USING import_work w
JOIN import_touched i USING (id)
WHERE ss.staff_id = w.id AND NOT ss.store_id = ANY(w.wanted);

INSERT INTO stores_staffstore (staff_id, store_id)
SELECT w.id, store_id
FROM import_work w
JOIN import_touched i USING (id)
CROSS JOIN unnest(w.wanted) AS store_id
ON CONFLICT DO NOTHING
