-- LIFE-6 by first visit: as cohorts, a row each customer, `item` the month of the first visit.
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, '' AS band, '' AS period,
       to_char(days[1], 'YYYY-MM') AS item, to_char(m.last, 'FM00') AS part, true AS is_hit,
       0 AS amount
FROM {guest}, LATERAL (
    SELECT (extract(year FROM d.last_on) * 12 + extract(month FROM d.last_on)
            - extract(year FROM days[1]) * 12 - extract(month FROM days[1]))::integer AS last
    FROM (SELECT days[cardinality(days)] AS last_on) AS d
) AS m
WHERE days[1] >= %(month)s - interval '24 months' AND days[1] < %(month)s
