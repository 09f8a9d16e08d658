-- What was done about each time a car fell due (see cycle.sql): a row where something was; reads
-- {cycle}. Contacts that name the car, and those of its owner that name none.
-- is_followed: somebody called or wrote from 30 days before to 30 days after due, and not after the
-- visit by which the car came. is_saved: contacted while 1-89 days overdue, and visited after that
-- in these days. is_booked: an appointment made from 30 days before to 30 days after due.
WITH fell AS MATERIALIZED (
    SELECT c.vehicle_id, c.nth, c.customer_id, c.due_on,
           least(c.due_on + 30, c.came_on, %(as_of)s) AS followed_until,
           -- The last visit while 1-89 days overdue: days stand in order.
           CASE WHEN c.next_on IS NULL OR c.next_on > c.due_on
                THEN nullif(greatest(c.days[width_bucket(c.due_on + 89, c.days)], c.due_on),
                            c.due_on) END AS saved_until
    FROM {cycle} c
), spoken AS (
    SELECT f.*, k.happened_on
    FROM fell f
    JOIN customers_contact k ON k.vehicle_id = f.vehicle_id
        AND k.happened_on BETWEEN f.due_on - 30 AND greatest(f.followed_until, f.saved_until)
    WHERE k.direction = 'out' AND k.channel <> 'visit'
    UNION ALL
    SELECT f.*, k.happened_on
    FROM fell f
    JOIN customers_contact k ON k.customer_id = f.customer_id AND k.vehicle_id IS NULL
        AND k.happened_on BETWEEN f.due_on - 30 AND greatest(f.followed_until, f.saved_until)
    WHERE k.direction = 'out' AND k.channel <> 'visit'
), fact AS (
    SELECT vehicle_id, nth, happened_on <= followed_until AS is_followed,
           coalesce(happened_on > due_on AND happened_on <= saved_until, false) AS is_saved,
           false AS is_booked
    FROM spoken
    UNION ALL
    SELECT f.vehicle_id, f.nth, false, false, true
    FROM fell f
    JOIN customers_appointment a USING (vehicle_id)
    WHERE coalesce(a.created_on, a.starts_on) BETWEEN f.due_on - 30 AND f.due_on + 30
        AND coalesce(a.created_on, a.starts_on) <= %(as_of)s
)
SELECT vehicle_id, nth, bool_or(is_followed) AS is_followed, bool_or(is_saved) AS is_saved,
       bool_or(is_booked) AS is_booked
FROM fact
GROUP BY 1, 2
