-- What following up does: each time a car fell due (see cycle.sql), once its 90 days have run out;
-- `period` is that day's month. Each item's members are those who were hits of the one before.
-- `item` followed: hit when somebody called or wrote from 30 days before to 30 days after due, and
-- not after the visit by which the car came.
-- `item` answered: booked or visited from 30 days before to 30 days after, as in due_answered.
-- `item` came: visited from 30 days before to 90 days after.
-- `item` alone: those nobody followed up, hit when booked or visited as in answered.
WITH spoken AS MATERIALIZED (
    -- Contacts that name the car, and those of its owner that name none.
    SELECT c.vehicle_id, c.nth
    FROM {cycle} c
    JOIN customers_contact k ON k.vehicle_id = c.vehicle_id
        AND k.happened_on BETWEEN c.due_on - 30 AND least(c.due_on + 30, c.came_on, %(as_of)s)
    WHERE k.direction = 'out' AND k.channel <> 'visit' AND c.due_on + 90 <= %(as_of)s
    UNION
    SELECT c.vehicle_id, c.nth
    FROM {cycle} c
    JOIN customers_contact k ON k.customer_id = c.customer_id AND k.vehicle_id IS NULL
        AND k.happened_on BETWEEN c.due_on - 30 AND least(c.due_on + 30, c.came_on, %(as_of)s)
    WHERE k.direction = 'out' AND k.channel <> 'visit' AND c.due_on + 90 <= %(as_of)s
), booked AS MATERIALIZED (
    SELECT DISTINCT c.vehicle_id, c.nth
    FROM {cycle} c
    JOIN customers_appointment a USING (vehicle_id)
    WHERE coalesce(a.created_on, a.starts_on) BETWEEN c.due_on - 30 AND c.due_on + 30
        AND coalesce(a.created_on, a.starts_on) <= %(as_of)s
)
SELECT c.store_id, c.customer_id, c.vehicle_id, h.advisor_id, c.model, c.powertrain, h.band,
       to_char(c.due_on + 90, 'YYYY-MM') AS period, w.item, '' AS part, w.is_hit, 0 AS amount
FROM {cycle} c
JOIN {history} h USING (vehicle_id)
LEFT JOIN spoken USING (vehicle_id, nth)
LEFT JOIN booked USING (vehicle_id, nth),
LATERAL (
    SELECT spoken.vehicle_id IS NOT NULL AS is_followed,
           coalesce(c.came_on <= c.due_on + 30, false) OR booked.vehicle_id IS NOT NULL
               AS is_answered,
           coalesce(c.came_on <= c.due_on + 90, false) AS is_in_time
) AS fact,
LATERAL (VALUES
    ('followed', is_followed, true),
    ('answered', is_answered, is_followed),
    ('came', is_in_time, is_followed AND is_answered),
    ('alone', is_answered, NOT is_followed)) AS w(item, is_hit, counts)
WHERE c.due_on + 90 <= %(as_of)s AND w.counts
