-- LIFE-5: a row each customer with a visit; `period` the month of the first one, `part` how many
-- visits there were up to as_of, 6 for more.
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, '' AS band,
       to_char(days[1], 'YYYY-MM') AS period, 'visits' AS item,
       least(cardinality(days), 6)::text AS part, cardinality(days) > 1 AS is_hit, 0 AS amount
FROM {guest}
WHERE cardinality(days) > 0
