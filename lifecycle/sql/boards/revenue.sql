-- A row each visit of the last 25 months, by the month it arrived in; `item` new for a customer's
-- first one, else returning; `part` maintenance for the part of its amount that is, else other.
SELECT g.store_id, g.customer_id, v.vehicle_id, g.advisor_id, g.model, g.powertrain, '' AS band,
       to_char(v.on_date, 'YYYY-MM') AS period,
       CASE WHEN v.n = 1 THEN 'new' ELSE 'returning' END AS item, share.part,
       -- Hits count visits; a visit has a part of each kind.
       share.part = 'maintenance' AS is_hit,
       CASE share.part WHEN 'maintenance' THEN v.service_amount
                       ELSE v.amount - v.service_amount END AS amount
FROM {guest} g,
LATERAL unnest(g.days, g.vehicles, g.amounts, g.service_amounts) WITH ORDINALITY
    AS v(on_date, vehicle_id, amount, service_amount, n)
CROSS JOIN (VALUES ('maintenance'), ('other')) AS share(part)
WHERE v.on_date >= %(month)s - interval '25 months'
