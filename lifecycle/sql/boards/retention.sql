-- LIFE-4: a row each car at risk at a node; `item` first … fourth and out_of_warranty.
-- A car is at risk of its n-th service when it came to the one before in time, and its time for
-- this one (the plan's interval and 90 days more) has run out; `period` is that day's month.
WITH node AS MATERIALIZED (
    SELECT h.*, n.nth,
           coalesce(h.services[n.nth - 1], h.delivered_on) AS from_on
    FROM {history} h, LATERAL generate_series(1, 4) AS n(nth)
    WHERE cardinality(h.services) >= n.nth - 1
), timed AS MATERIALIZED (
    SELECT node.*,
           CASE WHEN nth = 1 THEN (from_on + make_interval(months => first_months))::date
                    + CASE WHEN first_months = 0 THEN first_days ELSE 0 END
                ELSE (from_on + make_interval(months => months))::date END + 90 AS until_on
    FROM node
), chained AS MATERIALIZED (
    -- In time at every node before.
    SELECT timed.*, coalesce(services[nth] <= until_on, false) AS is_hit,
           coalesce(bool_and(coalesce(services[nth] <= until_on, false)) OVER (
               PARTITION BY vehicle_id ORDER BY nth
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), true) AS is_in_time
    FROM timed
), warranty AS MATERIALIZED (
    SELECT h.*,
           least((delivered_on + make_interval(months => warranty_months))::date,
                 (SELECT r.on_date
                  FROM unnest(h.reading_days, h.reading_km) WITH ORDINALITY AS r(on_date, km, n)
                  WHERE r.km >= h.warranty_km ORDER BY r.n LIMIT 1)) AS ended_on
    FROM {history} h
)
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band,
       to_char(until_on, 'YYYY-MM') AS period,
       (ARRAY['first', 'second', 'third', 'fourth'])[nth] AS item, '' AS part, is_hit, 0 AS amount
FROM chained
WHERE is_in_time AND until_on <= %(as_of)s
UNION ALL
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band,
       to_char(ended_on + 365, 'YYYY-MM'), 'out_of_warranty', '',
       EXISTS (SELECT FROM unnest(days) AS d WHERE d > ended_on AND d <= ended_on + 365), 0
FROM warranty
WHERE ended_on + 365 <= %(as_of)s
