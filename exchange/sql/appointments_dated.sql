-- The day from which the present status counts, when it is sent after the status itself.
-- Index: appointment change by appointment and day.
WITH dated AS (
    UPDATE customers_appointmentchange c
    SET status_at = w.status_at, from_on = w.status_on
    FROM import_work w
    WHERE NOT w.is_new AND w.status_at IS NOT NULL AND c.status = w.status AND c.status_at IS NULL
        AND c.id = (
            SELECT l.id FROM customers_appointmentchange l
            WHERE l.appointment_id = w.id
            ORDER BY l.from_on DESC, l.id DESC
            LIMIT 1
        )
    RETURNING w.id
)
INSERT INTO import_changed
SELECT id FROM dated
ON CONFLICT DO NOTHING
