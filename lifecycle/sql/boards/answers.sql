-- Satisfaction and recommendation: a row each answer of the last 25 months, by its month.
-- `item` csat with the satisfaction as amount; nps with `part` promoter, passive or detractor.
SELECT g.store_id, g.customer_id, s.vehicle_id, g.advisor_id, g.model, g.powertrain, '' AS band,
       to_char(s.answered_on, 'YYYY-MM') AS period, kind.item,
       CASE WHEN kind.item = 'nps'
            THEN CASE WHEN s.nps >= 9 THEN 'promoter' WHEN s.nps >= 7 THEN 'passive'
                      ELSE 'detractor' END
            WHEN s.satisfaction >= 90 THEN 'high' WHEN s.satisfaction >= 70 THEN 'mid'
            ELSE 'low' END AS part,
       kind.item = 'csat' OR s.nps >= 9 AS is_hit,
       CASE kind.item WHEN 'csat' THEN s.satisfaction ELSE 0 END AS amount
FROM {guest} g
JOIN {answer} s USING (customer_id)
CROSS JOIN (VALUES ('csat'), ('nps')) AS kind(item)
WHERE kind.item = 'csat' OR s.nps IS NOT NULL
