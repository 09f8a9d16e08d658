-- Satisfaction and recommendation: a row each answer of the last 25 months, by its month.
-- `item` csat with the satisfaction as amount; nps with `part` promoter, passive or detractor.
SELECT h.store_id, w.customer_id, h.vehicle_id, h.advisor_id, h.model, h.powertrain, '' AS band,
       to_char(s.answered_on, 'YYYY-MM') AS period, kind.item, kind.part, kind.is_hit, kind.amount
FROM {history} h
JOIN customers_survey s USING (vehicle_id)
JOIN customers_visit w ON w.id = s.visit_id,
LATERAL (VALUES
    ('csat', CASE WHEN s.satisfaction >= 90 THEN 'high' WHEN s.satisfaction >= 70 THEN 'mid'
                  ELSE 'low' END, true, s.satisfaction),
    ('nps', CASE WHEN s.nps >= 9 THEN 'promoter' WHEN s.nps >= 7 THEN 'passive'
                 ELSE 'detractor' END, s.nps >= 9, 0)) AS kind(item, part, is_hit, amount)
WHERE s.answered_on <= %(as_of)s AND s.answered_on >= %(month)s - interval '25 months'
    AND w.is_counted AND (w.void_on IS NULL OR w.void_on > %(as_of)s)
    AND (kind.item = 'csat' OR s.nps IS NOT NULL)
