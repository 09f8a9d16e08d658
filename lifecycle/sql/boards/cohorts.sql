-- LIFE-6: a row each car of the cohorts of the last 24 months; `item` the month of delivery, `part`
-- the month since then of its last visit, 00 the month itself, '' never. `band` is the answer to
-- the first service. Counted backwards it gives "came in this month or later" for every month.
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band, '' AS period,
       to_char(delivered_on, 'YYYY-MM') AS item,
       CASE WHEN cardinality(days) = 0 THEN ''
            ELSE to_char(greatest(m.last, 0), 'FM00') END AS part,
       cardinality(days) > 0 AS is_hit, 0 AS amount
FROM {history}, LATERAL (
    SELECT (extract(year FROM d.last_on) * 12 + extract(month FROM d.last_on)
            - extract(year FROM delivered_on) * 12 - extract(month FROM delivered_on))::integer
               AS last
    FROM (SELECT days[cardinality(days)] AS last_on) AS d
) AS m
WHERE delivered_on >= %(month)s - interval '24 months' AND delivered_on < %(month)s
