-- Data health: a row each car or customer with a problem, `item` naming it (alerts.rules.health);
-- `amount` the visits a year its cars in use should make: 12 over the plan's months, added up.
-- dead_phone is hit when a correction of the number is on somebody's list.
-- `item` feed: one row a store, its newest visit; `amount` the days since.
-- `item` came: each time a car in use fell due whose 90 days ran out in the last 12 full months, hit
-- when it came in time; `part` '' of every car, and once more for each problem the car has.
WITH car AS MATERIALIZED (
    SELECT h.vehicle_id, h.store_id, h.customer_id, h.model, h.powertrain, h.delivered_on,
           h.days[cardinality(h.days)] AS seen_on,
           h.reading_days[cardinality(h.reading_days)] AS read_on,
           12.0 / greatest(h.months, 1) AS expected,
           CASE WHEN v.plate <> '' THEN count(*) OVER (PARTITION BY h.store_id, v.plate) END
               AS same_plates
    FROM {history} h
    JOIN customers_vehicle v ON v.id = h.vehicle_id
    WHERE NOT h.is_gone
), owned AS MATERIALIZED (
    SELECT customer_id, sum(expected) AS expected FROM car GROUP BY 1
), person AS MATERIALIZED (
    SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_now AS advisor_id, g.model,
           g.powertrain, owned.expected,
           c.is_phone_dead OR c.phone_index = '' AS is_dead,
           CASE WHEN c.phone_index <> ''
                THEN count(*) OVER (PARTITION BY g.store_id, c.phone_index) END AS same_phones,
           coalesce(a.is_active, false) AS has_advisor, st.timezone
    FROM {guest} g
    JOIN customers_customer c ON c.id = g.customer_id
    JOIN stores_store st ON st.id = g.store_id
    LEFT JOIN stores_staff a ON a.id = g.advisor_now
    LEFT JOIN owned USING (customer_id)
    WHERE NOT g.is_gone
), of_person AS MATERIALIZED (
    SELECT p.store_id, p.customer_id, p.vehicle_id, p.advisor_id, p.model, p.powertrain,
           p.expected, kind.item,
           kind.item = 'dead_phone' AND EXISTS (
               SELECT FROM alerts_task t
               WHERE t.customer_id = p.customer_id AND t.kind = 'correct_data'
                   AND t.proposal = 'phone' AND t.opened_on <= %(as_of)s
                   AND (t.closed_on IS NULL OR t.closed_on > %(as_of)s)) AS is_hit
    FROM person p
    CROSS JOIN (VALUES ('dead_phone'), ('duplicate_phone'), ('no_owner'), ('no_consent'))
        AS kind(item)
    WHERE CASE kind.item
        WHEN 'dead_phone' THEN p.is_dead AND p.expected IS NOT NULL
        WHEN 'duplicate_phone' THEN p.same_phones > 1
        WHEN 'no_owner' THEN NOT p.has_advisor AND p.expected IS NOT NULL
        ELSE p.expected IS NOT NULL AND NOT EXISTS (
            SELECT FROM customers_consentevent e
            WHERE e.customer_id = p.customer_id AND e.channel IN ('phone', 'sms', 'wechat')
                AND coalesce(e.given_at, e.recorded_at)
                    < (%(as_of)s + 1)::timestamp AT TIME ZONE p.timezone) END
), of_car AS MATERIALIZED (
    SELECT car.*, kind.item
    FROM car
    CROSS JOIN (VALUES ('stale_odometer'), ('duplicate_car')) AS kind(item)
    WHERE CASE kind.item
        WHEN 'stale_odometer' THEN coalesce(
            car.read_on < (%(as_of)s - interval '12 months')::date AND car.seen_on > car.read_on,
            car.read_on IS NULL
                AND (car.delivered_on + interval '12 months')::date <= %(as_of)s)
        ELSE car.same_plates > 1 END
), affected AS MATERIALIZED (
    SELECT vehicle_id, item FROM of_car
    UNION
    SELECT car.vehicle_id, p.item FROM of_person p JOIN car USING (customer_id)
), fell AS MATERIALIZED (
    SELECT c.vehicle_id, c.store_id, c.customer_id, o.advisor_id, c.model, c.powertrain,
           coalesce(c.came_on <= c.due_on + 90, false) AS is_hit
    FROM {cycle} c
    LEFT JOIN customers_customer o ON o.id = c.customer_id
    WHERE NOT c.is_gone AND c.due_on + 90 < %(month)s
        AND c.due_on + 90 >= %(month)s - interval '12 months'
)
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, '' AS band, '' AS period,
       item, '' AS part, is_hit, coalesce(expected, 0) AS amount
FROM of_person
UNION ALL
SELECT o.store_id, o.customer_id, o.vehicle_id, c.advisor_id, o.model, o.powertrain, '', '', o.item,
       '', false, o.expected
FROM of_car o
LEFT JOIN customers_customer c ON c.id = o.customer_id
UNION ALL
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, '', '', 'came', '', is_hit,
       0
FROM fell
UNION ALL
SELECT f.store_id, f.customer_id, f.vehicle_id, f.advisor_id, f.model, f.powertrain, '', '', 'came',
       a.item, f.is_hit, 0
FROM fell f
JOIN affected a USING (vehicle_id)
UNION ALL
(SELECT DISTINCT ON (h.store_id) h.store_id, h.customer_id, h.vehicle_id, NULL::bigint, h.model,
        h.powertrain, '', '', 'feed', '', false, %(as_of)s - h.days[cardinality(h.days)]
 FROM {history} h
 WHERE cardinality(h.days) > 0
 ORDER BY h.store_id, h.days[cardinality(h.days)] DESC, h.vehicle_id)
