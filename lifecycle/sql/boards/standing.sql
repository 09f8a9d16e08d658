-- Where customers and cars stand on as_of: `item` the dimension, `part` the value. Amounts are those
-- of the last 730 days. Reads {customer_state}, {segments} and {state}.
SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_now AS advisor_id, g.model, g.powertrain,
       '' AS band, '' AS period, d.item, part.of_customer AS part, true AS is_hit, r.amount
FROM {guest} g
JOIN {customer_state} s USING (customer_id)
LEFT JOIN {segments} f USING (customer_id),
LATERAL (
    SELECT coalesce(sum(v.amount), 0) AS amount FROM unnest(g.days, g.amounts) AS v(on_date, amount)
    WHERE v.on_date > %(as_of)s - 730
) AS r
CROSS JOIN (VALUES ('stage'), ('value_tier'), ('rfm'), ('quadrant')) AS d(item),
LATERAL (
    SELECT CASE d.item WHEN 'stage' THEN s.stage WHEN 'value_tier' THEN s.value_tier
                       WHEN 'rfm' THEN f.rfm ELSE f.quadrant END AS of_customer
) AS part
WHERE NOT g.is_gone AND part.of_customer <> ''
UNION ALL
SELECT s.store_id, s.customer_id, s.vehicle_id, c.advisor_id, h.model, h.powertrain, '', '', d.item,
       part.of_car, true, 0
FROM {state} s
JOIN {history} h USING (vehicle_id)
JOIN customers_customer c ON c.id = s.customer_id
CROSS JOIN (VALUES ('due'), ('risk'), ('phase')) AS d(item),
LATERAL (
    SELECT CASE WHEN d.item = 'phase' THEN nullif(s.phase, '') WHEN s.is_lost THEN NULL
                WHEN d.item = 'due' THEN s.level ELSE s.risk_level END AS of_car
) AS part
WHERE NOT s.is_gone AND part.of_car IS NOT NULL
