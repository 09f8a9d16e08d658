-- A store's counts by level and value: of cars (`stage` is empty) and of customers, who are neither
-- erased nor merged. The tiers of the store's own customers are read once; few cars belong to
-- another store's. `stores` is the reader's scope, null for every store.
-- Indexes: states by store, customers that are gone.
WITH people AS MATERIALIZED (
    SELECT s.customer_id, s.stage, s.value_tier
    FROM lifecycle_customerstate s
    WHERE s.store_id = %(store)s
        AND (%(stores)s::bigint[] IS NULL OR %(store)s = ANY(%(stores)s))
)
SELECT '' AS stage, c.level, c.risk_level, c.is_lost, c.phase, c.tier, count(*) AS n
FROM (
    SELECT v.level, v.risk_level, v.is_lost, v.phase,
           CASE WHEN p.customer_id IS NOT NULL THEN p.value_tier
                ELSE coalesce((
                    SELECT o.value_tier FROM lifecycle_customerstate o
                    WHERE o.customer_id = v.customer_id), '')
           END AS tier
    FROM lifecycle_vehiclestate v
    LEFT JOIN people p ON p.customer_id = v.customer_id
    WHERE v.store_id = %(store)s AND v.customer_id IS NOT NULL AND NOT v.is_gone
        AND (%(stores)s::bigint[] IS NULL OR %(store)s = ANY(%(stores)s))
) c
GROUP BY c.level, c.risk_level, c.is_lost, c.phase, c.tier
UNION ALL
SELECT p.stage, '', '', false, '', p.value_tier, count(*)
FROM people p
WHERE NOT EXISTS (
    SELECT FROM customers_customer c
    WHERE c.id = p.customer_id AND (c.erased_on IS NOT NULL OR c.merged_into_id IS NOT NULL)
)
GROUP BY p.stage, p.value_tier
