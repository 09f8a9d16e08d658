-- 3- and 12-month retention: a row each visit that long ago; hit when the car came again within
-- 3 (12) months; `period` the month in which the time ran out.
SELECT h.store_id, v.owner AS customer_id, h.vehicle_id, h.advisor_id, h.model, h.powertrain,
       h.band, to_char(t.until_on, 'YYYY-MM') AS period, k.item, '' AS part,
       coalesce(h.days[v.n + 1] <= t.until_on, false) AS is_hit, 0 AS amount
FROM {history} h,
LATERAL (
    SELECT d.on_date, d.owner, d.n
    FROM unnest(h.days, h.owners) WITH ORDINALITY AS d(on_date, owner, n)
    WHERE d.on_date >= %(month)s - interval '38 months'
) AS v
CROSS JOIN (VALUES ('m3', interval '3 months'), ('m12', interval '12 months')) AS k(item, time),
LATERAL (SELECT (v.on_date + k.time)::date AS until_on OFFSET 0) AS t
WHERE t.until_on <= %(as_of)s AND t.until_on >= %(month)s - interval '25 months'
