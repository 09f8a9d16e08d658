-- Referral rate: a row each customer with a visit; hit when a customer it referred has visited.
SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_id, g.model, g.powertrain, '' AS band,
       '' AS period, 'visited' AS item, '' AS part, r.customer_id IS NOT NULL AS is_hit, 0 AS amount
FROM {guest} g
LEFT JOIN (
    SELECT DISTINCT referred_by_id AS customer_id FROM {guest}
    WHERE cardinality(days) > 0 AND referred_by_id IS NOT NULL
) r USING (customer_id)
WHERE cardinality(g.days) > 0 AND NOT g.is_gone
