-- The present status is that of the latest change.
UPDATE customers_appointment a
SET status = l.status
FROM import_changed i
CROSS JOIN LATERAL (
    SELECT c.status FROM customers_appointmentchange c
    WHERE c.appointment_id = i.id
    ORDER BY c.from_on DESC, c.id DESC
    LIMIT 1
) l
WHERE a.id = i.id AND a.status <> l.status
