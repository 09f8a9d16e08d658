-- Satisfaction and recommendation: a row each answer of the last 25 months, by its month.
-- `item` csat with the satisfaction as amount; nps with `part` promoter, passive or detractor.
-- An answer stays with the customer of its visit, whoever has the car now.
SELECT g.store_id, g.customer_id, w.vehicle_id, g.advisor_id, g.model, g.powertrain, '' AS band,
       to_char(s.answered_on, 'YYYY-MM') AS period, kind.item, kind.part, kind.is_hit, kind.amount
FROM {guest} g
JOIN customers_visit w USING (customer_id)
JOIN customers_survey s ON s.visit_id = w.id,
LATERAL (VALUES
    ('csat', CASE WHEN s.satisfaction >= 90 THEN 'high' WHEN s.satisfaction >= 70 THEN 'mid'
                  ELSE 'low' END, true, s.satisfaction),
    ('nps', CASE WHEN s.nps >= 9 THEN 'promoter' WHEN s.nps >= 7 THEN 'passive'
                 ELSE 'detractor' END, s.nps >= 9, 0)) AS kind(item, part, is_hit, amount)
WHERE s.answered_on <= %(as_of)s AND s.answered_on >= %(month)s - interval '25 months'
    AND w.is_counted AND w.arrived_on <= %(as_of)s AND (w.void_on IS NULL OR w.void_on > %(as_of)s)
    AND (kind.item = 'csat' OR s.nps IS NOT NULL)
