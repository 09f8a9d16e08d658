-- Returned after the first visit: a row each customer whose time for the second one has run out,
-- the regular interval of the first visit's car and 90 days; `period` is that day's month.
SELECT g.store_id, g.customer_id, g.vehicle_id, g.advisor_id, g.model, g.powertrain, '' AS band,
       to_char(t.until_on, 'YYYY-MM') AS period, 'first' AS item, '' AS part,
       coalesce(g.days[2] <= t.until_on, false) AS is_hit, 0 AS amount
FROM {guest} g
JOIN {history} h ON h.vehicle_id = g.vehicle_id,
LATERAL (SELECT (g.days[1] + make_interval(months => h.months))::date + 90 AS until_on) AS t
WHERE t.until_on <= %(as_of)s
