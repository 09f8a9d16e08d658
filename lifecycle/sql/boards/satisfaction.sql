-- LIFE-7: a row each car whose first service was answered and whose time for the second one has
-- run out; `item` the band, `part` the satisfaction, hit when it came to the second in time.
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band,
       to_char(until_on, 'YYYY-MM') AS period, band AS item,
       trim_scale(satisfaction)::text AS part, coalesce(services[2] <= until_on, false) AS is_hit,
       0 AS amount
FROM {history},
LATERAL (SELECT (services[1] + make_interval(months => months))::date + 90 AS until_on) AS t
WHERE satisfaction IS NOT NULL AND until_on <= %(as_of)s
