-- 3- and 12-month retention: a row each visit that long ago; hit when the car came again within
-- 3 (12) months; `period` the month in which the time ran out.
SELECT h.store_id, v.owner AS customer_id, h.vehicle_id, h.advisor_id, h.model, h.powertrain,
       h.band, to_char(t.until_on, 'YYYY-MM') AS period, t.item, '' AS part,
       coalesce(h.days[v.n + 1] <= t.until_on, false) AS is_hit, 0 AS amount
FROM {history} h,
LATERAL (
    SELECT d.on_date, d.owner, d.n
    FROM unnest(h.days, h.owners) WITH ORDINALITY AS d(on_date, owner, n)
    WHERE d.on_date >= %(month)s - interval '38 months'
) AS v,
LATERAL (VALUES
    ('m3', (v.on_date + interval '3 months')::date),
    ('m12', (v.on_date + interval '12 months')::date)) AS t(item, until_on)
WHERE t.until_on <= %(as_of)s AND t.until_on >= %(month)s - interval '25 months'
