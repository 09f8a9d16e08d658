-- LIFE-4: a row each car at risk at a node; `item` first … fourth and out_of_warranty.
-- A car is at risk of its n-th service when it came to the one before in time, and its time for
-- this one (the plan's interval and 90 days more) has run out; `period` is that day's month.
-- Node by node along the row: each has what the one before left, and nothing is sorted.
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band,
       to_char(node.until_on, 'YYYY-MM') AS period, kind.item, '' AS part,
       coalesce(services[kind.nth] <= node.until_on, false) AS is_hit, 0 AS amount
FROM (
    SELECT h.store_id, h.customer_id, h.vehicle_id, h.advisor_id, h.model, h.powertrain, h.band,
           h.services, make_interval(months => h.months) AS step,
           (h.delivered_on + make_interval(months => h.first_months))::date + 90
               + CASE WHEN h.first_months = 0 THEN h.first_days ELSE 0 END AS until_on
    FROM {history} h
) AS h,
-- A service that never came makes the day NULL, and with it all that follow.
LATERAL (
    SELECT CASE WHEN services[1] <= h.until_on THEN (services[1] + step)::date + 90 END AS until_on
    OFFSET 0
) AS second,
LATERAL (
    SELECT CASE WHEN services[2] <= second.until_on THEN (services[2] + step)::date + 90 END
               AS until_on
    OFFSET 0
) AS third,
LATERAL (
    SELECT CASE WHEN services[3] <= third.until_on THEN (services[3] + step)::date + 90 END
               AS until_on
    OFFSET 0
) AS fourth
CROSS JOIN (VALUES ('first', 1), ('second', 2), ('third', 3), ('fourth', 4)) AS kind(item, nth),
LATERAL (
    SELECT CASE kind.nth WHEN 1 THEN h.until_on WHEN 2 THEN second.until_on
                         WHEN 3 THEN third.until_on ELSE fourth.until_on END AS until_on
    OFFSET 0
) AS node
WHERE node.until_on <= %(as_of)s
UNION ALL
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band,
       to_char(ended.on_date + 365, 'YYYY-MM'), 'out_of_warranty', '',
       coalesce(days[width_bucket(ended.on_date, days) + 1] <= ended.on_date + 365, false), 0
FROM {history} h,
LATERAL (
    SELECT least((delivered_on + make_interval(months => warranty_months))::date,
                 (SELECT r.on_date
                  FROM unnest(reading_days, reading_km) WITH ORDINALITY AS r(on_date, km, n)
                  WHERE r.km >= warranty_km ORDER BY r.n LIMIT 1)) AS on_date
    OFFSET 0
) AS ended
WHERE ended.on_date + 365 <= %(as_of)s
