-- Were the warnings right? Of a car that was due at a month-end, by month (`period`): `level` and
-- `lost_level` by its risk level, `band` by ten points of its score. Over stretches of months, for
-- the rankings: `score`, `overdue` (by 5 days) and `idle` (by 30). A hit came within 90 days; the
-- items that begin with lost_ have those only who were lost by the 90th. `not_due`: flagged high or
-- medium although not due, which 90 days cannot judge. Reads the judged warnings.
-- Months whose 90 days are over, of those that lie within the last 24.
WITH months AS (
    SELECT date_trunc('month', %(as_of)s::date - 89)::date AS end_on,
           (%(month)s - interval '24 months')::date AS first_on
), known AS (
    SELECT j.*, m.end_on, to_char(j.month_end_on, 'YYYY-MM') AS month
    FROM {judged} j, months m
    WHERE j.store_id = ANY(%(stores)s)
        AND j.month_end_on < m.end_on AND j.month_end_on >= m.first_on
)
SELECT k.store_id, k.customer_id, k.vehicle_id, NULL::bigint AS advisor_id, '' AS model,
       '' AS powertrain, '' AS band, k.month AS period, d.item, d.part, k.has_come AS is_hit,
       0 AS amount
FROM known k,
LATERAL (VALUES
    (CASE WHEN k.is_due THEN 'level' ELSE 'not_due' END, k.risk_level),
    (CASE WHEN k.is_due AND k.is_lost THEN 'lost_level' END, k.risk_level),
    (CASE WHEN k.is_due THEN 'band' END, least(k.score / 10, 9)::text)
) AS d(item, part)
WHERE d.item IS NOT NULL
UNION ALL
SELECT k.store_id, k.customer_id, k.vehicle_id, NULL::bigint, '', '', '', s.period,
       kind.prefix || d.item, d.part, k.has_come, 0
FROM known k
JOIN (VALUES ('12m', 12), ('6m', 6), ('3m', 3)) AS s(period, months)
    ON k.month_end_on >= (k.end_on - make_interval(months => s.months))::date
JOIN (VALUES ('', false), ('lost_', true)) AS kind(prefix, is_lost)
    ON k.is_lost OR NOT kind.is_lost,
LATERAL (VALUES
    ('score', to_char(k.score, 'FM000')),
    ('overdue', to_char(least((k.days_overdue + 4) / 5 * 5, 180), 'FM000')),
    ('idle', to_char(least(k.idle_days / 30 * 30, 720), 'FM000'))
) AS d(item, part)
WHERE k.is_due
