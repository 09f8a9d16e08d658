-- Months of silence: a row each car in use; `item` the full months since its last visit (since the
-- delivery when it never came), 24 for more.
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band, '' AS period,
       to_char(least(m.months, 24), 'FM00') AS item, '' AS part, cardinality(days) > 0 AS is_hit,
       0 AS amount
FROM {history},
LATERAL (SELECT coalesce(days[cardinality(days)], delivered_on) AS last_on) AS l,
LATERAL (
    SELECT ((extract(year FROM %(as_of)s::date) - extract(year FROM last_on)) * 12
            + extract(month FROM %(as_of)s::date) - extract(month FROM last_on))::integer AS turned
) AS t,
-- A month is full on the same day of the next one, clamped to its end (DUE-4).
LATERAL (
    SELECT turned - CASE WHEN (last_on + make_interval(months => turned))::date > %(as_of)s
                         THEN 1 ELSE 0 END AS months
) AS m
WHERE NOT is_gone
