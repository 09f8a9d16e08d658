-- Why customers do not come: a row each outcome with a reason of the last 25 months, by its month;
-- `item` the reason, hit when the house can do something about it (WB-6: not moved, not sold).
SELECT g.store_id, g.customer_id, coalesce(o.vehicle_id, g.vehicle_id) AS vehicle_id, g.advisor_id,
       g.model, g.powertrain, '' AS band, to_char(o.on_date, 'YYYY-MM') AS period,
       o.reason AS item, '' AS part, o.reason NOT IN ('moved', 'sold') AS is_hit, 0 AS amount
FROM {guest} g
JOIN alerts_outcome o USING (customer_id)
WHERE o.reason <> '' AND o.undone_at IS NULL AND o.on_date <= %(as_of)s
    AND o.on_date >= %(month)s - interval '25 months'
