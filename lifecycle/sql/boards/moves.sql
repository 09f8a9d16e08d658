-- LIFE-2: a row each change of stage of the last 25 months, by its month; `item` from, `part` to.
SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_id, g.model, g.powertrain, '' AS band,
       to_char(t.changed_on, 'YYYY-MM') AS period, t.from_stage AS item, t.to_stage AS part,
       t.is_reconstructed AS is_hit, 0 AS amount
FROM {guest} g
JOIN lifecycle_stagetransition t USING (customer_id)
WHERE t.changed_on <= %(as_of)s AND t.changed_on >= %(month)s - interval '25 months'
    AND t.from_stage <> ''
