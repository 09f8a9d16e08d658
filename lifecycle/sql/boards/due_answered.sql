-- Each time a car fell due (see cycle.sql), once its time has run out; `period` is that day's month.
-- `item` answered: booked or visited from 30 days before to 30 days after due.
-- `item` came: visited from 30 days before to 90 days after due.
-- `item` saved: overdue for a day or more; hit when it was contacted while 1-89 days overdue and
-- visited after that, before day 90.
WITH fell AS MATERIALIZED (
    SELECT c.store_id, c.customer_id, c.vehicle_id, c.nth, c.model, c.powertrain, c.due_on,
           c.came_on, c.next_on IS NULL OR c.next_on > c.due_on AS is_overdue,
           -- The last visit while 1-89 days overdue: days stand in order.
           nullif(greatest(c.days[width_bucket(c.due_on + 89, c.days)], c.due_on), c.due_on)
               AS overdue_visit_on
    FROM {cycle} c
), saved AS MATERIALIZED (
    -- Contacts that name the car, and those of its owner that name none.
    SELECT f.vehicle_id, f.nth
    FROM fell f
    JOIN customers_contact k ON k.vehicle_id = f.vehicle_id
        AND k.happened_on > f.due_on AND k.happened_on <= f.overdue_visit_on
    WHERE f.is_overdue AND f.overdue_visit_on IS NOT NULL
        AND k.direction = 'out' AND k.channel <> 'visit'
    UNION
    SELECT f.vehicle_id, f.nth
    FROM fell f
    JOIN customers_contact k ON k.customer_id = f.customer_id AND k.vehicle_id IS NULL
        AND k.happened_on > f.due_on AND k.happened_on <= f.overdue_visit_on
    WHERE f.is_overdue AND f.overdue_visit_on IS NOT NULL
        AND k.direction = 'out' AND k.channel <> 'visit'
), booked AS MATERIALIZED (
    SELECT DISTINCT f.vehicle_id, f.nth
    FROM fell f
    JOIN customers_appointment a USING (vehicle_id)
    WHERE coalesce(a.created_on, a.starts_on) BETWEEN f.due_on - 30 AND f.due_on + 30
        AND coalesce(a.created_on, a.starts_on) <= %(as_of)s
)
SELECT f.store_id, f.customer_id, f.vehicle_id, h.advisor_id, f.model, f.powertrain, h.band,
       to_char(f.due_on + w.days, 'YYYY-MM') AS period, w.item, '' AS part, w.is_hit, 0 AS amount
FROM fell f
JOIN {history} h USING (vehicle_id)
LEFT JOIN saved USING (vehicle_id, nth)
LEFT JOIN booked USING (vehicle_id, nth),
LATERAL (VALUES
    ('answered', 30, coalesce(f.came_on <= f.due_on + 30, false) OR booked.vehicle_id IS NOT NULL,
     true),
    ('came', 90, coalesce(f.came_on <= f.due_on + 90, false), true),
    ('saved', 90, saved.vehicle_id IS NOT NULL, f.is_overdue)) AS w(item, days, is_hit, counts)
WHERE w.counts AND f.due_on + w.days <= %(as_of)s
