-- Where customers and cars stand on as_of: `item` the dimension, `part` the value. Amounts are those
-- of the last 730 days. Reads {customer_state}, {segments} and {state}.
SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_now AS advisor_id, g.model, g.powertrain,
       '' AS band, '' AS period, d.item, d.part, true AS is_hit, r.amount
FROM {guest} g
JOIN {customer_state} s USING (customer_id)
LEFT JOIN {segments} f USING (customer_id),
LATERAL (
    SELECT coalesce(sum(v.amount), 0) AS amount FROM unnest(g.days, g.amounts) AS v(on_date, amount)
    WHERE v.on_date > %(as_of)s - 730
) AS r,
LATERAL (VALUES ('stage', s.stage), ('value_tier', s.value_tier), ('rfm', f.rfm),
                ('quadrant', f.quadrant)) AS d(item, part)
WHERE NOT g.is_gone AND d.part <> ''
UNION ALL
SELECT s.store_id, s.customer_id, s.vehicle_id, c.advisor_id, h.model, h.powertrain, '', '', d.item,
       d.part, true, 0
FROM {state} s
JOIN {history} h USING (vehicle_id)
JOIN customers_customer c ON c.id = s.customer_id,
LATERAL (VALUES
    ('due', CASE WHEN NOT s.is_lost THEN s.level END),
    ('risk', CASE WHEN NOT s.is_lost THEN s.risk_level END),
    ('phase', nullif(s.phase, ''))) AS d(item, part)
WHERE NOT s.is_gone AND d.part IS NOT NULL
