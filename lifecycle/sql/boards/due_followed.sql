-- What following up does: each time a car fell due (see cycle.sql), once its 90 days have run out;
-- `period` is that day's month. Each item's members are those who were hits of the one before.
-- `item` followed: hit when somebody called or wrote from 30 days before to 30 days after due, and
-- not after the visit by which the car came.
-- `item` answered: booked or visited from 30 days before to 30 days after, as in due_answered.
-- `item` came: visited from 30 days before to 90 days after.
-- `item` alone: those nobody followed up, hit when booked or visited as in answered.
SELECT c.store_id, c.customer_id, c.vehicle_id, h.advisor_id, c.model, c.powertrain, h.band,
       to_char(c.due_on + 90, 'YYYY-MM') AS period, w.item, '' AS part,
       CASE w.item WHEN 'followed' THEN fact.is_followed WHEN 'came' THEN fact.is_in_time
                   ELSE fact.is_answered END AS is_hit,
       0 AS amount
FROM {cycle} c
JOIN {history} h USING (vehicle_id)
LEFT JOIN {care} k USING (vehicle_id, nth),
LATERAL (
    SELECT coalesce(k.is_followed, false) AS is_followed,
           coalesce(c.came_on <= c.due_on + 30, false) OR coalesce(k.is_booked, false)
               AS is_answered,
           coalesce(c.came_on <= c.due_on + 90, false) AS is_in_time
    OFFSET 0
) AS fact
CROSS JOIN (VALUES ('followed'), ('answered'), ('came'), ('alone')) AS w(item)
WHERE c.due_on + 90 <= %(as_of)s
    AND CASE w.item WHEN 'followed' THEN true WHEN 'answered' THEN fact.is_followed
                    WHEN 'came' THEN fact.is_followed AND fact.is_answered
                    ELSE NOT fact.is_followed END
