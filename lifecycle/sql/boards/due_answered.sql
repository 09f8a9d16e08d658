-- Each time a car fell due (see cycle.sql), once its time has run out; `period` is that day's month.
-- `item` answered: booked or visited from 30 days before to 30 days after due.
-- `item` came: visited from 30 days before to 90 days after due.
-- `item` saved: overdue for a day or more; hit when it was contacted while 1-89 days overdue and
-- visited after that, before day 90.
WITH spoken AS MATERIALIZED (
    -- Contacts that name the car, and those of its owner that name none.
    SELECT c.vehicle_id, c.nth, min(k.happened_on) AS on_date
    FROM {cycle} c
    JOIN customers_contact k ON k.customer_id = c.customer_id
        AND (k.vehicle_id IS NULL OR k.vehicle_id = c.vehicle_id)
        AND k.happened_on > c.due_on AND k.happened_on < c.due_on + 90
        AND k.happened_on <= %(as_of)s
    WHERE k.direction = 'out' AND k.channel <> 'visit'
    GROUP BY 1, 2
), booked AS MATERIALIZED (
    SELECT DISTINCT c.vehicle_id, c.nth
    FROM {cycle} c
    JOIN customers_appointment a USING (vehicle_id)
    WHERE coalesce(a.created_on, a.starts_on) BETWEEN c.due_on - 30 AND c.due_on + 30
        AND coalesce(a.created_on, a.starts_on) <= %(as_of)s
), fact AS MATERIALIZED (
    SELECT c.*, h.advisor_id, h.band,
           coalesce(c.came_on <= c.due_on + 30, false) OR booked.vehicle_id IS NOT NULL
               AS is_answered,
           coalesce(c.came_on <= c.due_on + 90, false) AS is_in_time,
           coalesce((SELECT max(d) FROM unnest(c.days) AS d
                     WHERE d > c.due_on AND d < c.due_on + 90) >= spoken.on_date, false) AS is_saved
    FROM {cycle} c
    JOIN {history} h USING (vehicle_id)
    LEFT JOIN spoken USING (vehicle_id, nth)
    LEFT JOIN booked USING (vehicle_id, nth)
)
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band,
       to_char(due_on + w.days, 'YYYY-MM') AS period, w.item, '' AS part, w.is_hit, 0 AS amount
FROM fact, LATERAL (VALUES
    ('answered', 30, is_answered, true),
    ('came', 90, is_in_time, true),
    ('saved', 90, is_saved, next_on IS NULL OR next_on > due_on)) AS w(item, days, is_hit, counts)
WHERE w.counts AND due_on + w.days <= %(as_of)s
