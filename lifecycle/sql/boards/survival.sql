-- The step from the first service to the second: a row each car with a first service in the last
-- 24 months; `part` the full weeks until the second (hit) or, without one, until as_of.
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band, '' AS period,
       'second' AS item,
       to_char((coalesce(services[2], %(as_of)s) - services[1]) / 7, 'FM000') AS part,
       cardinality(services) > 1 AS is_hit, 0 AS amount
FROM {history}
WHERE services[1] > %(as_of)s - 730
