-- Each time a car fell due (see cycle.sql), once its time has run out; `period` is that day's month.
-- `item` answered: booked or visited from 30 days before to 30 days after due.
-- `item` came: visited from 30 days before to 90 days after due.
-- `item` saved: overdue for a day or more; hit when it was contacted while 1-89 days overdue and
-- visited after that, before day 90.
SELECT c.store_id, c.customer_id, c.vehicle_id, h.advisor_id, c.model, c.powertrain, h.band,
       to_char(c.due_on + w.days, 'YYYY-MM') AS period, w.item, '' AS part,
       CASE w.item WHEN 'saved' THEN coalesce(k.is_saved, false)
                   ELSE coalesce(c.came_on <= c.due_on + w.days, false)
                       OR w.item = 'answered' AND coalesce(k.is_booked, false) END AS is_hit,
       0 AS amount
FROM {cycle} c
JOIN {history} h USING (vehicle_id)
LEFT JOIN {care} k USING (vehicle_id, nth)
CROSS JOIN (VALUES ('answered', 30), ('came', 90), ('saved', 90)) AS w(item, days)
WHERE c.due_on + w.days <= %(as_of)s
    AND (w.item <> 'saved' OR c.next_on IS NULL OR c.next_on > c.due_on)
