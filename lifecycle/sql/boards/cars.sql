-- The cars in use, a row each: what there is to choose from.
SELECT store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band, '' AS period,
       'car' AS item, '' AS part, true AS is_hit, 0 AS amount
FROM {history}
WHERE NOT is_gone
