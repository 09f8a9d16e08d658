-- Every status received counts from its own date, else from the day of receipt.
-- Index: appointment change by appointment and day.
WITH received AS (
    INSERT INTO customers_appointmentchange (appointment_id, status, status_at, from_on)
    SELECT w.id, w.status, w.status_at, coalesce(w.status_on, w.today)
    FROM import_work w
    WHERE w.status IS NOT NULL
        AND CASE
            WHEN w.is_new THEN true
            WHEN w.status_at IS NOT NULL THEN NOT EXISTS (
                SELECT FROM customers_appointmentchange c
                WHERE c.appointment_id = w.id AND c.status = w.status AND c.status_at = w.status_at
            )
            ELSE w.status IS DISTINCT FROM (
                SELECT l.status FROM customers_appointmentchange l
                WHERE l.appointment_id = w.id
                ORDER BY l.from_on DESC, l.id DESC
                LIMIT 1
            )
        END
    RETURNING appointment_id
)
INSERT INTO import_changed
SELECT w.id FROM received JOIN import_work w ON w.id = received.appointment_id
WHERE NOT w.is_new
ON CONFLICT DO NOTHING
