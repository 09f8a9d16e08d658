-- Months of silence: a row each car in use; `item` the full months since its last visit (since the
-- delivery when it never came), 24 for more.
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band, '' AS period,
       to_char(least(extract(year FROM s.quiet) * 12 + extract(month FROM s.quiet), 24), 'FM00')
           AS item,
       '' AS part, cardinality(days) > 0 AS is_hit, 0 AS amount
FROM {history},
LATERAL (
    SELECT age(%(as_of)s, coalesce(days[cardinality(days)], delivered_on)) AS quiet
) AS s
WHERE NOT is_gone
